"""Whether two texts are one article: MinHash bands find the pairs worth comparing, shingles decide.

Bands are stored and looked up as plain integers; texts whose 3-word shingles resemble each other (Jaccard of
about 0.4 and more) are likely to share one. Source: Broder, "On the resemblance and containment of documents"
(1997).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from zlib import crc32

# Part of every band: bands of different versions never meet. Raise it when words, shingles or hashes change.
BANDS_VERSION = 1
BANDS = 20
ROWS = 3
# A shorter text is a caption or a teaser: too few shingles to tell a copy from a turn of phrase.
MIN_WORDS = 25

# Mean of Jaccard and containment. On labelled pairs copies lie above it, reports of the same event below.
SAME_SCORE = 0.64
# Copies whose dates all differ exist (a later edition), but are otherwise close.
SAME_CONTAINMENT_ON_ANOTHER_DAY = 0.85
MIN_NUMBERS_AGREEING = 0.6
# Where more than this share of what differs is numbers, a form was filled in anew: prices, prayer times.
TEMPLATE_SHARE = 0.4

EXCERPT_LENGTH_RATIO = 0.6
EXCERPT_HEAD = 0.55
EXCERPT_LEAD = 0.6
EXCERPT_NUMBERS_AGREEING = 0.75
LEAD_WORDS = 60

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d(?:[\d.,:/]*\d)?")
_MONTHS = (
    "jan(?:uari)?|feb(?:ruari)?|mar(?:et)?|apr(?:il)?|mei|juni?|juli?|agu(?:stus)?|agt|sept?(?:ember)?|okt(?:ober)?"
    "|nov(?:ember)?|des(?:ember)?"
)
_DATE = re.compile(rf"\b(\d{{1,2}})(?:[/-]\d{{1,2}}[/-]|\s+(?:{_MONTHS})\s+)\d{{2,4}}\b", re.IGNORECASE)
_CALENDAR = re.compile(
    rf"\d|^(?:{_MONTHS}|senin|selasa|rabu|kamis|jumat|sabtu|minggu|ahad|hari|ini|besok|kemarin|lusa|pagi|siang|sore|malam)$"
)

Shingle = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How much two texts share, each from 0 to 1. The shorter text is measured against the longer."""

    jaccard: float  # shared shingles of all shingles
    containment: float  # shared shingles of the shorter text's
    head: float  # the shorter text's shingles found in as much of the longer one's beginning
    lead: float  # agreement of the first paragraphs, in the direction that agrees less
    length_ratio: float
    numbers_agreeing: float  # shared numbers of the fewer numbers; 1 where too few to tell
    template: bool  # what differs is mostly numbers
    same_day: bool  # no date stands against it


def bands(text: str) -> tuple[int, ...]:
    """MinHash bands of the text's shingles: 20 signed 64-bit integers, () below 25 words.

    The same in every process and Python version. One-permutation hashing (Li, Owen, Zhang 2012) with empty
    bins filled from the next full one (Shrivastava and Li 2014): about 0.3 ms for 500 words.
    """
    words = _words(text)
    if len(words) < MIN_WORDS:
        return ()
    bins = [-1] * (BANDS * ROWS)
    codes = [crc32(word.encode()) for word in words]
    for first, second, third in zip(codes, codes[1:], codes[2:], strict=False):
        mixed = _mixed(first, second, third)
        place, value = mixed % len(bins), mixed >> 8
        if bins[place] < 0 or value < bins[place]:
            bins[place] = value
    rows = _densified(bins)
    return tuple(_band(number, rows[number * ROWS : (number + 1) * ROWS]) for number in range(BANDS))


