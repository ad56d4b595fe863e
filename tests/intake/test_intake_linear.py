"""What reading costs grows as the document does, whatever it is: four times as long takes about four times the time.

Told by ratio, so that a busy machine changes nothing; quadratic would be sixteen times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from aggregator.errors import ParseError
from aggregator.intake.clean import paragraphs, plain_line
from aggregator.intake.credit import caption_credit
from aggregator.intake.dates import parse_date
from aggregator.intake.document import read_document
from aggregator.intake.html_encoding import decode_html
from aggregator.intake.mojibake import repair, shielded
from aggregator.intake.page import read_page
from aggregator.intake.pictures import pictures_in
from aggregator.intake.ways import groups_to_read
from aggregator.model.entry import SitemapChild

NOW = datetime(2026, 11, 26, tzinfo=UTC)
READ = 100_000  # characters, in one document or in many lines
AT_MOST = 8
NOISE_S = 0.02  # what takes no longer is too short to be measured


def _read(text: str) -> None:
    read_document(text.encode(), url="https://a.test/", content_type="", timezone="Asia/Jakarta", now=NOW)


def _item(children: str) -> None:
    media = 'xmlns:media="http://search.yahoo.com/mrss/"'
    _read(
        f"<rss version='2.0' {media}><channel><title>T</title><item><title>t</title>{children}</item></channel></rss>"
    )


def _text(markup: str) -> None:
    list(pictures_in(markup, "https://a.test/"))


def _picture(attributes: str) -> None:
    _text(f'<img {attributes}">')


def _date(text: str) -> object:
    return parse_date(text, "Asia/Jakarta", NOW)


def _json(items: str) -> None:
    with suppress(ParseError):
        _read(f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{items}{{"id": "1"}}]}}')


def _page(text: str) -> None:
    read_page(text.encode(), "https://a.test/", "text/html")


def _groups(text: str) -> None:
    """Sitemaps of an index, one for each ten characters."""
    groups_to_read([SitemapChild(f"https://a.test/news{n}.xml", None) for n in range(len(text) // 10)])


CONTENT = '<media:content url="https://a.test/x.jpg" medium="image"/>'

# What reads, what it reads again and again, what stands before that once, and how long the longest is that it reads.
CASES: list[tuple[Callable[[str], object], str, str, int]] = [
    (_item, CONTENT, "", READ),
    (_item, f"<media:group>{CONTENT}</media:group>", "", READ),
    (_item, f"{CONTENT}<media:description>k</media:description><media:credit>k</media:credit>", "", READ),
    (_item, f"<media:group>{CONTENT}<media:description>k</media:description></media:group>", "", READ),
    (_item, CONTENT, f"<media:description>{'k ' * 10_000}</media:description>", READ),
    (_item, "<category>k</category>", "", READ),
    (_item, "<enclosure url='https://a.test/x.jpg' type='image/jpeg'/>", "", READ),
    (_item, "<description>k</description>", "", READ),
    (_picture, "a", 'srcset="', 9_000),
    (_picture, "a,", 'srcset="', 9_000),
    (_picture, " ", 'srcset="a', 9_000),
    (_picture, "a", "", 9_000),
    (_text, "<noscript>", "<img src='/a.jpg'>", 4_000),
    (_text, "<figcaption>", "<img src='/a.jpg'>", 4_000),
    (_text, "<p class='caption'>", "<img src='/a.jpg'>", 4_000),
    (_text, "caption", "<img src='/a.jpg'><p class='", 4_000),
    (_text, "class='caption' ", "<img src='/a.jpg'><p ", 4_000),
    (_text, "<img src='/a.jpg'", "", READ),
    (caption_credit, "a/a", "(A", 1_000),
    (caption_credit, "(A/", "", 1_000),
    (caption_credit, ". foto: a b c d e ", "", 1_000),
    (caption_credit, "(dok a", "", 1_000),
    (caption_credit, "/ dok a", "", 1_000),
    (_date, "1 jam, ", "", 200),
    (_date, "10:10 wib ", "", 200),
    (_date, "(1", "", 200),
    (_date, "- ", "", 200),
    (repair, "Ã©", "", READ),
    (repair, "Ã\u0192Â©", "", READ),
    (shielded, "Â&#160;", "", READ),
    (paragraphs, "\n ", "", READ),
    (paragraphs, "\n\t\r", "", READ),
    (lambda text: plain_line(text, 1_000_000), "<a b='", "", READ),
    (lambda text: decode_html(b"", text), " ", "charset", READ),
    (lambda text: decode_html(text.encode(), ""), "&#x", "", READ),
    (_page, "<a href=/rss>x", "", READ),
    (_page, "<p><b><i>", "", READ),
    (_json, '{"id": "1", "content_text": "k"},', "", READ),
    (_json, '\\\\"', '{"id": "', READ),
    (_json, "[", "", READ),
    (
        _read,
        "<url><loc>https://a.test/b/1</loc><lastmod>2026-11-25T10:00:00Z</lastmod></url>",
        "<urlset>",
        READ,
    ),
    (_read, "<image><loc>/a.jpg</loc></image>", "<urlset><url>", READ),
    (_read, "<!--", "<urlset>", READ),
    (_groups, "a", "", READ),
]


def _cost_s(read: Callable[[str], object], text: str, times: int) -> float:
    """The lesser of two, in seconds of this process."""
    costs_s = []
    for _ in range(2):
        began_s = time.process_time()
        for _ in range(times):
            read(text)
        costs_s.append(time.process_time() - began_s)
    return min(costs_s)


@pytest.mark.slow
@pytest.mark.parametrize(("read", "again", "before", "longest"), CASES)
def test_four_times_as_long_takes_about_four_times_as_long(
    read: Callable[[str], object], again: str, before: str, longest: int
) -> None:
    def cost_s(characters: int) -> float:
        return _cost_s(read, before + again * (characters // len(again)), READ // longest)

    assert cost_s(longest) < AT_MOST * cost_s(longest // 4) + NOISE_S
