"""What the entries of every format share: one damaged entry costs only itself, and each article is taken once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aggregator.intake.identity import without_repetitions
from aggregator.intake.image import without_constant_lengths
from aggregator.intake.mapping import FeedContext, map_entry
from aggregator.intake.split import Cut
from aggregator.model.entry import Entry
from aggregator.model.problem import Problem
from aggregator.model.standing import Stood, digest64

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # BCP 47


class Mapped(NamedTuple):
    """``stood``: of each entry what it will be known again by, None of one with problems.

    Where ``is_cut`` is false the document is to be read whole next time.
    """

    entries: tuple[Entry, ...]
    problems: list[Problem]
    stood: tuple[Stood | None, ...]
    is_cut: bool


def map_entries(raws: Sequence[Mapping[str, Any]], feed: FeedContext, cut: Cut) -> Mapped:
    """Every article that can be used, once, in document order, and what is wrong with the others.

    ``raws`` are entries as feedparser gives them, or in its words: so all formats are cleaned alike. ``cut`` is what
    they were cut out of.
    """
    entries: list[Entry] = []
    stood: list[Stood | None] = []
    problems: list[Problem] = []
    is_cut = bool(cut.envelope) and len(cut.entries) == len(raws)
    positions = cut.positions if is_cut else range(1, len(raws) + 1)
    for number, (position, raw) in enumerate(zip(positions, raws, strict=True)):
        try:
            entry, messages = map_entry(raw, feed)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one entry, the others are news
            entry, messages = None, (f"cannot be read: {type(error).__name__}: {error}",)
        subject = (entry and (entry.guid or entry.url or entry.title)) or f"entry {position}"
        problems += (Problem(subject, message) for message in messages)
        if entry:
            entries.append(entry)
            is_sound = is_cut and not messages
            stood.append(_stood(cut.entries[number], entry) if is_sound else None)
    distinct = without_repetitions(entries)
    if repeated := len(entries) - len(distinct):
        problems.append(
            Problem(feed.base_url, f"{repeated} entries stand there twice; the fuller ones were taken")
        )
    return Mapped(
        without_constant_lengths(distinct, cut.seen), problems, tuple(stood), is_cut and not repeated
    )


def _stood(digest: int, entry: Entry) -> Stood:
    image = entry.image
    if image is None or not image.length_bytes:
        return Stood(digest)
    return Stood(digest, picture=digest64(image.url), picture_bytes=image.length_bytes)


def language_tag(stated: str) -> str:
    """A stated language as a BCP 47 tag; '' where it is none."""
    tag = stated.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""
