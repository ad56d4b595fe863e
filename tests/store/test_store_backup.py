"""Backup and restore of SQLite: one moment, verified, nothing lost on the way, whoever is at work meanwhile."""

from __future__ import annotations

import fcntl
import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from store_values import candidate, new

from aggregator.errors import AlreadyRunningError, DatabaseAddressError, SchemaError, StoreError
from aggregator.model.listing import StoryQuery
from aggregator.store.backup import Backup, make_backup
from aggregator.store.backup_files import pack, unpack
from aggregator.store.public import SERVICE_LOCK, try_lock
from aggregator.store.restore import Restored, restore_backup
from aggregator.store.sqlite_copy import verify_sqlite
from aggregator.store.store import Store

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
NAME = "aggregator-20261126T030000Z"
CONFIG = b"site: uji\n"


class Place:
    """A database with a few rows, and a folder for backups."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "data/desk.db"
        self.address = f"sqlite:///{self.file}"
        self.backups = folder / "backups"
        self.public = folder / "public"
        self.put("greeting", "pagi")

    def put(self, key: str, value: str) -> None:
        store = Store(self.address)
        store.migrate()
        with store.write() as tx:
            tx.set_meta(key, value)
        store.close()

    def get(self, key: str) -> str | None:
        store = Store(self.address)
        with store.read() as tx:
            found = tx.meta(key)
        store.close()
        return found

    def back_up(self, now: datetime = NOW, keep: int = 14) -> Backup:
        return make_backup(self.address, CONFIG, self.backups, keep, now)

    def restore(self, backup: Path, *, force: bool = True, now: datetime = NOW) -> Restored:
        return restore_backup(self.address, backup, self.public, now, force=force)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.backups.iterdir())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@contextmanager
def no_file_beyond(size_bytes: int) -> Iterator[None]:
    """No file of this process can grow larger, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_backup_is_two_private_files_and_comes_back_whole(place: Place) -> None:
    made = place.back_up()
    assert place.names() == [f"{NAME}.db.zst", f"{NAME}.feeds.yaml"]
    assert {path.stat().st_mode & 0o777 for path in place.backups.iterdir()} == {0o600}
    assert made.config_path is not None
    assert made.config_path.read_bytes() == CONFIG
    place.file.unlink()
    restored = place.restore(made.path, force=False)
    assert (restored.rows, restored.aside, restored.config_path) == (made.rows, None, made.config_path)
    assert place.get("greeting") == "pagi"
    assert [path.name for path in place.file.parent.iterdir()] == ["desk.db"]


def test_what_was_found_before_a_backup_is_found_after_it_came_back(place: Place) -> None:
    store = Store(place.address)
    with store.write() as tx:
        tx.apply("s", "p", [new(candidate("satu")), new(candidate("dua"))], NOW)
    store.close()
    made = place.back_up()
    assert made.rows == sum(verify_sqlite(place.file).values())
    place.file.unlink()
    place.restore(made.path, force=False)
    store = Store(place.address)
    with store.write() as tx:
        assert [one.title for one in tx.list_stories(StoryQuery(search="dua"), 9).stories] == ["title of dua"]
        tx.apply("s", "p", [new(candidate("tiga"))], NOW)
    with store.read() as tx:
        assert tx.list_stories(StoryQuery(search="text of"), 9).found == 3
    store.close()


def test_a_database_without_feeds_yaml_is_backed_up_alone(place: Place) -> None:
    made = make_backup(place.address, None, place.backups, 14, NOW)
    assert (made.config_path, place.names()) == (None, [f"{NAME}.db.zst"])
    assert place.restore(made.path).config_path is None


def test_a_backup_is_one_moment_while_others_write(place: Place, tmp_path: Path) -> None:
    stop = threading.Event()
    committed = 0

    def write() -> None:
        nonlocal committed
        store = Store(place.address)
        while not stop.is_set():
            committed += 1
            with store.write() as tx:  # two rows that are equal at every moment
                tx.set_meta("left", str(committed))
                tx.set_meta("right", str(committed))
                tx.set_meta(f"padding {committed}", "x" * 5_000)
        store.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        before = committed
        made = [place.back_up(NOW + timedelta(minutes=minute)) for minute in range(10)]
        after = committed
    finally:
        stop.set()
        writer.join()
    assert after - before > 20  # nobody had to wait for a backup
    for backup in made:
        file = tmp_path / f"{backup.path.name}.db"
        unpack(backup.path, file)
        with sqlite3.connect(file) as copy:
            left, right = (
                copy.execute("SELECT value FROM meta WHERE key = ?", (side,)).fetchone()
                for side in ("left", "right")
            )
            assert left == right
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_newest_are_kept_and_only_our_own_files_go(place: Place) -> None:
    for day in range(5):
        made = place.back_up(NOW + timedelta(days=day), keep=3)
    assert made.removed == ("aggregator-20261127T030000Z",)
    assert [name[11:19] for name in place.names()] == [f"202611{day}" for day in (28, 28, 29, 29, 30, 30)]
    others = (
        "aggregator.db",
        "notes.txt",
        "aggregator-20200101T000000Z.db.zst.part",
        "x-20200101T000000Z.db.zst",
    )
    for name in others:
        (place.backups / name).write_text("not ours")
    (place.backups / "aggregator-20200101T000000Z.feeds.yaml").write_text("ours, without its database")
    place.back_up(NOW + timedelta(days=9), keep=1)
    assert place.names() == sorted(
        [*others, "aggregator-20261205T030000Z.db.zst", "aggregator-20261205T030000Z.feeds.yaml"]
    )


