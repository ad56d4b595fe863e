"""The names in ``names.yaml`` and the gazetteer's: places, outlets and their hosts, sites that only give facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from aggregator.model.gazetteer import NAMES, key_of
from aggregator.model.gazetteer import PLACES as GAZETTEER
from aggregator.model.hosts import is_within

HOST = (
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}"
    r"(?:com|id|net|org|tv|co|info|news|biz|press|media|online|site|xyz|me|asia|uk|au|sg|my|jp)(?![\w-]|\.\w)"
)
_HOST = re.compile(HOST, re.IGNORECASE)
_AUTHORITY = re.compile(r"\.(?:go|mil|ac|sch|desa)\.id$|\.(?:gov|edu|int)$")


def _load() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("names.yaml").read_text("utf-8"))
    return loaded


_NAMES = _load()


def _place_names() -> Iterator[str]:
    """What may stand in a dateline alone; what is mostly another thing only with its kind (``Kota Metro``)."""
    for name in NAMES.values():
        if name.trust != "kind":
            yield name.spelling.replace(" ", "").capitalize()
            yield name.spelling
    for place in GAZETTEER.values():
        yield f"{place.kind.title()} {place.name}"
    for group in _NAMES["places"].values():
        yield from group


# The spelling to keep, by casefolded name.
PLACES: Mapping[str, str] = MappingProxyType({name.casefold(): name for name in _place_names()})
SPELT_OTHERWISE: tuple[str, ...] = tuple(_NAMES["places"]["spelt_otherwise"])  # places of the gazetteer
_BESIDE = _NAMES["beside_places"]
# Which kind of place follows the word.
KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {word: kind for kind, words in _BESIDE["kinds"].items() for word in words}
)
PLACE_WORDS = frozenset(_BESIDE["introducing"]) | frozenset(KIND_WORDS)
OTHER_NAMES_BEGIN = frozenset(_BESIDE["of_other_names"])
NAMED_AFTER_PLACES = frozenset(_BESIDE["named_after_places"])
OTHER_NAMES_END = frozenset(_BESIDE["making_other_names"])
NO_PLACES: Mapping[str, str] = MappingProxyType(
    {key_of(name): name for name in _BESIDE["no_places"]}
)  # by key
_OUTLET_HOSTS = {name.casefold(): host for host, names in _NAMES["outlet_hosts"].items() for name in names}
OUTLETS = frozenset(name.casefold() for row in _NAMES["outlets"] for name in row) | frozenset(_OUTLET_HOSTS)
_FACT_SITES = frozenset(_NAMES["fact_sites"])


def is_outlet(name: str) -> bool:
    """Whether a name or a host is a publisher's."""
    return name.casefold() in OUTLETS or bool(_HOST.fullmatch(name))


def outlet_host(name: str) -> str:
    """The host (in lower case, without ``www.``) of a publisher of articles; '' where it is not known.

    ``name`` is a host already, or a name: ``ANTARA``.
    """
    host = name.lower().removeprefix("www.") if _HOST.fullmatch(name) else ""
    host = host or _OUTLET_HOSTS.get(name.casefold(), "")
    return "" if is_fact_site(host) else host


def is_fact_site(host: str) -> bool:
    """Whether a host (in lower case) gives facts and pictures, and is no publisher of articles."""
    return bool(_AUTHORITY.search(host)) or is_within(host, _FACT_SITES)
