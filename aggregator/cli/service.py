"""Commands that stay: the demo."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.options import VerboseOption, errors_in_words, load
from aggregator.console import out, print_publish_report, print_round
from aggregator.demo.play import play_once
from aggregator.logs import configure_logs


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
    with errors_in_words():
        played = asyncio.run(play_once(load(config) if config else None, database, public))
        print_round(played.reports)
        print_publish_report(played.published, played.public)
        for path in played.paths:
            out.print(str(path))
