"""Backups: one file for the database and one for feeds.yaml, made while the desk runs, verified before they count."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.errors import DatabaseAddressError, StoreError
from aggregator.store.engine import open_database
from aggregator.store.postgres_dump import dump_postgres
from aggregator.store.sqlite_copy import copy_sqlite

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SQLITE_SUFFIX = ".db.zst"
POSTGRES_SUFFIX = ".dump"
CONFIG_SUFFIX = ".feeds.yaml"

_OURS = re.compile(
    rf"(?P<name>aggregator-\d{{8}}T\d{{6}}Z)"
    rf"(?P<suffix>{re.escape(SQLITE_SUFFIX)}|{re.escape(POSTGRES_SUFFIX)}|{re.escape(CONFIG_SUFFIX)})"
)
_UNFINISHED = ".making-"
# A checksum, so that a bit that flipped on the disk is noticed at restore.
_PACKING = {zstd.CompressionParameter.compression_level: 6, zstd.CompressionParameter.checksum_flag: 1}


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was verified. ``removed`` are the names of the older ones that went in its favour."""

    path: Path
    config_path: Path
    rows: int
    size_bytes: int
    removed: tuple[str, ...]


def make_backup(address: str, config: Path, folder: Path, keep: int, now: datetime) -> Backup:
    """Back up the database and feeds.yaml into ``folder``; then keep the newest ``keep`` backups there.

    Others may write meanwhile. Whatever fails leaves the older backups alone. Raises StoreError, and
    DatabaseAddressError when there is no such database.
    """
    name = f"aggregator-{now:%Y%m%dT%H%M%SZ}"
    database = open_database(address)
    try:
        if database.file is not None and not database.file.exists():
            raise DatabaseAddressError(f"there is no database at {address}: nothing to back up")
        with _claimed(folder) as work:
            if database.is_sqlite:
                rows = copy_sqlite(database, work / "copy")
                made = work / f"{name}{SQLITE_SUFFIX}"
                _pack(work / "copy", made)
            else:
                made = work / f"{name}{POSTGRES_SUFFIX}"
                rows = dump_postgres(database, made)
            made_config = Path(shutil.copyfile(config, work / f"{name}{CONFIG_SUFFIX}"))
            # The database comes last: whoever finds it finds its feeds.yaml.
            config_path, path = (_placed(file, folder) for file in (made_config, made))
            return Backup(path, config_path, rows, path.stat().st_size, _thinned(folder, name, keep))
    finally:
        database.writers.dispose()


def unpack(packed: Path, target: Path) -> None:
    """Unpack the SQLite backup ``packed`` to the new file ``target``. Raises StoreError when it is damaged."""
    try:
        with zstd.open(packed) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file)
    except (zstd.ZstdError, EOFError) as error:
        raise StoreError(f"{packed} is damaged, or no backup ({error}): take another") from error


def _pack(copy: Path, target: Path) -> None:
    """Pack the verified copy, and read back what stands on the disk."""
    with copy.open("rb") as source, zstd.open(target, "wb", options=_PACKING) as file:
        shutil.copyfileobj(source, file)
    sync(target)
    with zstd.open(target) as packed, copy.open("rb") as source:
        while (chunk := source.read(1 << 20)) or not source.closed:
            if packed.read(len(chunk)) != chunk:
                raise StoreError(f"what was written to {target} reads back differently: check the disk")
            if not chunk:
                break
