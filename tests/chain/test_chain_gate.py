"""One bad story keeps no other back, and what is suddenly gone keeps the last good documents."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk, item, rss
from partner_server import PartnerServer

from aggregator.editorial.fit import fit_to_print
from aggregator.model.story import PrintStory, Story


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

    monkeypatch.setattr("aggregator.printing.fit_to_print", fitting)
    return titles


def titled(*numbers: int) -> list[str]:
    return [item(number, f"Judul {number}") for number in numbers]


def published(desk: Desk, path: str = "all") -> set[str]:
    return {title.removeprefix("Judul ") for title in desk.titles(path)}


def numbers(*wanted: int) -> set[str]:
    return {str(number) for number in wanted}


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
