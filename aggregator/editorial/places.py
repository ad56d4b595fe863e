"""Where a story is from, and where it happened: facets of Indonesian provinces, regencies and cities (docs/places.md).

The dateline is believed first, then the headline, then what the text names often enough. A name that is part of another
one ("Bank Jambi", "Persib Bandung", "Jalan Surabaya") is no place, one that is also a word ("Malang", "Batang") needs a
word that introduces places before it. Capital letters tell names; where all words have them, as in headlines, only the
lists of ``names.yaml`` do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aggregator.editorial.names import (
    KIND_WORDS,
    NAMED_AFTER_PLACES,
    NO_PLACES,
    OTHER_NAMES_BEGIN,
    OTHER_NAMES_END,
    PLACE_WORDS,
    SPELT_OTHERWISE,
)
from aggregator.model.facet import Facet
from aggregator.model.gazetteer import NAMES, PlaceName, codes_named, codes_of_kind, key_of, place_of

_MAX_CHARS = 20_000  # of a text
_LEAD_CHARS = 350  # of a text: what it begins with counts more
_ADDRESS_CHARS = 12  # between names that are one address: "Soreang, Kabupaten Bandung"
_MIN_TIMES = 3  # in a text
_MIN_TIMES_LED = 2  # once of them in the lead
_MIN_SHARE = 1 / 6  # of the places that a text names
_MAX_PLACES = 5  # of a headline or a text, and provinces of a text: more is a round-up of everywhere
_MAX_BEFORE = 3  # words back: how far what says that a name is no place ("Universitas") may stand from it
_MAX_BEFORE_CHARS = 40
# Of the cities that share their name with the regency around them the capitals of provinces are meant by it.
_CAPITALS = frozenset({"32.73", "33.74", "36.73", "53.71", "91.71", "96.71"})
_DIRECTIONS = frozenset({"utara", "selatan", "barat", "timur", "tengah"})  # "Bogor Tengah": a city's district

_WORD = r"[A-Z][\w’']{0,40}"  # of no name is a word so long
_CAPITALISED = re.compile(r"[A-Z]\w\w+")
_NAME = re.compile(rf"{_WORD}(?:[ -]{_WORD}){{0,4}}")
_CAPITALS_BEHIND = re.compile(rf"[ –-]({_WORD})")
_QUOTES = "\"“”'‘’(["
_ENDS = (".", "!", "?", ":", '"', "”")  # of a sentence
_BEHIND = re.compile(rf" ?[,(] ?({_WORD}(?:[ -]{_WORD}){{0,4}})")


def _first(name: str) -> str:
    return name.replace("-", " ").split(" ", 1)[0]


# What names begin with, as it is written; all that most words must be asked.
_FIRST_WORDS = frozenset(
    written
    for name in (*NAMES, *(known.spelling for known in NAMES.values()), *SPELT_OTHERWISE, *NO_PLACES.values())
    for written in (_first(name).capitalize(), _first(name).upper())
)


_KIND_BEFORE = re.compile(r"\b(?:Kota|Kabupaten|Kab\.|Provinsi) +$", re.IGNORECASE)
_KIND_CHARS = 12


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place of a story, and how it was found, in a few words: ``in the headline: Kota Jambi``."""

    facet: Facet
    evidence: str


@dataclass(frozen=True, slots=True)
class _Mention:
    """A place named; ``groups`` are the codes that it may mean, the likelier ones first."""

    groups: tuple[tuple[str, ...], ...]
    start: int = 0
    end: int = 0

    def written_in(self, text: str) -> str:
        """As it stands there, with its kind where that stands before it: ``Kota Jambi``."""
        kind = _KIND_BEFORE.search(text[max(0, self.start - _KIND_CHARS) : self.start])
        return " ".join(f"{kind[0] if kind else ''}{text[self.start : self.end]}".split())

    @property
    def sure(self) -> tuple[str, ...]:
        """The code, where there is but one."""
        return self.groups[0] if len(self.groups) == 1 and len(self.groups[0]) == 1 else ()


class _Sure(NamedTuple):
    """The places that a story surely names, and their provinces."""

    codes: frozenset[str]
    provinces: frozenset[str]

    @classmethod
    def of(cls, mentions: Iterable[_Mention]) -> _Sure:
        codes = frozenset(code for one in mentions for code in one.sure)
        return cls(codes, frozenset(place_of(code).province_code for code in codes))


