"""An editor's word on a story: found by what the story is known under, kept against all else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from editorial_desk.editorial_samples import COPY_URL, NOW, ORIGIN_URL, config, stored, story

from aggregator.config.model import Override
from aggregator.editorial.fit import fit_to_print
from aggregator.editorial.overrides import Overrides
from aggregator.editorial.settle import settle
from aggregator.model.html import SafeHtml
from aggregator.model.story import Published, Settlement, Story

ID = "urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a001"
PUBLISHED = Published(ID, ORIGIN_URL, NOW, NOW)
KNOWN = replace(
    story(stored(1), stored(2, source_id="indonesia-daily", of_entry={"url": COPY_URL})), published=PUBLISHED
)


def canonical(ref: str) -> str:
    return ref.split("?", maxsplit=1)[0] if "://" in ref else ""


@pytest.mark.parametrize(
    ("refs", "expected"),
    [
        ((ID,), 0),
        (("8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a001",), 0),
        (("8D6F8E3C-30B3-5A4B-9A39-2F4F0ED2A001",), 0),
        ((ORIGIN_URL,), 0),
        ((COPY_URL,), 0),
        ((f"{ORIGIN_URL}?utm_source=x",), 0),
        (("https://a.example/other", ID), 1),
        ((COPY_URL, ID), 1),  # the published id comes before any address
        (("https://a.example/other",), None),
        (("urn:uuid:00000000-0000-5000-8000-000000000000",), None),
        ((), None),
    ],
)
def test_the_story_that_is_meant(refs: tuple[str, ...], expected: int | None) -> None:
    overrides = [Override(story=ref, title=f"Judul {n}") for n, ref in enumerate(refs)]
    found = Overrides(overrides, canonical).of(KNOWN)
    assert found is (None if expected is None else overrides[expected])


def after(of: Story, settled: Settlement) -> Story:
    """The story as it is loaded after settling."""
    return replace(
        of,
        published=settled.published,
        shown_entry_id=settled.lead_entry_id,
        shown_hash=settled.shown_hash,
        shown_at=settled.shown_at,
        updated_at=settled.updated_at,
        topics=settled.topics,
        facets=settled.facets,
        override_title=settled.override_title,
    )


def test_a_headline_is_a_correction_and_topics_are_none() -> None:
    out = after(story(stored(1)), settle(story(stored(1)), config(), NOW))
    later = NOW + timedelta(hours=1)
    sorted_anew = settle(out, config(), later, Override(story=ID, topics=("olahraga",)))
    assert (sorted_anew.topics, sorted_anew.updated_at) == (("olahraga",), out.updated_at)
    titled = settle(out, config(), later, Override(story=ID, title="Judul Kami"))
    assert (titled.override_title, titled.updated_at) == ("Judul Kami", later)
    again = after(out, titled)
    assert (
        settle(again, config(), later + timedelta(hours=1), Override(story=ID, title="Judul Kami")).updated_at
        == later
    )
    taken_back = settle(again, config(), later + timedelta(hours=2))
    assert (taken_back.override_title, taken_back.updated_at) == ("", later + timedelta(hours=2))
    assert taken_back.published == out.published


def test_no_topics_are_none_and_the_order_is_that_of_menus() -> None:
    settled = [
        settle(story(stored(1)), config(), NOW, Override(story=ID, topics=topics)).topics
        for topics in ((), ("olahraga", "politik"))
    ]
    assert settled == [(), ("politik", "olahraga")]


def test_what_is_refused_keeps_the_headline_that_readers_had() -> None:
    out = after(
        story(stored(1)), settle(story(stored(1)), config(), NOW, Override(story=ID, title="Judul Kami"))
    )
    refused = settle(out, config(partners=()), NOW + timedelta(hours=1))
    assert refused.refusal
    assert refused.override_title == "Judul Kami"


def test_the_credit_goes_on_naming_the_partners_headline() -> None:
    out = after(
        story(stored(1)), settle(story(stored(1)), config(), NOW, Override(story=ID, title="Judul Kami"))
    )
    printed = fit_to_print(out, config(), SafeHtml("<p>Isi.</p>"))
    assert printed.title == "Judul Kami"
    assert "Rusia-Belarusia Sepakati" in printed.content.markup
    assert "Judul Kami" not in printed.content.markup
