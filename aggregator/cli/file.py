"""Commands about feeds.yaml itself: check and schema."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from aggregator.app import utc_now
from aggregator.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_DATABASE,
    DEFAULT_PUBLIC,
    ConfigOption,
    DatabaseOption,
    PublicOption,
    errors_in_words,
    load,
)
from aggregator.config.effect import not_yet_in_effect
from aggregator.config.model import Config
from aggregator.config.schema import json_schema
from aggregator.console import counted, out
from aggregator.errors import StoreError
from aggregator.following import lost_followers
from aggregator.outputs.select import outputs_of
from aggregator.overriding import override_warnings
from aggregator.status import contract_warnings, lost_outputs
from aggregator.store.store import Store
from aggregator.subscribing import lost_subscribers


def check(
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Check feeds.yaml: every mistake at once, each with its place and its remedy."""
    del public  # accepted so that a script can give every command the same options
    with errors_in_words():
        loaded = load(config)
        out.print(
            f"{config} is valid: {counted(len(loaded.partners), 'partner')}, "
            f"{counted(len(loaded.sources), 'source')}, {counted(len(loaded.topics), 'topic')}, "
            f"{counted(len(outputs_of(loaded)), 'output')}"
        )
        for warning in _beside_the_database(loaded, database):
            out.print(f"warning: {warning}")
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


def _beside_the_database(config: Config, database: str) -> list[str]:
    """What this file would take away from subscribers, and what it says of stories that are not there.

    The database is only looked into, as it is.
    """
    try:
        with closing(Store(database)) as store:
            if store.is_missing:
                return []
            with store.read() as tx:
                lost = lost_outputs(config, tx.output_states().keys())
                return [
                    *lost,
                    *lost_subscribers(config, tx.subscriber_keys(), utc_now()),
                    *lost_followers(config, tx, utc_now()),
                    *override_warnings(config, tx),
                ]
    except StoreError as error:
        return [f"what is published could not be compared: {error}"]


def schema(
    config: Annotated[Path, typer.Option("--config", hidden=True)] = DEFAULT_CONFIG,
    database: Annotated[str, typer.Option("--database", hidden=True)] = DEFAULT_DATABASE,
    public: Annotated[Path, typer.Option("--public", hidden=True)] = DEFAULT_PUBLIC,
) -> None:
    """Print the JSON Schema of feeds.yaml, for editors."""
    del config, database, public  # accepted so that a script can give every command the same options
    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
