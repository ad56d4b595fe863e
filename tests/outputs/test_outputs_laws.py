"""Laws over arbitrary Unicode: what the gate passes is rendered, and what is rendered is read back the same."""

from __future__ import annotations

import json
from calendar import timegm
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from bleach._vendor import html5lib  # type: ignore[import-not-found]
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from outputs_samples import ALL, VALIDATOR, config

from aggregator.model.entry import Image
from aggregator.model.hosts import host_of
from aggregator.model.html import SafeHtml
from aggregator.model.story import Category, Origin, PrintStory
from aggregator.outputs.gate import document_problems, story_problem
from aggregator.outputs.item import item_of
from aggregator.outputs.markup import markup_problem, page_problem
from aggregator.outputs.render import render
from aggregator.outputs.text import as_uri, one_line, xml_text

# Every code point, lone surrogates and noncharacters too, and what markup and feeds are made of.
NASTY = st.sampled_from(
    ["<b>", "</b>", "&amp;", "&#0;", "]]>", "<![CDATA[", "<?x?>", "\x00", "\ud800", "\u202e", "\x85", "\r"]
)
TEXT = st.lists(st.one_of(st.text(st.characters(), max_size=8), NASTY), max_size=4).map("".join)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
# Without ";": feedparser takes "&0;" in an address for a broken entity and drops the semicolon.
PATHS = st.from_regex(r"[A-Za-z0-9/._~&=?,+%-]{0,20}", fullmatch=True)
URLS = PATHS.map("https://a.example/".__add__)
ANY_URLS = st.one_of(URLS, TEXT)
SIZES = st.one_of(st.none(), st.integers(-1, 10**12))
# What a sanitizer leaves: text without a bare "<" inside plain tags.
MARKUP = TEXT.map(lambda text: SafeHtml(f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>"))
IMAGES = st.builds(Image, ANY_URLS, st.one_of(TEXT, st.just("image/png")), SIZES, SIZES, SIZES, TEXT, TEXT)
STORIES = st.builds(
    PrintStory,
    id=st.uuids().map(lambda one: one.urn),
    url=URLS,
    title=TEXT,
    published_at=MOMENTS,
    updated_at=MOMENTS,
    authors=st.lists(TEXT, max_size=2).map(tuple),
    categories=st.lists(
        st.builds(Category, TEXT, TEXT, st.one_of(TEXT, st.just("medtop:11000000"))), max_size=2
    ).map(tuple),
    summary=TEXT,
    content=MARKUP,
    origin=st.builds(Origin, TEXT, ANY_URLS, ANY_URLS, ANY_URLS),
    via_url=ANY_URLS,
    image=st.one_of(st.none(), IMAGES),
    language=st.one_of(st.just("id"), TEXT),
)
COMMON = settings(
    max_examples=75, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def read_back(body: bytes) -> Any:
    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed.entries[0]


def is_left_alone(text: str) -> bool:
    """feedparser "repairs" texts that look like UTF-8 read as Latin-1 (``Â¡``), whatever the document says."""
    try:
        return text.encode("iso-8859-1").decode("utf-8") == text
    except UnicodeError:
        return True


@COMMON
@given(STORIES)
def test_what_the_gate_passes_is_rendered_and_read_back(story: PrintStory) -> None:
    assume(story_problem(story) == "")
    item = item_of(story, host_of(config().site.url), ALL)
    written = [item.title, xml_text(story.content.markup), *(term.label for term in item.terms)]
    assume(all(map(is_left_alone, written)))
    documents = render(ALL, [story], config().site, max(story.updated_at, story.published_at))
    for document in documents:
        assert document_problems(document) == ()
    for document in documents[:2]:
        entry = read_back(document.body)
        assert (entry.id, entry.link, entry.title_detail.value) == (story.id, as_uri(story.url), item.title)
        assert timegm(entry.published_parsed) == int(item.published_at.timestamp())
        assert [one.href for one in entry.enclosures] == ([item.image.url] if item.image else [])
        # Each once: of two topics with one title feedparser keeps one in RSS, where the title is all there is.
        labels = dict.fromkeys(tag.label or tag.term for tag in entry.get("tags", []))
        assert labels == dict.fromkeys(term.label for term in item.terms)
        assert one_line(entry.content[0].value) == one_line(story.content.markup)
    assert timegm(read_back(documents[1].body).updated_parsed) == int(item.updated_at.timestamp())
    feed = json.loads(documents[2].body)
    assert list(VALIDATOR.iter_errors(feed)) == []
    assert (feed["items"][0]["id"], feed["items"][0]["title"]) == (story.id, item.title)
    assert feed["items"][0]["content_html"] == item.html


@COMMON
@given(st.builds(PrintStory, **{"id": TEXT, "url": ANY_URLS, "title": TEXT, "content": TEXT.map(SafeHtml)}, **{
    "published_at": st.datetimes(), "updated_at": st.datetimes(timezones=st.one_of(st.none(), st.timezones())),
    "authors": st.just(()), "categories": st.just(()), "summary": TEXT, "via_url": TEXT,
    "origin": st.builds(Origin, TEXT, TEXT, TEXT, TEXT),
}))  # fmt: skip
def test_the_gate_answers_for_any_story(story: PrintStory) -> None:
    assert isinstance(story_problem(story), str)


SOUP = r"""<p> </p> <b <a <img <iframe > / = " ' < <script> <style> <svg> <math> <title> <textarea> <noscript> <table>
<td> <!-- --> --!> <!--> <![CDATA[ ]]> <? ?> &lt; &#60; &quot; href="https://a.id/" src="https://a.id/x" onerror=" id=x
href="javascript:x" src='java&#9;script:x' style="x" sandbox </iframe> </script> </p/> x"""
PIECES = st.sampled_from(
    [*SOUP.split(), " ", "\n", "\x00", '<iframe src="https://www.youtube.com/embed/x" sandbox>']
)
# Of the soup; what pieces make by sticking together, such as <bsandbox>, is unknown to browsers and inert.
DANGEROUS_TAGS = {"script", "style", "svg", "math", "title", "textarea", "noscript"}
DANGEROUS_ATTRIBUTES = {"onerror", "id", "style"}


@settings(COMMON, max_examples=250)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_browsers_parser_finds_nothing_in_markup_that_passes(markup: str) -> None:
    """html5lib reads as browsers do; whatever the gate lets through holds no forbidden node for it either."""
    assume(markup_problem(markup) == "")
    for element in html5lib.parseFragment(markup, namespaceHTMLElements=False).iter():
        assert element.tag not in DANGEROUS_TAGS, markup
        for name, value in element.attrib.items():
            assert name not in DANGEROUS_ATTRIBUTES, markup
            assert name not in ("href", "src") or value.startswith("https://"), markup


@settings(COMMON, max_examples=250)
@given(
    st.lists(
        st.one_of(
            PIECES,
            st.sampled_from(
                ["<article>", "</article>", "<!--", "-->", "&", "<a href='", "<a title= '", "' onclick=x>"]
            ),
        ),
        max_size=12,
    )
)
def test_a_page_is_judged_the_same_in_pieces(pieces: list[str]) -> None:
    """At ``<article>`` it is cut; with a space in the tag it is not, and means the same."""
    page = "".join(pieces)
    in_pieces, as_whole = (
        page_problem(one.encode()) for one in (page, page.replace("<article>", "<article >"))
    )
    assert bool(in_pieces) == bool(as_whole), page


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("<article>a</article><article onclick=x>", "forbidden on a page: article onclick"),
        ("<article><p>a</p></article>\n<article><script>", "forbidden on a page: script"),
        # Whatever begins in one article and ends in another is read in one piece.
        ("<article><!-- </article><article><script></script> --></article>", ""),
        ("<article><style></article><article><img src=x></style></article>", ""),
        ("<article><a title='<article>' onclick=x>", "forbidden on a page: a onclick"),
        ("<a title= 'x><article>' onclick=x>", "forbidden on a page: a onclick"),
        ('<a title ="x><article>" onclick=x>', "forbidden on a page: a onclick"),
    ],
)
def test_articles_of_a_page_are_judged_one_by_one(page: str, problem: str) -> None:
    assert page_problem(page.encode()) == problem


@COMMON
@given(TEXT)
def test_cleaning_is_idempotent_and_fit_for_xml(text: str) -> None:
    clean = xml_text(text)
    assert xml_text(clean) == clean
    assert one_line(one_line(text)) == one_line(clean)
    clean.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x1f\x7f\x9f\ufdd0\uffff\U0001fffe\ud83d", "ab"),
        ("a\r\nb\rc\x85d\te", "a\nb\nc\nd\te"),
        ("😀 é \u200d \ufffd", "😀 é \u200d \ufffd"),
    ],
)
def test_xml_text(text: str, expected: str) -> None:
    assert xml_text(text) == expected


def test_one_line() -> None:
    assert one_line(" Judul\u2028\tdua\u202e \u2066baris\n") == "Judul dua baris"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example", "https://a.example"),
        ("https://a.example/x?b=1&c=%41#d", "https://a.example/x?b=1&c=%41#d"),
        ("https://a.example/x#b#c", "https://a.example/x#b%23c"),
        ("https://a.example/?id[]=1#[2]", "https://a.example/?id%5B%5D=1#%5B2%5D"),
        ("https://a.example/100%?b=%zz", "https://a.example/100%25?b=%25zz"),
        ("https://[2001:db8::1]:80/{x}|^`", "https://[2001:db8::1]:80/%7Bx%7D%7C%5E%60"),
        ("https://a.example?x=é#", "https://a.example?x=%C3%A9#"),
    ],
)
def test_as_uri(address: str, expected: str) -> None:
    assert as_uri(address) == expected
    assert as_uri(expected) == expected
