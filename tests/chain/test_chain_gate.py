"""One bad story keeps no other back, and what is suddenly gone keeps the last good documents."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from desk import Desk, item, rss
from lxml import etree
from outputs_samples import ALL, FULL, HEADLINE_ONLY, NOW, config
from partner_server import PartnerServer

from aggregator.editorial.fit import fit_to_print
from aggregator.gating import printed
from aggregator.model.document import Document, Output
from aggregator.model.problem import Problem
from aggregator.model.story import PrintStory, Story
from aggregator.outputs.quarantine import TWICE
from aggregator.outputs.render import render

pytestmark = pytest.mark.slow

AT = "{http://purl.org/atompub/tombstones/1.0}"


def broken(printed: PrintStory) -> PrintStory:
    """Fit to print by itself, but no document that can be rendered holds it."""
    object.__setattr__(printed, "categories", (None,))
    return printed


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Headlines: their stories make each document fail."""
    titles: set[str] = set()

    def fitting(story: Story, *rest: Any) -> PrintStory:
        printed = fit_to_print(story, *rest)
        return broken(printed) if printed.title in titles else printed

    monkeypatch.setattr("aggregator.fitting.fit_to_print", fitting)
    return titles


def titled(*numbers: int) -> list[str]:
    return [item(number, f"Judul {number}") for number in numbers]


def published(desk: Desk, path: str = "all") -> set[str]:
    return {title.removeprefix("Judul ") for title in desk.titles(path)}


def numbers(*wanted: int) -> set[str]:
    return {str(number) for number in wanted}


def feeds(files: dict[str, tuple[bytes, int]]) -> dict[str, bytes]:
    return {path: body for path, (body, _) in files.items() if path.startswith("feeds/all.")}


def tombstones(desk: Desk, output: str = "all") -> dict[str, str]:
    """Reasons by id, the same in Atom and JSON Feed."""
    root = etree.parse(desk.public / f"feeds/{output}.atom")
    atom = {one.get("ref"): one.findtext(f"{AT}comment") or "" for one in root.iter(f"{AT}deleted-entry")}
    feed = json.loads((desk.public / f"feeds/{output}.json").read_bytes())
    assert atom == {one["id"]: one.get("comment", "") for one in feed["_aggregator"].get("deleted", ())}
    return atom


def test_a_poisoned_story_is_left_out_of_its_documents_and_told(
    desk: Desk, server: PartnerServer, poisoned: set[str]
) -> None:
    server.bodies |= {"/a": rss(*titled(1, 2, 3)), "/b": rss()}
    poisoned.add("Judul 2")
    desk.poll()
    assert published(desk) == numbers(1, 3)
    (warning,) = desk.status().warnings
    assert "/berita/0000002/" in warning
    assert "left out: could not be rendered" in warning
    poisoned.clear()
    desk.publish()
    assert published(desk) == numbers(1, 2, 3)
    assert desk.status().warnings == ()


