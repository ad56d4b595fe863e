"""The one way to the database: transactions that read, transactions that write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aggregator.store.engine import errors_in_words, make_folder, open_database
from aggregator.store.migrate import is_current, upgrade
from aggregator.store.reads import ReadTx
from aggregator.store.writes import WriteTx


class Store:
    """A database, SQLite or PostgreSQL. May be used from several threads and processes at once."""

    def __init__(self, url: str) -> None:
        """``sqlite:///data/aggregator.db`` or ``postgresql://...``. Raises StoreError for other addresses."""
        self._database = open_database(url)

    @property
    def name(self) -> str:
        """For messages: a path, or name and host; never a password."""
        return self._database.name

    @property
    def is_missing(self) -> bool:
        """Whether this is an SQLite file that does not exist yet; a server is known to exist by being reached."""
        return self._database.file is not None and not self._database.file.exists()

    @property
    def folder(self) -> Path | None:
        """Where an SQLite file stands; None for a server."""
        return self._database.file.parent if self._database.file else None

    def migrate(self) -> None:
        """Make or upgrade the tables, and the folder of an SQLite file; two look-ups when they are current.

        Raises SchemaError when the database belongs to a newer version or is not ours, StoreError when it
        cannot be used.
        """
        make_folder(self._database)
        with errors_in_words(self._database.name):
            with self._database.readers.connect() as connection:
                if is_current(connection):
                    return
            with self._database.writers.connect() as connection:
                if self._database.is_sqlite:
                    # With foreign keys on, Alembic's way of rebuilding a table deletes its child rows. The
                    # pragma is ignored inside a transaction; this connection never returns to the pool.
                    connection.detach()
                    connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
                with connection.begin():
                    if not is_current(connection):  # another process may have been first
                        upgrade(connection)

    @contextmanager
    def read(self) -> Iterator[ReadTx]:
        """A transaction that sees one state of the database throughout. Raises StoreError."""
        with errors_in_words(self._database.name), self._database.readers.connect() as connection:
            yield ReadTx(connection)

    @contextmanager
    def write(self) -> Iterator[WriteTx]:
        """A transaction that no other writer overlaps; committed at the end, undone by any exception.

        Waits up to 30 s for its turn: hold it over no I/O. Raises StoreError.
        """
        with errors_in_words(self._database.name), self._database.writers.begin() as connection:
            tx = WriteTx(connection)
            yield tx
            tx.finish()

    def close(self) -> None:
        """Close the idle connections; the last one leaves an SQLite file without its -wal companion."""
        self._database.writers.dispose()
