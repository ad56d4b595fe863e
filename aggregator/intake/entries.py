"""What the entries of every format share: one damaged entry costs only itself, and each article is taken once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aggregator.intake.identity import without_repetitions
from aggregator.intake.image import without_constant_lengths
from aggregator.intake.mapping import FeedContext, map_entry
from aggregator.model.entry import Entry
from aggregator.model.problem import Problem

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # BCP 47


def map_entries(
    raws: Iterable[Mapping[str, Any]], feed: FeedContext
) -> tuple[tuple[Entry, ...], list[Problem]]:
    """Every article that can be used, once, in document order, and what is wrong with the others.

    ``raws`` are entries as feedparser gives them, or in its words: so all formats are cleaned alike.
    """
    entries: list[Entry] = []
    problems: list[Problem] = []
    for position, raw in enumerate(raws, start=1):
        try:
            entry, messages = map_entry(raw, feed)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one entry, the others are news
            entry, messages = None, (f"cannot be read: {type(error).__name__}: {error}",)
        subject = (entry and (entry.guid or entry.url or entry.title)) or f"entry {position}"
        problems += (Problem(subject, message) for message in messages)
        if entry:
            entries.append(entry)
    distinct = without_repetitions(entries)
    if repeated := len(entries) - len(distinct):
        problems.append(
            Problem(feed.base_url, f"{repeated} entries stand there twice; the fuller ones were taken")
        )
    return without_constant_lengths(distinct), problems


def language_tag(stated: str) -> str:
    """A stated language as a BCP 47 tag; '' where it is none."""
    tag = stated.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""
