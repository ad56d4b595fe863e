"""A story that makes documents fail their checks is found and left out; a fault of the head is none of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outputs_samples import ALL, FULL, HEADLINE_ONLY, NOW, STORIES, config

from aggregator.model.html import SafeHtml
from aggregator.model.story import PrintStory
from aggregator.outputs.gate import document_problems
from aggregator.outputs.quarantine import TWICE, quarantined
from aggregator.outputs.render import render

SCRIPT = replace(FULL, id="urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a003", content=SafeHtml("<script>"))
ASTRAY = replace(FULL, id="urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a004", url="ftp://a.id/")


def faults(stories: Sequence[PrintStory]) -> tuple[str, ...]:
    documents = render(ALL, stories, config().site, NOW)
    return tuple(words for document in documents for words in document_problems(document))


@pytest.mark.parametrize(
    ("stories", "words"),
    [
        ((), {}),
        (STORIES, {}),
        ((FULL, SCRIPT, HEADLINE_ONLY), {1: "script"}),
        ((SCRIPT, ASTRAY), {0: "script", 1: "address"}),
        ((FULL, HEADLINE_ONLY, FULL), {2: TWICE}),
        ((SCRIPT, FULL, SCRIPT, FULL), {0: "script", 2: "script", 3: TWICE}),
    ],
    ids=["none", "sound", "one", "all", "twice", "both kinds"],
)
def test_poisoned_stories_are_found_by_place(stories: tuple[PrintStory, ...], words: dict[int, str]) -> None:
    found = quarantined(stories, faults)
    assert found.keys() == words.keys()
    assert all(words[place] in found[place] for place in found), found


def test_a_fault_of_the_head_is_nobodys() -> None:
    assert quarantined((FULL, SCRIPT), lambda stories: ("not well-formed", *faults(stories))) == {}


def test_a_fault_that_no_story_has_alone_is_nobodys() -> None:
    def too_many(stories: Sequence[PrintStory]) -> tuple[str, ...]:
        return ("too many",) if len(stories) > 1 else faults(stories)

    assert quarantined((SCRIPT, *STORIES), too_many) == {}


@given(st.lists(st.sampled_from((FULL, HEADLINE_ONLY, SCRIPT, ASTRAY)), max_size=8))
def test_what_is_left_passes_and_nothing_sound_is_taken(stories: list[PrintStory]) -> None:
    found = quarantined(stories, faults)
    left = [story for place, story in enumerate(stories) if place not in found]
    assert faults(left) == ()
    assert {story.id for story in left} == {story.id for story in stories if story in STORIES}
