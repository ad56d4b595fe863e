"""The command review: what was cut out of which entry, and what a person should look at."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from aggregator.app import open_store, publish_key, utc_now
from aggregator.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_DATABASE,
    DEFAULT_PUBLIC,
    ConfigOption,
    DatabaseOption,
    PublicOption,
    check_name,
    check_source,
    errors_in_words,
    load_in_force_or_tell,
)
from aggregator.config.file import ConfigFile
from aggregator.console import print_review
from aggregator.editorial import review as editorial
from aggregator.rereading import READ_WITH

STALE = (
    "feeds.yaml or the program was changed since these entries were read: what follows is from before that, until the "
    "running service or aggregator publish has read them anew"
)


def review(  # noqa: PLR0913, PLR0917  options, each given by its name
    source: Annotated[
        str, typer.Option("--source", help="Only entries of this source", metavar="SOURCE")
    ] = "",
    rule: Annotated[str, typer.Option("--rule", help="Only what this rule cut", metavar="RULE")] = "",
    doubts: Annotated[
        bool, typer.Option("--doubts", help="Only what a person should look at, published stories first")
    ] = False,
    days: Annotated[
        int, typer.Option("--days", help="Of entries that came in so many days", min=1, max=3650)
    ] = editorial.REVIEWED.days,
    limit: Annotated[int, typer.Option("--limit", help="List so many entries", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """List what was cut out of entries, and what a person should look at, newest first."""
    del public  # accepted so that a script can give every command the same options
    if rule and doubts:
        raise typer.BadParameter("say --rule or --doubts, not both: a rule's cuts are no doubts")
    with errors_in_words():
        loaded = load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config
        if rule:
            check_name(f'no rule "{rule}"', rule, editorial.known_rules(loaded))
        now = utc_now()
        with open_store(database, loaded, must_exist=True) as store, store.read() as tx:
            if source:
                check_source(source, tx.source_states().keys() | {one.id for one in loaded.sources})
            entries = tx.entries_for_review(now - timedelta(days=days), now, source_id=source)
            found = editorial.review(entries, loaded, rule=rule, doubts_only=doubts, limit=limit)
            is_stale = tx.meta(READ_WITH) != publish_key(loaded)
        if as_json:
            typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
        else:
            if is_stale:
                typer.echo(STALE, err=True)
            print_review(found, days, ZoneInfo(loaded.site.timezone))
