"""What RSS and Atom share, and what feedgen gets wrong for both.

feedgen builds the tree; ``rss`` and ``atom`` mend it afterwards, because feedgen 1.0.0 drops rel, type and
length of entry links, knows no media:credit, formats RSS dates by switching the process's locale (not safe
beside other threads) and stamps its own time of day where none was given.
"""

from __future__ import annotations

from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model.entry import Image
from aggregator.outputs.channel import GENERATOR, Channel

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
Element = Any  # lxml-stubs' _Element has no public name


class RssNamespaces(BaseExtension):  # type: ignore[misc]
    """Prefixes declared once, on the root element of RSS."""

    def extend_ns(self) -> dict[str, str]:
        return {"dc": DC, "media": MEDIA}


class AtomNamespaces(BaseExtension):  # type: ignore[misc]
    """Prefixes declared once, on the root element of Atom."""

    def extend_ns(self) -> dict[str, str]:
        return {"media": MEDIA}


def generator_of(channel: Channel, namespaces: type[BaseExtension]) -> FeedGenerator:
    """A feedgen generator with the head that both formats share; the caller adds the links."""
    generator = FeedGenerator()
    generator.register_extension("namespaces", namespaces, BaseEntryExtension)
    generator.title(channel.title)
    generator.language(channel.language)
    generator.generator(GENERATOR)
    if channel.rights:
        generator.rights(channel.rights)
    return generator


def sub(parent: Element, tag: str, text: str = "", /, **attributes: str) -> Element:
    """Append ``<tag attributes>text</tag>``; attributes given as '' are left out."""
    element = etree.SubElement(parent, tag, {name: value for name, value in attributes.items() if value})
    element.text = text or None
    return element


def add_media(parent: Element, image: Image) -> None:
    """Media RSS for the lead image (https://www.rssboard.org/media-rss#media-content)."""
    content = sub(
        parent,
        f"{{{MEDIA}}}content",
        url=image.url,
        medium="image",
        type=image.media_type,
        fileSize=str(image.length_bytes or ""),
        width=str(image.width or ""),
        height=str(image.height or ""),
    )
    if image.alt:
        sub(content, f"{{{MEDIA}}}description", image.alt, type="plain")
    if image.credit:
        sub(content, f"{{{MEDIA}}}credit", image.credit)


def serialize(root: Element) -> bytes:
    """The document in UTF-8, indented for the person who has to read it at night."""
    body: bytes = etree.tostring(root, pretty_print=True, encoding="UTF-8", xml_declaration=True)
    return body
