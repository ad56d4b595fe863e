"""What a request target means, and which requests are refused before anybody looks at their address."""

from __future__ import annotations

import pytest

from aggregator.web.request import flaw, path_of


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/", b"/"),
        (b"/feeds/all.rss", b"/feeds/all.rss"),
        (b"/feeds/all.rss?utm_source=x&y", b"/feeds/all.rss"),
        (b"/feeds/all.rss?a=/../b", b"/feeds/all.rss"),
        (b"/feeds/all.rss#top", b"/feeds/all.rss"),
        (b"http://news.example/feeds/all.rss?x", b"/feeds/all.rss"),
        (b"http://news.example:8080", b"/"),
        (b"http://news.example?x=/y", b"/"),
        (b"/feeds/%61ll.rss", b"/feeds/all.rss"),
        (b"/feeds%2Fall.rss", b"/feeds/all.rss"),
        (b"/feeds/%2561ll.rss", b"/feeds/%61ll.rss"),  # decoded once
        (b"/feeds/%zz", b"/feeds/%zz"),
        (b"/feeds/%00", b"/feeds/\0"),
        (b"/feeds/%ff", b"/feeds/\xff"),
        (b"//feeds///all.rss", b"/feeds/all.rss"),
        (b"/feeds/./all.rss", b"/feeds/all.rss"),
        (b"/feeds/x/../all.rss", b"/feeds/all.rss"),
        (b"/feeds/%2e%2e/feeds/all.rss", b"/feeds/all.rss"),
        (b"/../../etc/passwd", b"/etc/passwd"),
        (b"/feeds/..", b"/"),
        (b"/feeds/.", b"/feeds/"),
        (b"/feeds/all.rss/", b"/feeds/all.rss/"),
        (b"/..", b"/"),
        (b"*", b""),
        (b"news.example:443", b""),
        (b"", b""),
    ],
)
def test_paths(target: bytes, path: bytes) -> None:
    assert path_of(target) == path


@pytest.mark.parametrize(
    ("version", "headers", "is_refused"),
    [
        ("1.1", {b"host": b"news.example"}, False),
        ("1.1", {b"host": b"[::1]:8080"}, False),
        ("1.1", {b"host": b""}, False),  # RFC 9112, section 3.2: when the target has no authority
        ("1.1", {}, True),
        ("1.0", {}, False),
        ("1.1", {b"host": b"a.example, b.example"}, True),  # two Host headers
        ("1.1", {b"host": b"a.example/b"}, True),
        ("1.1", {b"host": b"user@a.example"}, True),
        ("1.1", {b"host": b"a example"}, True),
        ("1.0", {b"transfer-encoding": b"chunked"}, True),
        ("1.1", {b"host": b"a", b"transfer-encoding": b"chunked"}, False),
    ],
)
def test_flaws(version: str, headers: dict[bytes, bytes], is_refused: bool) -> None:
    assert bool(flaw(version, headers)) is is_refused
