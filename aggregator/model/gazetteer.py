"""The provinces, regencies and cities of Indonesia, by code and by what newspapers call them: ``gazetteer.tsv``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, NamedTuple

PlaceKind = Literal["provinsi", "kabupaten", "kota"]
Trust = Literal["alone", "introduced", "kind"]

# Provinces by the end of their codes, of what is no place of the ministry's but a wish of editors'.
_SUMATRA = frozenset(["AC", "SU", "SB", "RI", "JA", "SS", "BE", "LA", "BB", "KR"])
_ISLANDS: Mapping[str, frozenset[str]] = {
    "sumatra": _SUMATRA,
    "sumatera": _SUMATRA,
    "jawa": frozenset(["JK", "JB", "JT", "YO", "JI", "BT"]),
    "kalimantan": frozenset(["KB", "KT", "KS", "KI", "KU"]),
    "sulawesi": frozenset(["SA", "ST", "SN", "SG", "GO", "SR"]),
}
_TRUST: Mapping[str, Trust] = {"?": "introduced", "!": "kind"}
_KINDS = {
    "provinsi": "provinsi",
    "prov": "provinsi",
    "kabupaten": "kabupaten",
    "kab": "kabupaten",
    "kota": "kota",
}
_OTHER = re.compile(r"[\W_]+")


# Named tuples, for two thousand are made on import: dataclasses take five times as long.
class Place(NamedTuple):
    """``code`` is a facet's, ``province_code`` that of the province it lies in (of a province, itself).

    ``label`` is what readers are shown: the name; with its kind before it (``Kota Bogor``, ``Kabupaten Puncak``) where
    another place is called the same, or the name is mostly another thing.
    """

    code: str
    name: str
    kind: PlaceKind
    province_code: str
    label: str


class PlaceName(NamedTuple):
    """What places are called. ``codes`` are the places so called, ``seats`` those that have a town of this name.

    ``trust`` says what a text must add before the name is believed to mean a place: nothing (``alone``), a word that
    introduces places (``introduced``: it is also a word, or a person's), or its kind (``kind``: ``Kota Metro``).
    """

    spelling: str
    codes: tuple[str, ...]
    seats: tuple[str, ...]
    trust: Trust


def key_of(name: str) -> str:
    """What spellings of a name have in common: ``Bau-Bau``, ``baubau`` and ``Bau Bau`` are one."""
    return _OTHER.sub("", unicodedata.normalize("NFKD", name)).casefold()


def place_of(code: str) -> Place:
    """The place of a facet's code. Raises KeyError for a code that is none."""
    return PLACES[code]


def codes_named(name: str) -> tuple[str, ...]:
    """The codes of what an editor calls ``name``; () for a name that is not known. Case and accents are ignored.

    A province comes before what else is called so: ``Jambi`` is the province (whose code the stories of its cities
    carry too), ``Kota Jambi`` the city. ``Bogor`` is both city and regency. A town stands for its regency, an island
    for its provinces, a code for itself.
    """
    if name in PLACES:
        return (name,)
    if island := _ISLANDS.get(key_of(name)):
        return tuple(code for code in PLACES if code.startswith("ID-") and code[3:] in island)
    if known := NAMES.get(key_of(name)):
        return known.codes or known.seats
    kind, _, bare = name.strip().partition(" ")
    return codes_of_kind(_KINDS.get(key_of(kind), ""), key_of(bare).removeprefix("administrasi"))


def codes_of_kind(kind: str, key: str) -> tuple[str, ...]:
    """The codes of places of one kind that are called so, by the name's key: of ``kota`` and ``jambi`` ``15.71``."""
    return _codes_by_kind.get((kind, key), ())


def names() -> tuple[str, ...]:
    """Every name that ``codes_named`` knows, as people write it and each once: what a wrong one may be meant for."""
    labels = [place.label for place in PLACES.values()]
    islands = ("Sumatra", "Jawa", "Kalimantan", "Sulawesi")
    return tuple(dict.fromkeys((*labels, *islands, *(name.spelling for name in NAMES.values()))))


class _Row(NamedTuple):
    code: str
    kind: PlaceKind
    province_code: str
    called: tuple[str, ...]  # its name first; with their marks
    towns: tuple[str, ...]


def _rows() -> Iterator[_Row]:
    province_code = ""
    for line in files(__package__).joinpath("gazetteer.tsv").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        number, what, name, others, towns = (*line.split("\t"), "", "")[:5]
        called = (name, *others.split(", ")) if others else (name,)
        kind: PlaceKind = "kota" if what == "kota" else "kabupaten" if what == "kabupaten" else "provinsi"
        if kind == "provinsi":
            number = province_code = what
        yield _Row(number, kind, province_code, called, tuple(towns.split(", ")) if towns else ())


def _read() -> tuple[dict[str, Place], dict[str, PlaceName], dict[tuple[str, str], tuple[str, ...]]]:
    """Places by code, names by key, codes by kind and key."""
    rows = tuple(_rows())
    found: dict[str, PlaceName] = {}
    by_kind: dict[tuple[str, str], tuple[str, ...]] = {}
    for code, kind, _, called, towns in rows:
        for name in called:
            key = _key_in_file(name)
            if code in by_kind.get((kind, key), ()):
                continue  # written together and apart
            by_kind[kind, key] = (*by_kind.get((kind, key), ()), code)
            known = found.get(key)
            # What a place itself is called comes before a town of the name.
            spelling, codes, seats, trust = known if known and known.codes else _named(name, known)
            # Provinces stand before their cities in the file, and keep their names to themselves.
            if not codes or kind == "provinsi" or ("provinsi", key) not in by_kind:
                found[key] = PlaceName(spelling, (*codes, code), seats, trust)
        for name in towns:
            key = _key_in_file(name)
            spelling, codes, seats, trust = found.get(key) or _named(name)
            found[key] = PlaceName(spelling, codes, (*seats, code), trust)
    places = {row.code: _place(row, by_kind) for row in rows}
    return places, found, by_kind


def _key_in_file(name: str) -> str:
    """``key_of`` for what stands in the file: without accents, and at a fifth of the cost."""
    return name.replace(" ", "").replace("-", "").rstrip("?!").casefold()


def _named(marked: str, town: PlaceName | None = None) -> PlaceName:
    seats = town.seats if town else ()
    return PlaceName(marked.rstrip("?!"), (), seats, _TRUST.get(marked[-1], "alone"))


def _place(row: _Row, by_kind: Mapping[tuple[str, str], tuple[str, ...]]) -> Place:
    marked = row.called[0]
    name, key = marked.rstrip("?!"), _key_in_file(marked)
    # No two of one kind are called the same: a test says so.
    namesakes = sum((kind, key) in by_kind for kind in ("provinsi", "kabupaten", "kota"))
    needs_kind = row.kind != "provinsi" and (namesakes > 1 or marked.endswith("!"))
    return Place(
        row.code, name, row.kind, row.province_code, f"{row.kind.title()} {name}" if needs_kind else name
    )


_places, _names, _codes_by_kind = _read()
PLACES: Mapping[str, Place] = MappingProxyType(_places)  # by code
NAMES: Mapping[str, PlaceName] = MappingProxyType(_names)  # by key
