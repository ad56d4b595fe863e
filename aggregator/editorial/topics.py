"""Which topics a story belongs to, and what speaks for each.

Rules of feeds.yaml come first: a story is in a topic when its source is, or when one of its categories or a part of its
address says so. Beside them the words of headline and text are weighed (``topics.toml`` with the keywords of feeds.yaml
added), and the channel in which the partner published. A story is in each topic that weighs THRESHOLD and not much
less than the heaviest one; a topic that has no words but its keywords needs OWN_THRESHOLD alone. What reaches neither
is in no topic. News from abroad of an event is in ABROAD first, and beside that in the topic of the event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from aggregator.config.model import Topic
from aggregator.editorial.addresses import subdomains
from aggregator.editorial.lexicon import (
    Lexicon,
    Phrase,
    Weights,
    shipped_channels,
    shipped_topics,
    shipped_words,
    words_of,
)
from aggregator.editorial.scope import ABROAD, news_from_abroad
from aggregator.editorial.weighing import Counted, Reading, count, read
from aggregator.model.entry import Entry

THRESHOLD = 18.0  # a word of weight 5 in the headline, or several in the text
OWN_THRESHOLD = 3.0
# Of the heaviest topic's weight: what has less is mentioned beside it.
STRONG_SHARE = 0.7
CHANNEL_WEIGHT = 20.0
# A scope, not a subject: to what names abroad weigh for it the weight of these subjects is added, if one is heaviest.
# Sport, business, stars, technology and travel are theirs wherever they are.
_EVENTS = frozenset({"hukum", "humaniora", "peristiwa", "politik"})


class Mention(NamedTuple):
    """A word or phrase that speaks for a topic. ``words`` as the lexicon has it, ``weight`` as it was counted here."""

    words: str
    weight: float
    is_in_title: bool


@dataclass(frozen=True, slots=True)
class SortedTopic:
    """A topic and what speaks for it: ``rules`` of feeds.yaml in words, the channel, and mentions, heaviest first.

    ``enough`` is the weight that puts this entry into the topic without a rule.
    """

    topic: str
    weight: float
    enough: float
    rules: tuple[str, ...]
    channels: tuple[str, ...]
    mentions: tuple[Mention, ...]

    @property
    def is_in(self) -> bool:
        return bool(self.rules) or self.weight >= self.enough


def topics_of(
    entry: Entry, text: str, source_topics: Mapping[str, str], topics: Sequence[Topic]
) -> tuple[str, ...]:
    """Ids of the topics that the entry is in, in the configuration's order.

    ``text`` is the cleaned text, ``source_topics`` the source by each topic that a source stands for.
    """
    return _sorter(tuple(map(Rules.of, topics))).topics_of(entry, text, source_topics)


def sort_into_topics(
    entry: Entry, text: str, source_topics: Mapping[str, str], topics: Sequence[Topic]
) -> tuple[SortedTopic, ...]:
    """Every topic of the configuration for which anything speaks: those that the entry is in, then by weight."""
    return _sorter(tuple(map(Rules.of, topics))).sort(entry, text, source_topics)


class Rules(NamedTuple):
    """Of a Topic what it is sorted by, to be compared quickly."""

    topic: str
    categories: tuple[str, ...]
    paths: tuple[str, ...]
    keywords: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, topic: Topic) -> Rules:
        return cls(topic.id, topic.categories, topic.paths, tuple(topic.keywords.items()))


@lru_cache(maxsize=4)
def _sorter(topics: tuple[Rules, ...]) -> TopicSorter:
    return TopicSorter(topics, shipped_words())


class TopicSorter:
    """The rules of one configuration, folded for comparison, over the words of a lexicon.

    Topics of the lexicon that are not configured are weighed too: what is theirs is nobody else's.
    """

    def __init__(self, topics: Sequence[Rules], words: Mapping[Phrase, Weights]) -> None:
        self._topics = topics
        self._categories = {one.topic: {words_of(name) for name in one.categories} for one in topics}
        keywords: dict[Phrase, dict[str, float]] = defaultdict(dict)
        for one in topics:
            for keyword, weight in one.keywords:
                if phrase := words_of(keyword):
                    keywords[phrase][one.topic] = float(weight)
        # Apart, because a phrase of the one must not hide a word of the other.
        self._lexicons = [Lexicon(some) for some in (words, keywords) if some]

    def topics_of(self, entry: Entry, text: str, source_topics: Mapping[str, str]) -> tuple[str, ...]:
        """As the function of this name, in a third of the time that ``sort`` takes."""
        signs, reading = _signs_of(entry), read(entry.title, text)
        weights = self._weights(self._counted(reading), signs.channels)
        enough = _enough(weights)
        if scope := _scope(weights, reading):
            weights[ABROAD] = weights.get(ABROAD, 0.0) + scope.weight
        return tuple(
            one.topic
            for one in self._topics
            if weights.get(one.topic, 0.0) >= enough.get(one.topic, OWN_THRESHOLD)
            or next(self._rules(one, signs, source_topics), None)
        )

    def sort(self, entry: Entry, text: str, source_topics: Mapping[str, str]) -> tuple[SortedTopic, ...]:
        """As ``sort_into_topics``."""
        signs, reading = _signs_of(entry), read(entry.title, text)
        counted = self._counted(reading)
        weights, mentions = self._weights(counted, signs.channels), self._mentions(counted)
        enough = _enough(weights)
        if scope := _scope(weights, reading):
            weights[ABROAD] = weights.get(ABROAD, 0.0) + scope.weight
            mentions[ABROAD].insert(0, scope)
        found = [
            SortedTopic(
                one.topic,
                weights.get(one.topic, 0.0),
                enough.get(one.topic, OWN_THRESHOLD),
                tuple(self._rules(one, signs, source_topics)),
                tuple(signs.channels.get(one.topic, ())),
                tuple(mentions[one.topic]),
            )
            for one in self._topics
        ]
        ranked = sorted(found, key=lambda one: (not one.is_in, -one.weight, one.topic))
        return tuple(one for one in ranked if one.rules or one.weight)

    def _counted(self, reading: Reading) -> list[tuple[Lexicon, dict[Phrase, Counted]]]:
        return [(lexicon, count(lexicon, reading)) for lexicon in self._lexicons]

    def _weights(
        self, counted: Sequence[tuple[Lexicon, Mapping[Phrase, Counted]]], channels: Iterable[str]
    ) -> dict[str, float]:
        """By topic."""
        found = dict.fromkeys(channels, CHANNEL_WEIGHT)
        for lexicon, of_lexicon in counted:
            for phrase, (times, _) in of_lexicon.items():
                for topic, weight in lexicon.weights[phrase].items():
                    found[topic] = found.get(topic, 0.0) + weight * times
        # Sums must not depend on the order in which words were met.
        return {topic: round(weight, 6) for topic, weight in found.items()}

    def _mentions(
        self, counted: Sequence[tuple[Lexicon, Mapping[Phrase, Counted]]]
    ) -> defaultdict[str, list[Mention]]:
        """By topic, the heaviest first."""
        found: defaultdict[str, list[Mention]] = defaultdict(list)
        for lexicon, of_lexicon in counted:
            for phrase, (times, is_in_title) in of_lexicon.items():
                for topic, weight in lexicon.weights[phrase].items():
                    found[topic].append(Mention(" ".join(phrase), weight * times, is_in_title))
        for mentions in found.values():
            mentions.sort(key=lambda one: (-one.weight, one.words))
        return found

    def _rules(self, topic: Rules, signs: _Signs, source_topics: Mapping[str, str]) -> Iterator[str]:
        if source_id := source_topics.get(topic.topic):
            yield f"source {source_id}"
        for category, words in signs.categories:
            if words in self._categories[topic.topic]:
                yield f"category {category}"
        yield from (f"address {part}" for part in topic.paths if part.casefold() in signs.path)


def _enough(weights: Mapping[str, float]) -> dict[str, float]:
    """What each topic of the lexicon must weigh beside these weights; the heaviest has none to be compared with."""
    heaviest = _heaviest(weights)
    needed = max(THRESHOLD, STRONG_SHARE * weights.get(heaviest, 0.0))
    return dict.fromkeys(shipped_topics(), needed) | {heaviest: THRESHOLD}


def _scope(weights: Mapping[str, float], reading: Reading) -> Mention | None:
    """What makes news from abroad of an event weigh more there than anywhere else."""
    heaviest = _heaviest(weights)
    if heaviest not in _EVENTS or not weights.get(ABROAD) or not (found := news_from_abroad(reading)):
        return None
    names = ", ".join(found.names)
    return Mention(f"abroad, nothing of Indonesia: {names}", weights.get(heaviest, 0.0), found.is_in_title)


def _heaviest(weights: Mapping[str, float]) -> str:
    """Of the topics that the lexicon has words for."""
    return max(shipped_topics(), key=lambda topic: (weights.get(topic, 0.0), topic))


class _Signs(NamedTuple):
    """Where a partner put an entry, folded for comparison."""

    categories: Sequence[tuple[str, Phrase]]
    path: str
    channels: Mapping[str, Collection[str]]  # names by topic


def _signs_of(entry: Entry) -> _Signs:
    """The last part of a path is no channel but the entry's headline."""
    parts = urlsplit(entry.url)
    channels: dict[str, dict[str, None]] = defaultdict(dict)
    for name in (*parts.path.split("/")[:-1], *subdomains(parts.hostname or ""), *entry.categories):
        for topic in shipped_channels().get(words_of(name), ()):
            channels[topic][name] = None
    categories = [(category, words_of(category)) for category in entry.categories]
    return _Signs(categories, f"{parts.path.casefold().rstrip('/')}/", channels)
