"""OPML 1.0 and 2.0 (https://opml.org/spec2.opml) as every feed reader exports it: a list of feeds."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from aggregator.errors import RefusedDocumentError
from aggregator.intake.clean import MAX_NAME, plain_line
from aggregator.intake.encoding import decode
from aggregator.intake.lenient_xml import Element, local_name, read_tree
from aggregator.intake.precheck import check_opml
from aggregator.model.opml import ListedFeed

MAX_OPML_BYTES = 5_000_000
_MAX_FEEDS = 2_000
_MAX_DEPTH = 50  # folders in folders; libxml2 itself stops at 256
_MAX_ADDRESS = 10_000  # longer ones are cut; what is left is still too long for feeds.yaml, and refused there


def read_opml(body: bytes) -> tuple[tuple[ListedFeed, ...], tuple[str, ...]]:
    """The feeds of an OPML file, in its order, from every folder, and what was read around, in words.

    Only ``xmlUrl`` makes a feed: folders, links and lists to be included are passed over. Takes linear time.
    Raises NotAFeedError for anything but OPML, RefusedDocumentError for a document type with declarations,
    for depth, attributes, bytes and feeds beyond what an honest list has, and ParseError where nothing can be
    read.
    """
    if len(body) > MAX_OPML_BYTES:
        raise RefusedDocumentError(f"larger than {MAX_OPML_BYTES:,} bytes; no list of feeds is")
    text, mended = decode(body, "")
    root, damage = read_tree(check_opml(text), "list")
    feeds = []
    for outline in _outlines(root):
        if feed := _feed(outline):
            feeds.append(feed)
        if len(feeds) > _MAX_FEEDS:
            raise RefusedDocumentError(f"more than {_MAX_FEEDS:,} feeds; split the file")
    return tuple(feeds), (*mended, *damage)


def _outlines(root: Element) -> Iterator[Element]:
    """Every outline, at any depth, in the order of the file. Raises RefusedDocumentError for too much depth."""
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        if depth > _MAX_DEPTH:
            raise RefusedDocumentError(f"elements nested more than {_MAX_DEPTH} deep")
        if local_name(element) == "outline":
            yield element


def _feed(outline: Element) -> ListedFeed | None:
    """The feed that an outline names; None for a folder. Programs differ in the case of attributes."""
    said = {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}
    if not said.get("xmlurl"):
        return None
    label = plain_line(said.get("text", ""), MAX_NAME)
    title = plain_line(said.get("title", ""), MAX_NAME)
    return ListedFeed(
        url=said["xmlurl"][:_MAX_ADDRESS],
        label=label or title,
        title=title or label,
        site_url=said.get("htmlurl", "")[:_MAX_ADDRESS],
    )
