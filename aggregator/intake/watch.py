"""Silence is a fault: whether a source behaves as its own rhythm lets us expect, and what is wrong if it does not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from aggregator.intake.rhythm import FEW_PAUSES, LOOKED_BACK, counted, ends_at, expected, rates, usual_pause
from aggregator.model.flag import Flag
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import Habit, SourceState

# One failure, or two, is the weather.
FAILING_AFTER = 3
# So many of its longest usual pauses make a source quiet: two, less the time until the next visit looks.
QUIET_AFTER = 1.9
# Before two weekends were watched, any newsroom may be silent over one.
WEEK_KNOWN_HOURS = 260.0
UNKNOWN_PAUSE = timedelta(hours=36)
# Once its hours are known well (after four weeks), a busy source is quiet sooner: when so much was to be expected
# that by chance it would stay away once in a thousand quarters.
HOURS_KNOWN_HOURS = 400.0
_QUARTER_WEEKS = 13
_SURELY = math.log(1000)
# For so long a possible loss is shown, and a crowd is.
LOSS_SHOWN = timedelta(days=7)
# A visit that brings so many more entries than were to be expected, and at least so many, is a flood.
FLOOD_TIMES = 5.0
FLOOD_LEAST = 50
DAYS_KNOWN = 7


def flags_of(state: SourceState, now: datetime) -> tuple[Flag, ...]:
    """All that is wrong with a source now, in the order of ``model.flag.KINDS``."""
    return tuple(_found(state, now))


def habit_of(rhythm: Rhythm) -> Habit:
    """What is kept of a rhythm for flags_of()."""
    weekly = sum(rates(rhythm)) if rhythm.pauses >= FEW_PAUSES else 0.0
    return Habit(rhythm.newest_at, quiet_at(rhythm), weekly)


def is_flood(rhythm: Rhythm, new: int, now: datetime) -> bool:
    """Whether so many new entries in a document are far more than were to be expected since the last news.

    Many small documents are told by the day: far more than on the busiest one of late.
    """
    if rhythm.learnt_until_at is None or not sum(rhythm.entries):
        return False
    usual = expected(rates(rhythm), rhythm.learnt_until_at, now)
    if new > max(FLOOD_LEAST, FLOOD_TIMES * (1 + usual)):
        return True
    if rhythm.days < DAYS_KNOWN:
        return False
    return counted(rhythm, new, now).today > max(FLOOD_LEAST, FLOOD_TIMES * (1 + rhythm.busiest_day))


def quiet_at(rhythm: Rhythm) -> datetime | None:
    """From when on the source is called quiet if nothing comes; None while nothing is known of it."""
    if rhythm.newest_at is None or not sum(rhythm.entries):
        return None
    longest, watched = usual_pause(rhythm), sum(rhythm.hours)
    if watched < WEEK_KNOWN_HOURS:
        longest = max(longest, UNKNOWN_PAUSE)
    by_pause_at = rhythm.newest_at + QUIET_AFTER * longest
    if watched < HOURS_KNOWN_HOURS:
        return by_pause_at
    hourly = rates(rhythm)
    missed = max(math.log(_QUARTER_WEEKS * sum(hourly)), 0.0) + _SURELY
    return min(by_pause_at, ends_at(hourly, rhythm.newest_at, missed, QUIET_AFTER * longest))


def _found(state: SourceState, now: datetime) -> Iterator[Flag]:
    if state.gone_at is not None:
        yield Flag(
            "gone",
            f"withdrawn by the partner (410), and asked no more since {state.gone_at:%d %b}: ask the partner for the "
            "new address, for sources[].url",
        )
        return
    if state.failures_in_a_row >= FAILING_AFTER:
        yield Flag("failing", f"{state.failures_in_a_row} visits in a row failed: {state.problem}")
    if state.last_success_at is not None:
        yield from _of_silence(state, state.last_success_at)
    if state.flooded_at is not None:
        yield Flag(
            "flooding",
            f"far more news than usual came at once at {state.flooded_at:%d %b %H:%M} UTC; it is held, with all that "
            f"is new since: look at it, then aggregator release {state.source_id}, or with --discard",
        )
    if state.lost_at is not None and now - state.lost_at < LOSS_SHOWN:
        yield Flag(
            "loss",
            f"at {state.lost_at:%d %b %H:%M} UTC no entry was left that we knew, so some may have been missed: ask the "
            "partner for a longer feed; every: auto asks more often by itself",
        )


def _of_silence(state: SourceState, looked_at: datetime) -> Iterator[Flag]:
    """As it was when the source was last read: what has come since a stop of the desk is not known yet."""
    habit = state.habit
    # Before entries had dates, or rhythms were learnt.
    newest_at = habit.newest_at or state.last_new_at
    if state.entries_in_feed == 0:
        yield Flag("empty", "the feed is readable but empty: ask the partner whether that is meant")
    elif habit.quiet_at is not None and looked_at > habit.quiet_at:
        usual = f", although {habit.weekly:.3g} entries a week are usual" if habit.weekly else ""
        yield Flag(
            "quiet",
            f"nothing new since {habit.newest_at:%d %b %H:%M} UTC{usual}: look whether the partner's site has "
            "newer ones; the feed may be dead, or another one by now",
        )
    elif habit.quiet_at is None and newest_at and looked_at - newest_at > LOOKED_BACK:
        yield Flag(
            "stale",
            f"its newest entry is of {newest_at:%d %b %Y}: it may be an abandoned feed; ask the partner for the "
            "one in use",
        )
