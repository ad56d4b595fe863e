"""A real PostgreSQL for the tests, as a pytest plugin: one cluster per session (per worker under xdist).

``AGGREGATOR_TEST_POSTGRES`` may name an empty database to use instead. Without either, the tests that need
one are skipped, or fail when ``AGGREGATOR_REQUIRE_POSTGRES=1``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from required import skip_unless_required

# Nothing here outlives the session, so nothing needs to reach the disk.
SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=50",
)


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """The address of a database in which the tests may do as they like."""
    if dsn := os.environ.get("AGGREGATOR_TEST_POSTGRES"):
        yield dsn
        return
    binaries = _binaries()
    if binaries is None:
        reason = "no PostgreSQL: set AGGREGATOR_TEST_POSTGRES or install postgresql"
        skip_unless_required("AGGREGATOR_REQUIRE_POSTGRES", reason)
    folder = Path(tempfile.mkdtemp(prefix="aggregator-pg-"))
    try:
        _start(binaries, folder)
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        _run(binaries / "pg_ctl", "--pgdata", folder / "data", "--mode", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_dsn: str) -> Iterator[str]:
    """The address of an empty schema of its own, gone after the test."""
    schema = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield f"{postgres_dsn}{'&' if '?' in postgres_dsn else '?'}options=-csearch_path%3D{schema}"
        connection.execute("SET client_min_messages = warning")
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


def _binaries() -> Path | None:
    """The folder of initdb and pg_ctl; of several installed versions the newest."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _start(binaries: Path, folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    _run(
        *(binaries / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
    )
    options = " ".join(f"-c {setting}" for setting in SETTINGS) + f" -k {folder}"
    _run(
        *(binaries / "pg_ctl", "--pgdata", data, "--options", options),
        *("--log", folder / "log", "--wait", "start"),
    )


def _run(*command: str | Path) -> None:
    """PostgreSQL refuses to run as root: then its own user does it."""
    as_user: Sequence[str] = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    # Output goes nowhere: the server would inherit a pipe and keep it open.
    words = [*as_user, *map(str, command)]
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(words)} failed with status {done.returncode}")
