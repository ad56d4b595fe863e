"""A copy of an SQLite database that is in use: one moment of it, read through before it is trusted."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, func, inspect, select, table

from aggregator.errors import SchemaError, StoreError
from aggregator.store.engine import Database, errors_in_words
from aggregator.store.migrate import VERSION_TABLE, is_current
from aggregator.store.search import INDEX


def copy_sqlite(database: Database, target: Path) -> int:
    """Copy one moment of the database to the new file ``target`` while others write; returns its number of rows.

    The copy is a single file without companions, verified: each table has the rows that it had at that moment.
    Raises StoreError.
    """
    with errors_in_words(database.name), database.readers.connect() as connection:
        is_current(connection)  # refuses what is not ours
        rows = count_rows(connection)
        # Within the transaction that counted. In one step, because a copy in several begins anew at every
        # commit of another process; readers of a WAL file keep no writer waiting.
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        with errors_in_words(str(target)):
            copy = sqlite3.connect(target)
            try:
                source.backup(copy, pages=-1)
                copy.execute(
                    "PRAGMA journal_mode=DELETE"
                )  # a WAL file cannot be read without writing beside it
            finally:
                copy.close()
    found = verify_sqlite(target)
    if found != rows:
        differing = sorted(name for name in rows.keys() | found.keys() if rows.get(name) != found.get(name))
        raise StoreError(f"the copy of the database {database.name} lacks rows of: {', '.join(differing)}")
    return sum(rows.values())


def verify_sqlite(path: Path) -> dict[str, int]:
    """Read the whole file; returns the number of rows by table.

    Raises StoreError when anything in it is damaged, SchemaError when it is not a database of ours or of a
    newer version.
    """
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True),
        poolclass=NullPool,
    )
    with errors_in_words(str(path)), engine.connect() as connection:
        damage = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if damage != "ok":
            raise StoreError(f"the database {path} is damaged: {' '.join(damage.split())}")
        if orphan := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise StoreError(
                f"the database {path} is damaged: a row of {orphan[0]} lacks its row in {orphan[2]}"
            )
        if not is_current(connection) and not inspect(connection).has_table(VERSION_TABLE):
            raise SchemaError(f"{path} is no database of aggregator: it has none of our tables")
        return count_rows(connection)


def count_rows(connection: Connection) -> dict[str, int]:
    """The number of rows of every table, whichever version made them; the index for searching holds none of its own."""
    return {
        name: connection.scalar(select(func.count()).select_from(table(name))) or 0
        for name in inspect(connection).get_table_names()
        if not name.startswith(INDEX)
    }
