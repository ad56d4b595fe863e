"""What is learnt of a source from when its entries were published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

HOURS_A_WEEK = 168
_NOTHING = (0.0,) * HOURS_A_WEEK


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Two tables by hour of the week (UTC, Monday 00:00 first), in which older weeks count for less.

    ``entries`` are how many were published in that hour, ``hours`` for how long it was watched. ``longest_pause_s`` is
    the longest time of late between two entries, and ``pauses`` is how many that was learnt from. ``today`` counts what
    came since ``today_began_at``; ``busiest_day`` is the most of late in one day, of ``days`` that were counted.
    """

    entries: tuple[float, ...] = _NOTHING
    hours: tuple[float, ...] = _NOTHING
    learnt_until_at: datetime | None = None
    newest_at: datetime | None = None  # when the newest entry was published
    longest_pause_s: float = 0.0
    pauses: int = 0
    today: int = 0
    today_began_at: datetime | None = None
    busiest_day: float = 0.0
    days: int = 0
    hurry_s: float | None = None  # after a loss, or a crowd: visits are at most so far apart
