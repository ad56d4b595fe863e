"""OPML 2.0 (https://opml.org/spec2.opml): every output, for subscribing to all at once."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from aggregator.outputs.channel import Channel
from aggregator.outputs.feedxml import serialize, sub


def render_opml(title: str, channels: Sequence[Channel]) -> bytes:
    """The subscription list; each output once, as RSS, so that an import subscribes to nothing twice."""
    root = etree.Element("opml", version="2.0")
    head = sub(root, "head")
    sub(head, "title", title)
    sub(head, "docs", "https://opml.org/spec2.opml")
    body = sub(root, "body")
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