def test_a_poisoned_story_is_sought_once_for_all_documents_of_a_kind(
    desk: Desk, server: PartnerServer, poisoned: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def counting(output: Output, *rest: Any) -> tuple[Document, ...]:
        made.append(output.id)
        return render(output, *rest)

    monkeypatch.setattr("aggregator.printing.render", counting)
    desk.raw["subscribers"] = [{"id": f"pembaca-{n}", "name": f"Pembaca {n}"} for n in range(10)]
    desk.raw["subscribers"].append({"id": "ringkas", "name": "Ringkas", "content": "excerpt"})
    server.bodies |= {"/a": rss(*titled(*range(1, 9))), "/b": rss()}
    poisoned.add("Judul 2")
    desk.poll()
    feeds = [path.stem for path in desk.public.glob("feeds/s/*.json")]
    assert len(feeds) == 11
    for feed in ("all", *(f"s/{key}" for key in feeds)):
        assert published(desk, feed) == numbers(1, 3, 4, 5, 6, 7, 8)
    times = Counter(made)
    # Public feeds, subscribers' and excerpts: tried whole, empty, each story alone, without it twice. The others: once.
    sought = {output: number for output, number in times.items() if number > 1}
    assert sorted(sought.values()) == [1 + 1 + 8 + 2] * 3
    assert len([words for words in desk.status().warnings if "/berita/0000002/" in words]) == 12


STORIES = {1: FULL, 2: replace(FULL, title=""), 3: HEADLINE_ONLY}


def made_of(stories: Sequence[PrintStory]) -> tuple[Document, ...]:
    return render(ALL, stories, config().site, NOW)


def test_what_is_known_to_be_poisoned_is_left_out_and_told_without_a_try() -> None:
    tried: list[int] = []

    def make(stories: Sequence[PrintStory]) -> tuple[Document, ...]:
        tried.append(len(stories))
        return made_of(stories)

    sheet = printed(STORIES, make, subject="all", name="all", poisoned={2: "no title", 9: "another"})
    assert (tried, sheet.stories) == ([2], {1: FULL, 3: HEADLINE_ONLY})
    assert sheet.problems == (Problem(FULL.url, "left out: no title"),)
    assert sheet.poisoned == {2: "no title", 9: "another"}


def test_a_story_whose_id_stands_there_already_is_poison_to_that_document_alone() -> None:
    sheet = printed({1: FULL, 2: FULL}, made_of, subject="all", name="all")
    assert [problem.message for problem in sheet.problems] == [f"left out: {TWICE}"]
    assert (sheet.stories, sheet.poisoned) == ({1: FULL}, {})


def test_documents_that_would_lose_most_of_their_stories_stay_as_they_are(
    desk: Desk, server: PartnerServer, poisoned: set[str]
) -> None:
    server.bodies |= {"/a": rss(*titled(*range(1, 13))), "/b": rss()}
    desk.poll()
    poisoned.update(f"Judul {number}" for number in range(1, 8))
    before = desk.files()
    server.bodies["/b"] = rss(item(50, "Judul 50", host="b.example"))
    desk.poll()
    assert feeds(desk.files()) == feeds(before)
    assert "all: the last good documents stay: 7 of the 12 stories" in " ".join(desk.status().warnings)
    poisoned.remove("Judul 7")
    desk.publish()
    assert published(desk) == numbers(*range(7, 13), 50)
    assert "stay" not in " ".join(desk.status().warnings)


def test_one_that_would_be_empty_stays_as_it_is_until_something_can_be_printed(
    desk: Desk, server: PartnerServer, poisoned: set[str]
) -> None:
    server.bodies |= {"/a": rss(*titled(1)), "/b": rss()}
    desk.poll()
    poisoned.add("Judul 1")
    desk.raw["site"]["name"] = "Jambi Lain"  # everything is made again
    desk.publish()
    assert published(desk) == numbers(1)
    assert "not one of the 1 stories" in " ".join(desk.status().warnings)
    server.bodies["/b"] = rss(item(2, "Judul 2", host="b.example"))
    desk.poll()
    assert published(desk) == numbers(2)


def test_hiding_is_not_held_up_by_what_else_is_missing(
    desk: Desk, server: PartnerServer, poisoned: set[str]
) -> None:
    server.bodies |= {"/a": rss(*titled(1, 2)), "/b": rss()}
    desk.poll()
    (hidden,) = (one["id"] for one in desk.items() if one["title"] == "Judul 1")
    poisoned.add("Judul 2")
    desk.hide(hidden)
    assert published(desk) == set()
    assert tombstones(desk) == {hidden: "uji"}


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda raw: raw["sources"].pop(0) and raw["partners"].pop(0), set()),
        (lambda raw: raw["outputs"].update(defaults={"limit": 1}), numbers(11)),
        (lambda raw: raw["outputs"].update(defaults={"max_age": "1s"}), set()),
        (lambda raw: raw["partners"][0]["terms"].update(exclude_categories=["umum"]), set()),
    ],
    ids=["partner", "limit", "age", "terms"],
)
def test_an_edit_that_takes_everything_is_obeyed(
    desk: Desk, server: PartnerServer, change: Any, left: set[str]
) -> None:
    server.bodies |= {
        "/a": rss(*(item(number, f"Judul {number}", category="umum") for number in range(12))),
        "/b": rss(),
    }
    desk.poll()
    assert len(published(desk)) == 12
    change(desk.raw)
    desk.publish()
    assert len(published(desk)) == len(left)
    assert not any("stay" in warning for warning in desk.status().warnings)


def test_what_grows_old_leaves_without_a_word(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(*titled(*range(12))), "/b": rss()}
    desk.poll()
    desk.now += timedelta(days=8)
    desk.publish()
    assert (published(desk), tombstones(desk)) == (set(), {})
    assert not any("stay" in warning for warning in desk.status().warnings)
