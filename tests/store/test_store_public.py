"""The public directory: a projection of documents that survives crashes, damage and company."""

from __future__ import annotations

import gzip
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE
from threading import Event

import brotli
import pytest

from aggregator.errors import StoreError
from aggregator.model.document import Document
from aggregator.outputs.pack import variants_of
from aggregator.store.public import LOCK_RETRY_S, PublicDirectory

KILLED = 9


def document(body: bytes, path: str = "feeds/topics/politik.rss") -> Document:
    return Document(path, "application/rss+xml", body, etag="")


def packed(of: Document) -> dict[str, bytes]:
    return variants_of(of.body)


OLD, NEW = document(b"<rss>old</rss>" * 500), document(b"<rss>new</rss>" * 500)


@contextmanager
def locked(public: PublicDirectory) -> Iterator[None]:
    """Wait as jobs.publish does."""
    while (lock := public.try_lock()) is None:
        time.sleep(LOCK_RETRY_S)
    with lock:
        yield


def publish(root: Path, *documents: Document) -> list[str]:
    public = PublicDirectory(root, packed)
    with locked(public):
        return public.publish(documents)


def content(root: Path, path: str = OLD.path) -> tuple[bytes, bytes, bytes]:
    """What clients get: plain, from gzip, from brotli."""
    plain = root / path
    return (
        plain.read_bytes(),
        gzip.decompress(plain.with_name(plain.name + ".gz").read_bytes()),
        brotli.decompress(plain.with_name(plain.name + ".br").read_bytes()),
    )


def state(root: Path) -> dict[str, tuple[int, int]]:
    """Inode and time of change of every file."""
    return {
        str(path): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.name != ".lock"
    }


def test_documents_become_files_that_others_may_read(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        assert publish(tmp_path / "public", OLD, document(b"", "index.html")) == [OLD.path, "index.html"]
    finally:
        os.umask(before)
    assert content(tmp_path / "public") == (OLD.body,) * 3
    assert content(tmp_path / "public", "index.html") == (b"",) * 3
    files = [path for path in (tmp_path / "public").rglob("*") if path.is_file() and path.name != ".lock"]
    assert len(files) == 6
    assert {S_IMODE(path.stat().st_mode) for path in files} == {0o644}


def test_one_bad_place_keeps_no_other_document_back(tmp_path: Path) -> None:
    (tmp_path / "feeds/all.rss").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"feeds/all\.rss cannot be written"):
        publish(tmp_path, document(b"<rss/>", "feeds/all.rss"), OLD, document(b"", "index.html"))
    assert content(tmp_path) == (OLD.body,) * 3
    assert content(tmp_path, "index.html") == (b"",) * 3


def test_what_is_right_is_not_touched(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    before = state(tmp_path)
    assert publish(tmp_path, OLD) == []
    assert state(tmp_path) == before


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def _garble(path: Path) -> None:
    path.write_bytes(b"\x1f\x8b garbage")


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize("suffix", ["", ".gz", ".br"])
@pytest.mark.parametrize("damage", [Path.unlink, _empty, _truncate, _garble, _append])
def test_damage_is_repaired(tmp_path: Path, suffix: str, damage: Callable[[Path], None]) -> None:
    publish(tmp_path, OLD)
    damage(tmp_path / (OLD.path + suffix))
    assert publish(tmp_path, OLD) == [OLD.path]
    assert content(tmp_path) == (OLD.body,) * 3


def publish_and_die(root: Path, at_operation: int) -> int:
    """In a process of its own that ends at its nth operation on files; its exit status."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    seen = 0

    def die(operation: str, _arguments: object) -> None:
        nonlocal seen
        if operation in ("open", "os.rename", "os.mkdir", "os.remove", "tempfile.mkstemp", "fcntl.flock"):
            seen += 1
            if seen == at_operation:
                os._exit(KILLED)

    sys.addaudithook(die)
    publish(root, NEW)
    os._exit(0)


def test_death_at_any_operation_leaves_every_file_whole(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    deaths = 0
    while publish_and_die(tmp_path, at_operation=deaths + 1) == KILLED:
        deaths += 1
        assert set(content(tmp_path)) <= {OLD.body, NEW.body}
        publish(tmp_path, NEW)
        assert content(tmp_path) == (NEW.body,) * 3
        assert len(list(tmp_path.rglob("*"))) == 6  # two folders, three files, the lock; nothing half-written
        publish(tmp_path, OLD)
    assert deaths >= 12


def test_readers_and_two_publishers_at_once(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    finished = Event()

    def publish_often(one: Document) -> None:
        for _ in range(20):
            publish(tmp_path, one)

    def read_often() -> int:
        reads = 0
        while not finished.is_set():
            assert set(content(tmp_path)) <= {OLD.body, NEW.body}
            reads += 1
        return reads

    with ThreadPoolExecutor(3) as threads:
        reader = threads.submit(read_often)
        publishers = [threads.submit(publish_often, one) for one in (OLD, NEW)]
        for publisher in publishers:
            publisher.result()
        finished.set()
        assert reader.result() > 0
    assert len(set(content(tmp_path))) == 1


def test_the_lock_lets_one_through(tmp_path: Path) -> None:
    entered = Event()

    def enter() -> None:
        with locked(PublicDirectory(tmp_path, packed)):
            entered.set()

    with ThreadPoolExecutor(1) as threads:
        with locked(PublicDirectory(tmp_path, packed)):
            waiting = threads.submit(enter)
            assert not entered.wait(0.1)
        waiting.result(timeout=10)
    assert entered.is_set()


def test_removed_documents_are_gone_with_their_variants(tmp_path: Path) -> None:
    kept = document(b"kept", "feeds/all.rss")
    publish(tmp_path, OLD, kept)
    public = PublicDirectory(tmp_path, packed)
    with locked(public):
        public.remove([OLD.path, "feeds/never-was.rss", "nowhere/at-all.rss"])
    assert list((tmp_path / "feeds/topics").iterdir()) == []
    assert content(tmp_path, kept.path) == (kept.body,) * 3


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "", ".", "a//b", "./a", "a/\0", "linked/x"])
def test_paths_that_lead_out_are_refused(tmp_path: Path, path: str) -> None:
    root, outside = tmp_path / "public", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "linked").symlink_to(outside)
    with pytest.raises(StoreError, match=r"leads? out"):
        publish(root, document(b"x", path))
    with pytest.raises(StoreError):
        PublicDirectory(root, packed).remove([path])
    assert list(outside.iterdir()) == []


def test_disk_trouble_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "feeds").write_bytes(b"a file where a folder should be")
    with pytest.raises(StoreError, match=r"feeds.* cannot be written"):
        publish(tmp_path, OLD)


def test_no_message_names_a_subscribers_address(tmp_path: Path) -> None:
    """Messages go into the log, to status and into alerts; a key is a password."""
    key = "k7" * 16
    (tmp_path / f"feeds/s/{key}.rss").mkdir(parents=True)  # a folder where the file should stand
    public = PublicDirectory(tmp_path, packed)
    one = document(b"<rss/>", f"feeds/s/{key}.rss")
    for act in (lambda: public.publish([one]), lambda: public.remove([one.path])):
        with locked(public), pytest.raises(StoreError, match=r"feeds/s/\.\.\.\.rss") as raised:
            act()
        assert key not in str(raised.value)
