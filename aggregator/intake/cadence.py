"""When a source is polled next, and why then."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from aggregator.intake.rhythm import ends_at, rates
from aggregator.model.fetch import Hints
from aggregator.model.rhythm import Rhythm

# ``every: auto``, until the source's own rhythm is learnt.
AUTO_EVERY = timedelta(minutes=15)
# Sources that were once polled together drift apart by up to this part of their interval.
_JITTER = 0.1
EARLIEST = 1 - _JITTER
# Visits a hour are this many times the square root of the entries an hour: what keeps readers waiting least for a
# given number of requests, over hours and sources that differ (docs/performance.md has the figures).
_VISITS_PER_ROOT = 1.5
# A source is visited again before so much of its window has rolled over.
_OF_WINDOW = 1 / 3
# Partners that say for how long their document stays as it is are believed for so long.
HINTS_AT_MOST = timedelta(hours=1)
_SKIPS_FOLLOWED = 7 * 24
# After each failure the interval grows so much, up to a day, and never beyond: nobody is given up. Doubled, it would
# keep us away from a partner that is back for as long as it was away.
FAILING_GROWTH = 1.5
FAILING_AT_MOST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """``fetch.auto_min`` and ``fetch.auto_max``."""

    least: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """The next visit; ``why`` is said to ops."""

    after: timedelta
    why: str


def interval(every: Literal["auto"] | timedelta) -> timedelta:
    """The interval that ``sources[].every`` asks for; for ``auto`` that of a source that nothing is known of."""
    return AUTO_EVERY if every == "auto" else every


def after_success(
    every: Literal["auto"] | timedelta,
    rhythm: Rhythm,
    window: int,
    hints: Hints,
    bounds: Bounds,
    now: datetime,
) -> Plan:
    """The interval after a visit that went well at ``now``; ``window`` is how many entries the document holds."""
    if every != "auto":
        return Plan(every, "as feeds.yaml says")
    if not sum(rhythm.entries):
        return _hinted(_unknown(rhythm, bounds), hints, bounds, now)
    hourly = rates(rhythm)
    wanted = _by_rate(hourly, bounds, now)
    plan = _hinted(Plan(wanted, f"{sum(hourly) / 7:.3g} entries a day"), hints, bounds, now)
    full_at = ends_at(hourly, now, max(window * _OF_WINDOW, 1.0), bounds.most)
    if full_at - now < plan.after:
        plan = Plan(full_at - now, f"{plan.why}; its window of {window} entries would roll over")
    if rhythm.hurry_s is not None and timedelta(seconds=rhythm.hurry_s) < plan.after:
        plan = Plan(timedelta(seconds=rhythm.hurry_s), f"{plan.why}; much came at once of late")
    return Plan(max(plan.after, bounds.least), plan.why)


def after_failure(every: timedelta, failures_in_a_row: int) -> Plan:
    """The interval after so many failures: the usual one at first, then half as long again each time, up to a day."""
    grown = every * FAILING_GROWTH ** min(failures_in_a_row - 1, 40)
    after = max(every, min(grown, FAILING_AT_MOST))
    return Plan(after, "after failures it is asked less often")


def next_poll_at(source_id: str, every: timedelta, now: datetime) -> datetime:
    """The moment of the next poll after one that ends now: at most ``every`` later, at least nine tenths of it.

    The jitter is a digest of the source and the moment: no two sources have the same, and none depends on chance.
    """
    digest = hashlib.sha256(f"{source_id} {now.isoformat()}".encode()).digest()
    return now + every * (1 - _JITTER * int.from_bytes(digest[:4]) / 2**32)


def hurried(
    hurry_s: float | None, gap: timedelta, new: int, window: int, bounds: Bounds, *, is_loss: bool
) -> float | None:
    """How far apart visits may be at most from now on, when one ``gap`` after another brought ``new`` entries.

    After a possible loss half of the gap; a crowd that nearly filled the window shortens it too. It wears off.
    """
    gap_s, least_s = gap.total_seconds(), bounds.least.total_seconds()
    eased_s = None if hurry_s is None or 1.2 * hurry_s > bounds.most.total_seconds() else 1.2 * hurry_s
    if is_loss:
        wanted_s = gap_s / 2
    elif new > window * _OF_WINDOW:
        wanted_s = gap_s * window * _OF_WINDOW / new
    else:
        return eased_s
    return max(least_s, min(wanted_s, eased_s or wanted_s))


def _unknown(rhythm: Rhythm, bounds: Bounds) -> Plan:
    if rhythm.newest_at is not None:
        return Plan(bounds.most, "nothing new for weeks")
    return Plan(min(max(AUTO_EVERY, bounds.least), bounds.most), "its rhythm is not known yet")


def _by_rate(hourly: tuple[float, ...], bounds: Bounds, now: datetime) -> timedelta:
    roots = tuple(map(math.sqrt, hourly))
    return ends_at(roots, now, 1 / _VISITS_PER_ROOT, bounds.most) - now


def _hinted(plan: Plan, hints: Hints, bounds: Bounds, now: datetime) -> Plan:
    """No sooner than the partner says that there can be news, within bounds."""
    after = max(plan.after, min(timedelta(seconds=hints.fresh_s), HINTS_AT_MOST))
    at = now + after
    for _ in range(_SKIPS_FOLLOWED):
        gmt = at.astimezone(UTC)
        if gmt.hour not in hints.skip_hours and gmt.weekday() not in hints.skip_days:
            break
        at = (gmt + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    else:
        at = now + after  # who skips all hours says nothing
    after = min(at - now, max(bounds.most, plan.after))
    return plan if after <= plan.after else Plan(after, f"{plan.why}; the partner says not sooner")
