"""What leaves an output: withdrawn stories leave a tombstone, and too many that are gone keep the last documents."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from outputs_samples import ALL, EXPIRED, FULL, HEADLINE_ONLY, HIDDEN, NOW, POLITIK, STORIES, config

from aggregator.model.document import Document, Output, Where
from aggregator.model.story import Published, Story, Withdrawn
from aggregator.outputs.gate import document_problems
from aggregator.outputs.leaving import expected, loss_problem, next_change_at, tombstones_of
from aggregator.outputs.render import render
from aggregator.outputs.select import select

GOLDEN = Path(__file__).parent / "golden"
HOUR = timedelta(hours=1)
WEEK_S = 7 * 86400
AT = "{http://purl.org/atompub/tombstones/1.0}"


def documents(*withdrawn: Withdrawn, stories: Any = STORIES) -> dict[str, Document]:
    made = render(ALL, stories, config().site, NOW, withdrawn)
    return {document.path.rsplit(".", 1)[1]: document for document in made}


@pytest.mark.parametrize("suffix", ["atom", "json"])
def test_documents_with_tombstones_are_the_golden_ones(suffix: str) -> None:
    document = documents(HIDDEN, EXPIRED)[suffix]
    if os.environ.get("AGGREGATOR_RENEW_GOLDEN"):  # as test_outputs_golden.py says
        (GOLDEN / f"withdrawn.{suffix}").write_bytes(document.body)
    assert document.body == (GOLDEN / f"withdrawn.{suffix}").read_bytes()
    assert document_problems(document) == ()


def test_tombstones_stand_before_the_entries_and_alone_where_there_are_none() -> None:
    for stories in (STORIES, ()):
        root = etree.fromstring(documents(HIDDEN, EXPIRED, stories=stories)["atom"].body)
        tags = [etree.QName(one).localname for one in root if isinstance(one.tag, str)]
        assert tags[-2 - len(stories) :] == ["deleted-entry"] * 2 + ["entry"] * len(stories)
        first, second = root.iterfind(f"{AT}deleted-entry")
        assert (first.get("ref"), first.get("when")) == (HIDDEN.id, "2026-11-23T05:30:00Z")
        assert first.findtext(f"{AT}comment") == "Permintaan narasumber: foto < b>bukan< /b> korban & keliru"
        assert second.find(f"{AT}comment") is None


def test_a_document_without_tombstones_says_nothing_of_them() -> None:
    assert all(b"tombstones" not in one.body and b"deleted" not in one.body for one in documents().values())


@pytest.mark.parametrize("suffix", ["atom", "json"])
def test_a_story_that_stands_there_and_is_said_to_be_deleted_is_refused(suffix: str) -> None:
    problems = document_problems(documents(replace(HIDDEN, id=FULL.id))[suffix])
    assert problems == (f"id stands there and is said to be deleted: {FULL.id!r}",)


def story(number: int, age: timedelta = HOUR, **fields: Any) -> Story:
    published = Published(f"urn:x-test:{number}", f"https://a.id/{number}", NOW - age, NOW - age)
    values: dict[str, Any] = {"entries": (), "published": published, "topics": ("politik",), **fields}
    return Story(number, **values)


def withdrawn(number: int, age: timedelta = HOUR, **fields: Any) -> Withdrawn:
    values: dict[str, Any] = {"topics": ("politik",), **fields}
    return Withdrawn(number, f"urn:x-test:{number}", NOW - age, NOW, **values)


@pytest.mark.parametrize(
    ("one", "output", "stands"),
    [
        (withdrawn(9), ALL, True),
        (withdrawn(9), POLITIK, True),
        (withdrawn(9, topics=("hukum",)), POLITIK, False),
        (withdrawn(9, timedelta(days=7) - HOUR), ALL, True),
        (withdrawn(9, timedelta(days=7)), ALL, False),
        (withdrawn(9, 2 * HOUR), replace(ALL, limit=1), False),  # a newer one had pushed it out
        (withdrawn(9, HOUR / 2), replace(ALL, limit=1), True),
        (withdrawn(9, shown_partner_id="p"), replace(ALL, where=Where(not_partners=("p",))), False),
    ],
)
def test_where_a_tombstone_stands(one: Withdrawn, output: Output, stands: bool) -> None:
    selection = select(output, [story(1)], NOW)
    assert tombstones_of(output, selection, [one], NOW) == ((one,) if stands else ())


def test_of_tombstones_stand_there_the_newest_and_as_many_as_stories_may() -> None:
    many = [withdrawn(number, number * HOUR) for number in range(1, 6)]
    output = replace(ALL, limit=3)
    assert tombstones_of(output, select(output, [story(9)], NOW), many, NOW) == tuple(many[:3])


def test_the_documents_change_when_a_tombstone_grows_too_old() -> None:
    selection = select(ALL, [story(1)], NOW)
    assert next_change_at(ALL, selection, [withdrawn(9, 3 * HOUR)]) == NOW + timedelta(days=7) - 3 * HOUR
    assert next_change_at(ALL, select(ALL, [], NOW), []) is None


moments = st.integers(0, 9 * 24).map(lambda hours: timedelta(hours=hours))
states = st.sampled_from(
    ({}, {"hidden_at": NOW}, {"refusal": "embargo"}, {"visible_until": NOW}, {"topics": ()})
)


@given(st.lists(st.tuples(moments, states), max_size=12), st.integers(1, 12))
def test_a_story_stands_there_or_its_tombstone_does_never_both(
    drawn: list[tuple[timedelta, dict[str, Any]]], limit: int
) -> None:
    """Up to the limit: what is not shown, young enough and of the topic is withdrawn, and said to be."""
    output = replace(POLITIK, limit=limit)
    stories = [story(number, age, **fields) for number, (age, fields) in enumerate(sorted(drawn, key=str))]
    stories.sort(key=lambda one: one.published.first_published_at, reverse=True)  # type: ignore[union-attr]
    gone = [
        withdrawn(one.story_id, NOW - one.published.first_published_at, topics=one.topics)
        for one in stories
        if one.published and (one.hidden_at or one.refusal or one.visible_until)
    ]
    selection = select(output, stories, NOW)
    shown = {one.story_id for one in selection.stories}
    tombs = {one.story_id for one in tombstones_of(output, selection, gone, NOW)}
    assert not shown & tombs
    young = [
        one.story_id
        for one in stories
        if one.topics and one.published and (NOW - one.published.first_published_at).total_seconds() < WEEK_S
    ]
    assert set(young[:limit]) <= shown | tombs


TWENTY = [story(number) for number in range(20)]


@pytest.mark.parametrize(
    ("stories", "now_shown", "problem"),
    [
        (TWENTY, range(20), ""),
        (TWENTY, range(10), ""),
        (TWENTY, range(9), "11 of the 20"),
        (TWENTY, (), "not one of the 20"),
        (TWENTY[:9], range(1), ""),
        (TWENTY[:9], (), "not one of the 9"),
        (TWENTY[:1], (), "not one of the 1"),
        ([], (), ""),
        ([story(number, timedelta(days=7)) for number in range(20)], (), ""),
        ([story(number, topics=("hukum",)) for number in range(20)], (), ""),
        ([*TWENTY[:-1], story(19, hidden_at=NOW)], range(1), ""),
        ([*TWENTY[:-1], story(19, refusal="embargo")], range(1), ""),
        ([*TWENTY[:-1], story(19, visible_until=NOW)], range(1), ""),
        ([*TWENTY[:-1], story(19, timedelta(days=7))], range(9), "10 of the 19"),
        (TWENTY, range(100, 120), "20 of the 20"),
    ],
    ids=[
        "nothing gone",
        "half",
        "more than half",
        "all",
        "of nine all but one",
        "all of nine",
        "the only one",
        "there was none",
        "too old",
        "another topic",
        "one hidden",
        "one refused",
        "one expired",
        "one too old",
        "others instead",
    ],
)
def test_what_keeps_the_last_documents(stories: list[Story], now_shown: Any, problem: str) -> None:
    shown = [one.story_id for one in stories]
    by_selection = select(POLITIK, [one for one in stories if one.story_id in now_shown], NOW)
    due = expected(POLITIK, by_selection, shown, stories, NOW)
    words = loss_problem(due, now_shown)
    assert words.startswith(problem)
    assert bool(words) is bool(problem)


def test_stories_that_the_database_has_lost_are_missed() -> None:
    due = expected(POLITIK, select(POLITIK, TWENTY[:2], NOW), range(20), TWENTY[:2], NOW)
    assert loss_problem(due, (0, 1)).startswith("18 of the 20")


def test_what_newer_stories_pushed_out_is_not_missed() -> None:
    output = replace(POLITIK, limit=20)
    newer = [story(number, HOUR / 2) for number in range(100, 120)]
    due = expected(output, select(output, [*newer, *TWENTY], NOW), range(20), TWENTY, NOW)
    assert loss_problem(due, range(100, 119)) == ""


def test_a_lower_limit_is_no_loss() -> None:
    output = replace(POLITIK, limit=3)
    due = expected(output, select(output, TWENTY, NOW), range(20), TWENTY, NOW)
    assert loss_problem(due, range(3)) == ""


def test_json_feed_names_them_too() -> None:
    deleted = json.loads(documents(HIDDEN, EXPIRED, stories=(HEADLINE_ONLY,))["json"].body)["_aggregator"][
        "deleted"
    ]
    assert [one["id"] for one in deleted] == [HIDDEN.id, EXPIRED.id]
    assert deleted[1] == {"id": EXPIRED.id, "when": "2026-11-23T05:30:00Z"}
