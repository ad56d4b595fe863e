"""What no schema can say of our documents, and what the validators of feeds warn of: checks of our own.

They read the bytes with lxml and json alone, and share nothing with the gate of the product.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from lxml import etree, html

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
# XML's own discouraged characters and C1, written or as references; U+FFFE and its like.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_FORBIDDEN = re.compile(
    "applet|area|base|button|dialog|embed|form|frame|frameset|input|link|map|math|meta|noscript|object|option|param|"
    "plaintext|portal|script|select|style|svg|template|textarea|xmp"
)
_ADDRESSES = ("href", "src", "poster", "cite", "action", "formaction", "data", "background", "longdesc")


@dataclass(frozen=True)
class Entry:
    """One entry: every address, date and markup of it as it stands; a date is None when it is not in UTC."""

    id: str
    title: str
    urls: tuple[str, ...]
    published_at: datetime | None
    updated_at: datetime | None
    markups: tuple[str, ...]


@dataclass(frozen=True)
class Feed:
    """A document of any format."""

    updated_at: datetime | None
    urls: tuple[str, ...]
    entries: tuple[Entry, ...]


def document_problems(family: str, body: bytes) -> list[str]:
    """What is wrong with an RSS, Atom or JSON Feed document; [] when nothing is."""
    text = body.decode("utf-8")
    feed = {"rss": _rss, "atom": _atom, "json": _json}[family](body)
    problems = ["characters that XML discourages"] if _UNFIT.search(_unescaped(text)) else []
    problems += [
        f"id stands twice: {one}" for one, times in Counter(e.id for e in feed.entries).items() if times > 1
    ]
    problems += [f"not an absolute address of ASCII: {url!r}" for url in feed.urls if not is_address(url)]
    problems += ["the document's date is not in UTC"] if feed.updated_at is None else []
    for entry in feed.entries:
        problems += [f"{entry.id}: {problem}" for problem in _entry_problems(entry, feed.updated_at)]
    return problems


def _entry_problems(entry: Entry, document_at: datetime | None) -> Iterator[str]:
    if not entry.title.strip() or entry.title != " ".join(entry.title.split()) or _BIDI.search(entry.title):
        yield f"title is no clean line: {entry.title!r}"
    if re.search(r"<[A-Za-z/!?]", entry.title):
        yield f"markup in the title: {entry.title!r}"
    yield from (f"not an absolute address of ASCII: {url!r}" for url in entry.urls if not is_address(url))
    if entry.published_at is None or entry.updated_at is None:
        yield "a date is missing or not in UTC"
    elif entry.updated_at < entry.published_at:
        yield "updated before it was published"
    elif document_at is not None and max(entry.published_at, entry.updated_at) > document_at:
        yield f"a date after the document's own: {entry.updated_at} {document_at}"
    for markup in entry.markups:
        yield from markup_problems(markup)


def markup_problems(markup: str) -> Iterator[str]:
    """What readers must not meet in content: nothing at all, scripts and their like, relative addresses."""
    if not markup.strip():
        yield "empty content"
        return
    root = html.fragment_fromstring(markup, create_parent="div")
    if not root.text_content().strip() and not root.xpath(".//img|.//iframe|.//video|.//audio"):
        yield "content that shows nothing"
    for element in root.iter():
        if not isinstance(element.tag, str):
            yield "a comment or processing instruction"
            continue
        if _FORBIDDEN.fullmatch(element.tag):
            yield f"element {element.tag}"
        for name, value in element.attrib.items():
            if name.startswith("on") or name in ("style", "srcset", "srcdoc", "id", "name", "ping"):
                yield f"attribute {name} of {element.tag}"
            elif name in _ADDRESSES and not re.fullmatch(
                r"(https?://[^\s/?#@\\]+([/?#][^\s\\]*)?|mailto:\S+)", value
            ):
                yield f"{name} of {element.tag} is no absolute address: {value!r}"


def is_address(url: str) -> bool:
    """Absolute http(s), and a URI: of printable ASCII without spaces, quotes, brackets and backslashes."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    path = r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*"
    is_uri = re.fullmatch(rf"https?://[A-Za-z0-9\-._~\[\]:]+(?:[/?]{path})?(?:#{path})?", url)
    return bool(is_uri and parts.hostname)


def same_updated(body: bytes) -> list[str]:
    """The moments that two or more entries of an Atom document share as ``updated``: validators warn of them."""
    moments = Counter(entry.updated_at.isoformat() for entry in _atom(body).entries if entry.updated_at)
    return [moment for moment, times in moments.items() if times > 1]


def _rss(body: bytes) -> Feed:
    root = etree.fromstring(body)
    entries = []
    for item in root.iterfind("channel/item"):
        published_at = _rfc822(item.findtext("pubDate"))
        markups = [node.text or "" for node in item.iter("description", CONTENT)]
        urls = [item.findtext("link") or "", *_attributes(item, "url", "href")]
        entries.append(
            Entry(
                item.findtext("guid") or "",
                item.findtext("title") or "",
                tuple(urls),
                published_at,
                published_at,
                tuple(markups),
            )
        )
    urls = [node.text or "" for node in root.iterfind("channel/link")]
    urls += [node.get("href") or "" for node in root.iterfind(f"channel/{ATOM}link")]
    return Feed(_rfc822(root.findtext("channel/lastBuildDate")), tuple(urls), tuple(entries))


def _atom(body: bytes) -> Feed:
    root = etree.fromstring(body)
    entries = [
        Entry(
            entry.findtext(f"{ATOM}id") or "",
            entry.findtext(f"{ATOM}title") or "",
            tuple(_attributes(entry, "url", "href")),
            _rfc3339(entry.findtext(f"{ATOM}published")),
            _rfc3339(entry.findtext(f"{ATOM}updated")),
            tuple(node.text or "" for node in entry.iterchildren(f"{ATOM}content", f"{ATOM}summary")),
        )
        for entry in root.iterfind(f"{ATOM}entry")
    ]
    urls = [node.get("href") or "" for node in root.iterfind(f"{ATOM}link")]
    return Feed(_rfc3339(root.findtext(f"{ATOM}updated")), tuple(urls), tuple(entries))


def _json(body: bytes) -> Feed:
    feed = json.loads(body)
    entries = [
        Entry(
            item["id"],
            item["title"],
            tuple(
                [item[name] for name in ("url", "external_url", "image") if name in item]
                + [attachment["url"] for attachment in item.get("attachments", ())]
            ),
            _rfc3339(item["date_published"]),
            _rfc3339(item["date_modified"]),
            (item["content_html"],),
        )
        for item in feed["items"]
    ]
    urls = (feed["home_page_url"], feed["feed_url"])
    return Feed(_rfc3339(feed["_aggregator"]["updated"]), urls, tuple(entries))


def _attributes(element: etree._Element, *names: str) -> list[str]:
    return [node.get(name) or "" for node in element.iter() for name in names if node.get(name) is not None]


def _unescaped(text: str) -> str:
    """Character references (XML's and JSON's) as the characters that they stand for."""
    text = re.sub(r"&#x([0-9A-Fa-f]+);", lambda match: chr(int(match[1], 16)), text)
    text = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), text)
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), text)


def _rfc822(value: str | None) -> datetime | None:
    """Also the name of the day must be right."""
    try:
        moment = datetime.strptime(value or "", "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment.strftime("%a") == (value or "")[:3] else None


def _rfc3339(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value and _UTC.fullmatch(value) else None
