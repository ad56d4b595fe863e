"""How backups are written: in a work folder of one's own, packed, read back, and put in place whole."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aggregator.errors import StoreError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_UNFINISHED = ".backup-work-"
# A checksum, so that a bit that flipped on the disk is noticed at restore.
_PACKING: dict[int, int] = {
    zstd.CompressionParameter.compression_level: 6,
    zstd.CompressionParameter.checksum_flag: 1,
}


@contextmanager
def work_folder(place: Path) -> Iterator[Path]:
    """A folder inside ``place`` that is gone afterwards; no other backup or restore works there meanwhile.

    Clears away what a killed one left. Raises StoreError, also for an OSError inside.
    """
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        claim = os.open(place, os.O_RDONLY)
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for leftover in place.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(leftover)
            with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=place) as folder:
                yield Path(folder)
        finally:
            os.close(claim)
    except BlockingIOError:
        raise StoreError(f"another backup or restore is at work in {place}: wait for it") from None
    except OSError as error:
        raise StoreError(f"{error.filename or place}: {error.strerror or error}") from error


def put_in_place(file: Path, target: Path) -> Path:
    """Move a finished file to ``target``: a crash or a power cut leaves all of it there, or nothing of it."""
    _sync(file)
    file.replace(target)
    _sync(target.parent)
    return target


def pack(file: Path, target: Path) -> None:
    """Compress ``file`` to the new file ``target`` (zstd, RFC 8878), and read that back. Raises StoreError."""
    with file.open("rb") as source, zstd.open(target, "xb", options=_PACKING) as packed:
        shutil.copyfileobj(source, packed)
    with file.open("rb") as source, zstd.open(target) as packed:
        digests = {hashlib.file_digest(readable, "sha256").digest() for readable in (source, packed)}
    if len(digests) > 1:
        raise StoreError(f"{target} reads back differently from what was written: check disk and memory")


def unpack(packed: Path, target: Path) -> None:
    """Undo ``pack`` into the new file ``target``. Raises StoreError when anything in ``packed`` changed since."""
    try:
        with zstd.open(packed) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file)
    except (zstd.ZstdError, EOFError) as error:
        raise StoreError(f"{packed} is damaged, or no backup of ours: take another ({error})") from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
