"""The names in ``names.yaml``: places, outlets, and sites that only give facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from aggregator.model.hosts import is_within

_AUTHORITY = re.compile(r"\.(?:go|mil|ac|sch|desa)\.id$|\.(?:gov|edu|int)$")


def _load() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("names.yaml").read_text("utf-8"))
    return loaded


_NAMES = _load()

# The spelling to keep, by casefolded name.
PLACES: Mapping[str, str] = MappingProxyType(
    {name.casefold(): name for group in _NAMES["places"].values() for name in group}
)
OUTLETS = frozenset(name.casefold() for row in _NAMES["outlets"] for name in row)
_FACT_SITES = frozenset(_NAMES["fact_sites"])


def is_fact_site(host: str) -> bool:
    """Whether a host (in lower case) gives facts and pictures, and is no publisher of articles."""
    return bool(_AUTHORITY.search(host)) or is_within(host, _FACT_SITES)
