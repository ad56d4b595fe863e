"""Corrections to the weights of the topic lexicon, learnt from labelled articles.

The words are those that the newsroom wrote into topics.toml; for each of them and each topic a correction is learnt by
multinomial logistic regression (stochastic gradient steps from the written weights, few of them, so that what little
data says little about stays as it was written). Articles on one event are never in both halves of a cross-validation.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labelled import Folder

from aggregator.editorial.lexicon import Lexicon, Phrase, Weights, shipped_topics, written_words
from aggregator.editorial.plain_text import plain_text
from aggregator.editorial.weighing import count, read

FOLDS = 5
STEP, EPOCHS = 0.05, 5
# Weights that are so far apart are e times as likely.
TEMPERATURE = 10.0
# Corrections that are smaller change no answer.
LEAST = 0.3

Corrections = dict[tuple[Phrase, str], float]


@dataclass(frozen=True, slots=True)
class Example:
    """How much each word counts in an article, the topics that are right, and which event it is on."""

    article_id: str
    times: Mapping[Phrase, float]
    topics: tuple[str, ...]
    event: str


def examples_of(folder: Folder) -> list[Example]:
    """The labelled articles; those that are labelled as the same or of one event share their ``event``."""
    events, lexicon = _events(folder), Lexicon(written_words())
    found = []
    for label in folder.labels:
        article = folder.articles[label.article_id]
        counted = count(lexicon, read(article.title, plain_text(article.html)))
        times = {phrase: one.times for phrase, one in counted.items()}
        found.append(
            Example(label.article_id, times, label.topics, events.get(label.article_id, label.article_id))
        )
    return found


def _events(folder: Folder) -> dict[str, str]:
    event = {article_id: article_id for article_id in folder.articles}
    for pair in folder.pairs:
        if pair.label in ("same", "event"):
            one, other = event[pair.id_a], event[pair.id_b]
            event = {article_id: one if name == other else name for article_id, name in event.items()}
    return event


class Learner:
    """The written weights, and corrections to them."""

    def __init__(self) -> None:
        self._written = written_words()
        self._topics = sorted(shipped_topics())

    def learn(self, examples: Sequence[Example]) -> Corrections:
        """Corrections that are worth writing down; the same for the same examples.

        A word may come to speak against any topic, but only for one that the newsroom gave it to: that a word stands in
        the few articles on another is chance.
        """
        corrections: Corrections = defaultdict(float)
        for epoch in range(EPOCHS):
            for example in random.Random(epoch).sample(examples, len(examples)):
                self._step(example, corrections)
        return {
            (phrase, topic): round(value, 1)
            for (phrase, topic), value in corrections.items()
            if abs(value) >= LEAST and (value < 0 or topic in self._written[phrase])
        }

    def _step(self, example: Example, corrections: Corrections) -> None:
        weights = self._weights(example, corrections)
        heaviest = max(weights.values())
        odds = {topic: math.exp((weight - heaviest) / TEMPERATURE) for topic, weight in weights.items()}
        whole = math.fsum(odds.values())
        for topic in self._topics:
            if topic in example.topics[1:]:  # a fair editor could choose it: it is neither right nor wrong
                continue
            gradient = (topic == example.topics[0]) - odds[topic] / whole
            for phrase, times in example.times.items():
                corrections[phrase, topic] += STEP * gradient * times

    def _weights(self, example: Example, corrections: Corrections) -> dict[str, float]:
        return {
            topic: math.fsum(
                times * (self._written[phrase].get(topic, 0.0) + corrections.get((phrase, topic), 0.0))
                for phrase, times in example.times.items()
            )
            for topic in self._topics
        }


def folds(learner: Learner, examples: Sequence[Example]) -> Iterator[tuple[frozenset[str], Corrections]]:
    """Parts of the examples, by article, each with what is learnt from the events of all others."""
    events = sorted({example.event for example in examples})
    order = random.Random(0).sample(events, len(events))
    for fold in range(FOLDS):
        held_out = set(order[fold::FOLDS])
        corrections = learner.learn([one for one in examples if one.event not in held_out])
        yield frozenset(one.article_id for one in examples if one.event in held_out), corrections


def corrected(corrections: Corrections) -> Mapping[Phrase, Weights]:
    """The written words with corrections added."""
    weights = {phrase: dict(by_topic) for phrase, by_topic in written_words().items()}
    for (phrase, topic), value in corrections.items():
        weights[phrase][topic] = weights[phrase].get(topic, 0.0) + value
    return weights
