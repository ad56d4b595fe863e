"""The one tick that drives the service: APScheduler's job, watched by a clock that nobody can set.

One tick over ``next_poll_at`` instead of a job per source: 10,000 jobs cost a quarter of a core, one tick 0.4 %.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

# The wall clock may differ by this much from the time that has really passed before we call it stepped.
STEP_TOLERANCE = timedelta(seconds=1.5)
# A tick is overdue after so many intervals: then the wall clock was set back and the job is armed anew.
_OVERDUE_INTERVALS = 3


class _FromNow(BaseTrigger):  # type: ignore[misc]
    """Fires an interval after now. APScheduler's own interval trigger counts on from the last time instead.

    When the wall clock is set forward it walks there interval by interval: a day of seconds is 86,400 steps, and a
    machine that boots in 1970 and then hears the time hangs for minutes.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval = timedelta(seconds=interval_s)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:  # noqa: ARG002
        return now + self._interval


class SteadyClock:
    """Tells for how long the wall clock has gone as the time that really passes: then what it says may be believed."""

    def __init__(self) -> None:
        self._seen: tuple[datetime, float] | None = None
        self._since_s = 0.0

    def steady_s(self, wall_at: datetime, now_s: float) -> float:
        """For how many seconds nobody has set it, at both clocks' values of now; nothing is known of before the first
        call, and a step is seen by the next one.
        """
        seen, self._seen = self._seen, (wall_at, now_s)
        if seen is None or abs(wall_at - seen[0] - timedelta(seconds=now_s - seen[1])) > STEP_TOLERANCE:
            self._since_s = now_s
        return now_s - self._since_s


class Ticker:
    """``async with Ticker(1.0, clock) as ticker``, then ``await ticker.next()`` again and again.

    Ticks that come while the last one is still worked on become one. ``clock`` gives aware UTC.
    """

    def __init__(self, interval_s: float, clock: Callable[[], datetime]) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._due = asyncio.Event()
        self._ticked_s = time.monotonic()
        self._seen = (clock(), time.monotonic())

    async def __aenter__(self) -> Self:
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        # No grace: a tick that comes late is still wanted.
        # The first comes at once: a desk that is restarted has been idle long enough.
        self._job = self._scheduler.add_job(
            self._tick,
            _FromNow(self._interval_s),
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,
            coalesce=True,
        )
        self._scheduler.start()
        self._watchdog = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchdog.cancel()
        with suppress(asyncio.CancelledError):
            await self._watchdog
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # it shuts down in the next turn of the loop

    async def next(self) -> timedelta:
        """Wait for a tick. Returns by how much the wall clock was stepped since the last one, zero if it was not."""
        await self._due.wait()
        self._due.clear()
        wall_at, steady_s = self._clock(), time.monotonic()
        passed = timedelta(seconds=steady_s - self._seen[1])
        stepped_by = wall_at - self._seen[0] - passed
        self._seen = (wall_at, steady_s)
        return stepped_by if abs(stepped_by) > STEP_TOLERANCE else timedelta(0)

    def wake(self) -> None:
        """Let the next tick come now: there is work that need not wait for it."""
        self._due.set()

    async def _tick(self) -> None:
        self._ticked_s = time.monotonic()
        self._due.set()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            if time.monotonic() - self._ticked_s > _OVERDUE_INTERVALS * self._interval_s:
                self._job.modify(next_run_time=datetime.now(UTC))
