from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest

from aggregator.errors import NotAFeedError, ParseError, RefusedDocumentError
from aggregator.intake.encoding import decode
from aggregator.intake.precheck import MAX_ATTRIBUTES, MAX_DEPTH, MAX_ENTRIES, CheckedDocument, check_document

BOMB = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><channel><title>&b;</title></channel></rss>'


def rss(inside: str) -> str:
    return f'<rss version="2.0"><channel><title>T</title>{inside}</channel></rss>'


def check(body: bytes) -> CheckedDocument:
    """What arrives is decoded first."""
    return check_document(decode(body, "")[0])


REMEDY = (
    "sources[].url must be the address of the feed itself: ask the partner for it, "
    "unless this is maintenance that will end"
)


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        "cp037",
        "cp500",
    ],
)
def test_entities_are_refused_in_every_encoding(encoding: str) -> None:
    named = encoding.removesuffix("-sig")
    with pytest.raises(RefusedDocumentError, match="declarations of its own"):
        check(f'<?xml version="1.0" encoding="{named}"?>{BOMB}'.encode(encoding))


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE rss SYSTEM "x" [<!ENTITY % p SYSTEM "http://canary.test/">%p;]>',
        "<!doctype rss [ ]>",
        '<!-- [ --><!DOCTYPE rss PUBLIC "-//[//" "x>" [<!ENTITY x "y">]>',
        '<!ENTITY x "y">',
        "<!DOCTYPE rss",
    ],
)
def test_every_internal_subset_is_refused(prolog: str) -> None:
    with pytest.raises(RefusedDocumentError):
        check((prolog + rss("")).encode())


def test_a_document_type_without_declarations_is_passed_over() -> None:
    doctype = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">'
    document = check(f"\n<!-- [ -->{doctype}<?style?>\n{rss('')}\n<!-- end -->".encode())
    assert (document.text, document.problems) == (rss(""), ())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "an empty body"),
        (b" \n\t\xef\xbb\xbf ", "an empty body"),
        (b"<?xml version='1.0'?>", "an empty document, not a feed"),
        (
            b"<!DOCTYPE html><html><head><title>404 &ndash;\n Tidak ada</title>",
            f'an HTML page, not a feed: "404 – Tidak ada"; {REMEDY}',
        ),
        (
            b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>",
            f"an HTML page, not a feed; {REMEDY}",
        ),
        (
            b"<html><title>Just a moment...</title>",
            'the HTML page of a bot wall, not a feed: "Just a moment..."; '
            "ask the partner to let our User-Agent through",
        ),
        (b"<h1>It works!</h1>", f"an HTML page, not a feed; {REMEDY}"),
        (b"http://canary.test/feed.xml", "plain text or data, not a feed"),
        (b"\x1f\x8b\x08\x00\x00\x00rss", "plain text or data, not a feed"),
        (b"<?xml version='1.0'?><rss version='2", "only the beginning of <rss> arrived, nothing of the feed"),
        (b"<opml><body/></opml>", "an XML document with the root element <opml>, not a feed"),
    ],
)
def test_what_is_not_a_feed_is_named(body: bytes, message: str) -> None:
    with pytest.raises(NotAFeedError) as caught:
        check(body)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<a>" * (MAX_DEPTH + 1), "nested more than 500 deep, which is a fixed limit"),
        ("<item " + 'a="" ' * (MAX_ATTRIBUTES + 1) + "/>", "more than 1,000 attributes on one <item>"),
        ("<item " + "a=1 " * (MAX_ATTRIBUTES + 1) + ">", "on one <item>, which is a fixed limit"),
    ],
)
def test_depth_and_attributes_are_limited(inside: str, message: str) -> None:
    with pytest.raises(RefusedDocumentError, match=message):
        check(rss(inside).encode())


@pytest.mark.parametrize(
    "inside",
    [
        f"<item><description><![CDATA[{'<div>' * 2000}]]></description></item>",
        f"<!--{'<a>' * 2000}-->",
        '<item><a x="1 > 0"/></item>' * 2000,
        "<item><br></item>" * 2000,
    ],
    ids=["cdata", "comment", "bracket in a value", "unclosed in every entry"],
)
def test_what_only_looks_deep_is_taken(inside: str) -> None:
    assert check(rss(inside).encode()).problems == ()


@pytest.mark.parametrize(
    "body",
    [
        "\n" * 2_000_000 + rss(""),
        "<!--" * 500_000,
        rss("<![CDATA[" * 200_000),
        rss('<a b="' * 300_000),
        rss("<a b='" * 300_000),
        rss("</a>" * 300_000),
        rss("<" * 2_000_000),
        rss("&#x0;" * 400_000),
        "<!DOCTYPE rss " + "'" * 1_000_001,
        "<!DOCTYPE " * 200_000,
        "<html>" + "<title" * 300_000,
        "<?xml " + "encoding=" * 300_000,
    ],
    ids=lambda body: body[:12] + "..." + body[-30:-20],
)
def test_hostile_bodies_cost_linear_time(body: str) -> None:
    started_at = time.process_time()
    with suppress(ParseError):
        check(body.encode())
    assert time.process_time() - started_at < 3


def entries(number: int, guids: int) -> str:
    return "".join(f"<item><title>J{n}</title><guid>g{n % guids}</guid></item>" for n in range(number))


@pytest.mark.parametrize(
    ("number", "guids", "kept"),
    [
        (MAX_ENTRIES, MAX_ENTRIES, MAX_ENTRIES),
        (MAX_ENTRIES, 3, MAX_ENTRIES),
        (MAX_ENTRIES + 1, MAX_ENTRIES + 1, MAX_ENTRIES),
        (5 * MAX_ENTRIES, 100, 100),
    ],
    ids=["as many as may be", "repeated, but few", "one too many", "far too many of one name"],
)
def test_of_far_too_many_entries_those_near_either_end_are_read(number: int, guids: int, kept: int) -> None:
    document = check_document(rss(entries(number, guids)))
    titles = re.findall(r"J(\d+)", document.text)
    assert len(titles) == kept
    assert titles[0] == "0"
    if guids == number:
        assert titles[-1] == str(number - 1)
    assert document.problems == (
        ()
        if kept == number
        else (
            f"of {number:,} entries {number - kept:,} were left out: at most 2,000 of a feed are read, "
            "which is a fixed limit",
        )
    )
    assert document.text.endswith("</channel></rss>")
