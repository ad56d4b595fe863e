"""The dateline at the head of a text: ``JAMBI, KOMPAS.com - Harga karet naik``.

It ends with a dash (or, behind an agency, a colon) and names nothing but places and outlets. A place is believed when
``names.yaml`` knows it or an outlet stands beside it. What is doubtful is the article's first sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.editorial.blocks import has_any
from aggregator.editorial.names import OUTLETS, PLACES

_MAX_CHARS = 120
_MIN_WORDS = 3  # of the sentence behind it
_MAX_PARTS = 4  # places, outlets and a date
_MAX_PLACES = 2  # "Muara Bungo, Jambi"
_MAX_PLACE_CHARS = 40

_HOST = re.compile(
    r"(?:[a-z0-9][a-z0-9-]{0,40}\.){1,3}(?:com|co\.id|co|id|tv|net|org|news|info|online|press|media|site|xyz)",
    re.IGNORECASE,
)
_OUTLET_NAME = re.compile(
    r"detik[A-Z][a-z]+|i?News ?[A-Z][a-z]+|(?i:tribun) ?[A-Z][A-Za-z]+|(?:ANTARA|VIVA) [A-Z][a-z]+"
)
_PLACE = re.compile(r"[A-Z][\w'’.-]*(?:[ /][A-Z][\w'’.-]*){0,3}")
_DATE = re.compile(
    r"\(?(?:(?:senin|selasa|rabu|kamis|jum'?at|sabtu|minggu),? ?)?"
    r"\d{1,2}(?:[/.-]\d{1,2}(?:[/.-]\d{2,4})?| [a-z]{3,9} \d{4})\)?",
    re.IGNORECASE,
)
_AGENCY = re.compile(r"(?P<place>[^()]{2,60}?),?\s*\(\s*(?P<agency>[^()]{2,30}?)\s*\)")
_PARTING = re.compile(r"\s*[,|]\s*")
_DASHES = "-–—―:"
_DASH = re.compile(rf"\s*(?:[{_DASHES[:-1]}]{{1,3}}|:)\s*")
_BETWEEN = re.compile(r"[–—―]|\s-|--|-\s")  # a dash that is no hyphen of a name
# How a sentence begins; "iPhone" does too.
_SENTENCE = re.compile(r"[\"“'‘(\[]{0,3}(?:[^\W\d_a-zß-öø-ÿ]|[0-9]|[a-z][A-Z])")
_WORDS = re.compile(r"[^\W_]+")
_HOST_THEN_PLACE = re.compile(rf"(?P<agency>{_HOST.pattern})\s*,\s*(?=[A-Z])", re.IGNORECASE)
_PLACE_WORDS = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}")
_PLACE_GLUED = re.compile(r"(?:[A-Z][a-z]+ )?[A-Z][a-z]+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline: the first ``end`` characters of a text. '' where it names none."""

    end: int
    city: str = ""
    agency: str = ""
    names_outlet: bool = False  # not only a place


def read_dateline(text: str, own: str = "") -> Dateline | None:
    """The dateline that a text begins with; None when there is none, or it might be its first sentence.

    ``own`` is the one that this desk puts before articles: ``{own}, {city} – ``.
    """
    start = len(text) - len(text.lstrip())
    found = (own and _own(text, start, own)) or _with_dash(text, start) or _without_dash(text, start)
    return found or None


def dateline(own: str, city: str) -> str:
    """The desk's own dateline for an article from ``city`` ('' for none)."""
    return f"{own}, {city} – " if city else f"{own} – "


def _own(text: str, start: int, own: str) -> Dateline | None:
    match = re.compile(rf"{re.escape(own)}(?:, (?P<city>[^–]{{1,80}}))? – ").match(text, start)
    return Dateline(match.end(), match["city"] or "", "", names_outlet=True) if match else None


def _with_dash(text: str, start: int) -> Dateline | None:
    """The longest head before a dash that is nothing but a dateline: names may hold hyphens."""
    if not has_any(text[start : start + _MAX_CHARS], _DASHES):
        return None
    for dash in reversed(list(_DASH.finditer(text, start, start + _MAX_CHARS))):
        head, rest = text[start : dash.start()], text[dash.end() :]
        if not head or _BETWEEN.search(head) or not _is_sentence(rest):
            continue
        found = _named(head, dash.end())
        if found and (found.names_outlet or _is_parted(head, dash[0], rest)):
            return found
    return None


