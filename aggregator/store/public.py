"""``public/``: the documents as files for any web server. A projection of the database, never the truth."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import brotli

from aggregator.errors import StoreError
from aggregator.model.document import Document, without_key
from aggregator.store.swap import replace

FILE_MODE = 0o644  # the web server is another user
LOCK_RETRY_S = 0.02
SERVICE_LOCK = ".service.lock"  # `aggregator run` holds it as long as it lives

_LOCK = ".lock"
_TEMPORARY = ".writing-"


# Suffix -> content coding, and how it is unpacked. The plain file comes last: whoever waits for it finds the others.
_VARIANTS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    ".gz": ("gzip", gzip.decompress),
    ".br": ("br", brotli.decompress),
    "": ("", bytes),
}


class PublicDirectory:
    """The folder that is served. Hold the lock around ``publish`` and ``remove``.

    ``variants_of`` gives a document's body by content coding: those of ``_VARIANTS`` that it has become files too.
    """

    def __init__(self, path: Path, variants_of: Callable[[Document], Mapping[str, bytes]]) -> None:
        self.path = path
        self._variants_of = variants_of

    def try_lock(self) -> BinaryIO | None:
        """A file that keeps others out until it is closed; None while another process (or thread) has the lock.

        Clears away what a killed run left half-written. Raises StoreError when the folder cannot be used.
        """
        lock = try_lock(self.path / _LOCK)
        if lock is not None:
            with _errors_in_words(self.path):
                for leftover in self.path.rglob(f"{_TEMPORARY}*"):
                    leftover.unlink(missing_ok=True)
        return lock

    def publish(self, documents: Iterable[Document]) -> list[str]:
        """Bring the files in line with the documents; returns the paths of those that had to be written.

        Each file is replaced in one step: a reader or a crash finds either the old or the new one, whole.
        Files that are right already are not touched. Raises StoreError when the disk refuses or a path leads
        out of the folder, once the others are written.
        """
        written = []
        first_error: StoreError | None = None
        for document in documents:
            try:
                target = self._target(document.path)
                with _errors_in_words(target):
                    if self._write_variants(target, document):
                        written.append(document.path)
            except StoreError as error:  # one bad place keeps no other document back
                first_error = first_error or error
        if first_error is not None:
            raise first_error
        return written

    def holds(self, path: str, etag: str) -> bool:
        """Whether a document stands there, and can be read, whose SHA-256 in hex is ``etag``."""
        with suppress(OSError):
            return hashlib.sha256(self._target(path).read_bytes()).hexdigest() == etag
        return False

    def paths(self, folder: str) -> set[str]:
        """Where files stand in a folder and below, without what packing adds to their names. Raises StoreError."""
        top = self._target(folder)
        with _errors_in_words(top):
            files = (path for path in top.rglob("*") if not path.is_dir())
            return {_unpacked(path.relative_to(self.path).as_posix()) for path in files}

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
            raise StoreError(f"a document cannot stand at {path!r}: it leads out of {self.path}")
        target = self.path / pure
        if not target.parent.resolve().is_relative_to(self.path.resolve()):
            raise StoreError(f"a document cannot stand at {path!r}: a link leads out of {self.path}")
        return target

    def _write_variants(self, target: Path, document: Document) -> bool:
        variants = {**self._variants_of(document), "": document.body}
        wanted = [suffix for suffix, (coding, _) in _VARIANTS.items() if coding in variants]
        if _holds(target, bytes, document.body):
            stale = [
                one for one in wanted if not _holds(_beside(target, one), _VARIANTS[one][1], document.body)
            ]
        else:
            stale = wanted
        if not stale:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        # All are written before any is replaced, to keep short the moment in which the variants differ.
        ready = []
        try:
            for suffix in stale:
                ready.append(
                    (_written(target.parent, variants[_VARIANTS[suffix][0]]), _beside(target, suffix))
                )
        except OSError:
            for temporary, _ in ready:
                temporary.unlink()  # what will not be used would keep a full disk full
            raise
        for temporary, final in ready:
            replace(temporary, final)
        return True


def try_lock(path: Path) -> BinaryIO | None:
    """The file, locked until it is closed or its process ends; None while somebody else has it.

    Its folder is made where it is missing. Raises StoreError when it cannot be made or opened.
    """
    with _errors_in_words(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
    return lock


def is_service_missing(public: Path) -> bool:
    """Whether a service has worked on this folder and none does now."""
    return (public / SERVICE_LOCK).exists() and not is_service_running(public)


def is_service_running(public: Path) -> bool:
    """Whether a service works on this folder now."""
    path = public / SERVICE_LOCK
    if not path.exists():
        return False
    with _errors_in_words(path), path.open("rb") as lock:
        try:
            # Shared, and for an instant: whoever starts a service just then is in its way at most once.
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _beside(target: Path, suffix: str) -> Path:
    return target.with_name(target.name + suffix)


def _unpacked(path: str) -> str:
    suffix = PurePosixPath(path).suffix
    return path.removesuffix(suffix) if suffix in _VARIANTS else path


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
        shown = without_key(str(error.filename or path))
        raise StoreError(f"{shown} cannot be written: {error.strerror or error}") from error