def resemblance(a: str, b: str) -> Resemblance:
    """Compare two cleaned texts; symmetric."""
    short, long = sorted((_words(a), _words(b)), key=lambda words: (len(words), words))
    in_short, in_long = _shingles(short), _shingles(long)
    shared = in_short & in_long
    numbers_a, numbers_b = set(_NUMBER.findall(a)), set(_NUMBER.findall(b))
    same_day = _same_day(a, b)
    refilled = not same_day or min(len(numbers_a - numbers_b), len(numbers_b - numbers_a)) >= 2
    # An edited copy may have grown a little at the top before the excerpt's words end.
    head = _shingles(long[: len(short) * 13 // 10 + 30])
    lead_short, lead_long = _shingles(short[:LEAD_WORDS]), _shingles(long[:LEAD_WORDS])
    return Resemblance(
        jaccard=_share(len(shared), len(in_short | in_long)),
        containment=_share(len(shared), len(in_short)),
        head=_share(len(in_short & head), len(in_short)),
        lead=min(
            _share(len(lead_short & in_long), len(lead_short)),
            _share(len(lead_long & in_short), len(lead_long)),
        ),
        length_ratio=_share(len(short), len(long)),
        numbers_agreeing=_agreement(numbers_a, numbers_b),
        template=refilled
        and min(_numeric_share(in_short - shared), _numeric_share(in_long - shared)) > TEMPLATE_SHARE,
        same_day=same_day,
    )


def same_article(a_title: str, a_text: str, b_title: str, b_text: str) -> float | None:
    """The score (0 to 1) with which both are one article, None when they are two.

    A copy may have another headline, dateline, credit and leftovers, and may be the other's excerpt.
    Yesterday's price list, a round-up that holds the article and another report of the event are no copies.
    """
    if _same_form(a_title, b_title):
        return None
    found = resemblance(a_text, b_text)
    if found.template or found.numbers_agreeing < MIN_NUMBERS_AGREEING:
        return None
    score = (found.jaccard + found.containment) / 2
    if score >= SAME_SCORE and (found.same_day or found.containment >= SAME_CONTAINMENT_ON_ANOTHER_DAY):
        return score
    return found.head if _is_excerpt(found) else None


def _is_excerpt(found: Resemblance) -> bool:
    """An excerpt is the other's beginning; a round-up holds its articles in the middle."""
    return (
        found.length_ratio <= EXCERPT_LENGTH_RATIO
        and found.head >= EXCERPT_HEAD
        and found.lead >= EXCERPT_LEAD
        and found.numbers_agreeing >= EXCERPT_NUMBERS_AGREEING
        and found.same_day
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _shingles(words: Sequence[str]) -> set[Shingle]:
    return set(zip(words, words[1:], words[2:], strict=False))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mixed(first: int, second: int, third: int) -> int:
    """A 64-bit hash of three codes in their order (constants of xxHash and splitmix64)."""
    mixed = (
        first * 0x9E3779B185EBCA87 + second * 0xC2B2AE3D27D4EB4F + third * 0x165667B19E3779F9
    ) & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    return mixed ^ (mixed >> 31)


def _densified(bins: list[int]) -> list[int]:
    """Empty bins take the next full one's value, mixed with the distance so that runs do not look alike."""
    full = list(bins)
    for place in range(len(bins)):
        distance = 0
        while bins[(place + distance) % len(bins)] < 0:
            distance += 1
        full[place] = _mixed(bins[(place + distance) % len(bins)], distance, 0) if distance else bins[place]
    return full


def _band(number: int, rows: Sequence[int]) -> int:
    name = f"{BANDS_VERSION}:{number}:{rows}".encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)


def _agreement(numbers_a: set[str], numbers_b: set[str]) -> float:
    fewer = min(len(numbers_a), len(numbers_b))
    return len(numbers_a & numbers_b) / fewer if fewer >= 3 else 1.0


def _numeric_share(differing: set[Shingle]) -> float:
    return _share(sum(any(word[0].isdigit() for word in shingle) for shingle in differing), len(differing))


def _same_day(a: str, b: str) -> bool:
    """Whether no date stands against it: numeric and written dates are compared by their day of the month."""
    in_a, in_b = set(_DATE.findall(a)), set(_DATE.findall(b))
    return not in_a or not in_b or bool({int(day) for day in in_a} & {int(day) for day in in_b})


def _same_form(a_title: str, b_title: str) -> bool:
    """Headlines that differ in nothing but numbers and days: two days of one column."""
    a, b = _words(a_title), _words(b_title)
    return a != b and _without_calendar(a) == _without_calendar(b)


def _without_calendar(words: Sequence[str]) -> list[str]:
    return [word for word in words if not _CALENDAR.search(word)]
