"""Backups: the database and its feeds.yaml, taken while the desk runs, verified before they count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.errors import DatabaseAddressError
from aggregator.store.backup_files import pack, put_in_place, work_folder
from aggregator.store.engine import FILE_MODE, Database, open_database
from aggregator.store.postgres_dump import dump_postgres
from aggregator.store.sqlite_copy import copy_sqlite

SQLITE_SUFFIX = ".db.zst"
POSTGRES_SUFFIX = ".dump"
CONFIG_SUFFIX = ".feeds.yaml"

_SUFFIXES = "|".join(map(re.escape, (SQLITE_SUFFIX, POSTGRES_SUFFIX, CONFIG_SUFFIX)))
_OURS = re.compile(rf"(?P<name>aggregator-\d{{8}}T\d{{6}}Z)(?P<suffix>{_SUFFIXES})")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was verified. ``removed`` are the names of older ones that made room for it."""

    path: Path
    config_path: Path | None
    rows: int
    size_bytes: int
    removed: tuple[str, ...]


def make_backup(address: str, config: bytes | None, folder: Path, keep: int, now: datetime) -> Backup:
    """Back up the database and the content of feeds.yaml into ``folder``; the newest ``keep`` backups stay there.

    Others may write meanwhile. Whatever fails leaves the older backups as they are. Raises StoreError, and
    DatabaseAddressError when there is no such database.
    """
    name = f"aggregator-{now:%Y%m%dT%H%M%SZ}"
    database = open_database(address)
    try:
        if database.file is not None and not database.file.exists():
            raise DatabaseAddressError(f"there is no database at {address}: nothing to back up")
        with work_folder(folder) as work:
            taken, rows = _taken(database, work)
            taken.chmod(FILE_MODE)
            config_path = None
            if config is not None:
                # Before the database: whoever finds that finds its feeds.yaml.
                taken_config = work / CONFIG_SUFFIX
                taken_config.touch(FILE_MODE)
                taken_config.write_bytes(config)
                config_path = put_in_place(taken_config, folder / f"{name}{CONFIG_SUFFIX}")
            path = put_in_place(taken, folder / f"{name}{taken.name}")
            return Backup(path, config_path, rows, path.stat().st_size, _thin_out(folder, name, keep))
    finally:
        database.writers.dispose()


def _taken(database: Database, work: Path) -> tuple[Path, int]:
    """A verified backup of the database in the work folder, named by its suffix only; and its number of rows."""
    if not database.is_sqlite:
        rows = dump_postgres(database, work / POSTGRES_SUFFIX)
        return work / POSTGRES_SUFFIX, rows
    rows = copy_sqlite(database, work / "copy.db")
    pack(work / "copy.db", work / SQLITE_SUFFIX)
    return work / SQLITE_SUFFIX, rows


def _thin_out(folder: Path, made: str, keep: int) -> tuple[str, ...]:
    """Remove backups beyond ``keep``: files of our own naming, and never the one just made.

    That one counts first whatever its name says: after a clock that ran ahead it is not the newest by name.
    """
    ours = {path: match for path in sorted(folder.iterdir()) if (match := _OURS.fullmatch(path.name))}
    names = {match["name"] for match in ours.values() if match["suffix"] != CONFIG_SUFFIX}
    kept = {made, *sorted(names - {made}, reverse=True)[: keep - 1]}
    for path, match in ours.items():
        if match["name"] not in kept:
            path.unlink()
    return tuple(sorted(names - kept))
