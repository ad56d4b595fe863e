"""Commands: argument handling and printing, nothing else."""

from __future__ import annotations

import asyncio
import difflib
import json
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from aggregator import __version__, jobs
from aggregator.app import App, open_app, open_store, utc_now
from aggregator.config.effect import not_yet_in_effect
from aggregator.config.load import load_config
from aggregator.config.model import Config
from aggregator.config.schema import json_schema
from aggregator.console import (
    err,
    out,
    print_config_error,
    print_publish_report,
    print_round,
    print_status,
)
from aggregator.demo.play import play_once
from aggregator.errors import AggregatorError, ConfigError, DatabaseAddressError, UnknownStoryError
from aggregator.jobs import PublishReport, SourceReport
from aggregator.logs import configure_logs
from aggregator.outputs.select import outputs_of
from aggregator.status import contract_warnings, desk_status

T = TypeVar("T")

app = typer.Typer(
    help="A newsroom's syndication desk: partner feeds in, clean and credited feeds out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

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
def _errors_in_words() -> Iterator[None]:
    """Every expected error is a message and an exit status, never a traceback."""
    try:
        yield
    except ConfigError as error:
        print_config_error(error)
        raise typer.Exit(EXIT_WRONG_USE) from None
    except AggregatorError as error:
        err.print(f"aggregator: {error}", style="red")
        is_slip = isinstance(error, DatabaseAddressError | UnknownStoryError)
        raise typer.Exit(EXIT_WRONG_USE if is_slip else EXIT_FAILED) from None


def _load(config: Path) -> Config:
    return load_config(config, os.environ)


def _with_app(
    config: Config, database: str, public: Path, job: Callable[[App], Awaitable[T]], must_exist: bool = False
) -> T:
    async def run() -> T:
        async with open_app(config, database, public, must_exist=must_exist) as opened:
            return await job(opened)

    return asyncio.run(run())


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop")] = False,
) -> None:
    """A newsroom's syndication desk: partner feeds in, clean and credited feeds out."""
    if version:
        out.print(f"aggregator {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        out.print(context.get_help())


@app.command()
def poll(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Ids of sources in feeds.yaml", metavar="[SOURCE]...")
    ] = None,
    every_source: Annotated[bool, typer.Option("--all", help="Poll every enabled source")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
    verbose: VerboseOption = False,
) -> None:
    """Poll sources once, then publish what changed."""
    configure_logs(verbose)
    with _errors_in_words():
        loaded = _load(config)
        wanted = _wanted_sources(loaded, sources or [], every_source)

        async def job(opened: App) -> tuple[tuple[SourceReport, ...], PublishReport]:
            with Progress(
                TextColumn("polling"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.description}"),
                console=err,
                transient=True,
                disable=not err.is_terminal,
            ) as progress:
                task = progress.add_task("", total=len(wanted))
                reports = await jobs.poll(
                    opened, wanted, lambda r: progress.update(task, advance=1, description=r.source_id)
                )
            return reports, await jobs.publish(opened)

        reports, published = _with_app(loaded, database, public, job)
        print_round(reports)
        print_publish_report(published, public)


def _wanted_sources(config: Config, named: Sequence[str], every_source: bool) -> list[str]:
    enabled = [source.id for source in config.sources if source.enabled]
    if every_source and named:
        raise typer.BadParameter("name sources or say --all, not both")
    if every_source:
        return enabled
    if not named:
        raise typer.BadParameter("name at least one source, or say --all for every enabled one")
    known = {source.id for source in config.sources}
    for name in named:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f'; did you mean "{close[0]}"?' if close else f"; there are: {', '.join(sorted(known))}"
            raise typer.BadParameter(f'no source "{name}" in feeds.yaml{hint}')
        if name not in enabled:
            raise typer.BadParameter(f'source "{name}" has "enabled: false" in feeds.yaml')
    return list(named)


@app.command()
def publish(
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
    verbose: VerboseOption = False,
) -> None:
    """Make the documents that are due and bring the public folder in line with them."""
    configure_logs(verbose)
    with _errors_in_words():
        print_publish_report(_with_app(_load(config), database, public, jobs.publish), public)


@app.command()
def check(
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Check feeds.yaml: every mistake at once, each with its place and its remedy."""
    del database, public  # accepted so that a script can give every command the same options
    with _errors_in_words():
        loaded = _load(config)
        out.print(
            f"{config} is valid: {len(loaded.partners)} partners, {len(loaded.sources)} sources, "
            f"{len(loaded.topics)} topics, {len(outputs_of(loaded))} outputs"
        )
        for warning in contract_warnings(loaded, utc_now()):
            out.print(f"warning: {warning}")
        for network in loaded.fetch.allow_networks:
            out.print(
                f"warning: fetch.allow_networks lets every feed lead into {network}; meant for test servers"
            )
        waiting = not_yet_in_effect(loaded)
        if waiting:
            out.print("Read and checked, but not yet in effect in this version:")
            for line in waiting:
                out.print(f"  - {line}")


@app.command()
def schema(
    config: Annotated[Path, typer.Option("--config", hidden=True)] = DEFAULT_CONFIG,
    database: Annotated[str, typer.Option("--database", hidden=True)] = DEFAULT_DATABASE,
    public: Annotated[Path, typer.Option("--public", hidden=True)] = DEFAULT_PUBLIC,
) -> None:
    """Print the JSON Schema of feeds.yaml, for editors."""
    del config, database, public  # accepted so that a script can give every command the same options
    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Say how every source is, in words, and what is published."""
    del public  # accepted so that a script can give every command the same options
    with _errors_in_words():
        loaded = _load(config)
        with open_store(database, loaded, must_exist=True) as store:
            found = desk_status(loaded, store, utc_now())
        if as_json:
            typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
        else:
            print_status(found)


@app.command()
def hide(
    story: StoryArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the story", metavar="TEXT")],
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
    verbose: VerboseOption = False,
) -> None:
    """Take a story out of every document at once; no later poll brings it back."""
    configure_logs(verbose)
    if not reason.strip():
        raise typer.BadParameter("say why in a few words", param_hint="--reason")
    with _errors_in_words():
        before, report = _with_app(
            _load(config), database, public, lambda a: jobs.hide(a, story, reason.strip()), must_exist=True
        )
        title = before.entries[0].entry.title
        out.print(
            f"was hidden already ({before.hidden_reason}): {title}"
            if before.hidden_at
            else f"hidden: {title}"
        )
        print_publish_report(report, public)


@app.command()
def unhide(
    story: StoryArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
    verbose: VerboseOption = False,
) -> None:
    """Undo hide: the story stands again where it stood, with the same id and date."""
    configure_logs(verbose)
    with _errors_in_words():
        before, report = _with_app(
            _load(config), database, public, lambda a: jobs.unhide(a, story), must_exist=True
        )
        title = before.entries[0].entry.title
        out.print(f"shown again: {title}" if before.hidden_at else f"was not hidden: {title}")
        print_publish_report(report, public)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="One round: poll, publish, print the paths")] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", envvar="AGGREGATOR_CONFIG", help="Take site and topics from this file", metavar="FILE"
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database", envvar="AGGREGATOR_DATABASE", help="Default: in a new folder", metavar="URL"
        ),
    ] = None,
    public: Annotated[
        Path | None,
        typer.Option(
            "--public", envvar="AGGREGATOR_PUBLIC", help="Default: in a new folder", metavar="FOLDER"
        ),
    ] = None,
    verbose: VerboseOption = False,
) -> None:
    """Show the whole chain on two sample partner sites that live on loopback only."""
    configure_logs(verbose)
    if not once:
        raise typer.BadParameter("this version plays one round only: aggregator demo --once")
    with _errors_in_words():
        played = asyncio.run(play_once(_load(config) if config else None, database, public))
        print_round(played.reports)
        print_publish_report(played.published, played.public)
        for path in played.paths:
            out.print(str(path))
