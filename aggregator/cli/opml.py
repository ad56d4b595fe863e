"""Commands for lists of feeds (OPML): import-opml and export-opml."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_DATABASE,
    DEFAULT_PUBLIC,
    EXIT_WRONG_USE,
    ConfigOption,
    DatabaseOption,
    PublicOption,
    errors_in_words,
    load,
)
from aggregator.config.additions import Additions, plan_additions
from aggregator.config.edit import append_items
from aggregator.config.file import ConfigFile
from aggregator.config.model import Config, Partner
from aggregator.config.report import suggestion
from aggregator.config.types import shown
from aggregator.console import counted, err, out
from aggregator.errors import ParseError
from aggregator.intake.opml import MAX_OPML_BYTES, read_opml
from aggregator.model.opml import ListedFeed
from aggregator.net.guard import Guard
from aggregator.outputs.opml import render_sources

_SHOWN_CHARACTERS = 200


def import_opml(
    file: Annotated[
        Path,
        typer.Argument(
            help="A list of feeds, as feed readers export it", metavar="FILE", exists=True, dir_okay=False
        ),
    ],
    partner: Annotated[
        str,
        typer.Option(
            "--partner", help="Whose the feeds are that stand on no partner's domains", metavar="ID"
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the lines, change nothing")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Add the feeds of an OPML file to feeds.yaml as sources; nothing is fetched."""
    del database, public  # accepted so that a script can give every command the same options
    with errors_in_words():
        edited = ConfigFile(config, os.environ)
        before = edited.load()
        fallback = _named_partner(before.config, partner) if partner else None
        guard = Guard(before.config.fetch.allow_networks)
        additions = plan_additions(before.config, _listed(file), fallback, guard.check_url)
        items = {"partners": additions.partners, "sources": additions.sources}
        after = append_items(
            before.text,
            {key: [one.model_dump(exclude_unset=True) for one in new] for key, new in items.items()},
        )
        if dry_run:
            edited.parse(after)
        elif additions.sources:
            edited.replace(before.text, after)
    _print_additions(additions, f"would be added to {config}" if dry_run else f"added to {config}")
    if dry_run:
        _print_lines(before.text, after)
    if additions.refused and not (additions.sources or additions.skipped):
        raise typer.Exit(EXIT_WRONG_USE)


def export_opml(
    output: Annotated[
        Path | None, typer.Option("--output", help="Where to write it; else it is printed", metavar="FILE")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Write the sources of feeds.yaml as OPML 2.0."""
    del database, public  # accepted so that a script can give every command the same options
    with errors_in_words():
        body = render_sources(load(config))
    if output is None:
        typer.echo(body, nl=False)
        return
    try:
        output.write_bytes(body)
    except OSError as error:
        raise typer.BadParameter(f"cannot be written: {error.strerror}", param_hint="--output") from None


def _listed(file: Path) -> tuple[ListedFeed, ...]:
    """The feeds of the file; damage that was read around is told. Raises ParseError."""
    try:
        with file.open("rb") as opened:
            body = opened.read(MAX_OPML_BYTES + 1)
        feeds, damage = read_opml(body)
    except OSError as error:
        raise typer.BadParameter(f"cannot be read: {error.strerror}", param_hint="FILE") from None
    except ParseError as error:
        raise ParseError(f"{file}: {error}; nothing was done") from error
    for words in damage:
        err.print(f"remark: {file}: {words}", style="yellow")
    return feeds


def _named_partner(config: Config, partner_id: str) -> Partner:
    known = {partner.id: partner for partner in config.partners}
    if partner_id not in known:
        hint = suggestion(partner_id, known)
        raise typer.BadParameter(
            f"no partner {shown(partner_id)} in feeds.yaml{hint}", param_hint="--partner"
        )
    return known[partner_id]


def _print_additions(additions: Additions, added: str) -> None:
    """What is not taken and why, then what is."""
    for problem in additions.refused:
        out.print(f"refused: {shown(problem.subject, _SHOWN_CHARACTERS)}: {problem.message}", style="red")
    for problem in additions.skipped:
        out.print(f"skipped: {shown(problem.subject, _SHOWN_CHARACTERS)}: {problem.message}")
    for partner in additions.partners:
        out.print(
            f"new partner {partner.id} ({shown(partner.name)}, {partner.domains[0]}) has no terms: "
            "headline and link only; check its name and domains, add terms where there is a contract",
            style="yellow",
        )
    for source in additions.sources:
        out.print(f"source {source.id} of {source.partner}: {shown(source.url, _SHOWN_CHARACTERS)}")
    sources, partners = counted(len(additions.sources), "source"), counted(len(additions.partners), "partner")
    left_out = f"{len(additions.skipped)} skipped, {len(additions.refused)} refused"
    out.print(f"{added}: {sources}, {partners}; {left_out}")


def _print_lines(before: str, after: str) -> None:
    """The change of feeds.yaml as a diff without context."""
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""):
        typer.echo(line)
