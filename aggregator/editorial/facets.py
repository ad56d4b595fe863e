"""The facets of an entry: where it is from, what kind of text it is, in which language, and what each is told by."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.editorial.genres import genres_of
from aggregator.editorial.languages import language_of
from aggregator.editorial.places import places_of
from aggregator.model.facet import GENRES, LANGUAGES, Facet
from aggregator.model.gazetteer import place_of
from aggregator.model.story import StoredEntry


@dataclass(frozen=True, slots=True)
class FoundFacet:
    """A facet and, in words for editors, what it is told by."""

    facet: Facet
    evidence: str


def facets_of(lead: StoredEntry, site_language: str) -> tuple[Facet, ...]:
    """Every facet of a story that this entry leads; a text that does not tell its language has the site's."""
    return tuple(one.facet for one in found_facets(lead, site_language))


def found_facets(lead: StoredEntry, site_language: str) -> tuple[FoundFacet, ...]:
    """The same with the evidence: places, then genres, then the language."""
    entry = lead.entry
    places = places_of(lead.facts.city, entry.title, lead.text)
    genres = genres_of(entry.categories, lead.address, entry.title, lead.text)
    language, evidence = language_of(entry.title, lead.text, primary_language(site_language))
    return (
        *(FoundFacet(one.facet, one.evidence) for one in places),
        *(FoundFacet(one.facet, one.evidence) for one in genres),
        FoundFacet(Facet("language", language), evidence),
    )


def primary_language(code: str) -> str:
    """``en-GB`` -> ``en`` (BCP 47): what texts are told apart by."""
    return code.partition("-")[0].lower()


def label_of(facet: Facet) -> str:
    """What readers are shown; the code itself where it is of no list (any more)."""
    if facet.kind == "place":
        try:
            return place_of(facet.code).label
        except KeyError:
            return facet.code
    return (GENRES if facet.kind == "genre" else LANGUAGES).get(facet.code, facet.code)
