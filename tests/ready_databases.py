"""Databases with every table and no rows, for tests of what comes after: the first is migrated, others are made alike.

A dozen migrations take half a second on PostgreSQL, and a thousand tests want a database of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event

from aggregator.store.store import Store

# What makes one, by kind, once it is known: the file's bytes or the statements.
_FILE: list[bytes] = []
_STATEMENTS: list[str] = []


def make_file(path: Path) -> None:
    """An SQLite database at ``path``, where nothing is yet."""
    if not _FILE:
        migrated(f"sqlite:///{path}")
        _FILE.append(path.read_bytes())
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_FILE[0])


def make_schema(url: str) -> None:
    """Every table in the empty PostgreSQL schema that the address names."""
    if not _STATEMENTS:
        _STATEMENTS.extend(migrated(url))
        return
    with psycopg.connect(url) as connection:
        connection.execute(";".join(_STATEMENTS).encode())


def migrated(url: str) -> list[str]:
    """Bring the database to this version; returns the statements that changed it."""
    statements = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "SHOW", "PRAGMA")):
            assert not parameters, "it says nothing of the rows of others"
            statements.append(statement)

    store = Store(url)
    event.listen(store._database.writers, "before_cursor_execute", note)
    store.migrate()
    store.close()
    return statements
