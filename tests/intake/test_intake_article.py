"""One page a case in articles/, its expectation beside it: what comes out, what must not, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import yaml

from aggregator.editorial.plain_text import plain_text
from aggregator.editorial.prepare import prepare
from aggregator.engine.pool import WorkerPool
from aggregator.errors import NotAnArticleError, ParseError, WorkerTimeoutError
from aggregator.intake.article import Article, read_article
from aggregator.intake.identity import identify_all
from aggregator.model.characters import HARMFUL
from aggregator.model.entry import Candidate, Entry
from aggregator.model.fetch import Fetched, Validators
from aggregator.page_reading import article_candidate

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CASES = sorted((Path(__file__).parent / "articles").glob("*.html"))
FIELDS = ("title", "canonical_url", "whole_url", "published_at", "updated_at", "authors", "categories")


def read(
    body: bytes, url: str = "https://a.example/berita/1234567/judul", content_type: str = "text/html"
) -> Article:
    return read_article(body, url=url, content_type=content_type, timezone="Asia/Jakarta", now=NOW)


def shown(value: Any) -> Any:
    """A value as the expectations write it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    expected = yaml.safe_load(path.with_suffix(".yaml").read_text())
    if refused := expected.get("refused"):
        with pytest.raises(ParseError, match=refused):
            read(path.read_bytes(), expected["url"])
        return
    article = read(path.read_bytes(), expected["url"])
    assert {name: shown(getattr(article, name)) for name in FIELDS if name in expected} == {
        name: expected[name] for name in FIELDS if name in expected
    }
    assert (article.image is None) == (expected["image"] is None)
    for name, value in (expected["image"] or {}).items():
        assert getattr(article.image, name) == value
    text = plain_text(article.html)  # without what the desk's own rules cut
    assert [words for words in expected["wanted"] if words not in text] == []
    assert [words for words in expected["unwanted"] if words in text] == []
    assert [markup for markup in expected.get("markup", []) if markup not in article.html] == []
    assert len(article.problems) == len(expected.get("problems", []))
    for part, problem in zip(expected.get("problems", []), article.problems, strict=True):
        assert part in problem


def page(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


PARAGRAPH = "<p>" + "Kalimat panjang tentang jalan desa yang dibangun warga bersama-sama. " * 4 + "</p>"
AS_ARTICLE = '<meta property="og:type" content="article">'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PARAGRAPH.replace("desa", "désa").encode("utf-16"), "text/html"),
        (b"\xef\xbb\xbf" + PARAGRAPH.replace("desa", "désa").encode(), "text/html; charset=iso-8859-1"),
        (PARAGRAPH.replace("desa", "désa").encode("cp1252"), "text/html; charset=latin1"),
        (b'<meta charset="iso-8859-1">' + PARAGRAPH.replace("desa", "désa").encode("cp1252"), "text/html"),
        (b'<meta charset="utf-16">' + PARAGRAPH.replace("desa", "désa").encode(), "text/html"),
        (PARAGRAPH.replace("desa", "désa").encode(), "text/html"),
        (PARAGRAPH.replace("desa", "désa").encode("cp1252"), "text/html; charset=nonsense"),
    ],
    ids=["utf-16 mark", "mark before header", "header", "meta", "meta of utf-16", "nothing", "unknown label"],
)
def test_pages_are_decoded_as_browsers_do(body: bytes, content_type: str) -> None:
    assert "désa" in read(body, content_type=content_type).html


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 10_000 + PARAGRAPH * 3,
        "<div " + " ".join(f'a{number}="{number}"' for number in range(100_000)) + ">" + PARAGRAPH,
        "<p>" + "kata " * 2_000_000,
        "<table><tr><td>" * 3_000 + PARAGRAPH,
        "<script>" * 50_000 + PARAGRAPH,
        '<script>var a="<p>x</p>";</script>' * 5_000,
        "",
        "<!-- " + PARAGRAPH,
    ],
    ids=["depth", "attributes", "10 MB", "tables", "open scripts", "scripts", "nothing", "open comment"],
)
def test_mischief_is_refused_before_it_costs_much(body: str) -> None:
    with pytest.raises(NotAnArticleError):
        read(page(body))


def test_characters_that_harm_do_not_come_out() -> None:
    harm = b"\xed\xa0\x80\x00\x01\x1b[2J" + "\u202e".encode() + b"&#xD800;&#0;&#x1b;&#x110000;"
    article = read(page(PARAGRAPH, AS_ARTICLE + "<title>Judul</title>").replace(b"desa", b"desa" + harm))
    assert not HARMFUL.search(plain_text(article.html) + article.title)


def test_deep_and_endless_json_is_passed_over() -> None:
    scripts = "".join(
        f'<script type="application/ld+json">{text}</script>'
        for text in (
            "[" * 100_000,
            '{"@type":"NewsArticle","@graph":' * 900,
            "[" + "{}," * 20_000 + "{}]",
            "null",
            '"x"',
        )
    )
    assert read(page(PARAGRAPH, scripts)).authors == ()