def places_of(dateline_city: str, title: str, text: str) -> tuple[FoundPlace, ...]:
    """The places of a story, the most certain first, each once; a city or regency brings its province.

    ``dateline_city`` is ``Facts.city`` ('' for none), ``text`` the cleaned text. Takes about 0.2 ms.
    """
    dateline = _of_dateline(dateline_city)
    headline = tuple(_mentions(title, is_headline=True))
    body = tuple(_mentions(text[:_MAX_CHARS], is_headline=text.isupper()))
    sure = _Sure.of((*dateline, *headline, *body))
    found: dict[str, str] = {}
    for one in dateline:
        _add(found, _resolved(one, sure), f"dateline {dateline_city}")
    in_headline: dict[str, str] = {}
    for one in headline:
        for code in _resolved(one, sure):
            in_headline.setdefault(code, one.written_in(title))
    if len(in_headline) <= _MAX_PLACES:
        for code, name in in_headline.items():
            _add(found, (code,), f"in the headline: {name}")
    for code, times, first in _of_text(body, sure):
        _add(found, (code,), f"{times} times in the text: {first.written_in(text)}")
    return tuple(FoundPlace(Facet("place", code), evidence) for code, evidence in found.items())


def _add(found: dict[str, str], codes: Sequence[str], evidence: str) -> None:
    for code in codes:
        place = place_of(code)
        found.setdefault(code, evidence)
        found.setdefault(place.province_code, f"province of {place.label}")


def _of_dateline(city: str) -> tuple[_Mention, ...]:
    """The place a dateline names: ``Bogor Tengah`` is in Bogor."""
    words = city.split()
    if codes := codes_named(city):
        known = NAMES.get(key_of(city))
        return (_Mention(_groups(known) if known else (codes,)),)
    if len(words) > 1 and words[-1].casefold() in _DIRECTIONS:
        district = _of_district(key_of(" ".join(words[:-1])))
        return (_Mention((district,)),) if district else ()
    return ()


def _of_district(key: str) -> tuple[str, ...]:
    """What ``Bogor Tengah`` lies in: of what is called Bogor the city rather than the regency."""
    return codes_of_kind("kota", key) or codes_of_kind("kabupaten", key) or codes_named(key)


def _groups(known: PlaceName) -> tuple[tuple[str, ...], ...]:
    return tuple(filter(None, (known.codes, known.seats)))


def _of_text(mentions: Sequence[_Mention], sure: _Sure) -> Iterator[tuple[str, int, _Mention]]:
    """What a text names often, or where it begins and again, with how often and where first; not what is one of many,
    as in a list of the weather.
    """
    first: dict[str, _Mention] = {}
    times: Counter[str] = Counter()
    led: set[str] = set()
    last: dict[str, int] = {}
    for one in mentions:
        codes = _resolved(one, sure)
        for code in codes:
            first.setdefault(code, one)
            if code not in last or one.start - last[code] > _ADDRESS_CHARS:
                times[code] += 1
            last[code] = one.end
        if one.start < _LEAD_CHARS:
            led.update(codes)
    fewest = sum(times.values()) * _MIN_SHARE
    often = [
        code
        for code, count in times.items()
        if count >= max(fewest, _MIN_TIMES_LED if code in led else _MIN_TIMES)
    ]
    provinces = {place_of(code).province_code for code in times}
    if max(len(often), len(provinces)) <= _MAX_PLACES:
        for code in sorted(often, key=lambda code: -times[code]):
            yield code, times[code], first[code]


def _resolved(one: _Mention, sure: _Sure) -> tuple[str, ...]:
    """Which of the places that share a name are meant: those named surely elsewhere, or that lie where those do."""
    shared = tuple(code for group in one.groups for code in group)
    if len(shared) == 1:
        return shared
    if named := tuple(code for code in shared if code in sure.codes):
        return named
    near = tuple(code for code in shared if place_of(code).province_code in sure.provinces)
    likely = near or one.groups[0]
    if capital := tuple(code for code in likely if code in _CAPITALS):
        return capital
    return likely if len({place_of(code).province_code for code in likely}) == 1 else ()


class _Before(NamedTuple):
    """What stands before a name, folded: words that begin with capitals, the last one first, or else one that does not.

    ``opens`` says whether there is one word in capitals, and it opens a sentence: its capital letter says nothing.
    """

    capitalised: tuple[str, ...]
    small: str
    opens: bool


