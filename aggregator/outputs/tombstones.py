"""Withdrawn stories as documents tell of them: Atom by RFC 6721, JSON Feed in words of our own. RSS has none."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from aggregator.model.story import Withdrawn
from aggregator.outputs.feedxml import Element, sub
from aggregator.outputs.item import rfc3339, utc_seconds
from aggregator.outputs.text import inert, one_line

TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
DELETED, _COMMENT = f"{{{TOMBSTONES}}}deleted-entry", f"{{{TOMBSTONES}}}comment"


def add_tombstones(feed: Element, withdrawn: Sequence[Withdrawn]) -> None:
    """Before the entries of feedgen's tree: RFC 4287's grammar wants foreign elements there."""
    first = feed.find("entry")
    for one in withdrawn:
        # The prefix is declared where it is used, so that a feed without tombstones stays as it is.
        element = etree.Element(DELETED, {"ref": one.id, "when": _when(one)}, nsmap={"at": TOMBSTONES})
        if reason := _reason(one):
            sub(element, _COMMENT, reason)
        if first is None:
            feed.append(element)
        else:
            first.addprevious(element)


def tombstones_in_words(withdrawn: Sequence[Withdrawn]) -> list[dict[str, str]]:
    """The same for ``_aggregator.deleted`` of a JSON Feed."""
    return [
        {"id": one.id, "when": _when(one)} | ({"comment": reason} if (reason := _reason(one)) else {})
        for one in withdrawn
    ]


def _when(one: Withdrawn) -> str:
    return rfc3339(utc_seconds(one.withdrawn_at))


def _reason(one: Withdrawn) -> str:
    return inert(one_line(one.reason))
