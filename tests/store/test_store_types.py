"""What goes in comes out: times, texts that databases refuse, values of the model."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url
from store_values import NOW, candidate, new, settlement

from aggregator.errors import StoreError
from aggregator.model.entry import Entry, Image, Provenance
from aggregator.store.store import Store
from aggregator.store.tables import DUE_NOW_AT
from aggregator.store.types import JsonOf, UtcDateTime, storable

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.builds(
    lambda since_1970_us, zone: (DUE_NOW_AT + timedelta(microseconds=since_1970_us)).astimezone(zone),
    st.integers(-62 * 10**15, 253 * 10**15),  # years 5 to 9987
    ZONES,
)
ANY_TEXT = st.text('ab\x00\ud800\udfff\\u0é\u2028"<😀')
DIALECTS = tuple(make_url(url).get_dialect()() for url in ("sqlite://", "postgresql+psycopg://"))


@given(MOMENTS)
def test_times_survive_whatever_their_zone(moment: datetime) -> None:
    for dialect in DIALECTS:
        stored = UtcDateTime().process_bind_param(moment, dialect)
        loaded = UtcDateTime().process_result_value(stored, dialect)
        assert loaded == moment
        assert loaded is not None
        assert loaded.tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_times_on_sqlite_sort_as_text(one: datetime, other: datetime) -> None:
    first, second = (str(UtcDateTime().process_bind_param(moment, DIALECTS[0])) for moment in (one, other))
    assert (first < second) == (one < other)


@given(ANY_TEXT, ANY_TEXT)
def test_entries_survive_as_json_without_what_databases_refuse(title: str, html: str) -> None:
    entry = Entry(guid="1", url="", title=title, html=html, categories=(title,), image=Image("u", width=3))
    stored = JsonOf(Entry).process_bind_param(entry, DIALECTS[0])
    assert stored is not None
    stored.encode()
    assert json.loads(stored)["title"] == storable(title)
    expected = replace(entry, title=storable(title), html=storable(html), categories=(storable(title),))
    assert JsonOf(Entry).process_result_value(stored, DIALECTS[0]) == expected


def test_hostile_entry_breaks_no_batch(store: Store) -> None:
    bad = "a\x00b\ud800c"
    hostile = replace(
        candidate(bad, url=f"https://partner.example/{bad}", text=bad, marks=(-(2**63), 2**63 - 1)),
        provenance=Provenance(bad, bad),
    )
    huge = candidate("huge", guid="g" * 50_000, url="https://partner.example/" + "é" * 20_000)
    with store.write() as tx:
        tx.apply("s", "p", [new(hostile), new(huge), new(candidate("sane"))], NOW)
        tx.set_meta(bad, bad)
    with store.read() as tx:
        first, second, third = tx.unsettled(NOW)
        assert [entry.entry.title for entry in first.entries] == ["title of abc"]
        assert [entry.entry.title for entry in third.entries] == ["title of sane"]
        assert first.entries[0].provenance == Provenance("abc", "abc")
        assert second.entries[0].key == "guid:" + "g" * 50_000
        assert [known.title for known in tx.known("s", [hostile, huge])] == [
            "title of abc",
            "title of huge",
        ]
        assert tx.meta("abc") == "abc"


def test_naive_times_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="without a zone"), store.write() as tx:
        tx.hide(1, "reason", NOW.replace(tzinfo=None))


def test_times_are_the_same_on_both_databases(store: Store) -> None:
    in_jakarta = NOW.astimezone(timezone(timedelta(hours=7)))
    with store.write() as tx:
        (story_id,) = tx.apply("s", "p", [new(candidate("one"))], in_jakarta)
        tx.settle(settlement(story_id, first_published_at=in_jakarta))
    with store.read() as tx:
        story = tx.find_story(str(story_id), "")
        assert story.entries[0].first_seen_at == NOW
        assert story.published is not None
        assert story.published.first_published_at == NOW
        assert story.published.first_published_at.tzinfo is UTC
