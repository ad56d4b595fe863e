"""Which trouble a source is in, by its own rhythm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.intake.rhythm import counted, learn
from aggregator.intake.watch import flags_of, habit_of, is_flood, quiet_at
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceState

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WELL = SourceState("a", last_success_at=MONDAY, entries_in_feed=20)


def watched(dates: list[datetime]) -> Rhythm:
    rhythm = Rhythm()
    for at in dates:
        rhythm = learn(rhythm, [at], at)
    return rhythm


def kinds(state: SourceState, rhythm: Rhythm, now: datetime) -> list[str]:
    """What is wrong when the source was looked at this very moment."""
    looked_at = now if state.last_success_at and not state.failures_in_a_row else state.last_success_at
    looked = replace(state, last_success_at=looked_at, habit=habit_of(rhythm))
    return [flag.kind for flag in flags_of(looked, now)]


HOURLY = watched([MONDAY + n * HOUR for n in range(24 * 40)])
DAILY = watched([MONDAY + n * DAY for n in range(40)])
WEEKLY = watched([MONDAY + n * 7 * DAY for n in range(12)])


@pytest.mark.parametrize(
    ("rhythm", "pause"), [(HOURLY, HOUR), (DAILY, DAY), (WEEKLY, 7 * DAY)], ids=["hourly", "daily", "weekly"]
)
def test_quiet_after_two_of_its_longest_pauses(rhythm: Rhythm, pause: timedelta) -> None:
    assert rhythm.newest_at is not None
    assert kinds(WELL, rhythm, rhythm.newest_at + 1.8 * pause) == []
    assert kinds(WELL, rhythm, rhythm.newest_at + 2 * pause) == ["quiet"]


def test_a_new_source_may_be_silent_over_a_weekend() -> None:
    """A first document of a busy afternoon says nothing of the night, or of Sunday."""
    busy = learn(Rhythm(), [MONDAY - n * 3 * HOUR / 60 for n in range(50)], MONDAY)
    assert kinds(WELL, busy, MONDAY + 67 * HOUR) == []
    assert kinds(WELL, busy, MONDAY + 73 * HOUR) == ["quiet"]


def test_who_has_published_thrice_may_be_a_weekly() -> None:
    few = watched([MONDAY, MONDAY + HOUR, MONDAY + 2 * HOUR])
    assert kinds(WELL, few, MONDAY + 12 * DAY) == []
    assert kinds(WELL, few, MONDAY + 15 * DAY) == ["quiet"]


def test_a_busy_source_is_quiet_before_its_longest_pause_has_passed_twice() -> None:
    """Ten an hour by day, none at night: a dead morning tells as much as a whole night."""
    days = [
        MONDAY + d * DAY + h * HOUR + m * HOUR / 10
        for d in range(40)
        for h in range(6, 22)
        for m in range(10)
    ]
    rhythm = watched([at for at in days if at < MONDAY + 39 * DAY + 9 * HOUR])
    at = quiet_at(rhythm)
    assert rhythm.newest_at is not None and at is not None
    assert HOUR < at - rhythm.newest_at < 6 * HOUR


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(WELL, [], id="well"),
        pytest.param(replace(WELL, failures_in_a_row=2, problem="x"), [], id="two failures"),
        pytest.param(replace(WELL, failures_in_a_row=3, problem="x"), ["failing"], id="three failures"),
        pytest.param(replace(WELL, gone_at=MONDAY, failures_in_a_row=9), ["gone"], id="gone"),
        pytest.param(replace(WELL, entries_in_feed=0), ["empty"], id="empty"),
        pytest.param(replace(WELL, flooded_at=MONDAY), ["flooding"], id="flood"),
        pytest.param(replace(WELL, lost_at=MONDAY - 6 * DAY), ["loss"], id="loss"),
        pytest.param(replace(WELL, lost_at=MONDAY - 8 * DAY), [], id="loss of last week"),
        pytest.param(SourceState("a"), [], id="never polled"),
    ],
)
def test_each_trouble_has_its_flag(state: SourceState, expected: list[str]) -> None:
    rhythm = learn(Rhythm(), [MONDAY - HOUR], MONDAY)
    assert kinds(state, rhythm, MONDAY) == expected


@pytest.mark.parametrize(("failures", "more"), [(1, []), (3, ["failing"])])
def test_silence_is_judged_by_the_last_look_while_visits_fail(failures: int, more: list[str]) -> None:
    assert HOURLY.newest_at is not None
    failing = replace(WELL, failures_in_a_row=failures, problem="x", habit=habit_of(HOURLY))
    well_at = replace(failing, last_success_at=HOURLY.newest_at + HOUR)
    assert [flag.kind for flag in flags_of(well_at, MONDAY + 400 * DAY)] == more
    silent_at = replace(failing, last_success_at=HOURLY.newest_at + 3 * HOUR)
    assert [flag.kind for flag in flags_of(silent_at, MONDAY + 400 * DAY)] == [*more, "quiet"]


def test_after_a_stop_of_the_desk_nobody_is_called_quiet_before_it_was_looked_at() -> None:
    assert HOURLY.newest_at is not None
    looked = replace(WELL, last_success_at=HOURLY.newest_at, habit=habit_of(HOURLY))
    assert flags_of(looked, HOURLY.newest_at + 5 * DAY) == ()


def test_a_feed_of_last_year_is_stale() -> None:
    old = learn(Rhythm(), [MONDAY - 300 * DAY, MONDAY - 310 * DAY], MONDAY)
    (flag,) = flags_of(replace(WELL, habit=habit_of(old)), MONDAY)
    assert flag.kind == "stale"
    assert "06 Jan 2026" in flag.words


@pytest.mark.parametrize(
    ("new", "since", "expected"),
    [
        pytest.param(40, HOUR, False, id="fewer than a crowd"),
        pytest.param(60, HOUR, True, id="a crowd in an hour"),
        pytest.param(60, 30 * HOUR, False, id="what an outage kept back"),
        pytest.param(500, 30 * HOUR, True, id="more than that"),
    ],
)
def test_a_flood_is_far_more_than_was_to_be_expected(new: int, since: timedelta, expected: bool) -> None:
    assert HOURLY.learnt_until_at is not None
    assert is_flood(HOURLY, new, HOURLY.learnt_until_at + since) is expected


def test_a_flood_in_many_small_documents_is_told_by_the_day() -> None:
    """Four a day as a rule, then ten every five minutes."""
    rhythm, now = Rhythm(), MONDAY
    for day in range(20):
        for hour in (3, 5, 8, 11):
            now = MONDAY + day * DAY + hour * HOUR
            assert not is_flood(rhythm, 1, now)
            rhythm = learn(counted(rhythm, 1, now), [now], now)
    told = 0
    for step in range(288):
        now = MONDAY + 20 * DAY + step * HOUR / 12
        if is_flood(rhythm, 10, now):
            told = step
            break
        rhythm = learn(counted(rhythm, 10, now), [now] * 10, now)
    assert 0 < told <= 6, "after 60 at the latest"


def test_a_busy_day_is_no_flood() -> None:
    rhythm, now = Rhythm(), MONDAY
    for hour in range(24 * 20):
        now = MONDAY + hour * HOUR
        rhythm = learn(counted(rhythm, 2, now), [now] * 2, now)
    for hour in range(24):
        now = MONDAY + (24 * 20 + hour) * HOUR
        assert not is_flood(rhythm, 6, now), hour
        rhythm = learn(counted(rhythm, 6, now), [now] * 6, now)


def test_who_was_silent_before_rhythms_were_learnt_is_stale() -> None:
    state = replace(WELL, last_new_at=MONDAY - 200 * DAY)
    (flag,) = flags_of(state, MONDAY)
    assert (flag.kind, "16 Apr 2026" in flag.words) == ("stale", True)


def test_nothing_is_a_flood_while_nothing_is_known() -> None:
    assert not is_flood(Rhythm(), 5000, MONDAY)
