"""Which addresses are tried, which way is best, which sitemaps of an index are read."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.page import FeedLink
from aggregator.intake.ways import (
    FRESH,
    MAX_CHILDREN,
    MAX_DECLARED,
    USUAL_SITEMAPS,
    Worth,
    best,
    declared_feeds,
    groups_to_read,
    is_at_home,
    is_feed_at_first_sight,
    is_news_with_a_stable_name,
    says_when,
    sitemaps,
    usual_feeds,
)
from aggregator.model.entry import SitemapChild

NOW = datetime(2026, 11, 26, 6, 12, 30, tzinfo=UTC)
HOME = "https://www.koran.example/"
DOMAINS = ("koran.example",)
RSS = "application/rss+xml"


@pytest.mark.parametrize(
    ("body", "is_feed"),
    [
        (b"<rss version='2.0'>", True),
        (
            b"\xef\xbb\xbf\r\n<?xml version='1.0'?><!-- a > b -- c --><?xml-stylesheet x?>\n<feed xmlns='x'>",
            True,
        ),
        (b"<rdf:RDF xmlns='x'>", True),
        (b"<URLSET>", True),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', True),
        (b"<sitemapindex xmlns='x'>", False),
        (b"<!DOCTYPE html><rss>", False),
        (b"<html><!-- <rss > -->", False),
        (b"<!-- <rss > --><html>", False),
        (b"<feedback>", False),
        (b"Warning: x<rss>", False),
        (b"\x1f\x8b\x08", False),
        (b"", False),
    ],
)
def test_what_begins_like_a_feed_is_read_at_once(body: bytes, is_feed: bool) -> None:
    assert is_feed_at_first_sight(body) == is_feed


@given(st.binary(max_size=3000))
def test_any_beginning_is_looked_at(body: bytes) -> None:
    assert is_feed_at_first_sight(b"<rss>" + body)
    assert not is_feed_at_first_sight(b"x" + body)


@pytest.mark.parametrize(
    "body", [b"<!--" * 500, b"<!" + b"-" * 1998, b"<?" * 1000, b" " * 2000, b"<!---->" * 300]
)
def test_no_beginning_takes_long(body: bytes) -> None:
    started_s = time.process_time()
    is_feed_at_first_sight(body)
    assert time.process_time() - started_s < 0.2


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("https://www.koran.example/feed", True),
        ("https://jambi.koran.example/feed", True),
        ("http://koran.example:8080/feed", True),
        ("https://KORAN.example/feed", True),
        ("https://bukankoran.example/feed", False),
        ("https://koran.example.jahat.example/feed", False),
        ("https://koran.example@jahat.example/feed", False),
        ("https://[koran.example/feed", False),
        ("/feed", False),
    ],
)
def test_home_is_the_pages_host_and_the_partners_domains(url: str, is_ours: bool) -> None:
    assert is_at_home(url, HOME, DOMAINS) == is_ours


def test_the_sites_own_feeds_are_told_from_those_of_parts_and_comments() -> None:
    links = [
        FeedLink(f"{HOME}rss-lain", "", "RSS"),
        FeedLink("https://jahat.example/rss", "", "RSS"),
        FeedLink(f"{HOME}comments/feed/", RSS, "Koran"),
        FeedLink(f"{HOME}?feed=comments-rss2", RSS, "Koran"),
        FeedLink(f"{HOME}beranda/feed/", RSS, "Koran » Beranda Umpan Komentar"),
        FeedLink(f"{HOME}2026/11/judul/feed/", RSS, "Judul"),
        FeedLink(f"{HOME}kategori/politik/feed/", RSS, "Politik"),
        FeedLink(f"{HOME}rss/bola", RSS, "Bola"),
        FeedLink("https://feeds.pihak-ketiga.example/koran", RSS, "Koran"),
        FeedLink(f"{HOME}rss/terkini", RSS, "Terkini"),
    ]
    own, of_parts = declared_feeds(links, HOME, DOMAINS)
    assert own == (
        f"{HOME}rss/terkini",
        "https://feeds.pihak-ketiga.example/koran",
        f"{HOME}rss/bola",
        f"{HOME}rss-lain",
    )
    assert of_parts == (f"{HOME}kategori/politik/feed/", f"{HOME}2026/11/judul/feed/")


def test_a_section_page_leads_to_its_own_feed() -> None:
    page_url = f"{HOME}kategori/politik/"
    links = [FeedLink(f"{HOME}feed/", RSS, "Koran"), FeedLink(f"{page_url}feed/", RSS, "Politik")]
    own, _ = declared_feeds(links, page_url, DOMAINS)
    assert own == (f"{page_url}feed/", f"{HOME}feed/")


def test_only_a_few_declared_feeds_are_tried() -> None:
    links = [FeedLink(f"{HOME}{n}", RSS, "") for n in range(100)]
    assert tuple(map(len, declared_feeds(links, HOME, DOMAINS))) == (MAX_DECLARED, 0)


def test_usual_addresses_are_at_the_pages_host() -> None:
    assert usual_feeds(f"{HOME}?x=1")[:3] == (f"{HOME}feed/", f"{HOME}rss", f"{HOME}rss.xml")
    assert usual_feeds(f"{HOME}id/index.html")[:2] == (f"{HOME}id/feed/", f"{HOME}feed/")


def test_sitemaps_named_in_robots_txt_come_first_and_news_before_others() -> None:
    named = [
        "/tag-sitemap.xml",
        f"{HOME}sitemap.xml",
        "https://jahat.example/news.xml",
        "https://cdn.koran.example/news.xml",
        "http://[rusak",
        "http://koran.example:99999999/x.xml",
        "javascript:alert(1)",
    ]
    assert list(sitemaps(named, HOME, DOMAINS)) == [
        "https://cdn.koran.example/news.xml",
        f"{HOME}sitemap.xml",
        f"{HOME}tag-sitemap.xml",
        *(f"{HOME}{path.removeprefix('/')}" for path in USUAL_SITEMAPS),
    ]


def feed(age: timedelta | None, *, text: bool = True) -> Worth:
    return Worth("feed", 10, 10, 10 if text else 0, NOW - age if age is not None else None)


def sitemap(age: timedelta | None, *, titles: bool = True) -> Worth:
    return Worth("sitemap", 10, 10 if titles else 0, 0, NOW - age if age is not None else None)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    "in_order",
    [
        [feed(DAY), feed(HOUR, text=False), sitemap(HOUR)],
        [feed(HOUR, text=False), sitemap(HOUR), feed(90 * DAY)],
        [sitemap(HOUR), feed(30 * DAY), sitemap(40 * DAY)],
        [sitemap(HOUR), feed(None)],
        [feed(60 * DAY), sitemap(60 * DAY)],  # nobody is fresher: then it is a quiet site
        [feed(None), sitemap(None)],
        [feed(60 * DAY), sitemap(HOUR, titles=False)],
        [feed(HOUR), feed(HOUR)],
    ],
)
def test_the_best_way(in_order: list[Worth]) -> None:
    while in_order:
        assert in_order[best(in_order)] == in_order[0]
        assert in_order[::-1][best(in_order[::-1])] == in_order[0]
        in_order = in_order[1:]


def test_fresh_is_what_a_newsroom_calls_fresh() -> None:
    assert feed(FRESH).is_fresh(NOW)
    assert not feed(FRESH + HOUR).is_fresh(NOW)
    assert not feed(None).is_fresh(NOW)


@pytest.mark.parametrize(
    ("url", "is_stable"),
    [
        (f"{HOME}sitemap-news.xml", True),
        (f"{HOME}newssitemap.xml.gz", True),
        (f"{HOME}sitemap-berita.xml", True),
        (f"{HOME}terkini/sitemap-news-1.xml", True),
        (f"{HOME}sitemap-news-2026-11-26.xml", False),
        (f"{HOME}2026/11/sitemap-news.xml", False),
        (f"{HOME}sitemap-news.xml?page=12", False),
        (f"{HOME}newsletter.xml", False),
        (f"{HOME}news/sitemap.xml", False),
        (f"{HOME}post-sitemap.xml", False),
    ],
)
def test_a_news_sitemap_with_a_lasting_address(url: str, is_stable: bool) -> None:
    assert is_news_with_a_stable_name(url) == is_stable


def groups(*children: tuple[str, timedelta | None]) -> list[list[str]]:
    made = [SitemapChild(HOME + path, NOW - age if age is not None else None) for path, age in children]
    return [[child.url.removeprefix(HOME) for child in group] for group in groups_to_read(made)]


def test_the_newest_sitemaps_of_an_index_are_read() -> None:
    assert groups() == []
    assert groups(("a.xml", 3 * DAY), ("b.xml", HOUR), ("c.xml", 2 * DAY), ("d.xml", DAY)) == [
        ["b.xml", "d.xml", "c.xml"]
    ]
    assert groups(*((f"post-sitemap{n}.xml", None) for n in (1, 2, 9, 10, 11))) == [
        ["post-sitemap11.xml", "post-sitemap10.xml", "post-sitemap9.xml"]
    ]
    assert groups(("2025/12.xml", None), ("2026/2.xml", None), ("2026/10.xml", None))[0][0] == "2026/10.xml"
    assert groups(("a.xml", None), ("b.xml", None), ("c.xml", None)) == [["a.xml", "b.xml", "c.xml"]]


def test_news_come_first_and_what_holds_no_articles_last() -> None:
    assert groups(
        ("post.xml", HOUR),
        ("image.xml", HOUR),
        ("sitemap-news.xml", 9 * DAY),
        ("category-sitemap2.xml", HOUR),
    ) == [
        ["sitemap-news.xml"],
        ["post.xml"],
    ]
    assert groups(("tags.xml", HOUR), ("page-sitemap.xml", DAY)) == [["tags.xml", "page-sitemap.xml"]]
    assert groups(("imaginasi.xml", HOUR), ("pagelaran.xml", HOUR)) == [["imaginasi.xml", "pagelaran.xml"]]


@pytest.mark.parametrize(
    ("moments", "does"),
    [
        ([NOW], True),
        ([NOW, None], False),
        ([NOW, NOW.replace(hour=0, minute=0, second=0)], False),  # a day, not a moment
        ([NOW.replace(hour=17, minute=0, second=0)], False),  # midnight in Jakarta
    ],
)
def test_an_index_that_says_when_its_sitemaps_changed(moments: list[datetime | None], does: bool) -> None:
    assert says_when([SitemapChild(HOME, moment) for moment in moments]) == does


@given(
    st.lists(st.tuples(st.text(max_size=30), st.none() | st.datetimes(timezones=st.just(UTC))), max_size=20)
)
def test_whatever_an_index_lists_few_are_read(children: list[tuple[str, datetime | None]]) -> None:
    made = [SitemapChild(HOME + path, moment) for path, moment in children]
    chosen = groups_to_read(made)
    assert all(0 < len(group) <= MAX_CHILDREN for group in chosen)
    assert bool(chosen) == bool(made)
