"""Which topics a story belongs to, by the rules of feeds.yaml.

A story is in a topic when its source is, when one of its categories or a part of its address says so, or when
the topic's keywords weigh enough: the sum over the keywords that occur, one in the title counting double,
reaches KEYWORD_THRESHOLD. A keyword occurs as whole words; case and accents never matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from aggregator.config.model import Topic
from aggregator.model.entry import Entry

KEYWORD_THRESHOLD = 3
TITLE_FACTOR = 2

_WORD = re.compile(r"\w+")
_ACCENTS = re.compile("[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True)
class _Matcher:
    """One topic's rules, folded for comparison."""

    categories: frozenset[str]
    paths: tuple[str, ...]
    keywords: Mapping[str, int]  # ' phrase ' with a space on both sides -> weight


def topics_of(
    entry: Entry, text: str, source_topics: Collection[str], topics: Sequence[Topic]
) -> tuple[str, ...]:
    """Ids of the topics that the entry is in, in the configuration's order. ``text`` is the cleaned text."""
    path = f"{urlsplit(entry.url).path.casefold().rstrip('/')}/"
    categories = {_folded(category) for category in entry.categories}
    title, body = _folded(entry.title), _folded(text)
    return tuple(
        topic.id
        for topic in topics
        if topic.id in source_topics or _matches(_matcher_of(topic), categories, path, title, body)
    )


def _matches(matcher: _Matcher, categories: set[str], path: str, title: str, body: str) -> bool:
    if categories & matcher.categories or any(part in path for part in matcher.paths):
        return True
    weight = 0
    for phrase, phrase_weight in matcher.keywords.items():
        if phrase in title:
            weight += TITLE_FACTOR * phrase_weight
        elif phrase in body:
            weight += phrase_weight
    return weight >= KEYWORD_THRESHOLD


def _matcher_of(topic: Topic) -> _Matcher:
    return _matcher(topic.categories, topic.paths, tuple(topic.keywords.items()))


@lru_cache(maxsize=256)
def _matcher(
    categories: tuple[str, ...], paths: tuple[str, ...], keywords: tuple[tuple[str, int], ...]
) -> _Matcher:
    return _Matcher(
        frozenset(_folded(category) for category in categories),
        tuple(path.casefold() for path in paths),
        {_folded(phrase): weight for phrase, weight in keywords if _folded(phrase).strip()},
    )


def _folded(text: str) -> str:
    """Words without case and accents, one space around each; so a phrase is found by ``in``."""
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return f" {' '.join(_WORD.findall(text.casefold()))} "
