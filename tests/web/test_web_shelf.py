"""Documents on the shelf: their heads, and which answer a request gets."""

from __future__ import annotations

import gzip
import time
from collections.abc import Mapping
from datetime import timedelta

import pytest
from web_desk import CHANGED_AT, DOCUMENTS, KEY, LAST_MODIFIED, RSS, SHELF, packed, tag_of

from aggregator.web.answer import Answer
from aggregator.web.shelf import Shelf, ShelvedDocument

NOW_S = CHANGED_AT.timestamp() + 3600


def answered(
    path: bytes, headers: Mapping[str, str] | None = None, now_s: float = NOW_S, shelf: Shelf = SHELF
) -> Answer:
    found = shelf.find(path)
    assert isinstance(found, ShelvedDocument)
    return found.answer({name.encode(): value.encode() for name, value in (headers or {}).items()}, now_s)


def headers_of(answer: Answer) -> dict[str, str]:
    assert answer.head.endswith(b"\r\n\r\n")
    return dict(line.split(": ", 1) for line in answer.head.decode().strip().split("\r\n"))


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        (b"/feeds/all.rss", "application/rss+xml; charset=utf-8"),
        (b"/feeds/all.atom", "application/atom+xml; charset=utf-8"),
        (b"/feeds/all.json", "application/feed+json"),
        (b"/feeds.opml", "text/x-opml; charset=utf-8"),
        (b"/index.html", "text/html; charset=utf-8"),
        (b"/", "text/html; charset=utf-8"),
    ],
)
def test_media_types(path: bytes, media_type: str) -> None:
    assert headers_of(answered(path))["Content-Type"] == media_type


@pytest.mark.parametrize("held", ["", "*"])
def test_a_subscribers_feed_is_kept_by_nobody_else_and_found_by_no_search_engine(held: str) -> None:
    found = answered(f"/feeds/s/{KEY}.rss".encode(), {"if-none-match": held} if held else {})
    assert found.status == (304 if held else 200)
    headers = headers_of(found)
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("private, max-age=60", "noindex")
    assert "X-Robots-Tag" not in headers_of(answered(b"/feeds/all.rss"))


def test_a_feed_in_full() -> None:
    found = answered(b"/feeds/all.rss", {"accept-encoding": "gzip"})
    assert found.status == 200
    assert gzip.decompress(found.body) == RSS.document.body
    assert headers_of(found) == {
        "Last-Modified": LAST_MODIFIED,
        "ETag": tag_of(RSS, "gzip"),
        "Cache-Control": "max-age=60, stale-while-revalidate=60, stale-if-error=86400",
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Content-Type": "application/rss+xml; charset=utf-8",
        "Content-Length": str(len(found.body)),
        "Content-Encoding": "gzip",
        "X-Content-Type-Options": "nosniff",
    }


def test_a_304_repeats_what_a_200_would_say_of_caching() -> None:
    full = headers_of(answered(b"/feeds/all.rss", {"accept-encoding": "br"}))
    found = answered(b"/feeds/all.rss", {"accept-encoding": "br", "if-none-match": tag_of(RSS, "br")})
    assert (found.status, found.body) == (304, b"")
    repeated = ("Last-Modified", "ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin")
    assert headers_of(found) == {name: full[name] for name in repeated}


def test_pages_are_kept_from_running_anything() -> None:
    headers = headers_of(answered(b"/"))
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in headers


