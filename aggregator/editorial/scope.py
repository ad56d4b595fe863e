"""Whether an article is news from abroad, told by the places and powers that its headline and lead name.

What happened says nothing of where: words of a flood weigh the same in Jambi and in Bangkok. Where a headline names a
place abroad, or a lead names two, and neither names Indonesia, a place in it or what is ours (``at_home`` in
``topics.toml``), the article is from abroad, whatever it is about.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from aggregator.editorial.lexicon import (
    Lexicon,
    Phrase,
    Weights,
    names_abroad,
    names_at_home,
    silent_words,
    words_of,
    written_words,
)
from aggregator.editorial.weighing import LEAD_WORDS, Reading
from aggregator.model.gazetteer import NAMES

ABROAD = "internasional"

_HOME = "home"
_MIN_IN_LEAD = 2  # one may be mentioned by the way
# What must stand before a name, by the trust that it has: "Serang" and "Malang" are words too.
_BEFORE = {
    "alone": ("",),
    "introduced": ("di", "ke", "dari", "asal", "kota", "kabupaten"),
    "kind": ("kota", "kabupaten"),
}


class Abroad(NamedTuple):
    """The names that tell so, and whether they stand in the headline."""

    names: tuple[str, ...]
    is_in_title: bool


def news_from_abroad(reading: Reading) -> Abroad | None:
    """What tells that the article is from abroad; None where it is not."""
    in_title, in_lead = _named(reading.title), _named(reading.body[:LEAD_WORDS])
    if _HOME in in_title or _HOME in in_lead:
        return None
    if names := in_title.get(ABROAD):
        return Abroad(tuple(names), is_in_title=True)
    names = in_lead.get(ABROAD, {})
    return Abroad(tuple(names), is_in_title=False) if len(names) >= _MIN_IN_LEAD else None


def _named(words: Phrase) -> dict[str, dict[str, None]]:
    """Names by the side that they are on, each once."""
    found: dict[str, dict[str, None]] = {}
    for _, phrase in _sides().mentions(words):
        for side in _sides().weights[phrase]:
            found.setdefault(side, {})[" ".join(phrase)] = None
    return found


@cache
def _sides() -> Lexicon:
    """Names of both sides. What only looks like a name is of none: "bahasa Inggris", "Kemlu RI"."""
    ours = (
        words_of(f"{before} {name.spelling}") for name in NAMES.values() for before in _BEFORE[name.trust]
    )
    other = (phrase for phrase, topics in written_words().items() if ABROAD in topics)
    sides: dict[Phrase, Weights] = {phrase: {} for phrase in (*silent_words(), *other)}
    sides.update((phrase, {_HOME: 1.0}) for phrase in (*ours, *names_at_home()))
    sides.update((phrase, {ABROAD: 1.0}) for phrase in names_abroad())
    return Lexicon(sides, are_names=True)
