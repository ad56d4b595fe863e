"""What texts are compared by: their words, and the particulars that no copy changes: numbers, days, names, quotes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import filterfalse, pairwise

LEAD_WORDS = 50
# A hostile text is as long as the caps allow; what a copy is shows long before.
COMPARED_CHARS = 40_000
MIN_QUOTE_WORDS = 7  # shorter ones are said by many

Shingle = tuple[str, str, str]
Day = tuple[int, int]  # day and month: the year is often left out

_WORD = re.compile(r"[^\W\d_]+|\d+")
# What typographers write between words, and what is no word in ASCII: to blank these out and split is seven times
# faster than to seek words.
_TYPOGRAPHIC = "‘’“”–—"
_BLANKED = str.maketrans({sign: " " for sign in map(chr, range(128)) if not sign.isalnum()})
# Scrapers and importers lose the space between a link and its sentence: "presidenPrabowo", "JakartaKetua".
# Expressions that begin with a capital are sought three times faster than those that begin by looking behind.
_GLUED = re.compile(r"[A-Z](?<=[a-z]{2}[A-Z])(?=[a-z])")
_MONTHS = ("jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des")
MONTH = (
    "jan(?:uari)?|feb(?:ruari)?|mar(?:et)?|apr(?:il)?|mei|juni?|juli?|ag(?:u|t|ustus)|sept?(?:ember)?|okt(?:ober)?"
    "|no[vp](?:ember)?|des(?:ember)?"
)
_DAY = re.compile(
    rf"\b(?:(?P<first>\d{{1,2}})\s?[-–]\s?)?(?P<day>\d{{1,2}})\s+(?P<month>{MONTH})\b(?:\s+\d{{4}}\b)?"
    r"|\b(?P<in_figures>\d{1,2}[/-]\d{1,2})[/-](?:\d{4}|\d{2})\b"
    r"|\((?P<short>\d{1,2}/\d{1,2})\)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d(?:[\d.,:]*\d)?")
_LEADING_ZEROS = re.compile(r"^0+(?=\d)")
CALENDAR = re.compile(
    rf"\d+|{MONTH}|senin|selasa|rabu|kamis|jumat|sabtu|minggu|ahad|hari|ini|besok|kemarin|lusa|pagi|siang|sore|malam",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z](?<=[a-z,)] [A-Z])[\w'’-]{2,40}")
# Two capitalised words in a row that do not begin a sentence: whole names are rarer than single words.
_FULL_NAME = re.compile(
    r"[A-Z](?<![\w'’-][A-Z])(?<![.!?:\"“] [A-Z])(?<!^[A-Z])[\w'’-]{1,40}(?: [A-Z][\w'’-]{1,40})+",
    re.MULTILINE,
)
_QUOTE = re.compile(r"[\"“]([^\"“”\n]{30,1000})[\"”]")


@dataclass(frozen=True)
class Wording:
    """A cleaned text, or a headline, as it is compared. What is costly is made when it is first asked for."""

    text: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        """In their order, case, signs and glued names ignored; digits are words."""
        normal = unicodedata.normalize("NFKC", self.text)
        return tuple(_words_in(self._unglued if normal == self.text else _unglue(normal)))

    @cached_property
    def _unglued(self) -> str:
        return _unglue(self.text)

    @cached_property
    def squeezed(self) -> str:
        """All words without the space between them: names are written in one word and in two, and glued."""
        return "".join(self.words)

    @cached_property
    def shingles(self) -> frozenset[Shingle]:
        return frozenset(shingles_of(self.words))

    @cached_property
    def days(self) -> frozenset[Day]:
        """Days of the calendar that it names."""
        return frozenset(self._days)

    @property
    def first_day(self) -> Day | None:
        """The day that it names first: of a column the one that it is about."""
        return self._days[0] if self._days else None

    @cached_property
    def _days(self) -> list[Day]:
        return [day for match in _DAY.finditer(self.text) for day in _days(match)]

    @cached_property
    def numbers(self) -> frozenset[str]:
        """As written, days apart and numbers that only count paragraphs or years."""
        return frozenset(
            _LEADING_ZEROS.sub("", number)
            for number in _NUMBER.findall(_DAY.sub(" ", self.text))
            if not re.fullmatch(r"(?:19|20)\d\d", number)
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """Words that stand in capitals within a sentence."""
        return frozenset(name.casefold() for name in _NAME.findall(self._unglued))

    @cached_property
    def full_names(self) -> frozenset[str]:
        """Every two words in a row of names of several words."""
        found = (name.casefold().split() for name in _FULL_NAME.findall(self._unglued))
        return frozenset(f"{a} {b}" for name in found for a, b in pairwise(name))

    @cached_property
    def quotes(self) -> tuple[tuple[str, ...], ...]:
        """What is quoted word for word, in order, each as its words."""
        found = (tuple(words_of(quote)) for quote in _QUOTE.findall(self.text))
        return tuple(quote for quote in found if len(quote) >= MIN_QUOTE_WORDS)


def words_of(text: str) -> list[str]:
    return _words_in(_unglue(unicodedata.normalize("NFKC", text)))


def _unglue(text: str) -> str:
    return _GLUED.sub(r" \g<0>", text)


def _words_in(text: str) -> list[str]:
    for sign in _TYPOGRAPHIC:
        text = text.replace(sign, " ")
    if text.isascii():
        return _ascii_words(text)
    lines = text.casefold().split("\n")  # only some of which are slow to read
    return [
        word for line in lines for word in (_ascii_words(line) if line.isascii() else _WORD.findall(line))
    ]


def _ascii_words(text: str) -> list[str]:
    words = text.lower().translate(_BLANKED).split()
    if all(map(str.isdigit, filterfalse(str.isalpha, words))):
        return words
    return [part for word in words for part in _WORD.findall(word)]  # "covid19" is two


def shingles_of(words: Sequence[str]) -> set[Shingle]:
    """Every three words in a row."""
    return set(zip(words, words[1:], words[2:], strict=False))


def share_of_fewer(a: Set[object], b: Set[object], *, of_none: float = 0.0) -> float:
    """What two sets have in common, of the one that has fewer; ``of_none`` where one is empty."""
    fewer = min(len(a), len(b))
    return len(a & b) / fewer if fewer else of_none


@lru_cache(maxsize=64)
def wording(text: str) -> Wording:
    """The same text is compared with many: what was made of it is kept for a while."""
    return Wording(text[:COMPARED_CHARS])


def _days(match: re.Match[str]) -> list[Day]:
    if figures := match["in_figures"] or match["short"]:
        day, month = (int(part) for part in re.split("[/-]", figures))
        return [(day, month)] if 1 <= month <= 12 else []
    name = match["month"][:3].casefold()
    month = 1 + _MONTHS.index({"agt": "agu", "ags": "agu", "nop": "nov"}.get(name, name))
    return [(int(day), month) for day in (match["day"], match["first"]) if day]
