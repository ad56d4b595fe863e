"""All facets of an entry together, their labels, and which of them a document names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from editorial_desk.editorial_samples import NOW, SITE, config, stored, story

from aggregator.editorial.facets import facets_of, found_facets, label_of, primary_language
from aggregator.editorial.fit import fit_to_print
from aggregator.editorial.settle import settle
from aggregator.model.facet import Facet
from aggregator.model.html import SafeHtml
from aggregator.model.reading import Facts

TEXT = (
    "Petani di Merangin menyambut kenaikan harga karet, kata kepala dinas itu, karena biaya sudah lama naik."
)
LEAD = stored(
    1,
    text=TEXT,
    facts=Facts(city="Bangko"),
    of_entry={"title": "Harga Karet Naik", "categories": ("Opini",), "url": "https://a.example/opini/1"},
)


def test_every_kind_with_its_evidence() -> None:
    found = {(one.facet.kind, one.facet.code): one.evidence for one in found_facets(LEAD, "id")}
    assert set(found) == {
        ("place", "15.02"), ("place", "ID-JA"), ("genre", "opini"), ("language", "id"),
    }  # fmt: skip
    assert found["place", "15.02"] == "dateline Bangko"
    assert found["genre", "opini"].startswith("category Opini")
    assert facets_of(LEAD, "id") == tuple(one.facet for one in found_facets(LEAD, "id"))


@pytest.mark.parametrize(
    ("facet", "label"),
    [
        (Facet("place", "ID-JA"), "Jambi"),
        (Facet("place", "15.71"), "Kota Jambi"),
        (Facet("place", "99.99"), "99.99"),
        (Facet("genre", "cek-fakta"), "Cek fakta"),
        (Facet("language", "en"), "Bahasa Inggris"),
        (Facet("language", "xx"), "xx"),
    ],
)
def test_labels(facet: Facet, label: str) -> None:
    assert label_of(facet) == label


@pytest.mark.parametrize(("code", "primary"), [("id", "id"), ("en-GB", "en"), ("ID-id", "id")])
def test_primary_language(code: str, primary: str) -> None:
    assert primary_language(code) == primary


@pytest.mark.parametrize(
    ("site_language", "text", "language", "named"),
    [
        ("id", TEXT, "id", False),
        ("id-ID", TEXT, "id-ID", False),
        ("en-GB", TEXT, "id", True),
        (
            "id",
            "The farmers of the regency said that they were glad of it, and that prices had been low.",
            "en",
            True,
        ),
    ],
)
def test_a_document_names_the_language_where_it_is_not_the_sites(
    site_language: str, text: str, language: str, named: bool
) -> None:
    desk = config(site=SITE.model_copy(update={"language": site_language}))
    whole = story(replace(LEAD, text=text))
    settled = settle(whole, desk, NOW)
    shown = replace(
        whole, published=settled.published, shown_entry_id=1, topics=settled.topics, facets=settled.facets
    )
    printed = fit_to_print(shown, desk, SafeHtml("<p>Isi.</p>"))
    assert printed.language == language
    assert any(one.kind == "language" for one in printed.categories) is named
    assert [one.title for one in printed.categories if one.kind == "place"] == ["Merangin", "Jambi"]
