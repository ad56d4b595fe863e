"""The shipped lexicon, ``topics.toml``: which words and which channels of partners speak for which topic."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache
from importlib.resources import files
from typing import Any

from aggregator.editorial.word_forms import forms

Phrase = tuple[str, ...]
Weights = Mapping[str, float]  # by topic

_WORD = re.compile(r"\w+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
# Beyond ASCII and typographic signs, which most texts are within: only then is there anything to decompose.
_FOLDED = re.compile("[^\x00-\x7f\u2010-\u2026]")
# What a place or power abroad weighs, for the topic that has a list of them.
PLACE_WEIGHT = 4.0
# Words whose forms are remembered: more than a newsroom uses in a day.
_REMEMBERED = 50_000


def words_of(text: str) -> Phrase:
    """The words of a text without case and accents."""
    if _FOLDED.search(text):
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return tuple(_WORD.findall(text.casefold()))


class Lexicon:
    """Words and phrases with their weights, found in texts in any of their forms, names only as they stand."""

    def __init__(self, weights: Mapping[Phrase, Weights], *, are_names: bool = False) -> None:
        self.weights = weights
        self._are_names = are_names
        # By the first word and the second: most words that begin a phrase begin none where they stand.
        self._phrases: dict[str, dict[str, list[Phrase]]] = {}
        for phrase in weights:
            if len(phrase) > 1:
                self._phrases.setdefault(phrase[0], {}).setdefault(phrase[1], []).append(phrase)
        for by_second in self._phrases.values():
            for phrases in by_second.values():
                phrases.sort(key=len, reverse=True)  # of two that begin alike the longer one is meant
        self._known: dict[str, Phrase | None] = {}
        self._silent: set[str] = set()  # those of them that are nothing and begin nothing

    def mentions(self, words: Phrase, telling: Set[str] | None = None) -> list[tuple[int, Phrase]]:
        """Mentions of words and phrases of the lexicon, and where each begins; words of a phrase stand for it alone.

        ``telling`` is what ``telling`` says of these words, for a caller that knows it already.
        """
        telling = self.telling(frozenset(words)) if telling is None else telling
        found: list[tuple[int, Phrase]] = []
        known, phrases, end = self._known, self._phrases, 0
        for at in [at for at, word in enumerate(words) if word in telling]:
            if at < end:
                continue
            word = words[at]
            phrase = None
            if word in phrases and (next_word := words[at + 1 : at + 2]) and next_word[0] in phrases[word]:
                phrase = next(
                    (one for one in phrases[word][next_word[0]] if words[at : at + len(one)] == one), None
                )
            if phrase is None:
                phrase = known[word] if word in known else self._look_up(word)
            if phrase is not None:
                found.append((at, phrase))
                end = at + len(phrase)
        return found

    def telling(self, words: Set[str]) -> Set[str]:
        """Those of these words that may begin a mention: most do not, and need not be looked at where they stand."""
        known, phrases = self._known, self._phrases
        return {
            word
            for word in words - self._silent
            if (known[word] if word in known else self._look_up(word))
            or (word in phrases and not phrases[word].keys().isdisjoint(words))
        }

    def _look_up(self, word: str) -> Phrase | None:
        """The word of the lexicon of which this is a form."""
        candidates = (word,) if self._are_names else forms(word)
        found = next(((form,) for form in candidates if (form,) in self.weights), None)
        if len(self._known) < _REMEMBERED:
            self._known[word] = found
            if found is None and word not in self._phrases:
                self._silent.add(word)
        return found


@cache
def shipped_words() -> Mapping[Phrase, Weights]:
    """Weights by topic of every word and phrase of ``topics.toml``; those of ``says_nothing`` have none.

    A weight is what the newsroom gave it and what was derived from labelled articles together, so it may be negative.
    """
    weights = {phrase: dict(by_topic) for phrase, by_topic in written_words().items()}
    for topic, derived in _data()["derived"]["weights"].items():
        for phrase, weight in derived.items():
            by_topic = weights.setdefault(words_of(phrase), {})
            by_topic[topic] = by_topic.get(topic, 0.0) + weight
    return weights


@cache
def written_words() -> Mapping[Phrase, Weights]:
    """The same as the newsroom wrote them, without what was derived."""
    weights: dict[Phrase, dict[str, float]] = {phrase: {} for phrase in silent_words()}
    for topic, groups in _data()["topics"].items():
        for group, phrases in groups.items():
            if group != "channels":
                weight = PLACE_WEIGHT if group == "places" else float(group)
                for phrase in phrases:
                    weights.setdefault(words_of(phrase), {})[topic] = weight
    return weights


def silent_words() -> Iterable[Phrase]:
    """Words and phrases that say nothing, whose own words and stems would mislead."""
    return map(words_of, _data()["says_nothing"])


def names_abroad() -> Iterable[Phrase]:
    """Places and powers abroad."""
    return (words_of(name) for groups in _data()["topics"].values() for name in groups.get("places", ()))


def names_at_home() -> Iterable[Phrase]:
    """What a headline or a lead names in news from Indonesia, beside the places of the gazetteer."""
    return map(words_of, _data()["at_home"])


def derived_from() -> frozenset[str]:
    """Ids of the labelled articles that weights were derived from: what is known of them proves nothing."""
    return frozenset(_data()["derived"]["articles"])


@cache
def shipped_channels() -> Mapping[Phrase, Sequence[str]]:
    """Topics by the words of a channel's name."""
    channels: dict[Phrase, list[str]] = {}
    for topic, groups in _data()["topics"].items():
        for channel in groups["channels"]:
            channels.setdefault(words_of(channel), []).append(topic)
    return channels


@cache
def shipped_topics() -> frozenset[str]:
    """Ids of the topics that the lexicon has words for."""
    return frozenset(_data()["topics"])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("topics.toml").read_text("utf-8"))
