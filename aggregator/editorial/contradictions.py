"""What says that two articles are two although nearly every word is the same: a form that was filled in for another.

Death notices, weather by province, line-ups, sentences in one trial: one name, place or word stands where the other
has its own, and that is what the headlines are about. A copy under another headline speaks of nothing that its
original does not know.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from aggregator.editorial.wording import CALENDAR, Wording

# Texts so much alike are no rewritings: what differs in them was put in.
NEARLY_EQUAL = 0.93
# Beyond this share of the longer text a grown copy has news of its own, if its headline has so many words of them.
GROWN, MIN_NEWS_WORDS = 0.9, 2
MIN_GLUED_CHARS = 4


def headlines_contradict(
    titles: tuple[Wording, Wording], texts: tuple[Wording, Wording], overlap: float
) -> bool:
    """Whether each headline is about something in its own text that the other article lacks.

    That counts where both are names, or where the texts are nearly equal; or where one has grown by its news.
    """
    (title_a, title_b), (text_a, text_b) = titles, texts
    own_a, own_b = own_words(title_a, text_a, title_b, text_b), own_words(title_b, text_b, title_a, text_a)
    if own_a and own_b and overlap >= NEARLY_EQUAL:
        return True
    if own_a & _proper(text_a) and own_b & _proper(text_b):
        return True
    shorter, longer = sorted((len(text_a.words), len(text_b.words)))
    news = own_a if len(text_a.words) == longer else own_b
    return shorter < GROWN * longer and len(news) >= MIN_NEWS_WORDS


def own_words(title: Wording, text: Wording, other_title: Wording, other_text: Wording) -> set[str]:
    """Words of a headline that stand in its text, and nowhere in the other article, however they are spaced there."""
    own = telling_words(title.words, min_chars=3) & set(text.words)
    elsewhere = {*other_text.words, *other_title.words}
    return {word for word in own - elsewhere if not _is_within(word, other_text, other_title)}


def _proper(text: Wording) -> set[str]:
    """Words of names, those behind an abbreviation ("PT Kereta Api") too."""
    return {*text.names, *(part for name in text.full_names for part in name.split())}


def _is_within(word: str, *others: Wording) -> bool:
    """Whether a word of some length is part of another's, or parted there: "Iduladha", "Idul Adha"."""
    return len(word) >= MIN_GLUED_CHARS and any(word in other.squeezed for other in others)


def telling_words(words: Collection[str], min_chars: int = 4) -> set[str]:
    """Those that name something: no short ones, no numbers, no days."""
    return {word for word in words if len(word) >= min_chars and not CALENDAR.fullmatch(word)}


def is_of_the_day(title: Wording) -> bool:
    """Whether a headline returns: "Ramalan Zodiak Hari Ini"."""
    return bool(
        re.search(r"\b(?:hari|pekan|minggu|malam|pagi|bulan)\s+ini\b|\bbesok\b", title.text, re.IGNORECASE)
    )
