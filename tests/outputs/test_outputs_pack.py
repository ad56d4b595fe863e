"""A document packed: every coding gives the same bytes back, and the same document packs the same."""

from __future__ import annotations

import gzip
import hashlib
import sys
from datetime import UTC, datetime

import brotli
import pytest

from aggregator.model.document import Document
from aggregator.outputs.pack import PackCache

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}


@pytest.mark.parametrize("body", [b"", b"a", "berita é ".encode() * 5000], ids=len)
def test_every_variant_is_the_document(body: bytes) -> None:
    document = Document("feeds/all.rss", "application/rss+xml", body, hashlib.sha256(body).hexdigest())
    packed = PackCache().pack(document, AT)
    assert (packed.document, packed.changed_at) == (document, AT)
    assert {coding: UNPACK[coding](data) for coding, data in packed.variants.items()} == dict.fromkeys(
        UNPACK, body
    )
    assert packed == PackCache().pack(document, AT)


def test_text_becomes_small() -> None:
    body = "".join(f"<item><title>Berita {n}</title></item>" for n in range(2000)).encode()
    packed = PackCache().pack(Document("x", "application/rss+xml", body, "1"), AT)
    assert max(map(len, packed.variants.values())) < len(body) / 5


def test_gzip_holds_no_time() -> None:
    packed = PackCache().pack(Document("x", "application/rss+xml", b"x", "1"), AT)
    assert packed.variants["gzip"][4:8] == bytes(4)


def test_a_subscriber_s_document_is_packed_once_and_for_the_coding_that_all_readers_know() -> None:
    packs = PackCache()
    body = b"berita " * 1000
    private = Document(f"feeds/s/{'a' * 32}.rss", "application/rss+xml", body, "1")
    variants = packs.variants_of(private)
    assert {coding: UNPACK[coding](data) for coding, data in variants.items()} == {"gzip": body}
    assert packs.variants_of(private) is variants
    assert (
        packs.variants_of(Document("feeds/all.rss", "application/rss+xml", body, "1")).keys() == UNPACK.keys()
    )


def test_what_is_forgotten_is_packed_anew_and_the_rest_is_not() -> None:
    packs = PackCache()
    documents = [Document(f"feeds/{name}.rss", "application/rss+xml", b"x", "1") for name in ("a", "b")]
    first = [packs.variants_of(document) for document in documents]
    packs.forget(["feeds/a.rss", "feeds/never.rss"])
    again = [packs.variants_of(document) for document in documents]
    assert again == first
    assert [one is other for one, other in zip(again, first, strict=True)] == [False, True]
