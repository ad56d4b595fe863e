"""Sitemaps and news sitemaps to a ParsedFeed, and lists of sitemaps.

https://www.sitemaps.org/protocol.html and
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap. Elements are told by their names
without prefix and namespace: partners write several versions of both, and some declare none. An entry is put into
feedparser's words, so that it is cleaned as any other.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aggregator.intake.clean import MAX_TITLE, absolute_url, plain_line
from aggregator.intake.dates import parse_date
from aggregator.intake.entries import language_tag, map_entries
from aggregator.intake.lenient_xml import Element, local_name, read_tree
from aggregator.intake.mapping import FeedContext
from aggregator.intake.precheck import CheckedDocument
from aggregator.intake.split import cut_xml
from aggregator.model.entry import ParsedFeed, SitemapChild, SitemapIndex
from aggregator.model.problem import Problem
from aggregator.model.standing import UNREAD, Standing

# Google takes as many news from one sitemap; a sitemap may hold 50,000 addresses, nearly all of them old.
MAX_ENTRIES = 1_000

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?P<zone>Z|[+-]\d\d:?\d\d|))?")
_NO_DATES_AFTER = timedelta(days=2)  # from now, in any zone

_Stated = TypeVar("_Stated")


def read_sitemap(
    document: CheckedDocument, *, url: str, timezone: str, now: datetime, before: Standing
) -> ParsedFeed:
    """Read ``<urlset>``: the newest news of it; its addresses alone where it has no headlines at all.

    What stood there before is not read again.

    Where some addresses have ``news:news``, the others are older articles, from which it was taken off, or no
    articles. Raises ParseError.
    """
    # Whose sitemap it is stands in its entries; of too many it is told each time.
    is_short = len(document.entries or ()) <= MAX_ENTRIES
    document, cut = cut_xml(document, url, before if is_short else UNREAD, keep_first=True)
    root, damaged = read_tree(document, "sitemap")
    damage = list(damaged)
    stated = [(element, _child(element, "news")) for element in root if local_name(element) == "url"]
    news = [(element, own) for element, own in stated if own is not None]
    if stated and not news:
        damage.append("a sitemap without headlines: titles and texts can only come from the article pages")
    elif others := len(stated) - len(news):
        damage.append(f"{others:,} addresses without news:news were left out: old articles, or none")
    dates = [_text(own, "publication_date") or _text(element, "lastmod") for element, own in news or stated]
    raws = [_entry(*pair) for pair in _newest(news or stated, dates, timezone, now, damage)]
    if not news:
        raws = [raw for raw in raws if not _is_front_page(raw, url)]
    mapped = map_entries(raws, FeedContext(url, timezone, now, is_atom=False), cut)
    publication = next((found for _, own in news if (found := _child(own, "publication")) is not None), None)
    is_signed = bool(news) and _child(news[0][1], "publication") is not None
    return ParsedFeed(
        format="sitemap",
        title=plain_line(_text(publication, "name"), MAX_TITLE),
        url="",
        feed_id="",
        language=language_tag(_text(publication, "language")),
        updated_at=None,
        entries=mapped.entries,
        problems=(*(Problem(url, words) for words in damage), *mapped.problems),
        envelope=cut.envelope if is_signed and mapped.is_cut and not damage else "",
        stood=mapped.stood,
        seen=cut.seen,
    )


def read_sitemap_index(document: CheckedDocument, *, url: str, timezone: str, now: datetime) -> SitemapIndex:
    """Read ``<sitemapindex>``: the newest of the sitemaps that it names, in its order. Raises ParseError."""
    root, damaged = read_tree(document, "sitemap")
    damage = list(damaged)
    elements = [element for element in root if local_name(element) == "sitemap"]
    stated = dict.fromkeys((_text(element, "loc"), _text(element, "lastmod")) for element in elements)
    newest = _newest(list(stated), [lastmod for _, lastmod in stated], timezone, now, damage)
    children = [
        SitemapChild(address, parse_date(lastmod, timezone, now))
        for loc, lastmod in newest
        if (address := absolute_url(loc, url))
    ]
    return SitemapIndex(tuple(children), tuple(Problem(url, words) for words in damage))


def _entry(element: Element, news: Element | None) -> dict[str, Any]:
    """An address in feedparser's words. It has no guid: the address identifies it."""
    pictures = [
        {
            "url": _text(child, "loc"),
            "medium": "image",
            "caption": _text(child, "caption"),
            "headline": _text(child, "title"),
        }
        for child in element
        if local_name(child) == "image"
    ]
    return {
        "links": [{"rel": "alternate", "href": _text(element, "loc")}],
        "title": _text(news, "title"),
        "published": _text(news, "publication_date"),
        "updated": _text(element, "lastmod"),
        "tags": [{"term": keyword} for keyword in _text(news, "keywords").split(",")],
        "media_content": pictures,
    }


def _newest(
    stated: list[_Stated], dates: list[str], timezone: str, now: datetime, damage: list[str]
) -> list[_Stated]:
    """The newest in document order, as many as are taken; those without a date are the oldest."""
    if len(stated) <= MAX_ENTRIES:
        return stated
    damage.append(
        f"the document names {len(stated):,} addresses; the newest {MAX_ENTRIES:,} were taken, which is a fixed limit"
    )
    order = _sortable(dates, timezone, now)
    newest_first = sorted(range(len(stated)), key=order.__getitem__, reverse=True)
    return [stated[position] for position in sorted(newest_first[:MAX_ENTRIES])]


def _sortable(dates: list[str], timezone: str, now: datetime) -> list[Any]:
    """What sorts as the dates do. ISO 8601 of one zone does so as it stands: reading 50,000 would take a second."""
    matches = [_ISO_DATE.fullmatch(date) for date in dates if date]
    if not all(matches) or len({match["zone"] for match in matches if match} - {None}) > 1:
        return [parse_date(date, timezone, now) or _LONG_AGO for date in dates]
    future = (now + _NO_DATES_AFTER).isoformat()
    return [date if date < future else "" for date in dates]


def _is_front_page(raw: dict[str, Any], url: str) -> bool:
    parts = urlsplit(absolute_url(raw["links"][0]["href"], url))
    return parts.path in ("", "/") and not parts.query


def _child(element: Element | None, name: str) -> Element | None:
    if element is None:
        return None
    return next((child for child in element if local_name(child) == name), None)


def _text(element: Element | None, name: str) -> str:
    """The text of the first child of that name; '' where there is none."""
    child = _child(element, name)
    return "" if child is None else "".join(child.itertext()).strip()
