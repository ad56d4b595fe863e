"""Which configuration is in force: the file as it stands, or, while that is refused, the last good one.

The last good text stands in the database, so that a machine that restarts at 3 a.m. over a half-edited file
comes up with what it ran before.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from aggregator.config.file import ConfigFile, LoadedConfig
from aggregator.errors import ConfigError
from aggregator.status import CONFIG_REFUSED
from aggregator.store.store import Store
from aggregator.store.writes import WriteTx

CONFIG_TEXT = "config_text"


@dataclass(frozen=True, slots=True)
class InForce:
    """A configuration to work with; ``refused`` says why it is not the file as it stands."""

    loaded: LoadedConfig
    refused: ConfigError | None = None


def load_in_force(file: ConfigFile, database: str) -> InForce:
    """The file, or the last good one that this database was used with.

    Raises ConfigError when the file is refused and there is none, StoreError when the database fails.
    """
    try:
        return InForce(file.load())
    except ConfigError as error:
        if text := last_good_text(database, migrate=True):
            try:
                return InForce(LoadedConfig(file.parse(text), text), error)
            except (
                ConfigError
            ):  # e.g. a secret is no longer in the environment: the file's own mistakes come first
                raise error from None
        raise


def last_good_text(database: str, *, migrate: bool) -> str | None:
    """The text of the last good file; None where there is none, or no database. Raises StoreError.

    ``migrate`` is for whoever goes on to work with the database; others look into it as it is.
    """
    with closing(Store(database)) as store:
        if store.is_missing:
            return None
        if migrate:
            store.migrate()
        with store.read() as tx:
            return tx.meta(CONFIG_TEXT)


def remember_config(tx: WriteTx, text: str) -> None:
    """Keep the text as the last good one; the file as it stands is not refused (any more)."""
    if tx.meta(CONFIG_TEXT) != text:
        tx.set_meta(CONFIG_TEXT, text)
    if tx.meta(CONFIG_REFUSED):
        tx.set_meta(CONFIG_REFUSED, "")
