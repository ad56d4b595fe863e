"""When a source is polled next: by its rhythm, its window, the partner's word and its failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.intake.cadence import (
    AUTO_EVERY,
    Bounds,
    after_failure,
    after_success,
    hurried,
    interval,
    next_poll_at,
)
from aggregator.intake.rhythm import learn
from aggregator.model.fetch import Hints
from aggregator.model.rhythm import Rhythm

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)  # a Thursday
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BOUNDS = Bounds(5 * MINUTE, 6 * HOUR)
EVERY_2_MIN = learn(Rhythm(), [NOW - n * 2 * MINUTE for n in range(600)], NOW)
EVERY_30_MIN = learn(Rhythm(), [NOW - n * 30 * MINUTE for n in range(600)], NOW)
A_WEEK = learn(Rhythm(), [NOW - n * timedelta(weeks=1) for n in range(4)], NOW)


@pytest.mark.parametrize("every", [timedelta(seconds=5), timedelta(minutes=15), timedelta(days=30)])
def test_within_a_tenth_before_the_interval_ends(every: timedelta) -> None:
    for number in range(200):
        wait = next_poll_at(f"s{number}", every, NOW + number * timedelta(seconds=1)) - NOW
        assert every * 0.9 <= wait - number * timedelta(seconds=1) <= every


def test_sources_polled_together_drift_apart_and_equal_questions_have_equal_answers() -> None:
    every = timedelta(minutes=15)
    moments = [next_poll_at(f"s{number}", every, NOW) for number in range(100)]
    assert moments == [next_poll_at(f"s{number}", every, NOW) for number in range(100)]
    tenths = {int((moment - NOW) / every * 100) for moment in moments}
    assert len(tenths) == 10, "every hundredth between 90 and 99 is taken by some"


def test_auto_has_an_interval() -> None:
    assert interval("auto") == AUTO_EVERY
    assert interval(timedelta(hours=1)) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("rhythm", "window", "least", "most", "why"),
    [
        pytest.param(Rhythm(), 50, AUTO_EVERY, AUTO_EVERY, "not known yet", id="unknown"),
        pytest.param(EVERY_2_MIN, 200, 5 * MINUTE, 10 * MINUTE, "entries a day", id="busy"),
        pytest.param(
            EVERY_2_MIN, 10, 5 * MINUTE, 7 * MINUTE, "10 entries would roll over", id="small window"
        ),
        pytest.param(EVERY_30_MIN, 50, 20 * MINUTE, 40 * MINUTE, "entries a day", id="steady"),
    ],
)
def test_the_rhythm_decides(rhythm: Rhythm, window: int, least: timedelta, most: timedelta, why: str) -> None:
    plan = after_success("auto", rhythm, window, Hints(), BOUNDS, NOW)
    assert least <= plan.after <= most
    assert why in plan.why


@pytest.mark.parametrize(
    ("rhythm", "bounds", "after"),
    [
        (Rhythm(), Bounds(HOUR, 6 * HOUR), HOUR),
        (Rhythm(), Bounds(MINUTE, 5 * MINUTE), 5 * MINUTE),
        (learn(Rhythm(), [NOW - timedelta(days=90)], NOW), BOUNDS, 6 * HOUR),
    ],
    ids=["never sooner", "never later", "an old feed"],
)
def test_the_unknown_is_polled_within_bounds(rhythm: Rhythm, bounds: Bounds, after: timedelta) -> None:
    assert after_success("auto", rhythm, 50, Hints(), bounds, NOW).after == after


def test_a_weekly_source_is_asked_more_often_when_its_hour_comes() -> None:
    at_its_hour = after_success("auto", A_WEEK, 10, Hints(), BOUNDS, NOW).after
    days_later = after_success("auto", A_WEEK, 10, Hints(), BOUNDS, NOW + timedelta(days=3)).after
    assert at_its_hour < HOUR < 2 * HOUR < days_later <= 6 * HOUR


def test_fifty_entries_in_two_hours_and_a_half_are_never_rolled_over() -> None:
    """The issue's own example: with a window of 50 the third visit comes before the first's entries are gone."""
    busy = learn(Rhythm(), [NOW - n * 3 * MINUTE for n in range(50)], NOW)
    assert after_success("auto", busy, 50, Hints(), Bounds(5 * MINUTE, 24 * HOUR), NOW).after <= 50 * MINUTE


def test_the_files_word_is_the_interval() -> None:
    hints = Hints(fresh_s=3600, skip_hours=tuple(range(24)))
    assert after_success(2 * MINUTE, EVERY_30_MIN, 50, hints, BOUNDS, NOW).after == 2 * MINUTE


@pytest.mark.parametrize(
    ("hints", "after"),
    [
        pytest.param(Hints(fresh_s=45 * 60), 45 * MINUTE, id="fresh"),
        pytest.param(Hints(fresh_s=60), None, id="shorter than the rhythm"),
        pytest.param(Hints(fresh_s=30 * 86_400), HOUR, id="believed for an hour"),
        pytest.param(Hints(skip_hours=(3, 4)), 2 * HOUR, id="skipped hours"),
        pytest.param(Hints(skip_hours=tuple(range(24))), None, id="all hours"),
        pytest.param(Hints(skip_days=(3,)), 6 * HOUR, id="a skipped day, within bounds"),
        pytest.param(Hints(skip_days=tuple(range(7))), None, id="all days"),
        pytest.param(Hints(skip_days=(3, 4)), 6 * HOUR, id="two skipped days, within bounds"),
    ],
)
def test_the_partners_word_is_honoured_within_bounds(hints: Hints, after: timedelta | None) -> None:
    usual = after_success("auto", EVERY_30_MIN, 100, Hints(), BOUNDS, NOW)
    plan = after_success("auto", EVERY_30_MIN, 100, hints, BOUNDS, NOW)
    if after is None:
        assert plan == usual
    else:
        assert plan.after == after
        assert "the partner says not sooner" in plan.why


def test_no_word_lets_a_window_roll_over() -> None:
    plan = after_success("auto", EVERY_2_MIN, 30, Hints(fresh_s=3600), BOUNDS, NOW)
    assert plan.after <= 21 * MINUTE


@pytest.mark.parametrize(
    ("before_s", "new", "is_loss", "after_s"),
    [
        pytest.param(None, 3, False, None, id="nothing of note"),
        pytest.param(None, 30, True, 1800.0, id="a loss halves the gap"),
        pytest.param(None, 20, False, 1800.0, id="a crowd, by its part of the window"),
        pytest.param(600.0, 3, False, 720.0, id="it wears off"),
        pytest.param(20_000.0, 3, False, None, id="and is gone"),
        pytest.param(900.0, 30, True, 1080.0, id="a loss never lengthens"),
        pytest.param(None, 3000, False, 300.0, id="bounded"),
    ],
)
def test_losses_and_crowds_shorten_the_interval(
    before_s: float | None, new: int, is_loss: bool, after_s: float | None
) -> None:
    assert hurried(before_s, HOUR, new, 30, BOUNDS, is_loss=is_loss) == after_s


def test_failures_are_asked_about_less_and_less_but_at_least_once_a_day() -> None:
    every = 15 * MINUTE
    waits = [after_failure(every, failures).after for failures in range(1, 2000)]
    assert waits[:4] == [every, 1.5 * every, 2.25 * every, 3.375 * every]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)
    assert after_failure(timedelta(days=3), 5).after == timedelta(days=3), "never more often than asked for"
