"""Where a story is from, and where it happened: facets of Indonesian provinces, regencies and cities (docs/places.md).

The dateline is believed first, then the headline, then what the text names often enough. A name that is part of another
one ("Bank Jambi", "Persib Bandung", "Jalan Surabaya") is no place, one that is also a word ("Malang", "Batang") needs a
word that introduces places before it. Capital letters tell names; where all words have them, as in headlines, only the
lists of ``names.yaml`` do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from aggregator.editorial.names import KIND_WORDS, NO_PLACES, OTHER_NAMES_BEGIN, OTHER_NAMES_END, PLACE_WORDS
from aggregator.model.facet import Facet
from aggregator.model.gazetteer import NAMES, PlaceName, codes_named, codes_of_kind, key_of, place_of

_MAX_CHARS = 20_000  # of a text
_LEAD_CHARS = 350  # of a text: what it begins with counts more
_MIN_TIMES = 3  # in a text
_MIN_TIMES_LED = 2  # once of them in the lead
_MAX_PLACES = 5  # of a headline or a text: more is a round-up of everywhere
_MAX_WORDS = 5  # of a name
_MAX_BEFORE = 3  # words up to "Universitas" before a place
_MAX_BEFORE_CHARS = 24  # of a word in small letters
# Of the cities that share their name with the regency around them the capitals of provinces are meant by it.
_CAPITALS = frozenset({"32.73", "33.74", "36.73", "53.71", "91.71", "96.71"})
_DIRECTIONS = frozenset({"utara", "selatan", "barat", "timur", "tengah"})  # "Bogor Tengah": a city's district

_RUN = re.compile(r"[A-Z][\w’']*(?:[ -][A-Z][\w’']*)*")
_BEFORE = re.compile(r"(\w+)\.? ?$")
_OPENING = re.compile(r"(?:^|[.!?:;\n\"“”(])\s*[\"“(]?$")
_BEHIND = re.compile(rf" ?[,(] ?({_RUN.pattern})")
_PREFIXES = frozenset(key[:3] for key in (*NAMES, *NO_PLACES))


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place of a story, and how it was found, in a few words: ``in the headline: Kota Jambi``."""

    facet: Facet
    evidence: str


@dataclass(frozen=True, slots=True)
class _Mention:
    """A place named; ``groups`` are the codes that it may mean, the likelier ones first."""

    groups: tuple[tuple[str, ...], ...]
    start: int

    @property
    def sure(self) -> tuple[str, ...]:
        """The code, where there is but one."""
        return self.groups[0] if len(self.groups) == 1 and len(self.groups[0]) == 1 else ()


def places_of(dateline_city: str, title: str, text: str) -> tuple[FoundPlace, ...]:
    """The places of a story, the most certain first, each once; a city or regency brings its province.

    ``dateline_city`` is ``Facts.city`` ('' for none), ``text`` the cleaned text. Takes about 0.1 ms.
    """
    dateline = _of_dateline(dateline_city)
    headline = tuple(_mentions(title, is_headline=True))
    body = tuple(_mentions(text[:_MAX_CHARS], is_headline=text.isupper()))
    sure = {code for one in (*dateline, *headline, *body) for code in one.sure}
    found: dict[str, str] = {}
    for one in dateline:
        _add(found, _resolved(one, sure), f"dateline {dateline_city}")
    in_headline = list(dict.fromkeys(code for one in headline for code in _resolved(one, sure)))
    if len(in_headline) <= _MAX_PLACES:
        for code in in_headline:
            _add(found, (code,), f"in the headline: {place_of(code).label}")
    for code, evidence in _of_text(body, sure):
        _add(found, (code,), evidence)
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
        return (_Mention(_groups(known) if known else (codes,), 0),)
    if len(words) > 1 and words[-1].casefold() in _DIRECTIONS:
        district = _of_district(" ".join(words[:-1]))
        return (_Mention((district,), 0),) if district else ()
    return ()


def _of_district(name: str) -> tuple[str, ...]:
    """What ``Bogor Tengah`` lies in: the city of the name rather than the regency, and no province."""
    key = key_of(name)
    return codes_of_kind("kota", key) or codes_of_kind("kabupaten", key) or codes_named(name)


def _groups(known: PlaceName) -> tuple[tuple[str, ...], ...]:
    return tuple(filter(None, (known.codes, known.seats)))


def _of_text(mentions: Sequence[_Mention], sure: Collection[str]) -> Iterator[tuple[str, str]]:
    """What a text names often, or names where it begins and again; nothing of a round-up."""
    times: Counter[str] = Counter()
    led: set[str] = set()
    for one in mentions:
        codes = _resolved(one, sure)
        times.update(codes)
        if one.start < _LEAD_CHARS:
            led.update(codes)
    often = [
        code for code, count in times.items() if count >= (_MIN_TIMES_LED if code in led else _MIN_TIMES)
    ]
    if len(often) <= _MAX_PLACES:
        for code in sorted(often, key=lambda code: -times[code]):
            yield code, f"{times[code]} times in the text: {place_of(code).label}"


