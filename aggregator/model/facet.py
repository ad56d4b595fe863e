"""Facets: what a story is beside its topics. Where it is from, what kind of text it is, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FacetKind = Literal["place", "genre", "language"]


@dataclass(frozen=True, slots=True)
class Facet:
    """One of them.

    ``code`` is of a place its ISO 3166-2 code (a province, ``ID-JA``) or the number that the ministry of home affairs
    gave it (a city or regency, ``15.71``), of a genre ours, of a language that of BCP 47. Codes never change.
    """

    kind: FacetKind
    code: str
