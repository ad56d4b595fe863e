"""How often each word of the lexicon counts in an article: more in the headline and in the lead, less when repeated.

A word or phrase counts once where it is mentioned, a little more with each repetition (REPEATED times the logarithm),
half as much again among the first LEAD_WORDS words, and TITLE_FACTOR times in the headline.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

from aggregator.editorial.lexicon import Lexicon, Phrase, words_of

TITLE_FACTOR = 4.0
LEAD_FACTOR = 0.5
REPEATED = 0.3
LEAD_WORDS = 60
READ_WORDS = 400
# More than so many words of any language have.
_READ_CHARS = 9 * READ_WORDS
# What so many mentions in the text count.
_TIMES = (0.0, *(1 + REPEATED * math.log(number) for number in range(1, READ_WORDS + 1)))


class Counted(NamedTuple):  # made by the hundred for each article, in a fifth of a dataclass's time
    """How many times its weight a word weighs here."""

    times: float
    is_in_title: bool


class Reading(NamedTuple):
    """The words of an article as far as they are weighed."""

    title: Phrase
    body: Phrase
    distinct: frozenset[str]


def read(title: str, text: str) -> Reading:
    """``text`` is the cleaned text."""
    in_title, in_body = words_of(title), words_of(text[:_READ_CHARS])[:READ_WORDS]
    return Reading(in_title, in_body, frozenset(in_title + in_body))


def count(lexicon: Lexicon, reading: Reading) -> dict[Phrase, Counted]:
    """Every word and phrase of the lexicon that headline or text mention."""
    telling = lexicon.telling(reading.distinct)
    if not telling:
        return {}
    in_title = {phrase for _, phrase in lexicon.mentions(reading.title, telling)}
    counted = {phrase: Counted(TITLE_FACTOR, is_in_title=True) for phrase in in_title}
    mentions = lexicon.mentions(reading.body, telling)
    in_lead = {phrase for at, phrase in mentions if at < LEAD_WORDS}
    for phrase, number in Counter([phrase for _, phrase in mentions]).items():
        times = _TIMES[number] + LEAD_FACTOR * (phrase in in_lead)
        if phrase in in_title:
            counted[phrase] = Counted(times + TITLE_FACTOR, is_in_title=True)
        else:
            counted[phrase] = Counted(times, is_in_title=False)
    return counted
