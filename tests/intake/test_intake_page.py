"""Which feeds an HTML page names, and what only looks like it."""

from __future__ import annotations

import time

import pytest

from aggregator.intake.page import MAX_FEED_LINKS, FeedLink, read_page

PAGE_URL = "https://www.koran.example/id/"
RSS = "application/rss+xml"
FEED = "https://www.koran.example/feed/"


def links(markup: str | bytes, url: str = PAGE_URL, content_type: str = "text/html") -> list[tuple[str, str]]:
    body = markup.encode() if isinstance(markup, str) else markup
    return [(link.url, link.media_type) for link in read_page(body, url, content_type).feed_links]


@pytest.mark.parametrize(
    "markup",
    [
        '<link rel="alternate" type="application/rss+xml" href="/feed/">',
        "<LINK REL=Alternate TYPE=Application/RSS+XML HREF=/feed/>",
        "<link rel='home alternate' type='application/rss+xml; charset=UTF-8' href=' /feed/#top\n'/>",
        '<link rel="alternate" type="application/rss&#43;xml" href="&#47;feed&sol;">',
        '<link rel="alternate" type="application/rss+xml" href="//www.koran.example/feed/">',
        '<base href="https://www.koran.example/feed/x"><link rel=alternate type=application/rss+xml href=.>',
        '<base target=_top><base href=/feed/><link rel=alternate type=application/rss+xml href="">'
        "<link rel=alternate type=application/rss+xml href=./>",
        "<body><p>teks<div><link rel=alternate type=application/rss+xml href=/feed/></div>",
        "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x'>"
        "<html xmlns='http://www.w3.org/1999/xhtml'><head>"
        "<link rel='alternate' type='application/rss+xml' href='/feed/' /></head></html>",
        "<noscript><link rel=alternate type=application/rss+xml href=/feed/></noscript>",
        "<link rel=alternate type=application/rss+xml href=/feed/>" * 3,
    ],
)
def test_a_declared_feed_is_found_however_it_is_written(markup: str) -> None:
    assert links(markup) == [(FEED, RSS)]


@pytest.mark.parametrize(
    "markup",
    [
        "<!-- {} -->",
        "<script>document.write('{}')</script>",
        "<style>{}</style>",
        "<textarea>{}</textarea>",
        "<title>{}</title>",
        "<![CDATA[ {} ]]>",
        "<p title='{}'>",
        "&lt;{}",
    ],
)
def test_what_only_looks_like_a_link_is_none(markup: str) -> None:
    link = "<link rel=alternate type=application/rss+xml href=/feed/>"
    quoted = link.replace("<", "&lt;") if markup == "&lt;{}" else link
    assert links(markup.replace("{}", quoted)) == []


@pytest.mark.parametrize(
    ("attributes", "is_feed"),
    [
        ("rel=alternate type=application/atom+xml href=/a", True),
        ("rel=alternate type=application/feed+json href=/a", True),
        ("rel=alternate type=application/json href=/feed.json", True),
        ("rel=alternate type=application/json href=/a title='JSON Feed'", True),
        ("rel=alternate type=text/xml href=/rss2.xml", True),
        ("rel=alternate type=application/json href=/wp-json/wp/v2/pages/2", False),
        ("rel=alternate type=application/json+oembed href=/feed", False),
        ("rel=alternate type=text/xml+oembed href=/feed", False),
        ("rel=alternate hreflang=en href=/en/feed", False),
        ("rel=alternate type=text/html href=/feed", False),
        ("rel=stylesheet type=application/rss+xml href=/a", False),
        ("type=application/rss+xml href=/a", False),
        ("rel=alternate type=application/rss+xml", False),
        ("rel=alternate type=application/rss+xml href=javascript:alert(1)", False),
        ("rel=alternate type=application/rss+xml href=ftp://koran.example/feed", False),
        ("rel=alternate type=application/rss+xml href='http://[::1/feed'", False),
    ],
)
def test_the_media_type_and_the_address_decide(attributes: str, is_feed: bool) -> None:
    assert bool(links(f"<link {attributes}>")) == is_feed


def test_links_for_readers_come_after_those_for_programs() -> None:
    markup = (
        "<a href=/rss/terkini.xml>RSS</a><a href=/feedback>Kritik</a><a href=/tentang>Tentang</a>"
        "<a href=/feed/>Feed</a><link rel=alternate type=application/rss+xml href=/feed/>"
    )
    assert links(markup) == [(FEED, RSS), ("https://www.koran.example/rss/terkini.xml", "")]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<title>Café – Jambi</title>".encode(), "text/html"),
        (b"\xef\xbb\xbf" + "<title>Café – Jambi</title>".encode(), "text/html; charset=iso-8859-1"),
        ("<title>Café – Jambi</title>".encode(), "text/html; charset=punycode"),
        ("<title>Café – Jambi</title>".encode("windows-1252"), "text/html; charset=windows-1252"),
        ("<meta charset=windows-1252><title>Café – Jambi</title>".encode("windows-1252"), "text/html"),
        (
            "<meta http-equiv=content-type content='text/html; charset=cp1252'><title>Café – Jambi</title>".encode(
                "windows-1252"
            ),
            "",
        ),
        ("\ufeff<title>Café – Jambi</title>".encode("utf-16-le"), "text/html"),
    ],
)
def test_pages_are_decoded_as_they_say(body: bytes, content_type: str) -> None:
    assert read_page(body, PAGE_URL, content_type).title == "Café – Jambi"


def test_titles_are_one_short_line() -> None:
    page = read_page(
        b"<title>\n Warta &amp;  Kabar \x07</title>"
        b"<link rel=alternate type=application/rss+xml href=/feed/ title=' Semua\nBerita '>",
        PAGE_URL,
        "",
    )
    assert page.title == "Warta & Kabar"
    assert page.feed_links == (FeedLink(FEED, RSS, "Semua Berita"),)


@pytest.mark.parametrize("body", [b"", b"  ", b"\0", b"<", b"<!", b"</html>", b"\xff\xfe", b"{}"])
def test_nothing_is_a_page_without_links(body: bytes) -> None:
    assert links(body) == []


@pytest.mark.parametrize(
    "body",
    [
        b"".join(b"<link rel=alternate type=application/rss+xml href=/%d>" % n for n in range(10_000)),
        b"<div>" * 200_000,
        b"<a " + b"x=1 " * 250_000,
        b"<" * 1_000_000,
        b"<a href='" * 100_000,
        b"<meta " * 200_000,
        b"<base href=http://x.example/" + b"a/" * 400_000 + b">" + b"<a href=../rss>" * 10_000,
    ],
    ids=["links", "depth", "attributes", "less-than", "quotes", "meta", "base"],
)
def test_hostile_pages_take_linear_time(body: bytes) -> None:
    started_s = time.process_time()
    assert len(links(body)) <= MAX_FEED_LINKS
    assert time.process_time() - started_s < 5
