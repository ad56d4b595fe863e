"""Addresses that have moved for good: which one is asked, and what is known after each visit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.intake.moves import address_in_use, are_of_one_host, is_due_whole, move_after, other_address
from aggregator.model.source import Move

NOW = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
OLD, NEW, THIRD = "https://lama.test/feed", "https://baru.test/feed", "https://ketiga.test/feed"
DAY = timedelta(days=1)


def moved(days: float, asked: str = OLD, to: str = NEW) -> Move:
    return Move(asked, to, NOW - days * DAY)


@pytest.mark.parametrize(
    ("asked", "move", "used"),
    [
        (OLD, None, OLD),
        (OLD, moved(0), OLD),
        (OLD, moved(6.99), OLD),
        (OLD, moved(7), NEW),
        (OLD, moved(400), NEW),
        (OLD, moved(-3), OLD),  # of a clock that was ahead
        (OLD, moved(400, asked=THIRD), OLD),
        # the same over TLS: at once
        ("http://a.test/feed", moved(0, "http://a.test/feed", "https://a.test/feed"), "https://a.test/feed"),
        ("http://A.test", moved(0, "http://A.test", "https://a.test/"), "https://a.test/"),
        ("http://a.test/?f=1", moved(0, "http://a.test/?f=1", "https://a.test/?f=1"), "https://a.test/?f=1"),
        ("http://a.test/?f=1", moved(0, "http://a.test/?f=1", "https://a.test/"), "http://a.test/?f=1"),
        ("http://a.test/feed", moved(0, "http://a.test/feed", "https://a.test/feed/"), "http://a.test/feed"),
        ("http://a.test/feed", moved(0, "http://a.test/feed", "https://www.a.test/feed"), "http://a.test/feed"),
        ("https://a.test/feed", moved(0, "https://a.test/feed", "http://a.test/feed"), "https://a.test/feed"),
    ],
)  # fmt: skip
def test_which_address_is_asked(asked: str, move: Move | None, used: str) -> None:
    assert address_in_use(asked, move, NOW) == used


@pytest.mark.parametrize(
    ("move", "used", "other"),
    [
        (None, OLD, ""),
        (moved(1), OLD, NEW),
        (moved(9), NEW, OLD),
        (moved(9, asked=THIRD), OLD, ""),
    ],
)
def test_where_else_to_look(move: Move | None, used: str, other: str) -> None:
    assert other_address(OLD, move, used) == other


@pytest.mark.parametrize(
    ("known", "used", "moved_to", "expected"),
    [
        (None, OLD, "", None),
        (None, OLD, NEW, moved(0)),
        (moved(3), OLD, NEW, moved(3)),
        (moved(3), OLD, "", None),  # taken back
        (moved(3), OLD, THIRD, moved(0, to=THIRD)),
        (moved(3, asked=THIRD), OLD, "", None),
        (moved(3, asked=THIRD), OLD, NEW, moved(0)),
        (None, OLD, OLD, None),
        # the target was read, because it is adopted or nothing else was left
        (moved(9), NEW, "", moved(9)),
        (moved(9), NEW, THIRD, moved(0, to=THIRD)),
        (moved(9), NEW, OLD, None),  # and leads back
    ],
)
def test_what_is_known_after_a_visit(
    known: Move | None, used: str, moved_to: str, expected: Move | None
) -> None:
    assert move_after(OLD, known, used, moved_to, NOW) == expected


@pytest.mark.parametrize(
    ("days_ago", "is_due"), [(None, True), (0, False), (7.99, False), (8, True), (-7, False), (-9, True)]
)
def test_when_the_document_is_asked_for_whole(days_ago: float | None, is_due: bool) -> None:
    assert is_due_whole(None if days_ago is None else NOW - days_ago * DAY, NOW) == is_due


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        (OLD, "http://LAMA.test:8080/x", True),
        (OLD, NEW, False),
        ("https://a.test/", "https://www.a.test/", False),
    ],
)
def test_what_one_address_gave_is_shown_to_its_own_host(one: str, other: str, are: bool) -> None:
    assert are_of_one_host(one, other) == are