def _resolved(one: _Mention, sure: Collection[str]) -> tuple[str, ...]:
    """Which of the places that share a name are meant: those named surely elsewhere, or that lie where those do."""
    shared = tuple(code for group in one.groups for code in group)
    if len(shared) == 1:
        return shared
    if named := tuple(code for code in shared if code in sure):
        return named
    provinces = {place_of(code).province_code for code in sure}
    near = tuple(code for code in shared if place_of(code).province_code in provinces)
    likely = near or one.groups[0]
    if capital := tuple(code for code in likely if code in _CAPITALS):
        return capital
    return likely if len({place_of(code).province_code for code in likely}) == 1 else ()


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a name stands: ``words[first:end]`` of a run of words in capitals, which begins at ``start``."""

    text: str
    start: int
    words: Sequence[str]
    first: int
    end: int

    @property
    def name(self) -> str:
        return " ".join(self.words[self.first : self.end])

    @property
    def begins_at(self) -> int:
        return self.start + sum(len(word) + 1 for word in self.words[: self.first])

    @property
    def ends_at(self) -> int:
        return self.begins_at + len(self.name)

    @property
    def next(self) -> str:
        return self.words[self.end].casefold() if self.end < len(self.words) else ""

    @property
    def is_in_compound(self) -> bool:
        """``Tol Jakarta-Cikampek`` is a road, ``se-Jambi`` the place."""
        before, behind = (
            self.text[self.begins_at - 1 : self.begins_at],
            self.text[self.ends_at : self.ends_at + 1],
        )
        return (
            (self.first > 0 and before == "-")
            or (bool(self.next) and behind == "-")
            or "–" in (before, behind)
        )


def _mentions(text: str, *, is_headline: bool) -> Iterator[_Mention]:
    """The places that a text names, in its order."""
    for run in _RUN.finditer(text):
        words = run[0].replace("-", " ").split(" ")
        first = 0
        while first < len(words):
            length, known = _longest(words, first)
            if known is not None:
                spot = _Spot(text, run.start(), words, first, first + length)
                if groups := _meant(spot, known, is_headline):
                    yield _Mention(groups, spot.start)
            first += length


def _longest(words: Sequence[str], first: int) -> tuple[int, PlaceName | None]:
    """How many words the longest name has that begins here, and what it is; 1 and None where none does."""
    if words[first][:3].casefold() not in _PREFIXES:
        return 1, None
    for length in range(min(_MAX_WORDS, len(words) - first), 0, -1):
        key = "".join(words[first : first + length]).casefold()
        if key in NO_PLACES:
            return length, None
        if known := NAMES.get(key):
            return length, known
    return 1, None


def _meant(spot: _Spot, known: PlaceName, is_headline: bool) -> tuple[tuple[str, ...], ...]:
    """What a name means where it stands; () where it is no place."""
    word = _word_before(spot, is_headline)
    if word is None or spot.next in OTHER_NAMES_END or spot.is_in_compound:
        return ()
    if of_kind := codes_of_kind(KIND_WORDS.get(word, ""), key_of(spot.name)):
        return (of_kind,)
    if known.trust != "alone":
        own = {place_of(code).province_code for code in (*known.codes, *known.seats)}
        behind = _provinces_behind(spot)
        if not own & behind and (behind or not word or known.trust == "kind"):
            return ()
    if spot.next in _DIRECTIONS and (district := _of_district(spot.name)):
        return (district,)
    return _groups(known)


def _word_before(spot: _Spot, is_headline: bool) -> str | None:
    """The word before a name that says that a place follows, '' for none; None where the name is part of another."""
    before = [word.casefold() for word in spot.words[max(0, spot.first - _MAX_BEFORE) : spot.first]]
    outside = (
        None if before else _BEFORE.search(spot.text, max(0, spot.start - _MAX_BEFORE_CHARS), spot.start)
    )
    for word in [outside[1].casefold()] if outside else reversed(before):
        if word in PLACE_WORDS:
            return word
        if word in OTHER_NAMES_BEGIN:
            return None
    opens = spot.first == 1 and bool(_OPENING.search(spot.text, max(0, spot.start - 3), spot.start))
    return "" if is_headline or not before or opens else None


def _provinces_behind(spot: _Spot) -> set[str]:
    """Of the place named behind a comma: ``Kuningan, Jakarta Selatan`` is no regency of Jawa Barat."""
    behind = _BEHIND.match(spot.text, spot.ends_at)
    words = re.split("[ -]", behind[1]) if behind else []
    for first in range(len(words)):
        _, known = _longest(words, first)
        if known is not None:
            return {place_of(code).province_code for code in (*known.codes, *known.seats)}
    return set()
