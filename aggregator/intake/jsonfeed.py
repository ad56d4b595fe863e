"""JSON Feed 1.0 and 1.1 to a ParsedFeed (https://www.jsonfeed.org/version/1.1/).

An item is put into feedparser's words, so that its dates, names, addresses and pictures are cleaned as those of any
other entry. Numbers are kept as they are written: an id of thirty digits stays one, and 1e999 is no trouble.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from aggregator.errors import NotAFeedError, ParseError, RefusedDocumentError
from aggregator.intake.clean import MAX_TITLE, absolute_url, clean_line
from aggregator.intake.entries import language_tag, map_entries
from aggregator.intake.hub_links import hub_links
from aggregator.intake.mapping import FeedContext
from aggregator.intake.split import cut_json
from aggregator.model.entry import ParsedFeed
from aggregator.model.problem import Problem
from aggregator.model.standing import Standing

MAX_ITEMS = 10_000  # honest feeds have 10 to 100

_SPACE = "\ufeff \t\r\n"
_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(\d+(?:\.\d+)?)")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_IMAGES = ("image", "banner_image")


def is_json(text: str) -> bool:
    """Whether a document begins as a JSON object or array."""
    return text.lstrip(_SPACE).startswith(("{", "["))


def read_json_feed(text: str, *, url: str, timezone: str, now: datetime, before: Standing) -> ParsedFeed:
    """Read a JSON Feed, as far as it did not stand there before; a missing version, numbers for strings and the like
    are borne.

    Relative addresses are resolved against the feed's home page, else against ``url``, where it was found.
    Of a document that breaks off the complete items are taken. Raises NotAFeedError for other JSON,
    RefusedDocumentError for nesting that nothing honest has, ParseError where nothing can be read.
    """
    document, damage = _loaded(text.strip(_SPACE))
    head, items = _head_and_items(document)
    if len(items) > MAX_ITEMS:
        damage.append(f"{len(items):,} items; the first {MAX_ITEMS:,} were taken, which is a fixed limit")
    if head.get("expired") is True:
        damage.append("the feed says that it has ended (expired)")
    site_url = absolute_url(_text(head, "home_page_url"), url)
    feed = FeedContext(site_url or url, timezone, now, is_atom=True)  # titles are plain text
    authors = _authors(head)
    new, cut = cut_json(head, items[:MAX_ITEMS], url, before)
    mapped = map_entries([_entry(item, authors) for item in new], feed, cut)
    version = _VERSION.match(_text(head, "version"))
    return ParsedFeed(
        format=f"json{version[1] if version else 1}",
        title=clean_line(_text(head, "title"), MAX_TITLE),
        url=site_url,
        feed_id=absolute_url(_text(head, "feed_url"), url),
        language=language_tag(_text(head, "language")),
        updated_at=None,
        entries=mapped.entries,
        problems=(*(Problem(url, words) for words in damage), *mapped.problems),
        links=hub_links((*_hubs(head), ("self", _text(head, "feed_url")))),
        envelope=cut.envelope if mapped.is_cut and not damage else "",
        stood=mapped.stood,
        seen=cut.seen,
    )


def _loaded(text: str) -> tuple[Any, list[str]]:
    """The document's value, or that of its undamaged beginning, and what was read around, in words."""
    repetitions: list[int] = []

    def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        named = dict(pairs)
        if len(named) < len(pairs):
            repetitions.append(len(pairs) - len(named))
        return named

    decoder = json.JSONDecoder(
        strict=False,  # a line break in a text is a common fault
        parse_int=str,
        parse_float=str,
        parse_constant=lambda _name: None,
        object_pairs_hook=distinct,
    )
    damage = []
    try:
        try:
            value, end = decoder.raw_decode(text)
            if end < len(text):
                damage.append("something stands behind the end of the feed; it was ignored")
        except json.JSONDecodeError as error:
            value = decoder.decode(_whole_items(text, error))
            damage.append(
                f"the document ends early or is damaged: {error}; the complete items before were taken"
            )
    except RecursionError as error:
        raise RefusedDocumentError(
            "a JSON document nested deeper than any feed, which is a fixed limit"
        ) from error
    if repetitions:
        damage.append(f"{sum(repetitions)} names stand twice in one object; the last value was taken")
    return value, damage