def test_after_a_clock_that_ran_ahead_the_one_just_made_is_kept(place: Place) -> None:
    place.back_up(NOW + timedelta(days=365), keep=1)
    made = place.back_up(NOW, keep=1)
    assert made.path.exists()
    assert made.removed == ("aggregator-20271126T030000Z",)


def test_a_damaged_database_is_told_and_costs_no_older_backup(place: Place) -> None:
    place.put("long", "x" * 100_000)
    place.back_up()
    content = bytearray(place.file.read_bytes())
    at = content.index(b"x" * 4_000)
    content[at - 200 : at] = os.urandom(200)  # the header of a page of long text
    content[4096 * 3 : 4096 * 3 + 64] = os.urandom(64)
    place.file.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        place.back_up(NOW + timedelta(days=1), keep=1)
    assert place.names() == [f"{NAME}.db.zst", f"{NAME}.feeds.yaml"]


def test_a_full_disk_is_told_and_leaves_nothing_behind(place: Place) -> None:
    place.put("long", os.urandom(250_000).hex())
    made = place.back_up()
    with no_file_beyond(200_000), pytest.raises(StoreError, match=r"backups/\.backup-work"):
        place.back_up(NOW + timedelta(days=1), keep=1)
    assert place.names() == [f"{NAME}.db.zst", f"{NAME}.feeds.yaml"]
    assert made.path.exists()


def test_a_full_disk_at_restore_is_told_and_changes_nothing(place: Place) -> None:
    place.put("long", os.urandom(250_000).hex())
    made = place.back_up()
    place.put("greeting", "malam")
    with no_file_beyond(200_000), pytest.raises(StoreError, match="too large"):
        place.restore(made.path)
    assert place.get("greeting") == "malam"
    assert [path.name for path in place.file.parent.iterdir()] == ["desk.db"]


def test_what_a_killed_backup_left_is_cleared_away(place: Place) -> None:
    (place.backups / ".backup-work-dead").mkdir(parents=True)
    (place.backups / ".backup-work-dead/copy.db").write_bytes(b"half")
    place.back_up()
    assert place.names() == [f"{NAME}.db.zst", f"{NAME}.feeds.yaml"]


def test_two_backups_do_not_work_in_one_folder_at_once(place: Place) -> None:
    place.backups.mkdir()
    claim = os.open(place.backups, os.O_RDONLY)
    fcntl.flock(claim, fcntl.LOCK_EX)
    with pytest.raises(StoreError, match="another backup or restore is at work in"):
        place.back_up()
    os.close(claim)
    place.back_up()


