"""What a browser would make of our markup, and what is wrong with that: the rules of published HTML, written apart
from the sanitizer's own and read by another parser's tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from bleach._vendor import html5lib  # type: ignore[import-not-found]

ALLOWED = re.compile(
    "p|br|h[2-6]|em|strong|b|i|u|s|sub|sup|small|a|img|figure|figcaption|ul|ol|li|dl|dt|dd|blockquote|q|cite|pre|code"
    "|table|caption|thead|tbody|tr|th|td|hr|video|audio|source|iframe"
)
ATTRIBUTES = re.compile(
    "href|rel|src|alt|width|height|loading|cite|colspan|rowspan|start|controls|poster|type|sandbox|allowfullscreen"
)
EMBED = re.compile(
    r"https://(www\.youtube(-nocookie)?\.com/embed/[\w-]+|player\.vimeo\.com/video/\d+)", re.ASCII
)
TRACKING = re.compile(r"[?&](?:amp;)*(?:utm_|fbclid|gclid|igsh)", re.IGNORECASE)
# from "Unicode" chapter 23: C0, DEL, C1, surrogates, noncharacters, bidi controls
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def problems(markup: str) -> list[str]:
    """Every breach of the rules for published HTML; empty when there is none."""
    tree = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    return [
        *(f"character {match.group()!r}" for match in UNPRINTABLE.finditer(markup)),
        *(problem for element in tree.iter() for problem in _problems_of(element) if element is not tree),
    ]


def _problems_of(element: Element) -> Iterator[str]:
    if not isinstance(element.tag, str):
        yield "comment or processing instruction"
        return
    if not ALLOWED.fullmatch(element.tag):
        yield f"element {element.tag}"
    for name, value in element.attrib.items():
        if not ATTRIBUTES.fullmatch(name):
            yield f"attribute {name}"
        if name in ("href", "src", "cite", "poster") and not _is_fit(value, mail=element.tag == "a"):
            yield f"address {value!r}"
    if element.tag == "iframe" and not (EMBED.fullmatch(element.get("src", "")) and element.get("sandbox")):
        yield f"iframe {element.get('src')!r}"
    if element.tag == "a" and element.get("rel") != "nofollow noopener":
        yield "link that recommends, or opens a way back"
    if element.tag == "a" and TRACKING.search(element.get("href", "").partition("#")[0]):
        yield f"tracked link {element.get('href')!r}"
    if element.tag == "img" and (element.get("alt") is None or element.get("loading") != "lazy"):
        yield "image without alt, or loaded at once"
    if element.tag in ("img", "video", "audio", "source") and not _is_https(element):
        yield f"medium not over https: {element.attrib!r}"


def _is_https(element: Element) -> bool:
    return all(element.get(name, "https://").startswith("https://") for name in ("src", "poster"))


def _is_fit(address: str, *, mail: bool) -> bool:
    if re.search(r"[\x00-\x20\x7f\\]", address):
        return False
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  (raises ValueError when it is none)
    except ValueError:
        return False
    if mail and parts.scheme == "mailto":
        return True
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
