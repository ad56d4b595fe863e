"""OPML as feed readers write it, as it arrives damaged, and as attackers write it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import NotAFeedError, ParseError, RefusedDocumentError
from aggregator.intake.opml import MAX_OPML_BYTES, read_opml
from aggregator.model.opml import ListedFeed

DEADLINE_S = 10  # of processor time; far above what is measured (3 s), far below hanging
A = ListedFeed("http://a.example/")
GOOD = '<outline text="Kota" xmlUrl="http://kota.example/feed"/>'
KOTA = ListedFeed("http://kota.example/feed", "Kota", "Kota")


def opml(body: str, version: str = "2.0") -> bytes:
    return f'<?xml version="1.0"?><opml version="{version}"><head/><body>{body}</body></opml>'.encode()


READ = {
    "flat, as OPML 1.0": (opml(GOOD, "1.0"), [KOTA]),
    "folders in folders": (
        opml(f'<outline text="Media"><outline text="Jambi">{GOOD}</outline></outline>'),
        [KOTA],
    ),
    "a feed that holds feeds": (opml(f'<outline xmlUrl="http://a.example/">{GOOD}</outline>'), [A, KOTA]),
    "attributes in any case": (
        opml('<outline TEXT="a" Title="b" XMLURL="http://a.example/" HtmlUrl="http://b.example/"/>'),
        [ListedFeed("http://a.example/", "a", "b", "http://b.example/")],
    ),
    "elements in any case": (
        b'<OPML><BODY><Outline xmlUrl="http://a.example/"/></BODY></OPML>',
        [A],
    ),
    "a namespace": (b'<opml xmlns="http://x.example/"><outline xmlUrl="http://a.example/"/></opml>', [A]),
    "a title only": (
        opml('<outline title="b" xmlUrl="http://a.example/"/>'),
        [ListedFeed("http://a.example/", "b", "b")],
    ),
    "markup in the title": (
        opml('<outline text="&lt;script&gt;x&lt;/script&gt;&lt;b&gt;A &amp;amp; B&#10;&lt;/b&gt;" xmlUrl="http://a.example/"/>'),
        [ListedFeed("http://a.example/", "A & B", "A & B")],
    ),
    "spaces around the address": (opml('<outline xmlUrl=" http://a.example/&#10; "/>'), [A]),
    "links, lists and folders": (
        opml(f'<outline type="link" url="http://a.example/"/><outline type="include" url="http://a.example/"/>{GOOD}'),
        [KOTA],
    ),
    "an empty address": (opml(f'<outline xmlUrl=" "/>{GOOD}'), [KOTA]),
    "no feeds": (opml(""), []),
    "UTF-16": (opml(GOOD).decode().encode("utf-16"), [KOTA]),
    "windows-1252": (
        b'<?xml version="1.0" encoding="iso-8859-1"?><opml><outline text="Caf\xe9" xmlUrl="http://a.example/"/></opml>',
        [ListedFeed("http://a.example/", "Café", "Café")],
    ),
    "a document type that declares nothing": (
        b'<!DOCTYPE opml SYSTEM "http://127.0.0.1/opml.dtd"><opml><outline xmlUrl="http://a.example/"/></opml>',
        [A],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_is_whole_is_read_without_a_word(name: str) -> None:
    body, feeds = READ[name]
    assert read_opml(body) == (tuple(feeds), ())


DAMAGED = {
    "the end is missing": (opml(GOOD + '<outline xmlUrl="http://half')[:-20], [KOTA], "ends early"),
    "an attribute twice": (
        opml(f'<outline xmlUrl="http://a.example/" xmlUrl="http://b.example/"/>{GOOD}'),
        [A, KOTA],
        "redefined",
    ),
    "an element that is not closed": (opml(f'<outline text="a">{GOOD}'), [KOTA], "mismatch"),
    "an undeclared prefix": (opml(f"<x:y/>{GOOD}"), [KOTA], "prefix"),
    "escape sequences in the title": (
        opml('<outline text="&#27;[2J&#x202e;abc" xmlUrl="http://a.example/"/>'),
        [ListedFeed("http://a.example/", "[2Jabc", "[2Jabc")],
        "references",
    ),
    "characters that XML forbids": (opml(f"\x00\x08{GOOD}"), [KOTA], "forbids"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_read_around_and_told(name: str) -> None:
    body, feeds, words = DAMAGED[name]
    read, damage = read_opml(body)
    assert read == tuple(feeds)
    assert words in " ".join(damage)


def test_an_ampersand_that_is_not_escaped_costs_nothing_of_the_address() -> None:
    (feed,), _ = read_opml(opml('<outline xmlUrl="http://a.example/?cat=1&feed=rss2&amp;copy=2"/>'))
    assert feed.url == "http://a.example/?cat=1&feed=rss2&copy=2"


NOT_OPML = {
    "an HTML page": (b"<!doctype html><title>Log in</title>", "an HTML page"),
    "a feed": (b"<rss version='2.0'><channel/></rss>", "<rss>"),
    "JSON": (b'{"version": "x"}', "no XML"),
    "nothing": (b"", "no XML"),
}


@pytest.mark.parametrize("name", NOT_OPML)
def test_anything_else_is_named(name: str) -> None:
    body, words = NOT_OPML[name]
    with pytest.raises(NotAFeedError, match=words):
        read_opml(body)


LAUGHS = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 10))
REFUSED = {
    "an external entity": (
        b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><outline xmlUrl="&x;"/></opml>',
        "declarations",
    ),
    "a billion laughs": (
        f"<!DOCTYPE opml [<!ENTITY l0 'ha'>{LAUGHS}]><opml><outline xmlUrl='&l9;'/></opml>".encode(),
        "declarations",
    ),
    "a billion laughs in UTF-16": (
        f"<!DOCTYPE opml [<!ENTITY l0 'ha'>{LAUGHS}]><opml><outline xmlUrl='&l9;'/></opml>".encode("utf-16"),
        "declarations",
    ),
    "folders 60 deep": (opml("<outline>" * 60 + "</outline>" * 60), "50 deep"),
    "folders 100,000 deep": (opml("<outline>" * 100_000 + "</outline>" * 100_000), "deep"),
    "100,000 feeds": (opml('<outline xmlUrl="http://a/"/>' * 100_000), "2,000 feeds"),
    "100,000 attributes": (opml("<outline " + "".join(f'a{i}="" ' for i in range(100_000)) + "/>"), "attributes"),
    "too many bytes": (opml(" " * MAX_OPML_BYTES), "5,000,000 bytes"),
    "an encoding of Python's own": (b'<?xml version="1.0" encoding="punycode"?><opml/>\xff', "encoding"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_an_attack_is_refused_in_words_and_in_time(name: str) -> None:
    body, words = REFUSED[name]
    started_s = time.process_time()
    with pytest.raises(RefusedDocumentError, match=words):
        read_opml(body)
    assert time.process_time() - started_s < DEADLINE_S


SLOW = {
    "comments that never end": b"<opml>" + b"<!--" * 1_200_000,
    "sections that never end": b"<opml>" + b"<![CDATA[" * 500_000,
    "brackets": b"<opml>" + b"<" * 4_900_000,
    "quotes": b"<opml>" + b"<a b='" * 800_000,
    "ampersands": b"<opml>" + b"&" * 4_900_000 + b"</opml>",
    "ends": b"<opml>" + b"</a>" * 1_200_000,
    "elements": b"<opml>" + b"<a/>" * 1_200_000 + b"</opml>",
    "one long title": b'<opml><outline xmlUrl="http://a/" text="' + b"&lt;a " * 800_000 + b'"/></opml>',
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_no_document_takes_long(name: str) -> None:
    started_s = time.process_time()
    feeds, _ = read_opml(SLOW[name])
    assert len(feeds) <= 1
    assert time.process_time() - started_s < DEADLINE_S


@given(st.binary() | st.text(alphabet="<>/&;=\"' outlinexmlUrl!-[]?\n").map(opml))
def test_whatever_the_bytes_are_only_parse_errors_come_out(body: bytes) -> None:
    try:
        feeds, damage = read_opml(body)
    except ParseError as error:
        assert str(error)
    else:
        assert all(feed.url for feed in feeds)
        assert all(damage)
