"""A backup becomes the database again: only where nothing runs, and nothing that was there is lost."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from stat import S_IMODE, S_ISREG

from aggregator.errors import AlreadyRunningError, DatabaseAddressError, StoreError
from aggregator.store.backup import CONFIG_SUFFIX, SQLITE_SUFFIX
from aggregator.store.backup_files import put_in_place, unpack, work_folder
from aggregator.store.engine import FILE_MODE, open_database
from aggregator.store.public import SERVICE_LOCK, try_lock
from aggregator.store.sqlite_copy import verify_sqlite

_USERS_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Restored:
    """What stands where now. ``aside`` is the database that was there before, if any."""

    path: Path
    rows: int
    aside: Path | None
    config_path: Path | None


def restore_backup(address: str, backup: Path, public: Path, now: datetime, *, force: bool) -> Restored:
    """Put the SQLite database of ``backup`` where ``address`` says.

    With ``force`` a database that stands there is kept aside under a name with the time; without, it is
    refused. Raises StoreError when the backup is damaged or a command uses the database, AlreadyRunningError
    when the service runs, DatabaseAddressError when the address or the backup is the wrong one: nothing was
    changed then.
    """
    place = _place(address, backup, force=force)
    with work_folder(place.parent) as work, _no_service(public):
        unpack(backup, work / "restored.db")
        rows = verify_sqlite(work / "restored.db")
        (work / "restored.db").chmod(FILE_MODE)
        if place.exists():
            _give_to_owner_of(place, work / "restored.db")
        with _kept_aside(place, now) if place.exists() else nullcontext() as aside:
            put_in_place(work / "restored.db", place)
    if verify_sqlite(place) != rows:
        raise StoreError(f"{place} is not what was restored: check the disk, and who else writes there")
    config = backup.with_name(backup.name.removesuffix(SQLITE_SUFFIX) + CONFIG_SUFFIX)
    return Restored(place, sum(rows.values()), aside, config if config.exists() else None)


def _place(address: str, backup: Path, *, force: bool) -> Path:
    """Where the backup is to stand. Raises DatabaseAddressError when the address or the backup is the wrong one."""
    place = open_database(address).file
    if place is None:
        raise DatabaseAddressError(
            "a PostgreSQL database is restored by pg_restore, into an empty database: see docs/deploy.md"
        )
    try:
        is_file = S_ISREG(backup.stat().st_mode)
    except OSError as error:
        raise DatabaseAddressError(f"no backup at {backup.absolute()}: {error.strerror}") from error
    if not is_file or not backup.name.endswith(SQLITE_SUFFIX):
        raise DatabaseAddressError(
            f"{backup} is no backup of an SQLite database: those end in {SQLITE_SUFFIX}"
        )
    if place.exists() and not force:
        raise DatabaseAddressError(
            f"there is a database at {place} already: --force puts the backup there and keeps that one aside"
        )
    return place


def _give_to_owner_of(place: Path, restored: Path) -> None:
    """Restored by root, it must still be the service's."""
    old = place.stat()
    os.chown(restored, old.st_uid, old.st_gid)
    restored.chmod(S_IMODE(old.st_mode))


@contextmanager
def _no_service(public: Path) -> Iterator[None]:
    """The service neither runs on this public folder nor starts meanwhile. Raises AlreadyRunningError."""
    lock = try_lock(public / SERVICE_LOCK)
    if lock is None:
        raise AlreadyRunningError(f"the service runs on {public}: stop it first")
    with lock:
        yield


@contextmanager
def _kept_aside(place: Path, now: datetime) -> Iterator[Path]:
    """A second name for the database, which nobody uses meanwhile: its place may be taken in one step.

    Raises StoreError when another process has it open.
    """
    aside = place.with_name(f"{place.name}.before-{now:%Y%m%dT%H%M%SZ}")
    with closing(sqlite3.connect(place, timeout=_USERS_WAIT_S, isolation_level=None)) as old:
        try:
            # Only who has the file alone can leave WAL; what -wal held is in the file then.
            old.execute("PRAGMA journal_mode=DELETE")
            old.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise StoreError(
                    f"the database {place} is in use: stop the service and other commands"
                ) from None
            old.close()  # damaged, which is why it is being replaced
        for suffix in ("-wal", "-shm"):
            # Left by a damaged one only. Beside the restored file they would be played into it.
            if (companion := place.with_name(place.name + suffix)).exists():
                companion.rename(aside.with_name(aside.name + suffix))
        os.link(place, aside)
        yield aside
