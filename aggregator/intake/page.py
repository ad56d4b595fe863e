"""What an HTML page says of feeds: the links by which readers' programs find them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree

from aggregator.intake.html_encoding import decode_html

PAGE_CHARACTERS = 1_000_000  # of a page are read; feeds are named in its head
MAX_FEED_LINKS = 50
MAX_ADDRESS_CHARACTERS = 2000

_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
# Types that a feed may have and much else has too: WordPress links its JSON API like this.
_BROAD_TYPES = frozenset({"application/json", "application/xml", "text/xml", "application/rdf+xml"})
_FEEDISH = re.compile(r"(?<![a-z])(?:rss2?|atom|feeds?|rdf)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A link to what should be a feed; ``media_type`` is '' where the page only links to it, as to any page."""

    url: str
    media_type: str
    title: str


@dataclass(frozen=True, slots=True)
class WebPage:
    """An HTML page; ``feed_links`` in the order of the page, those declared for programs first."""

    title: str
    feed_links: tuple[FeedLink, ...]


def read_page(body: bytes, url: str, content_type: str) -> WebPage:
    """The page's title and the feeds it names: ``<link rel=alternate>`` with a feed's media type
    (https://html.spec.whatwg.org/multipage/links.html#rel-alternate), and links to addresses that look like feeds.

    ``url`` is where the page was found. Comments, scripts and text name nothing.
    """
    text = decode_html(body, content_type)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    # The tag in front makes a page of nothing one that can be parsed.
    root = etree.fromstring(f"<html>{text[:PAGE_CHARACTERS]}".encode(), parser)
    base = _base(root, url)
    links: dict[str, FeedLink] = {}
    for link in (*_declared(root, base), *_mentioned(root, base)):
        links.setdefault(link.url, link)
    return WebPage(_one_line(root.findtext(".//title")), tuple(links.values())[:MAX_FEED_LINKS])


def _base(root: etree._Element, url: str) -> str:
    """What relative addresses are relative to: the first ``<base href>``, else the page itself."""
    declared = next((href for element in root.iter("base") if (href := element.get("href"))), "")
    return _absolute(declared, url) or url


def _declared(root: etree._Element, base: str) -> Iterator[FeedLink]:
    for element in root.iter("link"):
        address = _absolute(element.get("href", ""), base)
        media_type = element.get("type", "").partition(";")[0].strip().lower()
        title = _one_line(element.get("title"))
        if not address or "alternate" not in element.get("rel", "").lower().split():
            continue
        is_feedish = _FEEDISH.search(title) or _FEEDISH.search(_below_host(address))
        if media_type in _FEED_TYPES or (media_type in _BROAD_TYPES and is_feedish):
            yield FeedLink(address, media_type, title)


def _mentioned(root: etree._Element, base: str) -> Iterator[FeedLink]:
    for element in root.iter("a"):
        address = _absolute(element.get("href", ""), base)
        if address and _FEEDISH.search(_below_host(address)):
            yield FeedLink(address, "", _one_line(element.text))


def _below_host(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def _absolute(href: str, base: str) -> str:
    """The address in full and without its fragment; '' when it is no http(s) address of a sane length."""
    href = href.strip()
    if not href or len(href) > MAX_ADDRESS_CHARACTERS:
        return ""
    try:
        address = urldefrag(urljoin(base, href)).url
        is_http = urlsplit(address).scheme in ("http", "https") and bool(urlsplit(address).hostname)
    except ValueError:
        return ""
    return address if is_http else ""


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())[:200]
