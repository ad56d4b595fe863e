"""An editor's word on a story: what it changes, and what of it is a correction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from editorial_desk.editorial_samples import HEADLINE, NOW, config, stored, story

from aggregator.config.model import Override
from aggregator.editorial.fit import fit_to_print
from aggregator.editorial.settle import settle
from aggregator.model.html import SafeHtml
from aggregator.model.story import Settlement, Story

ID = "urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a001"


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


def test_a_headline_that_readers_have_already_is_no_correction() -> None:
    out = after(story(stored(1)), settle(story(stored(1)), config(), NOW))
    same = settle(out, config(), NOW + timedelta(hours=1), Override(story=ID, title=HEADLINE))
    assert (same.override_title, same.updated_at) == (HEADLINE, out.updated_at)


def test_the_partners_new_headline_is_no_correction_under_ours() -> None:
    ours = Override(story=ID, title="Judul Kami")
    out = after(story(stored(1)), settle(story(stored(1)), config(), NOW, ours))
    later = NOW + timedelta(hours=1)
    retitled = stored(1, content_hash="1:b.a.a", changed_at=later, of_entry={"title": "Judul Mereka"})
    rewritten = stored(1, content_hash="1:b.b.a", changed_at=later, of_entry={"title": "Judul Mereka"})
    out = replace(out, shown_hash="1:a.a.a")
    assert settle(replace(out, entries=(retitled,)), config(), later, ours).updated_at == out.updated_at
    assert settle(replace(out, entries=(rewritten,)), config(), later, ours).updated_at == later
    assert settle(replace(out, entries=(retitled,)), config(), later).updated_at == later


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
