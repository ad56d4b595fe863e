"""Documents read back from their bytes into what the gate judges, the same for every format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypedDict

from lxml import etree

from aggregator.model.document import Document
from aggregator.outputs.feedxml import ATOM, Element
from aggregator.outputs.sitemap import NEWS, SITEMAP
from aggregator.outputs.tombstones import DELETED

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_ADDRESS_ELEMENTS = frozenset(("link", f"{{{SITEMAP}}}loc"))  # of RSS (Atom's have attributes) and sitemaps
_ADDRESS_ATTRIBUTES = frozenset(("url", "href", "xmlUrl", "htmlUrl"))
_ADDRESS_MEMBER = re.compile(r"(^|_)(url|image)$")
_NO_ELEMENTS = (etree.Comment, etree.ProcessingInstruction, etree.Entity)


class NotReadable(ValueError):  # noqa: N818 - an answer within this room, never raised out of the gate
    """The document is not what its media type says; the message is for ops."""


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """One entry, with every string and every address in it.

    A date is None when unreadable or naive; ``markups`` are what readers take for HTML.
    """

    id: str
    title: str
    dates: tuple[datetime | None, ...]
    markups: tuple[str, ...]
    urls: tuple[str, ...]
    strings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A document: its own date (None where it has no readable one), its entries, strings and addresses beside them.

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
    beside = [root.getprevious(), root.getnext(), next(root.iter(*_NO_ELEMENTS), None)]
    if any(node is not None for node in beside):
        raise NotReadable("it has a comment or a processing instruction")
    return root


def _read_rss(root: Element) -> Reading:
    entries = tuple(
        ReadEntry(
            id=_text(item, "guid"),
            title=_text(item, "title"),
            dates=(_rfc822(_text(item, "pubDate")),),
            markups=tuple(node.text for node in item.iter("description", _CONTENT) if node.text),
            **_taken_out(item),
        )
        for item in root.findall("channel/item")
    )
    return Reading(_rfc822(_text(root, "channel/lastBuildDate")), entries, **_held_by(root))


def _read_atom(root: Element) -> Reading:
    a = f"{{{ATOM}}}"
    entries = tuple(
        ReadEntry(
            id=_text(entry, f"{a}id"),
            title=_text(entry, f"{a}title"),
            dates=(_rfc3339(_text(entry, f"{a}published")), _rfc3339(_text(entry, f"{a}updated"))),
            markups=tuple(node.text for node in entry.iter(f"{a}summary", f"{a}content") if node.text),
            **_taken_out(entry),
        )
        for entry in root.findall(f"{a}entry")
    )
    deleted = tuple(one.get("ref", "") for one in root.iter(DELETED))
    return Reading(_rfc3339(_text(root, f"{a}updated")), entries, **_held_by(root), deleted=deleted)


def _read_sitemap(root: Element) -> Reading:
    """Its newest date is its own: sitemaps say none."""
    s, n = f"{{{SITEMAP}}}", f"{{{NEWS}}}news/{{{NEWS}}}"
    entries = tuple(
        ReadEntry(
            id=_text(url, f"{s}loc"),
            title=_text(url, f"{n}title"),
            dates=(_rfc3339(_text(url, f"{n}publication_date")), _rfc3339(_text(url, f"{s}lastmod"))),
            markups=(),
            **_taken_out(url),
        )
        for url in root.findall(f"{s}url")
    )
    dates = [date for entry in entries for date in entry.dates if date is not None]
    return Reading(max(dates, default=None), entries, **_held_by(root))


def _read_opml(root: Element) -> Reading:
    if any(not node.get("text") or not node.get("xmlUrl") for node in root.iter("outline")):
        raise NotReadable("an outline without text or xmlUrl")
    return Reading(None, (), **_held_by(root))


def _read_json(body: bytes) -> Reading:
    try:
        feed = json.loads(body)
        entries = tuple(
            ReadEntry(
                id=_member(item, "id"),
                title=_member(item, "title"),
                dates=(_rfc3339(_member(item, "date_published")), _rfc3339(_member(item, "date_modified"))),
                markups=(_member(item, "content_html"),),
                **_stated_by(item),
            )
            for item in feed["items"]
        )
        updated_at = _rfc3339(_member(feed["_aggregator"], "updated"))
        deleted = tuple(_member(one, "id") for one in feed["_aggregator"].get("deleted", ()))
        beside = _stated_by({name: value for name, value in feed.items() if name != "items"})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotReadable(f"not a JSON Feed of ours: {type(error).__name__}: {error}") from None
    return Reading(updated_at, entries, **beside, deleted=deleted)


class _Held(TypedDict):
    urls: tuple[str, ...]
    strings: tuple[str, ...]


def _stated_by(value: dict[str, Any]) -> _Held:
    pairs = tuple(_pairs(value))
    urls = tuple(words for name, words in pairs if _ADDRESS_MEMBER.search(name))
    return {"urls": urls, "strings": tuple(words for _, words in pairs)}


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


def _taken_out(entry: Element) -> _Held:
    """What an entry holds; then it is taken out of its document."""
    held = _held_by(entry)
    entry.getparent().remove(entry)
    return held


def _held_by(element: Element) -> _Held:
    urls, strings = [], []
    for node in element.iter():
        if node.text is not None:
            strings.append(node.text)
        if node.tail is not None:
            strings.append(node.tail)
        for name, value in node.items():
            strings.append(value)
            if name in _ADDRESS_ATTRIBUTES:
                urls.append(value)
        if node.tag in _ADDRESS_ELEMENTS:
            urls.append(node.text or "")
    return {"urls": tuple(urls), "strings": tuple(strings)}


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
