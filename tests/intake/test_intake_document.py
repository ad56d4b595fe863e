"""Which format a body is in, what is refused, what hostile documents cost, and that order makes no identity."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import NotAFeedError, ParseError, RefusedDocumentError
from aggregator.intake.document import MAX_UNPACKED_BYTES, read_document
from aggregator.intake.identity import identify_all
from aggregator.intake.jsonfeed import MAX_ITEMS
from aggregator.intake.sitemap import MAX_ENTRIES
from aggregator.model.entry import ParsedFeed, SitemapIndex

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
URL = "https://k.test/sitemap.xml"


def read_any(body: bytes) -> ParsedFeed | SitemapIndex:
    return read_document(body, url=URL, content_type="", timezone="Asia/Jakarta", now=NOW)


def read(body: bytes) -> ParsedFeed:
    document = read_any(body)
    assert isinstance(document, ParsedFeed)
    return document


def messages(document: ParsedFeed | SitemapIndex) -> list[str]:
    return [problem.message for problem in document.problems]


def urlset(inside: str) -> bytes:
    return f'<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{inside}</urlset>'.encode()


def news(number: int, published_at: datetime = NOW) -> str:
    return (
        f"<url><loc>https://k.test/berita/judul-{number:07d}</loc><news:news><news:title>Judul {number}</news:title>"
        f"<news:publication_date>{published_at.isoformat()}</news:publication_date></news:news></url>"
    )


def json_feed(items: str) -> bytes:
    return f'{{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{items}]}}'.encode()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[1, 2]", "a JSON document, not a feed"),
        (b'{"posts": []}', "a JSON document, not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "a JSON Feed without a list of items"),
        (
            b'{"version": "1.1", "items": [{"id": 7, "url": "https://k.test/"}]}',
            "a JSON document, not a feed: nothing in it is named as in JSON Feed",
        ),
    ],
)
def test_json_that_is_no_feed_is_named(body: bytes, message: str) -> None:
    with pytest.raises(NotAFeedError) as caught:
        read_any(body)
    assert str(caught.value) == message


@pytest.mark.parametrize("head", [b'"feed_url": "x"', b'"home_page_url": null'])
def test_names_of_json_feed_stand_in_for_a_version(head: bytes) -> None:
    assert read(b"{%b, 'items': []}".replace(b"'", b'"') % head).format == "json1"


def test_json_damaged_before_its_first_item_is_complete_cannot_be_read() -> None:
    with pytest.raises(ParseError, match="a JSON document that cannot be read: Expecting") as caught:
        read_any(b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": ,')
    assert not isinstance(caught.value, NotAFeedError)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_feed_in_every_unicode_encoding(encoding: str) -> None:
    feed = read(json_feed('{"id": "1", "title": "café 你 😀"}').decode().encode(encoding))
    assert [entry.title for entry in feed.entries] == ["café 你 😀"]


def test_the_charset_of_the_header_reads_json_that_is_not_utf_8() -> None:
    body = json_feed('{"id": "1", "title": "café"}').decode().encode("windows-1252")
    content_type = "application/json; charset=windows-1252"
    feed = read_document(body, url=URL, content_type=content_type, timezone="UTC", now=NOW)
    assert isinstance(feed, ParsedFeed)
    assert [entry.title for entry in feed.entries] == ["café"]


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 100_000, json_feed("[" * 100_000 + "]" * 100_000)]
)
def test_json_nested_without_end_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedDocumentError, match="nested deeper"):
        read_any(body)


@pytest.mark.parametrize(
    "document_type",
    [
        '<!DOCTYPE urlset [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE urlset [<!ENTITY b SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE urlset SYSTEM "http://canary.test/x" [<!ENTITY % b SYSTEM "http://canary.test/">%b;]>',
    ],
)
def test_a_sitemap_that_declares_entities_is_refused(document_type: str) -> None:
    with pytest.raises(RefusedDocumentError, match="declarations of its own"):
        read_any(document_type.encode() + urlset("<url><loc>https://k.test/&b;</loc></url>"))


def test_no_more_than_the_newest_of_a_sitemap_are_taken() -> None:
    count = MAX_ENTRIES + 5
    old_first = "".join(news(number, NOW - timedelta(minutes=count - number)) for number in range(count))
    feed = read(urlset(old_first))
    assert [entry.title for entry in feed.entries] == [f"Judul {number}" for number in range(5, count)]
    assert messages(feed) == [
        "the document names 1,005 addresses; the newest 1,000 were taken, which is a fixed limit"
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%dT%H:%M:%S+07:00",
        "%Y-%m-%dT%H:%M:%S.%fZ",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d",
        "%d/%m/%Y %H.%M WIB",
        "%a, %d %b %Y %H:%M:%S GMT",
    ],
)
@pytest.mark.parametrize(
    "others", ["", "<lastmod>2099-01-01T00:00:00Z</lastmod>", "<lastmod>2010-12-31</lastmod>"]
)
def test_the_newest_are_the_newest_however_dates_are_written(form: str, others: str) -> None:
    old = [f"<url><loc>/lama/{n}</loc>{others}</url>" for n in range(MAX_ENTRIES)]
    moments = [NOW - timedelta(days=1, hours=n) for n in range(400)]
    new = [f"<url><loc>/baru/{m:%s}</loc><lastmod>{m.strftime(form)}</lastmod></url>" for m in moments]
    feed = read(urlset("".join(old[:500] + new + old[500:])))
    assert sum("/baru/" in entry.url for entry in feed.entries) == len(new)


def test_no_more_than_the_newest_of_an_index_are_taken() -> None:
    dated = "<sitemap><loc>/new.xml</loc><lastmod>2026-01-01</lastmod></sitemap>"
    undated = "".join(f"<sitemap><loc>/{number}.xml</loc></sitemap>" for number in range(MAX_ENTRIES))
    index = read_any(f"<sitemapindex>{undated}{dated}</sitemapindex>".encode())
    assert isinstance(index, SitemapIndex)
    assert len(index.children) == MAX_ENTRIES
    assert index.children[-1].url == "https://k.test/new.xml"
    assert messages(index) == [
        "the document names 1,001 addresses; the newest 1,000 were taken, which is a fixed limit"
    ]


def test_no_more_items_of_a_json_feed_are_taken_than_any_feed_has() -> None:
    feed = read(
        json_feed(",".join(f'{{"id": "a{number}", "title": "t"}}' for number in range(MAX_ITEMS + 1)))
    )
    assert len(feed.entries) == MAX_ITEMS
    assert messages(feed) == ["10,001 items; the first 10,000 were taken, which is a fixed limit"]


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        ("image/png", ["it is labelled image/png, which is no feed's type; readers may refuse it"]),
        ("Text/HTML; charset=utf-8", ["it is labelled Text/HTML, which is no feed's type; readers may refuse it"]),
        ("application/xml", []),
        ("application/rdf+xml; charset=utf-8", []),
        ("text/plain", []),
        ("application/x-gzip", []),
        ("application/octet-stream", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_feed_that_is_labelled_as_something_else_is_read_and_said_to_be(
    content_type: str, said: list[str]
) -> None:
    feed = read_document(
        urlset(news(1, NOW)), url="https://k.test/", content_type=content_type, timezone="UTC", now=NOW
    )
    assert isinstance(feed, ParsedFeed)
    assert [entry.title for entry in feed.entries] == ["Judul 1"]
    assert messages(feed) == said


def test_an_empty_sitemap_is_a_sitemap() -> None:
    feed = read(urlset(""))
    assert (feed.format, feed.entries, feed.problems) == ("sitemap", (), ())


@pytest.mark.parametrize("members", [1, 3])
def test_gzip_is_unpacked(members: int) -> None:
    body = urlset(news(1))
    third = len(body) // members
    pieces = [body[start : start + third] for start in range(0, len(body), third)]
    feed = read(b"".join(map(gzip.compress, pieces)))
    assert [entry.title for entry in feed.entries] == ["Judul 1"]
    assert feed.problems == ()


def test_gzip_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    body = urlset("".join(map(news, range(5000))))
    packed = gzip.compress(body)
    feed = read(packed[: len(packed) // 100])
    assert 0 < len(feed.entries) < 5000
    assert [words[:28] for words in messages(feed)] == [
        "the gzip file is damaged; wh",
        "the document ends early; its",
    ]


def test_gzip_of_which_nothing_can_be_read_is_said_to_be_damaged() -> None:
    with pytest.raises(ParseError, match="a damaged gzip file"):
        read_any(b"\x1f\x8b\x08\x00\x00\x00rss")


def test_a_gzip_bomb_is_refused() -> None:
    with pytest.raises(RefusedDocumentError, match=r"more than 52,428,800 bytes unpacked"):
        read_any(gzip.compress(b" " * (MAX_UNPACKED_BYTES + 1)))


# Each of about 1 to 10 MB. Quadratic cost would be minutes; the caps leave seconds for a busy machine.
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a string": lambda: json_feed(f'{{"id": "1", "content_html": "{"a" * 10_000_000}"}}'),
    "digits": lambda: json_feed(f'{{"id": {"9" * 2_000_000}, "title": 1e{"9" * 2_000_000}}}'),
    "names": lambda: json_feed("{" + ",".join(f'"k{n}": 1' for n in range(300_000)) + "}"),
    "the same name": lambda: json_feed("{" + ",".join('"k": 1' for _ in range(300_000)) + "}"),
    "no end of quotes": lambda: json_feed('{"id": "1"}, {"title": "' + '\\"' * 2_000_000)[:-2],
    "no items": lambda: json_feed(",".join(["{}"] * 500_000)),
    "space before": lambda: b" " * 5_000_000 + json_feed(""),
    "ampersands": lambda: urlset(f"<url><loc>{'&' * 300_000}</loc></url>"),
    "a name": lambda: urlset(f"<url><loc>&{'a' * 5_000_000}</loc></url>"),
    "CDATA in comments": lambda: urlset("<!--<![CDATA[-->&" * 100_000),
    "instructions": lambda: urlset("<?a " * 200_000),
    "undeclared prefixes": lambda: urlset("".join(f"<p{n}:url/>" for n in range(100_000))),
    "50,000 addresses": lambda: urlset("<url><loc>https://k.test/a</loc></url>" * 50_000),
    "50,000 children": lambda: (
        b"<sitemapindex>%b</sitemapindex>" % (b"<sitemap><loc>/a</loc></sitemap>" * 50_000)
    ),
    "gzip members": lambda: gzip.compress(b"") * 50_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_cost_linear_time_in_every_format(name: str) -> None:
    body = HOSTILE[name]()
    started_s = time.process_time()
    with suppress(ParseError):
        read_any(body)
    assert time.process_time() - started_s < 5


# Few values, so that items share ids, addresses and titles in every way. Each has a date of its own: of versions
# of one article that nothing else orders, the first is taken.
ITEMS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["", "1", "urn:a", "urn:b"]), "title": st.sampled_from(["Satu", "Dua"])},
        optional={
            "url": st.sampled_from(
                ["https://k.test/a-6055946", "https://k.test/b", "https://k.test/b?utm_id=1"]
            ),
            "content_html": st.sampled_from(["<p>a</p>", "<p>b</p>"]),
        },
    ),
    max_size=6,
).map(
    lambda listed: [
        item | {"date_modified": f"2026-01-{day:02d}"} for day, item in enumerate(listed, start=1)
    ]
)
NUMBERS = st.lists(st.integers(0, 20), max_size=8)

NAMES = [
    "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
    "date_published", "date_modified", "author", "authors", "tags", "language", "attachments",
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "url", "mime_type", "size_in_bytes"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def keys(feed: ParsedFeed) -> set[str]:
    return {identity.key for identity in identify_all(feed.entries)}


def in_two_orders(listed: st.SearchStrategy[list[Any]]) -> st.SearchStrategy[tuple[list[Any], list[Any]]]:
    return listed.flatmap(lambda order: st.tuples(st.just(order), st.permutations(order)))


@given(in_two_orders(ITEMS))
def test_identities_of_a_json_feed_do_not_depend_on_the_order_of_its_items(
    orders: tuple[list[dict[str, str]], list[dict[str, str]]],
) -> None:
    either, other = (read(json_feed(",".join(map(json.dumps, order)))) for order in orders)
    assert keys(either) == keys(other)


@given(in_two_orders(NUMBERS))
def test_identities_of_a_sitemap_do_not_depend_on_the_order_of_its_addresses(
    orders: tuple[list[int], list[int]],
) -> None:
    either, other = (read(urlset("".join(map(news, order)))) for order in orders)
    assert keys(either) == keys(other)
    assert len(keys(either)) == len(set(orders[0]))


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6) | VALUES, max_size=4))
def test_whatever_stands_beside_it_a_good_item_is_read(others: list[Any]) -> None:
    good = {"id": "urn:baik", "title": "Baik", "url": "https://k.test/baik-6055946"}
    feed = read(json_feed(",".join(map(json.dumps, [*others, good]))))
    assert "Baik" in {entry.title for entry in feed.entries if entry.guid == "urn:baik"}
    for entry in feed.entries:
        "".join((entry.guid, entry.url, entry.title, entry.html, *entry.authors, *entry.categories)).encode()
