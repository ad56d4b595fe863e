"""Into which topics the desk sorts labelled articles: its own function, with the topics of the shipped feeds.yaml.

An article is labelled with one topic, and perhaps another that a fair editor could choose too; either is right. Its
answer is the heaviest topic that the desk puts it in, and what it is put in beside that counts apart.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deriving import Learner, corrected, examples_of, folds
from labelled import Article, Folder, Labelled

from aggregator.config.load import load_config
from aggregator.config.model import Topic
from aggregator.editorial.lexicon import Phrase, Weights, derived_from, shipped_words
from aggregator.editorial.plain_text import plain_text
from aggregator.editorial.topics import Rules, SortedTopic, TopicSorter
from aggregator.model.entry import Entry

SHIPPED = Path(__file__).parents[1] / "feeds.yaml"
NONE = "-"  # in no topic


@dataclass(frozen=True, slots=True)
class Sorted:
    """A labelled article and what the desk makes of it, every topic for which anything speaks."""

    article: Article
    label: Labelled
    topics: tuple[SortedTopic, ...]

    @property
    def given(self) -> tuple[str, ...]:
        """The topics that it is put in, the heaviest first."""
        return tuple(one.topic for one in sorted(self.topics, key=lambda one: -one.weight) if one.is_in)

    @property
    def answer(self) -> str:
        return self.given[0] if self.given else NONE

    @property
    def is_right(self) -> bool:
        return self.answer in self.label.topics

    @property
    def meant(self) -> str:
        """The label that counts: where the answer is the other one that is right too, that."""
        return self.answer if self.is_right else self.label.topics[0]


def shipped_topics() -> tuple[Topic, ...]:
    """Those of the shipped feeds.yaml."""
    return load_config(SHIPPED, os.environ).topics


def sort_all(folder: Folder, topics: Sequence[Topic], *, by_words_alone: bool = False) -> list[Sorted]:
    """What the desk makes of every labelled article; ``by_words_alone`` hides where it was published.

    Articles from which shipped weights were derived are sorted by weights that are derived from the others.
    """
    if derived_from().isdisjoint(label.article_id for label in folder.labels):
        return _sorted_by(shipped_words(), folder, folder.labels, topics, by_words_alone)
    found: list[Sorted] = []
    for held_out, corrections in folds(Learner(), examples_of(folder)):
        labels = [label for label in folder.labels if label.article_id in held_out]
        found += _sorted_by(corrected(corrections), folder, labels, topics, by_words_alone)
    return found


def _sorted_by(
    words: Mapping[Phrase, Weights],
    folder: Folder,
    labels: Sequence[Labelled],
    topics: Sequence[Topic],
    by_words_alone: bool,
) -> list[Sorted]:
    sorter = TopicSorter([Rules.of(topic) for topic in topics], words)
    found = []
    for label in labels:
        article = folder.articles[label.article_id]
        entry = Entry(guid="", url="" if by_words_alone else article.url, title=article.title, html="")
        found.append(Sorted(article, label, sorter.sort(entry, plain_text(article.html), {})))
    return found


def by_channel_alone(found: Sequence[Sorted]) -> dict[str, int]:
    """What the channel of the address says by itself: of how many articles anything, and of how many what is right."""
    named = [(one, [topic.topic for topic in one.topics if topic.channels]) for one in found]
    covered = [(one, topics) for one, topics in named if topics]
    right = sum(any(topic in one.label.topics for topic in topics) for one, topics in covered)
    return {"covered": len(covered), "right": right, "of": len(found)}


def figures(found: Sequence[Sorted]) -> dict[str, Any]:
    """Macro-F1, accuracy, precision and recall of each topic, and how often what was taken for what."""
    pairs = Counter((one.meant, one.answer) for one in found)
    topics = sorted({meant for meant, _ in pairs if meant != NONE})
    named = sorted({one for pair in pairs for one in pair}, key=lambda one: (one == NONE, one))
    by_topic = {topic: _of_topic(topic, pairs) for topic in topics}
    beside = [(one, topic) for one in found for topic in one.given[1:]]
    first_choice = Counter((one.label.topics[0], one.answer) for one in found)
    strict = [_of_topic(topic, first_choice)["f1"] for topic in {meant for meant, _ in first_choice} - {NONE}]
    return {
        "macro_f1_by_first_choice": _share(sum(strict), len(strict)),
        "macro_f1": _share(sum(one["f1"] for one in by_topic.values()), len(by_topic)),
        "right": sum(one.is_right for one in found),
        "of": len(found),
        "by_topic": by_topic,
        "confusion": {
            meant: {answer: pairs[meant, answer] for answer in named if pairs[meant, answer]}
            for meant in named
            if any(pair[0] == meant for pair in pairs)
        },
        "given_beside": {
            "right": sum(topic in one.label.topics for one, topic in beside),
            "of": len(beside),
        },
    }


def _of_topic(topic: str, pairs: Counter[tuple[str, str]]) -> dict[str, Any]:
    right = pairs[topic, topic]
    answered = sum(number for (_, answer), number in pairs.items() if answer == topic)
    labelled = sum(number for (meant, _), number in pairs.items() if meant == topic)
    precision, recall = _share(right, answered), _share(right, labelled)
    f1 = round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "labelled": labelled}


def _share(part: float, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
