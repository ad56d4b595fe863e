"""A document cut into its entries and what stands around them, so that only entries that are new are parsed.

What can be cut is decided by ``precheck``, which walks over all markup: a document in which it had to mend anything is
read whole, and so is one that says something new around its entries, or the same entry twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from aggregator.intake.precheck import CheckedDocument
from aggregator.model.standing import Standing, Stood, digest64

# feedparser lets the base address of one entry's text reach the entries behind it.
_BASE = "xml:base"
# What changes and means nothing for entries: comments, when the document was made, which entries stand in it (RSS 1.0,
# section 5.4). What CDATA holds is none of that. One pass over a document whose markup ``precheck`` found balanced: all
# that begins has its end, so that none is sought in vain.
_OF_THE_MOMENT = re.compile(
    r"(?P<data><!\[CDATA\[.*?\]\]>)|<!--.*?-->"
    r"|<(?P<name>lastBuildDate|pubDate|(?:\w+:)?updated|(?:\w+:)?modified|dc:date|items)(?:\s[^<>]*(?<!/))?>"
    r".*?</(?P=name)\s*>",
    re.DOTALL,
)
_OF_THE_MOMENT_IN_JSON = frozenset(("items", "next_url"))


@dataclass(frozen=True, slots=True)
class Cut:
    """What is to be parsed of a document: ``entries`` are digests of its entries, in document order, and ``positions``
    say the how-manieth in the document each of them is.

    ``seen`` stood there before and is left out. ``envelope`` is '' where a document cannot be cut.
    """

    envelope: str = ""
    entries: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    seen: tuple[Stood, ...] = ()


def cut_xml(
    document: CheckedDocument, url: str, before: Standing, *, keep_first: bool = False
) -> tuple[CheckedDocument, Cut]:
    """The document found at ``url`` without entries that stood there before, in the same envelope; with ``keep_first``
    the first entry stays in any case.
    """
    if not before.rules or document.entries is None or _BASE in document.text:
        return document, Cut()
    pieces, entries, position = [], [], 0
    for start, end in document.entries:
        pieces.append(document.text[position:start])
        entries.append(document.text[start:end])
        position = end
    pieces.append(document.text[position:])
    around = _OF_THE_MOMENT.sub(lambda match: match["data"] or "", "\0".join(pieces)).replace("\0", "")
    digests = [digest64(entry) for entry in entries]
    if keep_first:
        before = replace(before, entries=tuple(one for one in before.entries if one.entry not in digests[:1]))
    cut = _cut(_envelope(url, " ".join(around.split())), digests, before)
    if not cut.seen:
        return document, cut
    wanted = set(cut.entries)
    kept = [entry if digest in wanted else "" for entry, digest in zip(entries, digests, strict=True)]
    text = "".join(part for pair in zip(pieces, [*kept, ""], strict=True) for part in pair)
    return replace(document, text=text, entries=None), cut


def cut_json(head: dict[str, Any], items: Sequence[Any], url: str, before: Standing) -> tuple[list[Any], Cut]:
    """The items of a feed found at ``url`` that did not stand there before."""
    if not before.rules:
        return list(items), Cut()
    around = {name: value for name, value in head.items() if name not in _OF_THE_MOMENT_IN_JSON}
    try:
        digests = [digest64(_written(item)) for item in items]
        cut = _cut(_envelope(url, _written(around)), digests, before)
    except RecursionError:  # what can be read is not always what can be written
        return list(items), Cut()
    if not cut.seen:
        return list(items), cut
    wanted = set(cut.entries)
    return [item for item, digest in zip(items, digests, strict=True) if digest in wanted], cut


def _cut(envelope: str, entries: Sequence[int], before: Standing) -> Cut:
    if len(set(entries)) < len(entries):
        return Cut()
    stood = {one.entry: one for one in before.entries} if before.envelope == envelope else {}
    seen = tuple(stood[entry] for entry in entries if entry in stood)
    new = [(entry, position) for position, entry in enumerate(entries, start=1) if entry not in stood]
    return Cut(envelope, tuple(entry for entry, _ in new), tuple(position for _, position in new), seen)


def _envelope(url: str, around: str) -> str:
    """Addresses in entries may be relative to the document's own."""
    return blake2b(f"{url} {around}".encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
