from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import BadResponseError, BodyTooLargeError
from aggregator.net.body import unpack


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip nobody labelled": ("", gzip.compress),
    "gzip in two members": ("gzip", lambda body: gzip.compress(body[:3]) + gzip.compress(body[3:])),
    "gzip with padding": ("gzip", lambda body: gzip.compress(body) + b"\0\0\n"),
    "deflate": ("deflate", zlib.compress),
    "deflate without its wrapper": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
}
FEED = b"<rss>" + bytes(range(256)) * 40 + b"</rss>"


@pytest.mark.parametrize("name", PACKERS)
@given(body=st.binary(max_size=3000))
def test_what_was_packed_is_unpacked(name: str, body: bytes) -> None:
    coding, pack = PACKERS[name]
    assert unpack(pack(body), coding, max_bytes=3000) == body


@pytest.mark.parametrize("name", PACKERS)
def test_the_cap_is_exact(name: str) -> None:
    coding, pack = PACKERS[name]
    assert unpack(pack(FEED), coding, max_bytes=len(FEED)) == FEED
    with pytest.raises(BodyTooLargeError, match=r"fetch\.max_body, 10,250 bytes"):
        unpack(pack(FEED), coding, max_bytes=len(FEED) - 1)


@pytest.mark.parametrize("name", [name for name in PACKERS if name != "gzip with padding"])
def test_a_packed_body_cut_anywhere_is_refused(name: str) -> None:
    coding, pack = PACKERS[name]
    packed = pack(FEED)
    whole_first_member = len(gzip.compress(FEED[:3])) if "members" in name else 0
    for kept in (3, len(packed) // 4, len(packed) // 2, len(packed) - 4, len(packed) - 1):
        if kept == whole_first_member:
            continue
        with pytest.raises(BadResponseError):
            unpack(packed[:kept], coding, max_bytes=1_000_000)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_lying_label_is_refused(coding: str) -> None:
    with pytest.raises(BadResponseError, match=coding):
        unpack(b"<rss version='2.0'/>", coding, max_bytes=1_000_000)


@pytest.mark.parametrize("coding", ["", "gzip", "deflate", "br"])
def test_an_empty_body_is_empty(coding: str) -> None:
    assert unpack(b"", coding, max_bytes=10) == b""


def test_what_follows_a_packed_body_is_refused() -> None:
    with pytest.raises(BadResponseError, match="follows"):
        unpack(gzip.compress(FEED) + b"<html>", "gzip", max_bytes=1_000_000)


def test_many_gzip_members_are_refused_early() -> None:
    started_s = time.perf_counter()
    with pytest.raises(BadResponseError, match="members"):
        unpack(gzip.compress(b"x") * 200_000, "gzip", max_bytes=10_000_000)
    assert time.perf_counter() - started_s < 1


def test_a_bomb_is_stopped_at_the_cap() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()
    started_s = time.perf_counter()
    with pytest.raises(BodyTooLargeError):
        unpack(bomb, "gzip", max_bytes=1_000_000)
    assert time.perf_counter() - started_s < 1
