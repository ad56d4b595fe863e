"""Which stories stand in an output, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from outputs_samples import ALL, NOW, POLITIK, config

from aggregator.model.story import Published, Story
from aggregator.outputs.select import outputs_of, select

HOUR = timedelta(hours=1)


def story(number: int = 1, age: timedelta = HOUR, **fields: Any) -> Story:
    published = Published(
        f"urn:x-test:{number}", f"https://a.id/{number}", NOW - age, first_published_at=NOW - age
    )
    return Story(
        **{"story_id": number, "entries": (), "published": published, "topics": ("politik",), **fields}
    )


def test_outputs_are_the_combined_one_then_topics_in_menu_order() -> None:
    outputs = outputs_of(config())
    assert [(one.id, one.title, one.where.topics) for one in outputs] == [
        ("all", "Jambi Seru: semua berita mitra", ()),
        ("topics/politik", "Jambi Seru: Politik", ("politik",)),
        ("topics/internasional", "Jambi Seru: Internasional", ("internasional",)),
    ]
    assert {(one.limit, one.max_age_s) for one in outputs} == {(50, 7 * 86400.0)}


def test_a_topics_title_is_put_in_as_it_stands() -> None:
    raw = config().model_dump() | {"topics": ({"id": "x", "title": "{topic} {0.__class__}"},)}
    raw["outputs"]["topics"]["title"] = "Kabar {topic} {site}"
    titles = [one.title for one in outputs_of(type(config()).model_validate(raw))]
    assert titles[1] == "Kabar {topic} {0.__class__} {site}"


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, True),
        ({"published": None}, False),
        ({"hidden_at": NOW}, False),
        ({"refusal": "embargo"}, False),
        ({"visible_until": NOW + HOUR}, True),
        ({"visible_until": NOW}, False),
        ({"topics": ("hukum",)}, False),
        ({"age": timedelta(days=7) - timedelta(seconds=1)}, True),
        ({"age": timedelta(days=7)}, False),
    ],
)
def test_what_is_shown(fields: dict[str, Any], shown: bool) -> None:
    assert bool(select(POLITIK, [story(**fields)], NOW).stories) is shown


def test_the_combined_output_takes_any_topic_and_none() -> None:
    stories = (story(1, topics=()), story(2, topics=("hukum",)))
    assert select(ALL, stories, NOW).stories == stories


def test_the_limit_counts_what_is_shown_and_keeps_the_order() -> None:
    stories = [story(1, hidden_at=NOW), story(2), story(3), story(4)]
    assert [one.story_id for one in select(replace(ALL, limit=2), stories, NOW).stories] == [2, 3]


@pytest.mark.parametrize(
    ("stories", "expected"),
    [
        ([], None),
        ([story(1, age=HOUR), story(2, age=2 * HOUR)], NOW + timedelta(days=7) - 2 * HOUR),
        ([story(1, age=HOUR, visible_until=NOW + HOUR), story(2, age=2 * HOUR)], NOW + HOUR),
        ([story(1, age=HOUR, visible_until=NOW + timedelta(days=30))], NOW + timedelta(days=7) - HOUR),
        ([story(1, hidden_at=NOW, visible_until=NOW + HOUR)], None),
    ],
)
def test_next_change_is_when_the_first_shown_story_leaves(stories: list[Story], expected: Any) -> None:
    selection = select(ALL, stories, NOW)
    assert selection.next_change_at == expected
    if expected:
        assert len(select(ALL, stories, expected).stories) < len(selection.stories)
        assert len(select(ALL, stories, expected - timedelta(seconds=1)).stories) == len(selection.stories)
