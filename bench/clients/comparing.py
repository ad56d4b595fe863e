"""What a client read beside what was published, field by field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from clients.published import Published
from lxml import html

FIELDS = ("id", "title", "link", "date", "author", "authors", "category", "content", "enclosure", "source")
Read = dict[str, Any]  # by field, as the drivers print it


def differences(published: Sequence[Published], read: Sequence[Read]) -> dict[str, list[str]]:
    """By field what is not right, in words; a field that is right for every entry is left out."""
    found: dict[str, list[str]] = {}
    if len(read) != len(published):
        found["id"] = [f"{len(read)} entries of {len(published)}"]
    for entry in published:
        seen = _same(entry, read)
        for field in FIELDS:
            if not IS_RIGHT[field](entry, seen.get("author" if field == "authors" else field)):
                found.setdefault(field, []).append(f"{entry.id}: {seen.get(field)!r:.200}")
    return found


def unstated(published: Sequence[Published]) -> list[str]:
    """The fields that no entry states, and that prove nothing therefore."""
    stated = {
        "author": any(len(entry.authors) == 1 for entry in published),
        "authors": any(len(entry.authors) > 1 for entry in published),
        "category": any(entry.categories for entry in published),
        "content": any(entry.content for entry in published),
        "enclosure": any(entry.enclosures for entry in published),
        "source": any(entry.source for entry in published),
    }
    return [field for field, is_stated in stated.items() if not is_stated]


def _same(entry: Published, read: Sequence[Read]) -> Read:
    """What was read of that entry: known by its address, by its id where a client lost that."""
    for field, value in (("link", entry.link), ("id", entry.id)):
        for one in read:
            if one.get(field) == value:
                return one
    return {}


def _is_date(entry: Published, value: str | None) -> bool:
    return value is not None and datetime.fromisoformat(value.replace("Z", "+00:00")) == entry.date


def _is_author(entry: Published, values: Sequence[str | None] | None) -> bool:
    """Of one author; where there is none, clients may show the feed's (RFC 4287, section 4.2.1)."""
    names = {name for name in values or () if name}
    return len(entry.authors) > 1 or names == set(entry.authors) or (not entry.authors and len(names) == 1)


def _are_authors(entry: Published, values: Sequence[str | None] | None) -> bool:
    """All of several, one by one or in one string."""
    names = [name for name in values or () if name]
    return len(entry.authors) < 2 or names in (list(entry.authors), [", ".join(entry.authors)])


def _is_category(entry: Published, values: Sequence[str] | None) -> bool:
    """Labels or terms, each once: some clients keep one of two that are called the same."""
    labels, terms = (list(dict.fromkeys(pair[which] for pair in entry.categories)) for which in (0, 1))
    return list(dict.fromkeys(values or ())) in (labels, terms)


def _is_content(entry: Published, value: str | None) -> bool:
    """The same words: clients clean markup in their own ways."""
    return _words(value or "") == _words(entry.content)


def _words(markup: str) -> str:
    return " ".join(html.fragment_fromstring(markup, create_parent="div").text_content().split())


def _is_enclosure(entry: Published, values: Sequence[Sequence[Any]] | None) -> bool:
    """Those that we state must be there with what we state, and no others; Media RSS may be counted as another."""
    seen = [(address, kind, int(length or 0)) for address, kind, length in values or ()]
    ours = {address for address, _kind, _length in entry.enclosures}
    return set(entry.enclosures) <= set(seen) and {address for address, _kind, _length in seen} <= ours


IS_RIGHT: dict[str, Callable[[Published, Any], bool]] = {
    "id": lambda entry, value: value == entry.id,
    "title": lambda entry, value: value == entry.title,
    "link": lambda entry, value: value == entry.link,
    "date": _is_date,
    "author": _is_author,
    "authors": _are_authors,
    "category": _is_category,
    "content": _is_content,
    "enclosure": _is_enclosure,
    "source": lambda entry, value: (value or "") == entry.source,
}