def test_a_list_without_a_word_about_itself_is_no_article() -> None:
    card = "<h2><a href='/x'>Judul berita yang lain</a></h2><p>Cuplikan pendek dari berita itu.</p>"
    with pytest.raises(NotAnArticleError):
        read(page(card * 12))


def test_the_caption_of_one_picture_is_not_the_others() -> None:
    figures = "".join(
        f"<figure><img src='/{name}.jpg'><figcaption>Gambar {name}. (Foto: {name})</figcaption></figure>"
        for name in ("satu", "dua")
    )
    html = read(page(f"<article>{PARAGRAPH}{figures}{PARAGRAPH}</article>", AS_ARTICLE)).html
    assert (
        html.index("satu.jpg") < html.index("Gambar satu") < html.index("dua.jpg") < html.index("Gambar dua")
    )


@pytest.mark.parametrize("form", ["?page=2", "/2", "/page/2/"])
@pytest.mark.parametrize("whole", ["", "?page=all", "?showpage=all", "?single=1"])
def test_paged_articles_say_where_the_whole_stands(form: str, whole: str) -> None:
    url = "https://a.example/berita/1234567/judul"
    links = f"<a href='{url}{form}'>2</a>" + (f"<a href='{url}{whole}'>Semua</a>" if whole else "")
    article = read(page(PARAGRAPH * 2 + links, AS_ARTICLE), url)
    assert article.whole_url == (url + whole if whole else "")
    assert bool(article.problems) == (not whole)
    if whole:
        assert read(page(PARAGRAPH * 2 + links, AS_ARTICLE), url + whole).whole_url == ""


async def test_a_page_that_hangs_costs_its_deadline_and_no_more() -> None:
    body = page("<div>" + "kata kalimat<br>" * 120_000 + "</div>")
    async with WorkerPool(1, 1.0, 1_000_000_000) as pool:
        fetched = Fetched("https://a.example/x", body, "text/html", Validators())
        with pytest.raises(WorkerTimeoutError):
            await pool.run(article_candidate, fetched, CANDIDATE, "Asia/Jakarta", NOW)
        after = Fetched("https://a.example/x", page(PARAGRAPH * 3, AS_ARTICLE), "text/html", Validators())
        reading = await pool.run(article_candidate, after, CANDIDATE, "Asia/Jakarta", NOW, deadline_s=30)
    assert "jalan desa" in reading.candidate.text


ENTRY = Entry(
    guid="g",
    url="https://a.example/x",
    title="Judul feed",
    html="<p>Cuplikan.</p>",
    categories=("Daerah",),
    published_at=datetime(2026, 11, 23, 1, tzinfo=UTC),
)
CANDIDATE = prepare(ENTRY, identify_all([ENTRY])[0])
FACTS = (
    AS_ARTICLE
    + '<meta property="og:title" content="Judul halaman"><meta name="author" content="Ani">'
    + '<meta property="article:section" content="Desa">'
    + '<meta property="article:published_time" content="2026-11-23T08:30:00+07:00">'
)


def candidate_of(
    body: str,
    candidate: Candidate = CANDIDATE,
    head: str = FACTS,
    at: str = "https://a.example/x?utm_source=f",
) -> Candidate:
    fetched = Fetched(at, page(body, head), "text/html", Validators())
    return article_candidate(fetched, candidate, "Asia/Jakarta", NOW).candidate


def test_the_feed_keeps_title_address_and_the_earlier_date_and_the_page_gives_the_rest() -> None:
    merged = candidate_of(PARAGRAPH * 2)
    assert (merged.entry.title, merged.entry.url, merged.entry.guid) == (
        "Judul feed",
        "https://a.example/x",
        "g",
    )
    assert merged.entry.categories == ("Daerah", "Desa")
    assert merged.entry.authors == ("Ani",)
    assert merged.entry.published_at == ENTRY.published_at  # the page says half an hour later
    assert merged.entry.summary_html == ENTRY.html
    assert "jalan desa" in merged.text
    assert merged.identity.guid == CANDIDATE.identity.guid
    assert merged.identity.content != CANDIDATE.identity.content


def test_an_entry_without_a_title_gets_the_page_s() -> None:
    untitled = prepare(replace(ENTRY, title=""), CANDIDATE.identity)
    assert candidate_of(PARAGRAPH * 2, untitled).entry.title == "Judul halaman"


def test_a_page_with_less_text_than_the_feed_leaves_the_feed_s() -> None:
    full = replace(ENTRY, html=PARAGRAPH * 5)
    own = prepare(full, identify_all([full])[0])
    merged = candidate_of(PARAGRAPH, own)
    assert (merged.text, merged.entry.html, merged.identity) == (own.text, own.entry.html, own.identity)
    assert merged.entry.authors == ("Ani",)


@pytest.mark.parametrize(
    ("stated", "published"),
    [
        (
            "2026-11-23T07:30:00+07:00",
            "2026-11-23T00:30:00+00:00",
        ),  # the feed took its clock's time for another zone
        ("2026-11-23T08:30:00+07:00", "2026-11-23T01:00:00+00:00"),
        ("2015-02-05T08:00:00+08:00", "2026-11-23T01:00:00+00:00"),  # a sample's
        ("2026-11-20T08:00:00+07:00", "2026-11-23T01:00:00+00:00"),
    ],
)
def test_the_page_s_date_counts_where_it_lies_near_the_feed_s(stated: str, published: str) -> None:
    head = AS_ARTICLE + f'<meta property="article:published_time" content="{stated}">'
    assert shown(candidate_of(PARAGRAPH * 2, head=head).entry.published_at) == published


