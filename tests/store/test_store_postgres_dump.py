"""Backup of PostgreSQL by its own tools, and the restore that docs/deploy.md tells to do."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url
from store_values import candidate, new

from aggregator.errors import StoreError
from aggregator.store.backup import Backup, make_backup
from aggregator.store.store import Store

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
REAL_PG_DUMP = '#!/bin/sh\nPATH=$REAL_PATH\npg_dump "$@"'
CUT_SHORT = 'for word; do case $word in --file=*) truncate --size=-200 "${word#--file=}";; esac; done'
DOCS = Path(__file__).parents[2] / "docs/deploy.md"


def new_database(dsn: str) -> str:
    """The address of a new, empty database on the same server."""
    name = f"desk_{uuid.uuid4().hex}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    return make_url(dsn).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def address(postgres_dsn: str) -> Iterator[str]:
    """A database of its own, because a dump is of a whole database."""
    created = new_database(postgres_dsn)
    yield created
    drop_database(postgres_dsn, created)


@pytest.fixture
def empty(postgres_dsn: str) -> Iterator[str]:
    created = new_database(postgres_dsn)
    yield created
    drop_database(postgres_dsn, created)


def drop_database(dsn: str, address: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {make_url(address).database} WITH (FORCE)")


def fill(address: str) -> None:
    """Rows whose text could be taken for what surrounds rows in a dump."""
    store = Store(address)
    store.migrate()
    with store.write() as tx:
        for name in ("satu", "\\.", "COPY public.meta (key, value) FROM stdin;", "a\nb\\\tc", "\\\\.\n\\."):
            tx.set_meta(f"key {name}", name)
        tx.apply("a", "partner", [new(candidate("satu")), new(candidate("dua"))], NOW)
    store.close()


def back_up(address: str, folder: Path) -> Backup:
    return make_backup(address, b"site: uji\n", folder / "backups", 14, NOW)


def documented_restore() -> list[str]:
    """The words of pg_restore in the document; it reads the dump from its standard input."""
    (line,) = [line for line in DOCS.read_text("utf-8").splitlines() if line.startswith("    pg_restore ")]
    return shlex.split(line)


def rows(address: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(address) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            )
        ]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names
        }


def test_a_dump_restores_into_an_empty_database_as_documented(
    address: str, empty: str, tmp_path: Path
) -> None:
    fill(address)
    made = back_up(address, tmp_path)
    assert made.path.name == "aggregator-20261126T030000Z.dump"
    assert made.rows == sum(map(len, rows(address).values()))
    command = documented_restore()
    assert command[-2:] == ["--role=aggregator", "--dbname=aggregator"]
    command[-2:] = [f"--dbname={make_conninfo(empty)}"]
    with made.path.open("rb") as dump:
        subprocess.run(command, stdin=dump, check=True)
    assert rows(empty) == rows(address)
    assert sum(map(len, rows(empty).values())) > 10
    store = Store(empty)
    store.migrate()  # ours, and current
    store.close()


def test_a_dump_cut_short_is_noticed(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(address)
    stand_in("pg_dump", f"{REAL_PG_DUMP}\n{CUT_SHORT}\n", tmp_path, monkeypatch)
    with pytest.raises(StoreError, match=r"the dump .* (cannot be read|lacks rows)"):
        back_up(address, tmp_path)
    assert list((tmp_path / "backups").iterdir()) == []


def test_rows_that_a_dump_lacks_are_noticed(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(address)
    stand_in("pg_dump", f"{REAL_PG_DUMP} --exclude-table-data=public.meta\n", tmp_path, monkeypatch)
    with pytest.raises(StoreError, match="lacks rows of: meta"):
        back_up(address, tmp_path)


def test_missing_and_older_client_programs_are_told(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(address)
    stand_in("pg_dump", "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n", tmp_path, monkeypatch)
    with pytest.raises(
        StoreError, match=r"pg_dump is of PostgreSQL 9, the server of \d+: install postgresql-client-\d+"
    ):
        back_up(address, tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(StoreError, match="pg_dump is missing: install postgresql-client"):
        back_up(address, tmp_path)


def test_the_password_is_on_no_command_line(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(address)
    told = tmp_path / "told.json"
    script = (
        f"#!{sys.executable}\nimport json, os, sys\n"
        "if sys.argv[1] == '--version':\n    print('pg_dump (PostgreSQL) 99.0'); sys.exit()\n"
        f"json.dump([sys.argv, os.environ.get('PGPASSWORD')], open({str(told)!r}, 'w'))\n"
        "sys.exit('pg_dump: error: told')\n"
    )
    stand_in("pg_dump", script, tmp_path, monkeypatch)
    secret = make_url(address).set(password="s3cret' %").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="pg_dump failed: pg_dump: error: told") as caught:
        back_up(secret, tmp_path)
    arguments, password = json.loads(told.read_text())
    assert password == "s3cret' %"
    assert "s3cret" not in " ".join(arguments)
    assert "s3cret" not in str(caught.value)


def stand_in(name: str, script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is found before the real one, which stands in ``$REAL_PATH``."""
    (folder / "bin").mkdir()
    program = folder / "bin" / name
    program.write_text(script)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert shutil.which(name)
    monkeypatch.setenv("REAL_PATH", os.environ["PATH"])
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
