"""Commands that stay until they are ended: run and demo."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from aggregator.app import open_store
from aggregator.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_DATABASE,
    DEFAULT_PUBLIC,
    ConfigOption,
    DatabaseOption,
    PublicOption,
    VerboseOption,
    errors_in_words,
    load,
)
from aggregator.config.file import ConfigFile, LoadedConfig
from aggregator.config.model import Config
from aggregator.console import out, print_publish_report, print_round
from aggregator.demo.play import demo_config, play_once, refuse_foreign_files
from aggregator.demo.sites import live_partners
from aggregator.logs import configure_logs
from aggregator.service.inforce import InForce, load_in_force

log = structlog.get_logger()

HostOption = Annotated[
    str,
    typer.Option("--host", envvar="AGGREGATOR_HOST", help="Address to listen on", metavar="ADDRESS"),
]
PortOption = Annotated[
    int,
    typer.Option(
        "--port", envvar="AGGREGATOR_PORT", help="Port to listen on; 0: any free one", min=0, max=65535
    ),
]
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080
OPS_TOKEN_VARIABLE = "AGGREGATOR_OPS_TOKEN"  # noqa: S105 - the name, not the token
OPS_TOKEN_CHARACTERS = 16


def run(
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
    host: HostOption = DEFAULT_HOST,
    port: PortOption = DEFAULT_PORT,
) -> None:
    """Poll on schedule, publish and serve, until ended by SIGTERM or Ctrl-C.

    AGGREGATOR_OPS_TOKEN in the environment turns the page for ops on, at /ops/.
    """
    # Not at the top: no other command needs a server, and every command would wait for its import.
    from aggregator.service.run import Place  # noqa: PLC0415
    from aggregator.service.run import run as run_service  # noqa: PLC0415

    configure_logs(verbose=True)
    with errors_in_words():
        place = Place(database, public, host, port, _ops_token())
        file = ConfigFile(config, os.environ)
        in_force = load_in_force(file, database)
        if in_force.refused:
            problems = in_force.refused.lines()
            log.warning("feeds.yaml refused; working with the last good one", problems=problems)
        run_until_ended(run_service(in_force, file, place))


def run_until_ended(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop where there is one: twice the answers per second of asyncio's own loop."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def _ops_token() -> str:
    """From the environment only: a command line can be read by everybody on the machine."""
    token = os.environ.get(OPS_TOKEN_VARIABLE, "")
    if token and len(token) < OPS_TOKEN_CHARACTERS:
        raise typer.BadParameter(f"{OPS_TOKEN_VARIABLE} must have at least {OPS_TOKEN_CHARACTERS} characters")
    return token


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
    host: HostOption = DEFAULT_HOST,
    port: PortOption = DEFAULT_PORT,
    verbose: VerboseOption = False,
) -> None:
    """Show the whole chain on two sample partner sites that live on loopback only."""
    configure_logs(verbose or not once)
    with errors_in_words():
        lent = load(config) if config else None
        if once:
            played = asyncio.run(play_once(lent, database, public))
            print_round(played.reports)
            print_publish_report(played.published, played.public)
            for path in played.paths:
                out.print(str(path))
        else:
            folder = Path(tempfile.mkdtemp(prefix="aggregator-demo-"))
            database = database or f"sqlite:///{folder / 'aggregator.db'}"
            run_until_ended(_live_demo(lent, database, public or folder / "public", host, port))


async def _live_demo(lent: Config | None, database: str, public: Path, host: str, port: int) -> None:
    from aggregator.service.run import Place  # noqa: PLC0415 - as in run()
    from aggregator.service.run import run as run_service  # noqa: PLC0415

    async with live_partners() as base_url:
        config = demo_config(base_url, lent, live=True)
        if port and lent is None:
            at_home = config.site.model_copy(update={"feeds_url": f"http://{host}:{port}/"})
            config = config.model_copy(update={"site": at_home})
        with open_store(database, config) as store:
            refuse_foreign_files(store, public)
        place = Place(database, public, host, port, _ops_token())
        out.print(f"Ctrl-C ends the demo; its folder stays: {public.parent}")
        await run_service(InForce(LoadedConfig(config, text="")), None, place)
