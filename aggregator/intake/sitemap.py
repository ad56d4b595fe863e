"""Sitemaps and news sitemaps to a ParsedFeed, and lists of sitemaps.

https://www.sitemaps.org/protocol.html and
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap. Elements are told by their names
without prefix and namespace: partners write several versions of both, and some declare none. An entry is put into
feedparser's words, so that it is cleaned as any other.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from aggregator.errors import ParseError
from aggregator.intake.clean import MAX_TITLE, absolute_url, plain_line
from aggregator.intake.dates import parse_date
from aggregator.intake.entries import language_tag, map_entries
from aggregator.intake.mapping import FeedContext
from aggregator.intake.precheck import CheckedDocument
from aggregator.model.entry import ParsedFeed, SitemapChild, SitemapIndex
from aggregator.model.problem import Problem

# Google takes as many news from one sitemap; a sitemap may hold 50,000 addresses, nearly all of them old.
MAX_ENTRIES = 1_000

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_AMPERSAND = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|&(?:#[0-9]+;|#x[0-9a-fA-F]+;|(?P<name>[A-Za-z][A-Za-z0-9]*);)?",
    re.DOTALL,
)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})

Element = Any  # lxml-stubs' _Element has no public name


def read_sitemap(document: CheckedDocument, *, url: str, timezone: str, now: datetime) -> ParsedFeed:
    """Read ``<urlset>``: the newest news of it; its addresses alone where it has no headlines at all.

    Where some addresses have ``news:news``, the others are older articles, from which it was taken off, or no
    articles. Raises ParseError.
    """
    root, damage = _tree(document)
    stated = [(element, _child(element, "news")) for element in root if _name(element) == "url"]
    news = [(element, own) for element, own in stated if own is not None]
    raws = [_entry(element, own) for element, own in news or stated]
    if raws and not news:
        raws = [raw for raw in raws if not _is_front_page(raw, url)]
        damage.append("a sitemap without headlines: titles and texts can only come from the article pages")
    elif others := len(stated) - len(news):
        damage.append(f"{others:,} addresses without news:news were left out: old articles, or none")
    if len(raws) > MAX_ENTRIES:
        damage.append(f"the sitemap names {len(raws):,} articles; the newest {MAX_ENTRIES:,} were taken")
        raws = _newest(raws, timezone, now)
    entries, problems = map_entries(raws, FeedContext(url, timezone, now, is_atom=False))
    publication = next((found for _, own in news if (found := _child(own, "publication")) is not None), None)
    return ParsedFeed(
        format="sitemap",
        title=plain_line(_text(publication, "name"), MAX_TITLE),
        url="",
        feed_id="",
        language=language_tag(_text(publication, "language")),
        updated_at=None,
        entries=entries,
        problems=(*(Problem(url, words) for words in damage), *problems),
    )


def read_sitemap_index(document: CheckedDocument, *, url: str, timezone: str, now: datetime) -> SitemapIndex:
    """Read ``<sitemapindex>``: every sitemap that it names, in its order. Raises ParseError."""
    root, damage = _tree(document)
    children = [
        SitemapChild(address, parse_date(_text(element, "lastmod"), timezone, now))
        for element in root
        if _name(element) == "sitemap" and (address := absolute_url(_text(element, "loc"), url))
    ]
    return SitemapIndex(tuple(dict.fromkeys(children)), tuple(Problem(url, words) for words in damage))


def _tree(document: CheckedDocument) -> tuple[Element, list[str]]:
    """The document's root element and what is wrong with it, in words. Raises ParseError.

    The document has no type any more, so that no entity can be declared. Names that HTML declares become
    their characters, and an ampersand that begins nothing is one: both are common, and libxml2 drops them.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_AMPERSAND.sub(_known, document.text).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ParseError(f"the sitemap cannot be read: {error}") from error
    if root is None:
        raise ParseError("the sitemap cannot be read: nothing in it is XML")
    damage = list(document.problems)
    if parser.error_log and not damage:
        reason = parser.error_log[0].message
        damage.append(f"the sitemap is not well-formed and was read leniently: {reason}")
    return root, damage


def _known(match: re.Match[str]) -> str:
    """What XML knows as it stands; a name of HTML's as its character; '&amp;' for any other ampersand."""
    whole, name = match[0], match["name"]
    if whole == "&":
        return "&amp;"
    if not name or name in _XML_ENTITIES:
        return whole
    character = html.unescape(whole)
    return "&amp;" + whole[1:] if character == whole else html.escape(character)


def _entry(element: Element, news: Element | None) -> dict[str, Any]:
    """An address in feedparser's words. It has no guid: the address identifies it."""
    pictures = [child for child in element if _name(child) == "image"]
    return {
        "links": [{"rel": "alternate", "href": _text(element, "loc")}],
        "title": _text(news, "title"),
        "published": _text(news, "publication_date"),
        "updated": _text(element, "lastmod"),
        "tags": [{"term": keyword} for keyword in _text(news, "keywords").split(",")],
        "media_content": [{"url": _text(picture, "loc"), "medium": "image"} for picture in pictures],
    }


def _newest(raws: list[dict[str, Any]], timezone: str, now: datetime) -> list[dict[str, Any]]:
    """The newest of them in document order; those without a date are the oldest."""

    def age(raw: dict[str, Any]) -> datetime:
        return parse_date(raw["published"] or raw["updated"], timezone, now) or _LONG_AGO

    ages = [age(raw) for raw in raws]
    positions = sorted(range(len(raws)), key=lambda position: ages[position], reverse=True)
    return [raws[position] for position in sorted(positions[:MAX_ENTRIES])]


def _is_front_page(raw: dict[str, Any], url: str) -> bool:
    parts = urlsplit(absolute_url(raw["links"][0]["href"], url))
    return parts.path in ("", "/") and not parts.query


def _child(element: Element | None, name: str) -> Element | None:
    if element is None:
        return None
    return next((child for child in element if _name(child) == name), None)


def _text(element: Element | None, name: str) -> str:
    """The text of the first child of that name; '' where there is none."""
    child = _child(element, name)
    return "" if child is None else "".join(child.itertext()).strip()


def _name(element: Element) -> str:
    """An element's name without namespace, or without a prefix that was never declared; '' for an entity."""
    tag = element.tag
    return re.split("[}:]", tag)[-1].lower() if isinstance(tag, str) else ""
