"""Several documents read as one source, and a glance at whatever stands at an address."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from aggregator.errors import NotAFeedError, RefusedDocumentError
from aggregator.model.entry import SitemapChild
from aggregator.model.fetch import Fetched, Validators
from aggregator.reading import Glance, look_at, read_feed

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def fetched(body: str, url: str = "https://k.test/a.xml") -> Fetched:
    return Fetched(url, body.encode(), "", Validators())


def urlset(*numbers: int, name: str = "Koran") -> str:
    publication = (
        f"<news:publication><news:name>{name}</news:name><news:language>id</news:language></news:publication>"
    )
    urls = (
        f"<url><loc>https://k.test/berita/judul-{number:07d}</loc><news:news>{publication}"
        f"<news:publication_date>2026-01-{number:02d}T08:00:00Z</news:publication_date>"
        f"<news:title>Judul {number}</news:title></news:news></url>"
        for number in numbers
    )
    return f"<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>{''.join(urls)}</urlset>"


def test_an_article_in_several_documents_of_a_source_is_one() -> None:
    parts = [fetched(urlset(1, 2)), fetched(urlset(2, 3)), fetched(urlset())]
    feed = read_feed(parts, "UTC", NOW)
    assert [candidate.entry.title for candidate in feed.candidates] == ["Judul 1", "Judul 2", "Judul 3"]
    assert (feed.feed.title, feed.feed.language, feed.problems) == ("Koran", "id", ())


def test_the_order_of_documents_makes_no_identity() -> None:
    parts = [fetched(urlset(1, 2)), fetched(urlset(2, 3)), fetched(urlset(4))]
    keys = {
        frozenset(candidate.identity.key for candidate in read_feed(order, "UTC", NOW).candidates)
        for order in permutations(parts)
    }
    assert [len(one) for one in keys] == [4]


def test_a_document_that_cannot_be_read_costs_only_itself() -> None:
    broken = fetched("<html><title>Galat</title></html>", "https://k.test/broken.xml")
    feed = read_feed([broken, fetched(urlset(1))], "UTC", NOW)
    assert [candidate.entry.title for candidate in feed.candidates] == ["Judul 1"]
    assert [problem.subject for problem in feed.problems] == ["https://k.test/broken.xml"]


def test_when_no_document_can_be_read_the_first_says_why() -> None:
    with pytest.raises(RefusedDocumentError):
        read_feed([fetched("<!DOCTYPE a [ ]><urlset/>"), fetched("teks")], "UTC", NOW)


def test_a_list_of_sitemaps_is_no_feed() -> None:
    index = "<sitemapindex><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>"
    with pytest.raises(NotAFeedError, match="a list of 1 sitemaps"):
        read_feed([fetched(index)], "UTC", NOW)


@pytest.mark.parametrize(
    ("body", "glance"),
    [
        (
            '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "a", "title": "A", "content_text": "isi",'
            '"date_published": "2026-01-05T00:00:00Z"}, {"id": "b", "content_text": "x"}, {"id": "c", "title": "C"}]}',
            Glance(
                "feed",
                "a feed (json1) with 3 entries",
                entries=3,
                with_title=2,
                with_text=2,
                newest_at=datetime(2026, 1, 5, tzinfo=UTC),
                urls=("", "", ""),
            ),
        ),
        (
            urlset(3, 7, 5),
            Glance(
                "sitemap",
                "a sitemap with 3 entries",
                entries=3,
                with_title=3,
                newest_at=datetime(2026, 1, 7, 8, tzinfo=UTC),
                urls=tuple(f"https://k.test/berita/judul-000000{number}" for number in (3, 7, 5)),
            ),
        ),
        (
            "<sitemapindex><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>",
            Glance("index", "a list of 1 sitemaps", children=(SitemapChild("https://k.test/b.xml", None),)),
        ),
        ("teks", Glance("nothing", "plain text or data, not a feed")),
        ('{"a": 1}', Glance("nothing", "a JSON document, not a feed")),
        (
            "[" * 10_000,
            Glance("nothing", "a JSON document nested deeper than any feed, which is a fixed limit"),
        ),
    ],
)
def test_a_glance_says_what_stands_there(body: str, glance: Glance) -> None:
    assert look_at(fetched(body), "UTC", NOW) == glance


def test_a_glance_at_a_page_says_that_it_is_one() -> None:
    glance = look_at(fetched("<!DOCTYPE html><title>Beranda</title>"), "UTC", NOW)
    assert glance.kind == "page"
    assert glance.words.startswith('an HTML page, not a feed: "Beranda"')


def test_a_page_in_an_encoding_of_no_page_is_an_answer_too() -> None:
    page = '<!DOCTYPE html><meta charset="punycode"><title>Beranda</title>'
    assert look_at(fetched(page), "UTC", NOW).kind in ("page", "nothing")
