"""Commands about whom we push to: followers of our hub, and what everybody has of a story."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from aggregator.app import open_store, utc_now
from aggregator.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_DATABASE,
    DEFAULT_PUBLIC,
    ConfigOption,
    DatabaseOption,
    PublicOption,
    StoryArgument,
    errors_in_words,
    load_in_force_or_tell,
)
from aggregator.config.file import ConfigFile
from aggregator.console_push import print_followers, print_receipts
from aggregator.intake.identity import canonical_url
from aggregator.receipts import follower_statuses
from aggregator.receipts import receipts as receipts_of

JsonOption = Annotated[bool, typer.Option("--json", help="For machines")]


def followers(
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """List who follows our feeds by WebSub: which feed, until when, and which version they hold."""
    del public  # accepted so that a script can give every command the same options
    with errors_in_words():
        loaded = load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config
        now = utc_now()
        with open_store(database, loaded, must_exist=True) as store, store.read() as tx:
            found = follower_statuses(loaded, tx, now)
        if as_json:
            _echo(found)
        else:
            print_followers(found, loaded.hub, ZoneInfo(loaded.site.timezone))


def receipts(
    story: StoryArgument,
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Say which followers and subscribers have a story, and its latest change."""
    del public  # accepted so that a script can give every command the same options
    with errors_in_words():
        loaded = load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config
        now = utc_now()
        with open_store(database, loaded, must_exist=True) as store, store.read() as tx:
            named = tx.find_story(story, canonical_url(story))
            found = receipts_of(loaded, tx, named, now)
        if as_json:
            _echo(found)
        else:
            print_receipts(found, named, now, ZoneInfo(loaded.site.timezone))


def _echo(found: Sequence[Any]) -> None:
    plain = [asdict(one) for one in found]
    typer.echo(json.dumps(plain, indent=2, ensure_ascii=False, default=datetime.isoformat))
