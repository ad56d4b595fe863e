"""Connections: which databases, how a transaction begins on each, and what their errors mean in words."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from aggregator.errors import DatabaseAddressError, StoreError

LOCK_WAIT_S = 30
FILE_MODE = (
    0o600  # unpublished articles and editors' reasons stand in it; SQLite gives -wal and -shm the same
)
CONNECT_WAIT_S = 10
# A server that falls silent (a pulled cable, a firewall that forgot us) is given up, not waited for.
_PATIENCE = {
    "connect_timeout": CONNECT_WAIT_S,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
# The advisory lock that every writer on PostgreSQL holds until its transaction ends: "aggregat" as a number.
WRITER_LOCK = int.from_bytes(b"aggregat")

_WRITES = "aggregator_writes"
_EXPECTED_ADDRESS = (
    "the database address must be like sqlite:///data/aggregator.db or postgresql://user@host/name"
)


@dataclass(frozen=True, slots=True)
class Database:
    """One database. ``readers`` and ``writers`` share a pool and differ in how their transactions begin."""

    name: str  # for messages: a path, or name and host; never a password
    readers: Engine
    writers: Engine
    file: Path | None = None  # of SQLite

    @property
    def is_sqlite(self) -> bool:
        return self.writers.dialect.name == "sqlite"


def open_database(address: str) -> Database:
    """Prepare connections to ``sqlite:///path`` or ``postgresql://...``; connects to nothing yet.

    Raises DatabaseAddressError when the address names no database that can be used.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise DatabaseAddressError(_EXPECTED_ADDRESS) from None
    if url.drivername == "sqlite" and url.database and url.database != ":memory:":
        return _open_sqlite(url, Path(url.database))
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return _open_postgresql(url.set(drivername="postgresql+psycopg"))
    raise DatabaseAddressError(_EXPECTED_ADDRESS)


def make_folder(database: Database) -> None:
    """Make an SQLite file and its folder where they are missing, for this user's eyes only. Raises StoreError."""
    if database.file is not None:
        try:
            database.file.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(database.file, os.O_RDWR | os.O_CREAT, FILE_MODE))
        except OSError as error:
            raise StoreError(f"the database {database.name} cannot be made: {error.strerror}") from error


def _open_sqlite(url: URL, path: Path) -> Database:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_WAIT_S})

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own: begin() does
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that reads before it writes loses to any writer; IMMEDIATE waits its turn.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return Database(str(path), engine, engine.execution_options(**{_WRITES: True}), path)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL, which lasts; free of cost when that was done before.

    SQLite's own waiting does not cover this switch: of processes that start at once on a new file, some are
    refused without any wait (measured: 7 of 240).
    """
    give_up_at_s = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at_s:
                raise
            time.sleep(0.01)
        else:
            return


def _open_postgresql(url: URL) -> Database:
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=_PATIENCE)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITES):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT_S}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    # READ COMMITTED, said aloud: under any other level the snapshot would be as old as the wait for the lock.
    return Database(
        f"{url.database} on {url.host or url.query.get('host') or 'localhost'}",
        engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
        engine.execution_options(isolation_level="READ COMMITTED", **{_WRITES: True}),
    )


@contextmanager
def errors_in_words(name: str) -> Iterator[None]:
    """Turn whatever SQLAlchemy or the sqlite3 module raises inside into a StoreError that ops can act upon."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(f"the database {name} {_words(error)}") from error


def _words(error: SQLAlchemyError | sqlite3.Error) -> str:
    cause = (error.orig if isinstance(error, DBAPIError) else None) or error
    if isinstance(cause, sqlite3.Error):
        return _sqlite_words(str(cause))
    if hasattr(cause, "sqlstate"):  # of psycopg, which is imported only where it is used
        return _postgresql_words(cause.sqlstate, _first_line(cause), isinstance(error, OperationalError))
    return f"failed: {_first_line(cause)}"


def _sqlite_words(message: str) -> str:
    """By message, because Python 3.11 tells most of these apart in no other way."""
    for sign, words in (
        ("locked", f"stayed locked by another process for {LOCK_WAIT_S} s"),
        ("disk is full", "cannot grow: the disk is full"),
        ("malformed", "is damaged; restore it from a backup"),
        ("not a database", "is not an SQLite database, or is damaged"),
        ("unable to open", "cannot be opened: check that its folder and file belong to this user"),
        ("no such module", "needs an SQLite that was built with full text search (FTS5)"),
        ("readonly", "cannot be written to: check owner, mode and whether the file system is read-only"),
    ):
        if sign in message:
            return f"{words} (SQLite: {message})"
    return f"failed: {message}"


def _postgresql_words(state: str | None, message: str, is_operational: bool) -> str:
    """By SQLSTATE (PostgreSQL manual, appendix A)."""
    match state:
        case "55P03":
            return f"stayed locked by another process for {LOCK_WAIT_S} s ({message})"
        case "53100":
            return f"cannot grow: the disk is full ({message})"
        case "XX001" | "XX002":
            return f"is damaged; restore it from a backup ({message})"
        case "25006":
            return f"cannot be written to: it is read-only, perhaps a standby ({message})"
        case None if is_operational:
            return f"cannot be reached ({message})"
        case _:
            return f"failed: {message}"


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
