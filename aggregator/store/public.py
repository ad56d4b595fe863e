"""``public/``: the documents as files for any web server. A projection of the database, never the truth."""

from __future__ import annotations

import fcntl
import gzip
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import brotli

from aggregator.errors import StoreError
from aggregator.model.document import Document

FILE_MODE = 0o644  # the web server is another user
# 200 kB of text take 20 ms at quality 9; 11 takes ten times as long for 8 % less.
BROTLI_QUALITY = 9

_LOCK = ".lock"
_TEMPORARY = ".writing-"


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)  # with a time, equal documents would differ


def _brotli(body: bytes) -> bytes:
    return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY))


# Suffix -> how it is packed and unpacked. The plain file comes last: whoever waits for it finds the others.
_VARIANTS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    ".gz": (_gzip, gzip.decompress),
    ".br": (_brotli, brotli.decompress),
    "": (bytes, bytes),
}


class PublicDirectory:
    """The folder that is served. Hold ``locked()`` around ``publish`` and ``remove``."""

    def __init__(self, path: Path) -> None:
        self._root = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Wait until no other process (or thread) publishes here, and keep others waiting.

        Clears away what a killed run left half-written. Raises StoreError when the folder cannot be used.
        """
        with _errors_in_words(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._root / _LOCK, os.O_RDWR | os.O_CREAT, FILE_MODE)
        try:
            with _errors_in_words(self._root):
                fcntl.flock(lock, fcntl.LOCK_EX)
                for leftover in self._root.rglob(f"{_TEMPORARY}*"):
                    leftover.unlink(missing_ok=True)
            yield
        finally:
            os.close(lock)

    def publish(self, documents: Iterable[Document]) -> list[str]:
        """Bring the files in line with the documents; returns the paths of those that had to be written.

        Each file is replaced in one step: a reader or a crash finds either the old or the new one, whole.
        Files that are right already are not touched. Raises StoreError when the disk refuses or a path leads
        out of the folder.
        """
        written = []
        for document in documents:
            target = self._target(document.path)
            with _errors_in_words(target):
                if _write_variants(target, document.body):
                    written.append(document.path)
        return written

    def remove(self, paths: Iterable[str]) -> None:
        """Take documents away with their variants; missing ones are no trouble. Raises StoreError."""
        for path in paths:
            target = self._target(path)
            with _errors_in_words(target):
                for suffix in _VARIANTS:
                    _beside(target, suffix).unlink(missing_ok=True)

    def _target(self, path: str) -> Path:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or str(pure) != path or path == "." or "\0" in path:
            raise StoreError(f"a document cannot stand at {path!r}: it leads out of {self._root}")
        target = self._root / pure
        if not target.parent.resolve().is_relative_to(self._root.resolve()):
            raise StoreError(f"a document cannot stand at {path!r}: a link leads out of {self._root}")
        return target


def _write_variants(target: Path, body: bytes) -> bool:
    stale = [
        suffix
        for suffix, (_, unpack) in _VARIANTS.items()
        if not _holds(_beside(target, suffix), unpack, body)
    ]
    if not stale:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    # All are written before any is replaced, to keep short the moment in which the variants differ.
    ready = [
        (_written(target.parent, _VARIANTS[suffix][0](body)), _beside(target, suffix)) for suffix in stale
    ]
    for temporary, final in ready:
        temporary.replace(final)
    return True


def _beside(target: Path, suffix: str) -> Path:
    return target.with_name(target.name + suffix)


def _holds(path: Path, unpack: Callable[[bytes], bytes], body: bytes) -> bool:
    """Whether the file is this body, packed; a damaged one is not."""
    with suppress(FileNotFoundError, gzip.BadGzipFile, zlib.error, EOFError, brotli.error):
        return unpack(path.read_bytes()) == body
    return False


def _written(folder: Path, content: bytes) -> Path:
    """A temporary file. Not synced: the rows repair it after a power cut, and to sync 60 files took 8 s."""
    descriptor, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(descriptor, FILE_MODE)
    except OSError:
        Path(name).unlink()  # half a file would keep a full disk full
        raise
    return Path(name)


@contextmanager
def _errors_in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or path} cannot be published: {error.strerror or error}"
        ) from error