def _is_sentence(rest: str) -> bool:
    if not _SENTENCE.match(rest):
        return False
    words = _WORDS.finditer(rest)
    return all(next(words, None) for _ in range(_MIN_WORDS))


def _is_parted(head: str, dash: str, rest: str) -> bool:
    """Whether a place and what follows a dash are a dateline, and not two places or a place in a sentence."""
    if ":" in dash:
        return False
    following = _PLACE.match(rest)
    names = _names_at(following[0]) if following else ()
    if head.isupper():
        is_place = any(name.casefold() in PLACES for name in names)
        return not is_place or (dash != dash.strip() and not rest[: len(names[-1])].isupper())
    return dash != dash.strip() and not any(name.casefold() in PLACES for name in names)


def _names_at(words: str) -> tuple[str, ...]:
    """``Muaro Jambi Raya`` -> itself, ``Muaro Jambi``, ``Muaro``."""
    parts = re.split(r"[ /]", words)
    return tuple(" ".join(parts[:count]) for count in range(len(parts), 0, -1))


def _named(head: str, end: int) -> Dateline | None:
    """A head read as places, outlets and a date, if it is nothing else."""
    agency = ""
    if bracket := _AGENCY.fullmatch(head):
        head, agency = bracket["place"], bracket["agency"]
        if not _is_outlet(agency):
            return None
    parts = [part for part in _PARTING.split(head.strip(" ,")) if not _DATE.fullmatch(part)]
    if not 1 <= len(parts) <= _MAX_PARTS:
        return None
    outlets = [part for part in parts if _is_outlet(part)]
    places = [part for part in parts if not _is_outlet(part)]
    names_outlet = bool(outlets or agency)
    is_named = all(_kept(place) or (names_outlet and _may_be_place(place)) for place in places)
    if len(places) > _MAX_PLACES or not is_named:
        return None
    city = _spelt(places[0]) if places else ""
    return Dateline(end, city, agency or next(iter(outlets), ""), names_outlet)


def _is_outlet(name: str) -> bool:
    return all(
        part.casefold() in OUTLETS or _HOST.fullmatch(part) or _OUTLET_NAME.fullmatch(part)
        for part in name.split("/")
    )


def _kept(name: str) -> str:
    """The spelling of a place that is known; '' for others."""
    return PLACES.get(" ".join(name.split()).casefold(), "")


def _may_be_place(name: str) -> bool:
    return bool(_PLACE.fullmatch(name)) and len(name) <= _MAX_PLACE_CHARS


def _spelt(place: str) -> str:
    return _kept(place) or (place.title() if place.isupper() else place)


def _without_dash(text: str, start: int) -> Dateline | None:
    """``Jambi (ANTARA) Harga ...`` and ``Liputan6.com, Jakarta Harga ...``: the place must be known."""
    for end, place, agency in _heads(text, start):
        if _kept(place) and _is_outlet(agency) and _is_sentence(text[end:]):
            return Dateline(end, _spelt(place), agency, names_outlet=True)
    return None


def _heads(text: str, start: int) -> Iterator[tuple[int, str, str]]:
    bracket = _AGENCY.match(text, start, start + _MAX_CHARS)
    if bracket and text[bracket.end() : bracket.end() + 1].isspace():
        yield len(text) - len(text[bracket.end() :].lstrip()), bracket["place"], bracket["agency"]
    host = _HOST_THEN_PLACE.match(text, start, start + _MAX_CHARS)
    if host is None:
        return
    if glued := _PLACE_GLUED.match(text, host.end()):
        yield glued.end(), glued[0], host["agency"]
    if words := _PLACE_WORDS.match(text, host.end()):
        # The longest known name counts: in "Jakarta Utara dilanda banjir" it is the subject.
        place = next((name for name in _names_at(words[0]) if _kept(name)), "")
        end = host.end() + len(place)
        if place and text[end : end + 1].isspace():
            yield len(text) - len(text[end:].lstrip()), place, host["agency"]
