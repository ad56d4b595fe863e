"""A dump of a PostgreSQL database by PostgreSQL's own tools, read through before it is trusted."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from sqlalchemy import text

from aggregator.errors import StoreError
from aggregator.store.engine import Database, errors_in_words
from aggregator.store.migrate import is_current
from aggregator.store.sqlite_copy import count_rows

# How a dump begins the rows of a table; each row is one line, and a line of its own ends them.
_ROWS_OF = re.compile(rb'COPY (?:"?[^"]+?"?\.)?"?([^".]+?)"? \(.*\) FROM stdin;\n')
_END_OF_ROWS = b"\\.\n"


def dump_postgres(database: Database, target: Path) -> int:
    """Dump one moment of the database to the new file ``target`` while others write; returns its number of rows.

    The dump is verified: pg_restore reads all of it, and each table has the rows that it had at that moment.
    Raises StoreError, also when PostgreSQL's client programs are missing or older than the server.
    """
    conninfo, environment = _connection(database)
    with errors_in_words(database.name), database.readers.connect() as connection:
        is_current(connection)  # refuses what is not ours
        server = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10000
        client = _major_version("pg_dump")
        if client < server:
            raise StoreError(
                f"pg_dump is of PostgreSQL {client}, the server of {server}: install postgresql-client-{server}"
            )
        rows = count_rows(connection)
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        _run(
            *("pg_dump", "--format=custom", "--no-password", f"--snapshot={snapshot}"),
            *(f"--file={target}", f"--dbname={conninfo}"),
            environment=environment,
        )
    found = _rows_in(target)
    if lacking := sorted(name for name, number in rows.items() if found[name] != number):
        raise StoreError(f"the dump of the database {database.name} lacks rows of: {', '.join(lacking)}")
    return sum(rows.values())


def _connection(database: Database) -> tuple[str, dict[str, str]]:
    """How libpq finds the database; the password stands in the environment, because arguments are for all to see."""
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - every command imports this module, few need that

    url = database.writers.url
    _, parameters = url.get_dialect()().create_connect_args(url)
    password = parameters.pop("password", None)
    return make_conninfo(**parameters), {**os.environ, **({"PGPASSWORD": password} if password else {})}


def _major_version(program: str) -> int:
    match = re.search(r"\d+", _run(program, "--version"))
    if match is None:
        raise StoreError(f"{program} does not tell its version")
    return int(match[0])


def _rows_in(dump: Path) -> Counter[str]:
    """Unpack the whole dump, and count the rows of each table."""
    found: Counter[str] = Counter()
    command = ["pg_restore", "--file=-", str(dump)]
    # Complaints go to a file: a pipe that nobody reads meanwhile would fill and stop it.
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints) as process,  # noqa: S603
    ):
        assert process.stdout is not None
        name = ""
        for line in process.stdout:
            if not name:
                match = _ROWS_OF.fullmatch(line)
                name = match[1].decode() if match else ""
            elif line == _END_OF_ROWS:
                name = ""
            else:
                found[name] += 1
        process.wait()
        complaints.seek(0)
        words = complaints.read().decode(errors="replace")
    if process.returncode:
        raise StoreError(f"the dump {dump} cannot be read: {_last_line(words)}")
    return found


def _run(*command: str, environment: dict[str, str] | None = None) -> str:
    """Run a client program; returns what it prints. Raises StoreError in its own words."""
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise StoreError(f"{command[0]} is missing: install postgresql-client") from error
    if done.returncode:
        raise StoreError(f"{command[0]} failed: {_last_line(done.stderr)}")
    return done.stdout


def _last_line(words: str) -> str:
    return (words.strip().splitlines() or ["it says nothing"])[-1]
