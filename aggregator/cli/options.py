"""What commands share: their options, their exit statuses, and how errors become words."""

from __future__ import annotations

import asyncio
import difflib
import os
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from aggregator.app import App, open_app
from aggregator.config.file import ConfigFile
from aggregator.config.load import load_config
from aggregator.config.model import Config
from aggregator.console import err, print_config_error, print_refused_config
from aggregator.errors import (
    AggregatorError,
    ConfigError,
    DatabaseAddressError,
    ParseError,
    UnknownStoryError,
)
from aggregator.service.inforce import InForce, load_in_force

T = TypeVar("T")

ConfigOption = Annotated[
    Path, typer.Option("--config", envvar="AGGREGATOR_CONFIG", help="The configuration file", metavar="FILE")
]
DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database", envvar="AGGREGATOR_DATABASE", help="sqlite:///FILE or postgresql://...", metavar="URL"
    ),
]
PublicOption = Annotated[
    Path,
    typer.Option(
        "--public", envvar="AGGREGATOR_PUBLIC", help="Where published files are written", metavar="FOLDER"
    ),
]
StoryArgument = Annotated[
    str,
    typer.Argument(help="Published id (urn:uuid:...), address of the article, or number", metavar="STORY"),
]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show what is done, step by step")]

DEFAULT_CONFIG = Path("feeds.yaml")
DEFAULT_DATABASE = "sqlite:///data/aggregator.db"
DEFAULT_PUBLIC = Path("public")

EXIT_WRONG_USE = 2
EXIT_FAILED = 1


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Every expected error is a message and an exit status, never a traceback."""
    try:
        yield
    except ConfigError as error:
        print_config_error(error)
        raise typer.Exit(EXIT_WRONG_USE) from None
    except AggregatorError as error:
        err.print(f"aggregator: {error}", style="red")
        is_slip = isinstance(error, DatabaseAddressError | UnknownStoryError | ParseError)
        raise typer.Exit(EXIT_WRONG_USE if is_slip else EXIT_FAILED) from None


def check_source(name: str, known: Collection[str]) -> None:
    """Raises BadParameter for a source that nobody knows."""
    check_name(f'no source "{name}" in feeds.yaml', name, known)


def check_name(words: str, name: str, known: Collection[str]) -> None:
    """Raises BadParameter with those words and what was perhaps meant, for a name that is not known."""
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f'; did you mean "{close[0]}"?' if close else f"; there are: {', '.join(sorted(known))}"
        raise typer.BadParameter(f"{words}{hint}")


def load(config: Path) -> Config:
    return load_config(config, os.environ)


def load_in_force_or_tell(file: ConfigFile, database: str) -> InForce:
    """The file, or, while it is refused, the last good one, with a word on standard error."""
    in_force = load_in_force(file, database)
    if in_force.refused:
        print_refused_config(in_force.refused)
    return in_force


def with_app(
    config: Config, database: str, public: Path, job: Callable[[App], Awaitable[T]], must_exist: bool = False
) -> T:
    async def run() -> T:
        async with open_app(config, database, public, must_exist=must_exist) as opened:
            return await job(opened)

    return asyncio.run(run())
