"""Documents read back from their bytes into what the gate judges, the same for every format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree

from aggregator.model.document import Document
from aggregator.outputs.feedxml import ATOM, Element
from aggregator.outputs.sitemap import NEWS, SITEMAP
from aggregator.outputs.tombstones import DELETED

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


class NotReadable(ValueError):  # noqa: N818 - an answer within this room, never raised out of the gate
    """The document is not what its media type says; the message is for ops."""


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """One entry. A date is None when unreadable or naive; ``markups`` are what readers take for HTML."""

    id: str
    title: str
    dates: tuple[datetime | None, ...]
    markups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A document: its own date (None where it has no readable one), every string and every address in it.

    ``deleted`` are ids of which it has a tombstone.
    """

    updated_at: datetime | None
    entries: tuple[ReadEntry, ...]
    urls: tuple[str, ...]
    strings: tuple[str, ...]
    deleted: tuple[str, ...] = ()


def read_document(document: Document) -> Reading:
    """Read RSS, Atom, JSON Feed or OPML by media type. Raises NotReadable."""
    readers: dict[str, Callable[[bytes], Reading]] = {
        "application/rss+xml": lambda body: _read_rss(_xml_root(body, "rss")),
        "application/atom+xml": lambda body: _read_atom(_xml_root(body, f"{{{ATOM}}}feed")),
        "application/feed+json": _read_json,
        "application/xml": lambda body: _read_sitemap(_xml_root(body, f"{{{SITEMAP}}}urlset")),
        "text/x-opml": lambda body: _read_opml(_xml_root(body, "opml")),
    }
    reader = readers.get(document.media_type)
    if reader is None:
        raise NotReadable(f"unknown media type {document.media_type}")
    return reader(document.body)


def _xml_root(body: bytes, tag: str) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadable(f"not well-formed: {error}") from None
    tree: Any = root.getroottree()
    if tree.docinfo.doctype:
        raise NotReadable("it has a DOCTYPE")
    if root.tag != tag:
        raise NotReadable(f"its root element is {root.tag}, not {tag}")
    outside = [root.getprevious(), root.getnext()]
    if any(not isinstance(node.tag, str) for node in root.iter()) or any(
        node is not None for node in outside
    ):
        raise NotReadable("it has a comment or a processing instruction")
    return root


def _read_rss(root: Element) -> Reading:
    entries = tuple(
        ReadEntry(
            id=_text(item, "guid"),
            title=_text(item, "title"),
            dates=(_rfc822(_text(item, "pubDate")),),
            markups=tuple(node.text for node in item.iter("description", _CONTENT) if node.text),
        )
        for item in root.iterfind("channel/item")
    )
    urls = [node.text or "" for node in root.iter("link")] + _attributes(root, "url", "href")
    return Reading(_rfc822(_text(root, "channel/lastBuildDate")), entries, tuple(urls), tuple(_strings(root)))


def _read_atom(root: Element) -> Reading:
    a = f"{{{ATOM}}}"
    entries = tuple(
        ReadEntry(
            id=_text(entry, f"{a}id"),
            title=_text(entry, f"{a}title"),
            dates=(_rfc3339(_text(entry, f"{a}published")), _rfc3339(_text(entry, f"{a}updated"))),
            markups=tuple(node.text for node in entry.iter(f"{a}summary", f"{a}content") if node.text),
        )
        for entry in root.iterfind(f"{a}entry")
    )
    urls = _attributes(root, "url", "href")
    deleted = tuple(one.get("ref", "") for one in root.iter(DELETED))
    return Reading(_rfc3339(_text(root, f"{a}updated")), entries, tuple(urls), tuple(_strings(root)), deleted)


def _read_sitemap(root: Element) -> Reading:
    """Its newest date is its own: sitemaps say none."""
    s, n = f"{{{SITEMAP}}}", f"{{{NEWS}}}news/{{{NEWS}}}"
    entries = tuple(
        ReadEntry(
            id=_text(url, f"{s}loc"),
            title=_text(url, f"{n}title"),
            dates=(_rfc3339(_text(url, f"{n}publication_date")), _rfc3339(_text(url, f"{s}lastmod"))),
            markups=(),
        )
        for url in root.iterfind(f"{s}url")
    )
    dates = [date for entry in entries for date in entry.dates if date is not None]
    urls = tuple(entry.id for entry in entries)
    return Reading(max(dates, default=None), entries, urls, tuple(_strings(root)))


def _read_opml(root: Element) -> Reading:
    if any(not node.get("text") or not node.get("xmlUrl") for node in root.iter("outline")):
        raise NotReadable("an outline without text or xmlUrl")
    return Reading(None, (), tuple(_attributes(root, "xmlUrl", "htmlUrl")), tuple(_strings(root)))


def _read_json(body: bytes) -> Reading:
    try:
        feed = json.loads(body)
        pairs = tuple(_pairs(feed))
        entries = tuple(
            ReadEntry(
                id=_member(item, "id"),
                title=_member(item, "title"),
                dates=(_rfc3339(_member(item, "date_published")), _rfc3339(_member(item, "date_modified"))),
                markups=(_member(item, "content_html"),),
            )
            for item in feed["items"]
        )
        updated_at = _rfc3339(_member(feed["_aggregator"], "updated"))
        deleted = tuple(_member(one, "id") for one in feed["_aggregator"].get("deleted", ()))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotReadable(f"not a JSON Feed of ours: {type(error).__name__}: {error}") from None
    urls = tuple(value for name, value in pairs if re.search(r"(^|_)(url|image)$", name))
    return Reading(updated_at, entries, urls, tuple(value for _, value in pairs), deleted)


def _member(item: dict[str, Any], name: str) -> str:
    value = item[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no string")
    return value


def _pairs(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a JSON value with the name of the member that holds it."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _pairs(member, key)
    elif isinstance(value, list):
        for member in value:
            yield from _pairs(member, name)
    elif isinstance(value, str):
        yield name, value


def _text(element: Element, path: str) -> str:
    return element.findtext(path) or ""


def _attributes(root: Element, *names: str) -> list[str]:
    return [node.get(name) for node in root.iter() for name in names if node.get(name) is not None]


def _strings(root: Element) -> Iterator[str]:
    yield from root.itertext()
    for node in root.iter():
        yield from node.attrib.values()


def _rfc822(value: str) -> datetime | None:
    return _aware(parsedate_to_datetime, value)


def _rfc3339(value: str) -> datetime | None:
    return _aware(datetime.fromisoformat, value)


def _aware(parse: Callable[[str], datetime], value: str) -> datetime | None:
    try:
        moment = parse(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.utcoffset() is not None else None
