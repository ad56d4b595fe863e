"""Links between the documents of a feed that has archives (RFC 5005, section 4), in Atom."""

from __future__ import annotations

from lxml import etree

from aggregator.outputs.channel import MEDIA_TYPES, Channel
from aggregator.outputs.feedxml import Element, sub

HISTORY = "http://purl.org/syndication/history/1.0"


def add_history(feed: Element, channel: Channel) -> None:
    """Behind the other links of feedgen's tree, and whether it is an archive page."""
    last = feed.findall("link")[-1]
    for rel, url in reversed(channel.history):
        link = sub(feed, "link", rel=rel, href=url, type=MEDIA_TYPES["atom"])
        last.addnext(link)
    if channel.is_archive:
        # The prefix is declared where it is used, so that other documents stay as they are.
        feed.find("updated").addnext(etree.Element(f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY}))
