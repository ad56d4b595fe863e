"""Atom 1.0 (RFC 4287) with Media RSS."""

from __future__ import annotations

import html
from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache

from feedgen.feed import FeedGenerator

from aggregator.model.story import Origin
from aggregator.outputs.channel import MEDIA_TYPES, Channel
from aggregator.outputs.feedxml import AtomNamespaces, Element, add_media, generator_of, serialize, sub
from aggregator.outputs.history import add_history
from aggregator.outputs.item import KEPT, Item, rfc3339
from aggregator.outputs.tombstones import add_tombstones

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def render_atom(channel: Channel, items: Sequence[Item]) -> bytes:
    """The output as Atom 1.0."""
    generator = generator_of(channel, AtomNamespaces)
    generator.id(channel.id)
    generator.subtitle(channel.description)
    generator.author(name=channel.site_name, uri=channel.site_url)
    generator.link(href=channel.self_url("atom"), rel="self", type=MEDIA_TYPES["atom"])
    generator.link(href=channel.site_url, rel="alternate", type="text/html")
    if channel.hub_url:
        generator.link(href=channel.hub_url, rel="hub")
    if channel.image_url:
        generator.icon(channel.image_url)
        generator.logo(channel.image_url)
    if channel.press_code_url:
        generator.link(
            href=channel.press_code_url, rel="related", type="text/html", title="Pedoman Media Siber"
        )
    root, _tree = generator._create_atom()
    root.find("updated").text = rfc3339(channel.updated_at)
    root.extend(deepcopy(_element(item)) for item in items)
    add_history(root, channel)
    add_tombstones(root, channel.withdrawn)
    return serialize(root)


@lru_cache(maxsize=KEPT)
def _element(item: Item) -> Element:
    """The item's element, to be copied: it is the same in all documents."""
    generator = FeedGenerator()
    generator.id("-")
    generator.title("-")
    _add_entry(generator, item)
    root, _tree = generator._create_atom()
    element = root.find("entry")
    # feedgen's elements carry no namespace (it writes xmlns as an attribute), so ours must not either.
    _mend_entry(element, item)
    return element


def _add_entry(generator: FeedGenerator, item: Item) -> None:
    entry = generator.add_entry(order="append")
    entry.id(item.id)
    entry.title(item.title)
    entry.link(href=item.url)
    if item.summary:
        # As html, not text: some readers take any summary for HTML, and escaped text means the same to all.
        entry.summary(html.escape(item.summary, quote=False), type="html")
    if item.html:
        entry.content(item.html, type="html")
    for author in item.authors:
        entry.author(name=author)
    for term in item.terms:
        entry.category(term=term.code, scheme=term.scheme, label=term.label)


def _mend_entry(element: Element, item: Item) -> None:
    """Dates (feedgen stamped its own), links with their rel, type and length, a source with id and updated."""
    element.find("updated").text = rfc3339(item.updated_at)
    sub(element, "published", rfc3339(item.published_at))
    element.find("link").attrib.update({"rel": "alternate", "type": "text/html"})
    if item.via_url:
        sub(element, "link", href=item.via_url, rel="via", type="text/html")
    for one in item.related:
        sub(element, "link", href=one.url, rel="related", type="text/html", title=one.title)
    if item.image:
        length = str(item.image.length_bytes or "")  # RSS must state one, Atom need not
        sub(element, "link", href=item.image.url, rel="enclosure", type=item.image.media_type, length=length)
        add_media(element, item.image)
    if item.origin:
        _add_source(element, item.origin, item)
    if item.language:
        element.set(_XML_LANG, item.language)


def _add_source(element: Element, origin: Origin, item: Item) -> None:
    """RFC 4287, section 4.2.11: id, title and updated, or readers reject the entry.

    The source's own ``updated`` is not kept; the entry's is the latest that we know it by.
    """
    source = sub(element, "source")
    sub(source, "id", origin.feed_id)
    sub(source, "title", origin.title)
    sub(source, "updated", rfc3339(item.updated_at))
    if not item.authors:
        # Else we would be taken for the author, as the feed's (section 4.2.1).
        sub(sub(source, "author"), "name", origin.title)
    if origin.feed_url:
        sub(source, "link", href=origin.feed_url, rel="self")
    if origin.site_url:
        sub(source, "link", href=origin.site_url, rel="alternate", type="text/html")
