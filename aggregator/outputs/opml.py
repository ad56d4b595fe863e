"""OPML 2.0 (https://opml.org/spec2.opml): lists of feeds, for subscribing to all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from aggregator.config.model import Config
from aggregator.outputs.channel import Channel
from aggregator.outputs.feedxml import Element, serialize, sub
from aggregator.outputs.text import one_line


def render_opml(title: str, channels: Sequence[Channel]) -> bytes:
    """Our outputs; each once, as RSS, so that an import subscribes to nothing twice."""
    root, body = _list(title)
    for channel in channels:
        sub(
            body,
            "outline",
            type="rss",
            version="RSS2",
            text=channel.title,
            title=channel.title,
            description=channel.description,
            language=channel.language,
            xmlUrl=channel.self_url("rss"),
            htmlUrl=channel.site_url,
        )
    return serialize(root)


def render_sources(config: Config) -> bytes:
    """What we poll, in the order of feeds.yaml, also what is turned off; for another desk, or a reader."""
    root, body = _list(f"Sources of {one_line(config.site.name)}")
    for source in config.sources:
        partner = config.partner(source.partner)
        sub(
            body,
            "outline",
            type="rss",
            text=source.id,
            title=one_line(partner.name),
            xmlUrl=source.url,
            htmlUrl=partner.url,
        )
    return serialize(root)


def _list(title: str) -> tuple[Element, Element]:
    """A document and its body, still empty."""
    root = etree.Element("opml", version="2.0")
    head = sub(root, "head")
    sub(head, "title", title)
    sub(head, "docs", "https://opml.org/spec2.opml")
    return root, sub(root, "body")
