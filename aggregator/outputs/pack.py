"""A document packed for every content coding that readers ask for, once, before anybody asks."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial

import brotli

from aggregator.model.document import Document, Packed, private_key
from aggregator.outputs.archive import is_archive_path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Followers wait for it. Of 109 kB of feed: gzip 4 44.0 kB in 2.5 ms (6: 42.2 in 5.9), brotli 4 40.5 in 1.8 (6: 39.4 in
# 3.1), zstd 3 40.6 in 0.6 (9: 39.3 in 2.8): 3 % more for less than half of the time.
_GZIP_LEVEL = 4
_PRIVATE_GZIP_LEVEL = 1  # few ask for these, and there are many
_BROTLI_QUALITY = 4
_ZSTD_LEVEL = 3
# Archive pages are large and seldom read: 10 % more in half of the time.
_QUICK_LEVEL = 1


def variants_of(body: bytes) -> dict[str, bytes]:
    """``body`` as ``gzip``, ``br`` and ``zstd`` (RFC 1952, 7932, 8878); equal bodies make equal variants.

    Takes about 5 ms for 100 kB: call it outside the event loop.
    """
    return _packed(body, _GZIP_LEVEL, _BROTLI_QUALITY, _ZSTD_LEVEL)


def _packed(body: bytes, gzip_level: int, brotli_quality: int, zstd_level: int) -> dict[str, bytes]:
    return {
        "gzip": _gzipped(body, gzip_level),
        "br": bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=brotli_quality)),
        "zstd": zstd.compress(body, zstd_level),
    }


def _variants(document: Document) -> Variants:
    if private_key(document.path):
        return {"gzip": _gzipped(document.body, _PRIVATE_GZIP_LEVEL)}
    if is_archive_path(document.path):
        return _packed(document.body, _QUICK_LEVEL, _QUICK_LEVEL, _QUICK_LEVEL)
    return variants_of(document.body)


def _gzipped(body: bytes, level: int) -> bytes:
    return gzip.compress(body, level, mtime=0)  # with a time, equal documents would differ


Variants = Mapping[str, bytes]
# Begins some work, and gives what waits for it and says what came of it, as often as it is asked.
Begin = Callable[[Callable[[], Variants]], Callable[[], Variants]]


def at_once(work: Callable[[], Variants]) -> Callable[[], Variants]:
    """Done when it is begun."""
    made = work()
    return lambda: made


class PackCache:
    """The newest variants of every document: files and server share one packing. May be used from several threads.

    Of a subscriber's document only gzip, which all of their readers know.
    """

    def __init__(self, begin: Begin = at_once) -> None:
        self._begin = begin
        self._kept: dict[str, tuple[str, Callable[[], Variants]]] = {}  # path -> ETag, variants

    def prepare(self, document: Document) -> None:
        """Begin to pack a document that is soon to be written or served, unless that was done."""
        etag, _ = self._kept.get(document.path, ("", None))
        if etag != document.etag:
            self._kept[document.path] = (document.etag, self._begin(partial(_variants, document)))

    def variants_of(self, document: Document) -> Variants:
        """As ``variants_of``, or gzip alone; made once for each version of a document."""
        self.prepare(document)
        etag, variants = self._kept[document.path]
        return variants() if etag == document.etag else _variants(document)  # another version came in between

    def forget(self, paths: Iterable[str]) -> None:
        """Keep nothing of these: nobody serves them from memory (any more)."""
        for path in paths:
            self._kept.pop(path, None)

    def pack(self, document: Document, changed_at: datetime) -> Packed:
        """The document ready to be served; ``changed_at`` is when its bytes last changed."""
        return Packed(document, changed_at, self.variants_of(document))
