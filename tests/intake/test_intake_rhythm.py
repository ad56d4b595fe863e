"""What is learnt of when a source publishes, and what that lets us expect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.rhythm import ends_at, expected, learn, rates, usual_pause
from aggregator.model.rhythm import Rhythm

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RATES = st.lists(st.floats(0, 50), min_size=168, max_size=168)
HOURS = st.floats(0, 400)


def learnt(dates: Sequence[datetime], until_at: datetime, every: timedelta = HOUR) -> Rhythm:
    """What visits so far apart learn of a source that publishes then."""
    rhythm, at = Rhythm(), MONDAY
    while at <= until_at:
        if new := [date for date in dates if at - every < date <= at]:
            rhythm = learn(rhythm, new, at)
        at += every
    return rhythm


def office_hours(weeks: int) -> list[datetime]:
    """Two an hour from 8 to 16 on weekdays."""
    return [
        MONDAY + day * DAY + hour * HOUR + minute * timedelta(minutes=1)
        for day in range(7 * weeks)
        if day % 7 < 5
        for hour in range(8, 16)
        for minute in (5, 35)
    ]


def test_hours_and_days_are_told_apart() -> None:
    hourly = rates(learnt(office_hours(5), MONDAY + 35 * DAY))
    assert sum(hourly) == pytest.approx(80, rel=0.15)
    on_tuesday, at_night, on_sunday = hourly[24 + 10], hourly[24 + 3], hourly[6 * 24 + 10]
    assert on_tuesday == pytest.approx(2, rel=0.1)
    assert at_night < 0.05
    assert on_sunday < 0.5


def test_a_first_document_teaches_its_own_time() -> None:
    now = MONDAY + DAY
    rhythm = learn(Rhythm(), [now - n * timedelta(minutes=3) for n in range(50)], now)
    assert expected(rates(rhythm), now, now + HOUR) == pytest.approx(20, rel=0.25)


def test_one_pinned_entry_makes_no_slow_source() -> None:
    now = MONDAY + DAY
    dates = [now - n * timedelta(minutes=3) for n in range(50)]
    pinned = learn(Rhythm(), [*dates, now - 20 * DAY], now)
    assert sum(rates(pinned)) == pytest.approx(sum(rates(learn(Rhythm(), dates, now))), rel=0.2)


def test_what_is_older_than_four_weeks_teaches_nothing_but_its_date() -> None:
    old = MONDAY - 200 * DAY
    rhythm = learn(Rhythm(), [old, old - DAY], MONDAY)
    assert (sum(rhythm.entries), rhythm.newest_at) == (0, old)


def test_an_old_habit_is_forgotten() -> None:
    busy = office_hours(4)
    seldom = [MONDAY + (28 + 7 * week) * DAY + 10 * HOUR for week in range(12)]
    rhythm = learnt([*busy, *seldom], MONDAY + 112 * DAY)
    assert sum(rates(rhythm)) < 10


def test_the_longest_pause_is_the_weekend() -> None:
    rhythm = learnt(office_hours(5), MONDAY + 35 * DAY)
    assert usual_pause(rhythm) == pytest.approx(timedelta(hours=64.5), abs=4 * HOUR)


def test_an_outage_is_no_habit() -> None:
    dates = [MONDAY + n * HOUR for n in range(400)]
    before = learnt(dates, MONDAY + 400 * HOUR)
    rhythm = learn(before, [MONDAY + 1000 * HOUR], MONDAY + 1000 * HOUR)
    assert timedelta(hours=1) < usual_pause(rhythm) <= timedelta(hours=3)


@given(RATES, HOURS, HOURS, HOURS)
def test_what_is_expected_adds_up(
    hourly: list[float], begin_h: float, first_h: float, second_h: float
) -> None:
    a = MONDAY + begin_h * HOUR
    b = a + first_h * HOUR
    c = b + second_h * HOUR
    whole = expected(hourly, a, c)
    assert expected(hourly, a, b) + expected(hourly, b, c) == pytest.approx(whole, rel=1e-6, abs=1e-4)


@given(RATES, HOURS, st.floats(0.01, 1000))
def test_ends_at_is_where_as_much_is_expected(hourly: list[float], begin_h: float, entries: float) -> None:
    at, limit = MONDAY + begin_h * HOUR, timedelta(days=3)
    end_at = ends_at(hourly, at, entries, limit)
    assert at <= end_at <= at + limit
    if end_at < at + limit:
        assert expected(hourly, at, end_at) == pytest.approx(entries, rel=1e-6, abs=1e-4)
    else:
        assert expected(hourly, at, end_at) <= entries * (1 + 1e-6) + 1e-4


@given(st.lists(st.integers(-3000, 0), max_size=60), st.lists(st.integers(1, 200), max_size=5))
def test_learning_keeps_the_tables_sane(first_h: list[int], steps_h: list[int]) -> None:
    rhythm, now = learn(Rhythm(), [MONDAY + hours * HOUR for hours in first_h], MONDAY), MONDAY
    for step_h in steps_h:
        now += step_h * HOUR
        rhythm = learn(rhythm, [now - HOUR / 2, now], now)
        assert min(rhythm.entries) >= 0
        assert min(rhythm.hours) >= 0 and max(rhythm.hours) < 6
        assert rhythm.newest_at == now == rhythm.learnt_until_at
        assert all(rate >= 0 for rate in rates(rhythm))


@pytest.mark.parametrize("ahead", [7 * DAY, 30 * DAY, 365 * DAY])
def test_one_visit_under_a_clock_that_was_ahead_ruins_nothing(ahead: timedelta) -> None:
    rhythm = learnt([MONDAY + n * HOUR for n in range(400)], MONDAY + 400 * HOUR)
    rhythm = learn(rhythm, [MONDAY + ahead + 400 * HOUR], MONDAY + ahead + 400 * HOUR)
    for n in range(401, 1400):
        now = MONDAY + n * HOUR
        rhythm = learn(rhythm, [now], now)
    assert sum(rates(rhythm)) == pytest.approx(168, rel=0.3)  # the time ahead counts as watched
    assert usual_pause(rhythm) < 4 * HOUR
    assert rhythm.newest_at == now
