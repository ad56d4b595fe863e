"""What a document of ours, or the reference, says of each entry: the measure for what clients read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


@dataclass(frozen=True)
class Published:
    """One entry. Fields that it does not state are empty.

    ``categories`` are pairs of what may be shown for one: its label and its term. ``enclosures`` are address, type and
    length in bytes (0: unknown).
    """

    id: str
    title: str
    link: str
    date: datetime
    authors: tuple[str, ...]
    categories: tuple[tuple[str, str], ...]
    content: str
    enclosures: tuple[tuple[str, str, int], ...]
    source: str


def published_in(name: str, body: bytes) -> list[Published]:
    """The entries of the document with that file name (.rss, .atom or .json)."""
    if name.endswith(".json"):
        return [_of_json(item) for item in json.loads(body)["items"]]
    root = etree.fromstring(body)
    if name.endswith(".rss"):
        return [_of_rss(item) for item in root.iterfind("channel/item")]
    return [_of_atom(entry) for entry in root.iterfind(f"{ATOM}entry")]


def _of_rss(item: Any) -> Published:
    return Published(
        id=item.findtext("guid"),
        title=item.findtext("title"),
        link=item.findtext("link"),
        date=parsedate_to_datetime(item.findtext("pubDate")),
        authors=tuple(node.text for node in item.iterfind(f"{DC}creator")),
        categories=tuple((node.text, node.text) for node in item.iterfind("category")),
        content=item.findtext(CONTENT, ""),
        enclosures=_enclosures(item.iterfind("enclosure"), "url"),
        source=item.findtext("source", ""),
    )


def _of_atom(entry: Any) -> Published:
    links = {node.get("rel"): node.get("href") for node in entry.iterfind(f"{ATOM}link")}
    return Published(
        id=entry.findtext(f"{ATOM}id"),
        title=entry.findtext(f"{ATOM}title"),
        link=links["alternate"],
        date=datetime.fromisoformat(entry.findtext(f"{ATOM}published")),
        authors=tuple(node.text for node in entry.iterfind(f"{ATOM}author/{ATOM}name")),
        categories=tuple((node.get("label"), node.get("term")) for node in entry.iterfind(f"{ATOM}category")),
        content=entry.findtext(f"{ATOM}content", ""),
        enclosures=_enclosures(entry.iterfind(f"{ATOM}link[@rel='enclosure']"), "href"),
        source=entry.findtext(f"{ATOM}source/{ATOM}title", ""),
    )


def _of_json(item: dict[str, Any]) -> Published:
    return Published(
        id=item["id"],
        title=item["title"],
        link=item["url"],
        date=datetime.fromisoformat(item["date_published"]),
        authors=tuple(author["name"] for author in item.get("authors", ())),
        categories=tuple((tag, tag) for tag in item.get("tags", ())),
        content=item["content_html"],
        enclosures=tuple(
            (one["url"], one["mime_type"], one.get("size_in_bytes", 0)) for one in item.get("attachments", ())
        ),
        source="",  # the format has no word for it
    )


def _enclosures(nodes: Sequence[Any], address: str) -> tuple[tuple[str, str, int], ...]:
    return tuple((node.get(address), node.get("type"), int(node.get("length") or 0)) for node in nodes)
