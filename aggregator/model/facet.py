"""Facets: what a story is beside its topics. Where it is from, what kind of text it is, in which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

FacetKind = Literal["place", "genre", "language"]


GENRES: Mapping[str, str] = MappingProxyType(
    {
        "opini": "Opini",
        "rilis-pers": "Rilis pers",
        "advertorial": "Advertorial",
        "foto": "Foto",
        "video": "Video",
        "cek-fakta": "Cek fakta",
    }
)
"""Labels by code."""
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "id": "Bahasa Indonesia",
        "en": "Bahasa Inggris",
        "ms": "Bahasa Melayu",
        "jv": "Bahasa Jawa",
        "su": "Bahasa Sunda",
        "ar": "Bahasa Arab",
        "zh": "Bahasa Mandarin",
        "ja": "Bahasa Jepang",
        "ko": "Bahasa Korea",
        "ru": "Bahasa Rusia",
        "th": "Bahasa Thai",
        "ta": "Bahasa Tamil",
        "hi": "Bahasa Hindi",
    }
)
"""Those that texts are told by; labels by code."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One of them.

    ``code`` is of a place its ISO 3166-2 code (a province, ``ID-JA``) or the number that the ministry of home affairs
    gave it (a city or regency, ``15.71``), of a genre ours, of a language that of BCP 47. Codes never change.
    """

    kind: FacetKind
    code: str
