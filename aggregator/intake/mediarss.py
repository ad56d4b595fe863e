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
_KINDS = ("content", "group", "description", "title", "credit")
_KIND_OF = {f"{{{namespace}}}{kind}": kind for namespace in NAMESPACES for kind in _KINDS}


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
        media: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
        for element in entry.iter(*_KIND_OF):
            media[_KIND_OF[element.tag]].append(element)
        raw["media_captions"] = [_text(caption) for caption in media["description"]]
        stated = raw.get("media_content", ())
        if len(media["content"]) == len(stated):
            for kept, words in zip(stated, _words(media, entry), strict=True):
                kept.update(words)


def _words(media: dict[str, list[Any]], entry: Any) -> Iterator[dict[str, str]]:
    """What is said of each media:content: by itself, else by its group, else by the entry."""
    of_entry = _own_words(entry)
    of_groups = {
        group: of_entry | _own_words(group) | {"group": f"group {number}"}
        for number, group in enumerate(media["group"])
    }
    for content in media["content"]:
        around = of_groups.get(content.getparent(), of_entry)
        yield {"caption": "", "headline": "", "credit": "", "group": ""} | around | _own_words(content)


def _own_words(level: Any) -> dict[str, str]:
    """What an element's own children say, without what they leave empty.

    The photographer comes before others: a credit's role may be anything (Media RSS, media:credit).
    """
    said: dict[str, str] = {}
    children = [(_KIND_OF.get(child.tag, ""), child) for child in level]
    for kind, child in sorted(children, key=lambda pair: pair[1].get("role") != "photographer"):
        name = {"description": "caption", "title": "headline", "credit": "credit"}.get(kind)
        if name and name not in said and (text := _text(child)):
            said[name] = text
    return said


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