def test_every_coding_has_its_own_strong_tag() -> None:
    tags = {
        headers_of(answered(b"/feeds/all.rss", {"accept-encoding": c}))["ETag"]
        for c in ("", "gzip", "br", "zstd")
    }
    assert len(tags) == 4
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize(
    ("headers", "status", "coding"),
    [
        ({}, 200, ""),
        ({"if-none-match": tag_of(RSS)}, 304, ""),
        ({"if-none-match": tag_of(RSS, "gzip"), "accept-encoding": "gzip, br, zstd"}, 304, "gzip"),
        ({"if-none-match": tag_of(RSS, "gzip"), "accept-encoding": "br"}, 200, "br"),
        (
            {"if-none-match": tag_of(RSS, "gzip")},
            304,
            "gzip",
        ),  # no Accept-Encoding: every coding is acceptable
        ({"if-none-match": f"W/{tag_of(RSS, 'br')}", "accept-encoding": "br"}, 304, "br"),
        ({"if-none-match": '"old"', "if-modified-since": LAST_MODIFIED}, 200, ""),  # the tag has precedence
        ({"if-none-match": tag_of(RSS), "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 304, ""),
        ({"if-modified-since": LAST_MODIFIED}, 304, ""),
        ({"if-modified-since": "Mon, 23 Nov 2026 06:00:08 GMT", "accept-encoding": "gzip"}, 304, "gzip"),
        ({"if-modified-since": "Mon, 23 Nov 2026 06:00:06 GMT"}, 200, ""),
        ({"if-modified-since": "Mon, 23 Nov 2026 07:00:08 GMT"}, 200, ""),  # half a second in the future
        ({"if-modified-since": "yesterday"}, 200, ""),
        ({"if-modified-since": ""}, 200, ""),
        ({"range": "bytes=0-10"}, 200, ""),
    ],
)
def test_conditional_requests(headers: dict[str, str], status: int, coding: str) -> None:
    found = answered(b"/feeds/all.rss", headers)
    assert (found.status, headers_of(found)["ETag"]) == (status, tag_of(RSS, coding))


def test_a_clock_set_back_leaves_no_date_in_the_future() -> None:
    before = CHANGED_AT.timestamp() - 3600
    found = answered(b"/feeds/all.rss", now_s=before)
    assert "Last-Modified" not in headers_of(found)
    assert headers_of(found)["ETag"] == tag_of(RSS)
    assert answered(b"/feeds/all.rss", {"if-modified-since": LAST_MODIFIED}, before).status == 200
    assert answered(b"/feeds/all.rss", {"if-none-match": tag_of(RSS)}, before).status == 304


@pytest.mark.parametrize(
    ("place", "location"),
    [
        ("https://news.example/feeds/all.rss", "https://news.example/feeds/all.rss"),
        ("feeds/all.rss", "/feeds/all.rss"),
        ("/feeds/all.rss", "/feeds/all.rss"),
        ("//evil.example/", "/evil.example/"),
        ("https://news.example/a%20b?x=1&y=2", "https://news.example/a%20b?x=1&y=2"),
        ("https://news.example/berita utama/é", "https://news.example/berita%20utama/%C3%A9"),
        ("https://news.example/\r\nSet-Cookie: a=b", "https://news.example/%0D%0ASet-Cookie:%20a=b"),
        ("feeds/\n\0", "/feeds/%0A%00"),
    ],
)
def test_a_moved_feed_leads_to_its_new_address(place: str, location: str) -> None:
    found = Shelf((), moved={"feeds/old.rss": place}).find(b"/feeds/old.rss")
    assert isinstance(found, Answer)
    assert (found.status, headers_of(found)["Location"]) == (301, location)


def test_a_gone_feed_says_so_and_a_document_wins() -> None:
    shelf = Shelf([RSS], moved={"feeds/all.rss": "x"}, gone=("feeds/all.rss", "feeds/gone.rss"))
    gone = shelf.find(b"/feeds/gone.rss")
    assert isinstance(gone, Answer)
    assert gone.status == 410
    assert isinstance(shelf.find(b"/feeds/all.rss"), ShelvedDocument)
    assert shelf.find(b"/") is None  # no index, no start page


def test_one_changed_document_makes_a_new_shelf_in_no_time() -> None:
    documents = [packed("feeds/all.rss", b"%d" % n) for n in range(200)]
    Shelf(documents)
    started_s = time.process_time()
    for _ in range(10):
        Shelf(documents)
    assert (time.process_time() - started_s) / 10 < 0.05


def test_the_same_bytes_changed_at_another_time_get_another_date() -> None:
    later = packed("feeds/all.rss", RSS.document.body, CHANGED_AT + timedelta(seconds=5))
    found = answered(b"/feeds/all.rss", shelf=Shelf([*DOCUMENTS, later]))
    assert headers_of(found)["Last-Modified"] == "Mon, 23 Nov 2026 06:00:12 GMT"
