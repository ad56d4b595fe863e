"""RSS 2.0 with content:encoded, Dublin Core, Media RSS and atom:link.

Source: https://www.rssboard.org/rss-specification.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from copy import deepcopy
from email.utils import format_datetime
from functools import lru_cache

from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.outputs.channel import MEDIA_TYPES, Channel
from aggregator.outputs.feedxml import (
    ATOM,
    DC,
    Element,
    RssNamespaces,
    add_media,
    generator_of,
    serialize,
    sub,
)
from aggregator.outputs.item import KEPT, Item

_TTL_MINUTES = 15
# CDATA is for the person who reads the source; what would end it, or looks like XML, is escaped instead.
_UNFIT_FOR_CDATA = re.compile(r"]]>|<[!?]")


def render_rss(channel: Channel, items: Sequence[Item]) -> bytes:
    """The output as RSS 2.0."""
    generator = generator_of(channel, RssNamespaces)
    generator.link(href=channel.self_url("rss"), rel="self", type=MEDIA_TYPES["rss"])
    generator.link(href=channel.site_url, rel="alternate")  # last: the last one becomes <link>
    generator.description(channel.description)
    if channel.image_url:
        generator.image(channel.image_url, channel.title, channel.site_url)
    generator.docs("https://www.rssboard.org/rss-specification")
    generator.ttl(_TTL_MINUTES)
    # There is no way to unset it, and when set it is written by switching the locale: mended below.
    generator._FeedGenerator__rss_lastBuildDate = None
    root, _tree = generator._create_rss()
    head = root.find("channel")
    head.find("ttl").addprevious(_last_build_date(channel))
    if channel.hub_url:
        sub(head, f"{{{ATOM}}}link", href=channel.hub_url, rel="hub")
    head.extend(deepcopy(_element(item)) for item in items)
    return serialize(root)


@lru_cache(maxsize=KEPT)
def _element(item: Item) -> Element:
    """The item's element, to be copied: it is the same in all documents."""
    generator = FeedGenerator()
    generator.title("-")
    generator.description("-")
    generator.link(href="-")
    _add_item(generator, item)
    root, _tree = generator._create_rss()
    element = root.find("channel/item")
    _mend_item(element, item)
    return element


def _add_item(generator: FeedGenerator, item: Item) -> None:
    entry = generator.add_entry(order="append")
    entry.id(item.id)  # also guid isPermaLink="false"
    entry.title(item.title)
    entry.link(href=item.url)
    # Readers take description for HTML, so plain text is escaped once more.
    entry.description(html.escape(item.summary or item.title, quote=False), isSummary=True)
    if item.html:
        entry.content(item.html, type="html" if _UNFIT_FOR_CDATA.search(item.html) else "CDATA")
    for term in item.terms:
        entry.category(term=term.code, scheme=_domain(term.scheme, term.code), label=term.label)
    if item.image:
        entry.enclosure(item.image.url, item.image.length_bytes or 0, item.image.media_type)
    if item.origin and item.origin.feed_url:
        entry.source(item.origin.feed_url, item.origin.title)


def _mend_item(element: Element, item: Item) -> None:
    """What feedgen has no word for. Authors only as dc:creator: beside <author>, readers show them twice."""
    sub(element, "pubDate", format_datetime(item.published_at, usegmt=True))
    for author in item.authors:
        sub(element, f"{{{DC}}}creator", author)
    if item.language:
        sub(element, f"{{{DC}}}language", item.language)
    if item.via_url:
        sub(element, f"{{{ATOM}}}link", href=item.via_url, rel="via", type="text/html")
    for one in item.related:
        sub(element, f"{{{ATOM}}}link", href=one.url, rel="related", type="text/html", title=one.title)
    if item.image:
        add_media(element, item.image)


def _domain(scheme: str, code: str) -> str:
    return f"{scheme}{code}" if scheme else ""


def _last_build_date(channel: Channel) -> Element:
    element = etree.Element("lastBuildDate")
    element.text = format_datetime(channel.updated_at, usegmt=True)
    return element