def _mentions(text: str, *, is_headline: bool) -> Iterator[_Mention]:
    """The places that a text names, in its order."""
    end = 0
    for word in _CAPITALISED.finditer(text):
        if word[0] not in _FIRST_WORDS or (start := word.start()) < end or text[start - 1 : start].isalnum():
            continue
        end, key = _longest(text, start)
        if key and (groups := _meant(text, start, end, key, is_headline)):
            yield _Mention(groups, start, end)


def _longest(text: str, start: int) -> tuple[int, str]:
    """Where the longest name ends that begins here, and its key; '' where it is of no place.

    Where no name begins it is the end of the word, which is not read again.
    """
    match = _NAME.match(text, start)
    name = word = match[0] if match else ""
    while name:
        key = name.replace(" ", "").replace("-", "").casefold()
        if key in NAMES:
            return start + len(name), key
        if key in NO_PLACES:
            return start + len(name), ""
        word, name = name, name[: max(0, name.rfind(" "), name.rfind("-"))]
    return start + len(word), ""


def _before(text: str, start: int) -> _Before:
    words: list[str] = []
    piece = text[max(0, start - _MAX_BEFORE_CHARS) : start]
    opens = start < _MAX_BEFORE_CHARS
    for word in reversed(piece[:-1].replace("-", " ").split(" ") if piece[-1:] in (" ", "-", "–") else ()):
        line = word.rpartition("\n")[2]
        bare = line.strip(_QUOTES)
        if not (bare[:1].isupper() and bare[-1].isalnum()):
            if not words:
                return _Before((), bare.rstrip(".").casefold(), opens=False)
            opens = line[-1:] in _ENDS
            break
        words.append(bare.casefold())
        if line != word or bare != line:
            opens = True
            break
    return _Before(tuple(words[:_MAX_BEFORE]), "", len(words) == 1 and opens)


def _meant(text: str, start: int, end: int, key: str, is_headline: bool) -> tuple[tuple[str, ...], ...]:
    """What the name ``text[start:end]`` means where it stands; () where it is no place."""
    before = _before(text, start)
    match = _CAPITALS_BEHIND.match(text, end)
    behind = match[1].casefold() if match else ""
    word = _word_before(before, is_headline)
    # "Tol Jakarta-Cikampek" is a road; "se-Jambi" is the place.
    is_in_compound = (before.capitalised and text[start - 1] == "-") or (behind and text[end] == "-")
    if (
        word is None
        or behind in OTHER_NAMES_END
        or is_in_compound
        or "–" in (text[start - 1 : start], text[end : end + 1])
    ):
        return ()
    if of_kind := codes_of_kind(KIND_WORDS.get(word, ""), key):
        return (of_kind,)
    known = NAMES[key]
    if known.trust != "alone" and not _is_trusted(known, word, _provinces_behind(text, end)):
        return ()
    if behind in _DIRECTIONS and (district := _of_district(key)):
        return (district,)
    return _groups(known)


def _word_before(before: _Before, is_headline: bool) -> str | None:
    """The word before a name that says that a place follows, '' for none; None where the name is part of another."""
    for distance, word in enumerate(before.capitalised or (before.small,)):
        if word in PLACE_WORDS:
            return word
        if word in OTHER_NAMES_BEGIN or (distance == 0 and word in NAMED_AFTER_PLACES):
            return None
    return "" if is_headline or not before.capitalised or before.opens else None


def _is_trusted(known: PlaceName, word: str, behind: frozenset[str]) -> bool:
    """Whether a name that is also a word is a place here: behind the province it lies in says so, another one not."""
    if behind:
        return not behind.isdisjoint(place_of(code).province_code for code in (*known.codes, *known.seats))
    return bool(word) and known.trust != "kind"


def _provinces_behind(text: str, end: int) -> frozenset[str]:
    """Of the place named behind a comma: ``Kuningan, Jakarta Selatan`` is no regency of Jawa Barat."""
    match = _BEHIND.match(text, end)
    words = match[1] if match else ""
    for word in _CAPITALISED.finditer(words):
        _, key = _longest(words, word.start())
        if key:
            known = NAMES[key]
            return frozenset(place_of(code).province_code for code in (*known.codes, *known.seats))
    return frozenset()