def _whole_items(text: str, error: json.JSONDecodeError) -> str:
    """The document up to its last complete item before the damage, closed there. Raises ParseError."""
    open_brackets: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text, 0, error.pos):
        bracket = token[0]
        if bracket in ("{", "["):
            open_brackets.append(bracket)
        elif bracket in ("}", "]"):
            open_brackets.pop()
            if bracket == "}" and open_brackets == ["{", "["]:
                end = token.end()
    if not end:
        raise ParseError(f"a JSON document that cannot be read: {error}") from error
    return text[:end] + "]}"


def _head_and_items(document: Any) -> tuple[dict[str, Any], list[Any]]:
    """The feed's own object and its items. Raises NotAFeedError.

    Without a version, the names that only JSON Feed has must show what it is: other programs answer with
    lists of ``items`` too.
    """
    if not isinstance(document, dict):
        raise NotAFeedError("a JSON document, not a feed")
    items = document.get("items")
    if isinstance(items, dict):  # PHP's json_encode of a list with gaps
        items = list(items.values())
    is_named = bool(_VERSION.match(_text(document, "version")))
    if not isinstance(items, list):
        raise NotAFeedError(
            f"a JSON {'Feed without a list of items' if is_named else 'document, not a feed'}"
        )
    own_names = {"home_page_url", "feed_url"} & document.keys()
    if is_named or own_names or any(_is_item(item) for item in items):
        return document, items
    raise NotAFeedError("a JSON document, not a feed: nothing in it is named as in JSON Feed")


def _is_item(item: Any) -> bool:
    names = ("content_html", "content_text", "date_published")
    return isinstance(item, dict) and any(name in item for name in names)


def _entry(item: Any, feed_authors: list[dict[str, str]]) -> dict[str, Any]:
    """An item in feedparser's words; {} for what is no object."""
    if not isinstance(item, dict):
        return {}
    guid, summary = _text(item, "id"), _text(item, "summary")
    html, text = _text(item, "content_html"), _text(item, "content_text")
    addresses = (_text(item, "url"), absolute_url(guid, ""), _text(item, "external_url"))
    return {
        "id": guid,
        "title": _text(item, "title"),
        "title_detail": {"type": "text/plain"},
        "links": [
            *({"rel": "alternate", "href": address} for address in addresses),
            *([{"rel": "via", "href": addresses[2]}] if addresses[0] and addresses[2] else []),
            *_enclosures(item),
        ],
        "content": [{"value": html} if html.strip() else {"value": text, "type": "text/plain"}],
        "summary": summary,
        "summary_detail": {"value": summary, "type": "text/plain"},
        "authors": _authors(item) or feed_authors,
        "tags": [{"term": tag} for tag in _strings(item.get("tags"))],
        "published": _text(item, "date_published"),
        "updated": _text(item, "date_modified"),
        "media_content": [{"url": _text(item, name), "medium": "image"} for name in _IMAGES],
    }


def _enclosures(item: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "rel": "enclosure",
            "href": _text(attachment, "url"),
            "type": _text(attachment, "mime_type"),
            "length": _text(attachment, "size_in_bytes"),
        }
        for attachment in _list(item.get("attachments"))
        if isinstance(attachment, dict)
    ]


def _authors(named: dict[str, Any]) -> list[dict[str, str]]:
    """``authors`` of 1.1, else ``author`` of 1.0; an author may be a bare name."""
    people = _list(named.get("authors")) or _list(named.get("author"))
    names = (_text(person, "name") if isinstance(person, dict) else _string(person) for person in people)
    return [{"name": name} for name in names if name]


def _hubs(head: dict[str, Any]) -> list[tuple[str, str]]:
    """Those that speak WebSub; the format has room for others, such as rssCloud."""
    hubs = (hub for hub in _list(head.get("hubs")) if isinstance(hub, dict))
    return [("hub", _text(hub, "url")) for hub in hubs if _text(hub, "type").strip().lower() == "websub"]


def _strings(value: Any) -> list[str]:
    """A list of strings, or one string with commas."""
    parts = value.split(",") if isinstance(value, str) else _list(value)
    return [string for part in parts if (string := _string(part))]


def _list(value: Any) -> list[Any]:
    """A list as it is, nothing as none, anything else as a list of itself."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(named: dict[str, Any], name: str) -> str:
    return _string(named.get(name))


def _string(value: Any) -> str:
    """A string without lone surrogates, which JSON can write and no encoding holds; '' for what is none."""
    return _SURROGATE.sub("", value) if isinstance(value, str) else ""
