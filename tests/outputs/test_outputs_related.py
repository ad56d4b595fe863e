"""Stories of one document on the same event link to each other, and to nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Literal

import pytest
from lxml import etree
from outputs_samples import ALL, FULL, HEADLINE_ONLY, STORIES, rendered

from aggregator.model.story import PrintStory
from aggregator.outputs.gate import document_problems
from aggregator.outputs.related import MAX_RELATED, with_related

BOTH_WAYS = {FULL.id: {HEADLINE_ONLY.id}, HEADLINE_ONLY.id: {FULL.id, "urn:uuid:of-another-output"}}
XPATHS = {"rss": "channel/item", "atom": "a:entry"}


def links(
    suffix: str, *stories: PrintStory, link: Literal["origin", "site"] = "origin"
) -> list[list[tuple[str, str]]]:
    """Of each item, where its related ones are and what they are called."""
    (document,) = [
        one for name, one in rendered(*stories, output=replace(ALL, link=link)).items() if name == suffix
    ]
    assert document_problems(document) == ()
    if suffix == "json":
        items = json.loads(document.body)["items"]
        found = [item.get("_aggregator", {}).get("related", ()) for item in items]
        return [[(one["url"], one["title"]) for one in each] for each in found]
    namespaces = {"a": "http://www.w3.org/2005/Atom"}
    root: Any = etree.fromstring(document.body)
    items = root.xpath(XPATHS[suffix], namespaces=namespaces)
    return [
        [
            (one.get("href"), one.get("title"))
            for one in item.xpath("a:link[@rel='related']", namespaces=namespaces)
        ]
        for item in items
    ]


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_a_link_leads_where_the_other_item_leads(suffix: str) -> None:
    ours = [replace(story, site_url=f"https://jambiseru.com/mitra/{n}/") for n, story in enumerate(STORIES)]
    both = with_related(ours, BOTH_WAYS)
    assert links(suffix, *both) == [
        [(HEADLINE_ONLY.url, HEADLINE_ONLY.title)],
        [(FULL.url, FULL.title)],
    ]
    assert [one[0][0] for one in links(suffix, *both, link="site")] == [
        "https://jambiseru.com/mitra/1/",
        "https://jambiseru.com/mitra/0/",
    ]


def test_who_does_not_stand_in_the_document_is_not_linked() -> None:
    assert with_related([FULL], BOTH_WAYS) == (FULL,)
    assert with_related(STORIES, {}) == STORIES


def test_of_many_the_first_are_linked() -> None:
    stories = [replace(FULL, id=f"{FULL.id[:-4]}{n:04}") for n in range(MAX_RELATED + 3)]
    everyone = {story.id: {other.id for other in stories} - {story.id} for story in stories}
    first, *_, last = with_related(stories, everyone)
    assert [one.id for one in first.related] == [one.id for one in stories[1 : MAX_RELATED + 1]]
    assert [one.id for one in last.related] == [one.id for one in stories[:MAX_RELATED]]