@pytest.mark.parametrize(("title", "published"), [("", "2024-05-01"), ("Judul feed", "2026-11-23")])
def test_of_a_plain_sitemap_the_page_s_date_counts(title: str, published: str) -> None:
    """There the feed's is that of the last change; the lack of a headline tells."""
    head = AS_ARTICLE + '<meta property="og:title" content="Judul halaman">'
    dated = head + '<meta property="article:published_time" content="2024-05-01T08:00:00+07:00">'
    own = prepare(replace(ENTRY, title=title), CANDIDATE.identity)
    assert shown(candidate_of(PARAGRAPH * 2, own, dated).entry.published_at)[:10] == published
    assert candidate_of(PARAGRAPH * 2, own, head).entry.published_at == ENTRY.published_at


NUMBERED = "https://www.a.example/berita/1234567/judul-feed"
PLAIN = "https://www.a.example/berita/judul-feed"


@pytest.mark.parametrize(
    ("asked", "found", "stated", "headline", "is_its"),
    [
        (NUMBERED, NUMBERED, "", "Lain sekali", True),
        (NUMBERED, "https://m.a.example/berita/1234567/judul-baru", "", "Judul baru", True),
        (NUMBERED, "https://www.a.example/berita/7654321/judul-feed", "", "Judul feed", False),
        (NUMBERED, PLAIN, "", "Judul Feed - Harian A", True),
        (NUMBERED, PLAIN, "", "Lain sekali", False),
        (PLAIN, "https://www.a.example/2026/judul-feed", "", "A: Judul feed", True),
        (PLAIN, "https://www.a.example/2026/lain", "", "Lain sekali", False),
        ("https://www.a.example/?p=123", PLAIN, "", "Judul feed", True),
        (NUMBERED, NUMBERED, "https://www.a.example/berita/7654321/lain", "Judul feed", False),
        (NUMBERED, NUMBERED, "https://www.a.example/berita/1234567/judul-lama", "Lain sekali", True),
        (PLAIN, PLAIN, "https://www.a.example/berita/lain", "Lain sekali", False),
        (PLAIN, PLAIN, "https://www.a.example/berita/judul", "Judul feed", True),
        (PLAIN, PLAIN, "https://www.a.example/", "Lain sekali", True),  # a template's mistake
        (NUMBERED, NUMBERED, "https://asal.example/berita/7654321/asal", "Lain sekali", True),  # the original
    ],
)
def test_a_page_of_another_article_is_refused(
    asked: str, found: str, stated: str, headline: str, is_its: bool
) -> None:
    head = (
        AS_ARTICLE + f'<meta property="og:title" content="{headline}"><link rel="canonical" href="{stated}">'
    )
    own = prepare(replace(ENTRY, url=asked), CANDIDATE.identity)
    if is_its:
        assert "jalan desa" in candidate_of(PARAGRAPH * 2, own, head, found).text
    else:
        with pytest.raises(NotAnArticleError, match="another article"):
            candidate_of(PARAGRAPH * 2, own, head, found)


@pytest.mark.parametrize(
    ("found", "stated", "is_its"),
    [(PLAIN, "https://www.a.example/berita/baru", True), ("https://www.a.example/berita/baru", "", False)],
)
def test_an_entry_without_a_headline_follows_no_redirect(found: str, stated: str, is_its: bool) -> None:
    head = AS_ARTICLE + f'<meta property="og:title" content="Judul"><link rel="canonical" href="{stated}">'
    own = prepare(replace(ENTRY, url=PLAIN, title=""), CANDIDATE.identity)
    if is_its:
        assert candidate_of(PARAGRAPH * 2, own, head, found).entry.title == "Judul"
    else:
        with pytest.raises(NotAnArticleError, match="another article"):
            candidate_of(PARAGRAPH * 2, own, head, found)


def cpu_s(body: str, refused: bool = False) -> float:
    started_s = process_time()
    if refused:
        with pytest.raises(NotAnArticleError):
            read(page(body, AS_ARTICLE))
    else:
        read(page(body, AS_ARTICLE))
    return process_time() - started_s


def test_pages_of_endless_pictures_and_links_are_read_in_time() -> None:
    """Each was read in more than the 4 s that a page has."""
    read(page(PARAGRAPH, AS_ARTICLE))
    assert cpu_s(PARAGRAPH + "<img src=/a.jpg>" * 20_000 + PARAGRAPH) < 2.8
    assert cpu_s(PARAGRAPH + "<a href='?page=2'>2</a>" * 20_000 + PARAGRAPH, refused=True) < 1
    several = "".join(f"<a href='/lain-{number}?page=2'>2</a>" for number in range(4_900))
    assert cpu_s(PARAGRAPH + several + PARAGRAPH) < 2.8