def test_what_cannot_be_backed_up_is_told(place: Place, tmp_path: Path) -> None:
    with pytest.raises(DatabaseAddressError, match="there is no database at"):
        make_backup(f"sqlite:///{tmp_path}/none.db", CONFIG, place.backups, 14, NOW)
    assert not place.backups.exists()
    with sqlite3.connect(place.file) as connection:
        connection.execute("UPDATE aggregator_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SchemaError, match="newer version"):
        place.back_up()
    assert place.names() == []


@pytest.mark.parametrize("at", [0.0, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("damage", ["flipped", "cut"])
def test_a_damaged_backup_is_refused_and_changes_nothing(place: Place, at: float, damage: str) -> None:
    made = place.back_up()
    content = bytearray(made.path.read_bytes())
    where = int(len(content) * at)
    if damage == "flipped":
        content[where] ^= 0x10
    else:
        del content[where:]
    made.path.write_bytes(content)
    place.put("greeting", "malam")
    with pytest.raises(StoreError, match=f"{made.path.name} is damaged"):
        place.restore(made.path)
    assert place.get("greeting") == "malam"
    assert [path.name for path in place.file.parent.iterdir()] == ["desk.db"]


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (("CREATE TABLE recipes (name TEXT)",), "is no database of aggregator"),
        (("CREATE TABLE stories (name TEXT)",), "is not ours"),
        (
            (
                "CREATE TABLE aggregator_version (version_num TEXT)",
                "INSERT INTO aggregator_version VALUES ('9999')",
            ),
            "newer version",
        ),
    ],
)
def test_a_backup_of_something_else_is_refused(
    place: Place, tmp_path: Path, statements: tuple[str, ...], words: str
) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        for statement in statements:
            other.execute(statement)
    other.close()
    pack(tmp_path / "other.db", tmp_path / "other.db.zst")
    with pytest.raises(SchemaError, match=words):
        place.restore(tmp_path / "other.db.zst")
    assert place.get("greeting") == "pagi"


def test_a_database_that_is_there_is_replaced_by_force_only_and_kept(place: Place, tmp_path: Path) -> None:
    made = place.back_up()
    place.put("greeting", "malam")
    with pytest.raises(DatabaseAddressError, match="--force"):
        place.restore(made.path, force=False)
    restored = place.restore(made.path)
    assert place.get("greeting") == "pagi"
    assert restored.aside == place.file.with_name("desk.db.before-20261126T030000Z")
    with sqlite3.connect(restored.aside) as old:
        assert old.execute("SELECT value FROM meta WHERE key = 'greeting'").fetchone() == ("malam",)


def test_a_damaged_database_and_its_companions_are_replaced(place: Place) -> None:
    made = place.back_up()
    store = Store(place.address)
    with store.write() as tx:
        tx.set_meta("greeting", "malam")
    wal = place.file.with_name("desk.db-wal").read_bytes()
    store.close()
    place.file.write_bytes(b"this is not a database any more" * 200)
    place.file.with_name("desk.db-wal").write_bytes(wal)
    restored = place.restore(made.path)
    assert place.get("greeting") == "pagi"  # not "malam", which the old -wal would have played in
    assert restored.aside is not None
    assert restored.aside.with_name(restored.aside.name + "-wal").read_bytes() == wal


def test_a_database_in_use_is_not_replaced(place: Place) -> None:
    made = place.back_up()
    user = Store(place.address)
    with user.read() as tx:
        tx.meta("greeting")
    with pytest.raises(StoreError, match="is in use"):  # it has no transaction open; its connection is enough
        place.restore(made.path)
    user.close()
    place.restore(made.path)


def test_nothing_is_restored_under_a_running_service(place: Place) -> None:
    made = place.back_up()
    lock = try_lock(place.public / SERVICE_LOCK)
    assert lock is not None
    with lock, pytest.raises(AlreadyRunningError, match="the service runs on"):
        place.restore(made.path)
    place.restore(made.path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.db.zst", r"no backup at /.*/missing\.db\.zst: No such file"),
        ("feeds.yaml", r"feeds\.yaml is no backup of an SQLite database"),
        ("folder.db.zst", r"folder\.db\.zst is no backup of an SQLite database"),
        ("feeds.yaml/x.db.zst", "Not a directory"),
    ],
)
def test_a_wrong_name_is_told(place: Place, tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "feeds.yaml").write_bytes(CONFIG)
    (tmp_path / "folder.db.zst").mkdir()
    with pytest.raises(DatabaseAddressError, match=words):
        place.restore(tmp_path / name)
    with pytest.raises(DatabaseAddressError, match="pg_restore"):
        restore_backup("postgresql://desk@/desk", tmp_path / name, place.public, NOW, force=True)


@pytest.mark.slow
def test_a_restore_killed_at_any_moment_leaves_a_whole_database(place: Place) -> None:
    place.put("long", "x" * 2_000_000)
    made = place.back_up()
    place.put("only now", "yes")
    program = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from aggregator.store.restore import restore_backup\n"
        "print('ready', flush=True)\n"
        "restore_backup(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), datetime.now(UTC), force=True)"
    )
    rows = {sum(verify_sqlite(place.file).values()), made.rows}
    command = [sys.executable, "-c", program, place.address, str(made.path), str(place.public)]
    took_s = 0.0
    killed = 0
    for attempt in range(40):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            began_s = time.monotonic()
            try:  # the first is left alone, to know over how long to spread the kills
                process.wait(timeout=took_s * attempt / 40 if attempt else None)
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
            took_s = took_s or time.monotonic() - began_s
        assert sum(verify_sqlite(place.file).values()) in rows
        for aside in place.file.parent.glob("*.before-*"):  # the next attempt may come within the same second
            aside.unlink()
    assert killed >= 10  # on a busy machine some end before
    place.restore(made.path)
    assert [path.name for path in place.file.parent.iterdir() if "before" not in path.name] == ["desk.db"]
