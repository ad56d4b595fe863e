"""A source's rhythm: learnt from the dates of what it publishes, and what is to be expected of it.

The rate of an hour of the week is what was seen in it; as long as that is little, what is usual at that hour of the
day, and at any hour, has a say.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.model.rhythm import Rhythm

_HALF_LIFE = timedelta(weeks=3)
# Of a first document, what is older says nothing of today's rhythm.
LOOKED_BACK = timedelta(weeks=4)
# A record fades slowly: weekends and holidays come again.
_RECORD_HALF_LIFE = timedelta(weeks=12)
# An outage is no rhythm: it lengthens a record, once there is one, no more than so many times.
_RECORD_GROWTH = 3.0
FEW_PAUSES = 4
# So many hours at the next wider rate stand beside those that were watched.
_PRIOR_HOURS = 1.0
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def learn(rhythm: Rhythm, published_at: Sequence[datetime], now: datetime) -> Rhythm:
    """The rhythm after a visit at ``now`` that brought new entries of these dates; none is later than ``now``.

    From a first document, whose dates reach back some time, that time is learnt at once.
    """
    rhythm = _of_this_clock(rhythm, now)
    dates = sorted(at for at in published_at if at >= now - LOOKED_BACK)
    since_at = rhythm.learnt_until_at
    if since_at is None:
        # The oldest few may be pinned there for ever.
        dates = dates[len(dates) // 10 :]
        since_at = dates[0] if len(dates) > 1 else now
    entries, hours = _faded(rhythm, now - since_at)
    for at, length in _hours_between(max(since_at, now - LOOKED_BACK), now):
        hours[_hour_of_week(at)] += length
    for at in dates:
        entries[_hour_of_week(at)] += 1
    learnt = replace(
        rhythm,
        entries=tuple(round(value, 4) for value in entries),
        hours=tuple(round(value, 4) for value in hours),
        learnt_until_at=now,
    )
    if not dates and published_at:
        return replace(learnt, newest_at=max(*published_at, rhythm.newest_at or published_at[0]))
    return _with_pauses(learnt, dates, now - since_at)


def counted(rhythm: Rhythm, new: int, now: datetime) -> Rhythm:
    """With so many more entries of today; a day that is over may have been the busiest."""
    began_at = rhythm.today_began_at
    if began_at is not None and timedelta(0) <= now - began_at < _DAY:
        return replace(rhythm, today=rhythm.today + new)
    if began_at is None:  # a first document is of many days
        return replace(rhythm, today=0, today_began_at=now)
    busiest = max(rhythm.busiest_day * _share_left(_DAY, _RECORD_HALF_LIFE), rhythm.today)
    return replace(rhythm, today=new, today_began_at=now, busiest_day=round(busiest, 3), days=rhythm.days + 1)


def rates(rhythm: Rhythm) -> tuple[float, ...]:
    """Entries an hour to be expected, by hour of the week."""
    all_hours = sum(rhythm.hours)
    overall = sum(rhythm.entries) / all_hours if all_hours else 0.0
    prior = _PRIOR_HOURS * overall
    of_day = [
        (sum(rhythm.entries[hour::24]) + prior) / (sum(rhythm.hours[hour::24]) + _PRIOR_HOURS)
        for hour in range(24)
    ]
    priors = [_PRIOR_HOURS * rate for rate in of_day] * 7
    by_hour = zip(rhythm.entries, priors, rhythm.hours, strict=True)
    # A list comprehension, and nothing that is the same for all hours in it: each visit to a source asks.
    return tuple([(entries + prior) / (hours + _PRIOR_HOURS) for entries, prior, hours in by_hour])


def expected(hourly: Sequence[float], since_at: datetime, until_at: datetime) -> float:
    """Entries to be expected between two moments, at ``hourly`` rates by hour of the week."""
    whole_weeks, rest = divmod(max(until_at - since_at, timedelta(0)), timedelta(weeks=1))
    in_rest = sum(
        hourly[_hour_of_week(at)] * length for at, length in _hours_between(since_at, since_at + rest)
    )
    return whole_weeks * sum(hourly) + in_rest


def usual_pause(rhythm: Rhythm) -> timedelta:
    """The longest pause that the source is known to make; while few are known, at least a week."""
    least = timedelta(0) if rhythm.pauses >= FEW_PAUSES else timedelta(weeks=1)
    return max(timedelta(seconds=rhythm.longest_pause_s), least)


def ends_at(hourly: Sequence[float], since_at: datetime, entries: float, limit: timedelta) -> datetime:
    """When so many entries are to be expected after ``since_at``; at most ``limit`` later."""
    left = entries
    for at, length in _hours_between(since_at, since_at + limit):
        rate = hourly[_hour_of_week(at)]
        if rate * length >= left:
            return at + _HOUR * (left / rate)
        left -= rate * length
    return since_at + limit


def _of_this_clock(rhythm: Rhythm, now: datetime) -> Rhythm:
    """Without moments that only a clock that was ahead can have set."""
    until_at, newest_at = rhythm.learnt_until_at, rhythm.newest_at
    return replace(
        rhythm,
        learnt_until_at=until_at and min(until_at, now),
        newest_at=newest_at and min(newest_at, now),
    )


def _faded(rhythm: Rhythm, by: timedelta) -> tuple[list[float], list[float]]:
    share = _share_left(by, _HALF_LIFE) if rhythm.learnt_until_at else 1.0
    return [value * share for value in rhythm.entries], [value * share for value in rhythm.hours]


def _share_left(after: timedelta, half_life: timedelta) -> float:
    """Of what fades, after so long; a clock that was set back makes nothing grow."""
    return math.pow(0.5, max(after, timedelta(0)) / half_life)


def _with_pauses(rhythm: Rhythm, dates: Sequence[datetime], since_last: timedelta) -> Rhythm:
    """The record after these dates; what came late, or at once with another, ended no pause."""
    fades = _share_left(since_last, _RECORD_HALF_LIFE) if rhythm.newest_at else 1.0
    record_s, newest_at, pauses = rhythm.longest_pause_s * fades, rhythm.newest_at, rhythm.pauses
    for at in dates:
        if newest_at is not None and at > newest_at:
            pause_s = (at - newest_at).total_seconds()
            if pauses >= FEW_PAUSES:
                pause_s = min(pause_s, _RECORD_GROWTH * record_s)
            record_s = max(record_s, pause_s)
            pauses += 1
        newest_at = at if newest_at is None else max(newest_at, at)
    return replace(rhythm, newest_at=newest_at, longest_pause_s=round(record_s), pauses=pauses)


def _hours_between(since_at: datetime, until_at: datetime) -> Iterator[tuple[datetime, float]]:
    """The hours of the clock between two moments: when each begins, or is entered, and its length in hours."""
    at = since_at
    while at < until_at:
        next_at = min(at.replace(minute=0, second=0, microsecond=0) + _HOUR, until_at)
        yield at, (next_at - at) / _HOUR
        at = next_at


def _hour_of_week(at: datetime) -> int:
    at = at.astimezone(UTC)
    return at.weekday() * 24 + at.hour
