"""Media RSS as it is meant: which words belong to which picture.

feedparser keeps all media:content elements of an entry in one list, without their groups, and files captions under
the entry's own texts. So the elements are read once more here, and what feedparser lost is put beside what it kept.
https://www.rssboard.org/media-rss
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

NAMESPACES = ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss")
_ENTRIES = ("{*}item", "{*}entry")


def with_media_words(raws: Sequence[Any], text: str) -> None:
    """Give feedparser's ``media_content`` of each entry its words, and the entry its ``media_captions``.

    Each picture gets ``credit``, ``caption``, ``headline`` and ``group`` (a name that the representations of one
    picture share, or ""). Left as it is where both readings of the document differ, as in broken ones.
    """
    if not any(name in text for name in NAMESPACES):
        return
    parser = etree.XMLParser(recover=True, no_network=True, resolve_entities=False, huge_tree=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return
    entries = [] if root is None else list(root.iter(*_ENTRIES))
    if len(entries) != len(raws):
        return
    for raw, entry in zip(raws, entries, strict=True):
        contents = list(_media(entry, "content"))
        stated = raw.get("media_content", ())
        raw["media_captions"] = [_text(caption) for caption in _media(entry, "description")]
        if len(contents) != len(stated):
            continue
        for kept, element in zip(stated, contents, strict=True):
            kept.update(_words(element, entry))


def _words(content: Any, entry: Any) -> dict[str, Any]:
    """What is said of one media:content: by itself, else by its group, else by the entry."""
    groups = list(_media(entry, "group"))
    group = content.getparent() if content.getparent() in groups else None
    levels = [level for level in (content, group, entry) if level is not None]
    return {
        "caption": _nearest(levels, "description"),
        "headline": _nearest(levels, "title"),
        "credit": next((credit for level in levels if (credit := _credit(level))), ""),
        "group": "" if group is None else f"group {groups.index(group)}",
    }


def _nearest(levels: Sequence[Any], name: str) -> str:
    return next((text for level in levels for child in _children(level, name) if (text := _text(child))), "")


def _credit(level: Any) -> str:
    """The photographer before others: a credit's role may be anything (Media RSS, media:credit)."""
    credits = sorted(_children(level, "credit"), key=lambda credit: credit.get("role") != "photographer")
    return next((text for credit in credits if (text := _text(credit))), "")


def _children(level: Any, name: str) -> Iterator[Any]:
    return (child for child in level if child.tag in _names(name))


def _media(entry: Any, name: str) -> Iterator[Any]:
    return iter(entry.iter(*_names(name)))


def _names(name: str) -> tuple[str, ...]:
    return tuple(f"{{{namespace}}}{name}" for namespace in NAMESPACES)


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
