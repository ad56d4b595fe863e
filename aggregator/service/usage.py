"""How often subscribers' documents are asked for: counted here, kept in the database now and then, never by whom."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator.model.subscriber import Usage
from aggregator.service.live import Live

# A count is known to the minute, and at midnight the last minute's belongs to the new day.
KEEP_EVERY_S = 60.0


class UsageCounter:
    """Counts in memory until ``tend`` or ``end`` keeps them. What a kill takes is a minute of counting."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._fetched: Counter[str] = Counter()
        self._unchanged: Counter[str] = Counter()
        self._last_at: dict[str, datetime] = {}
        self._kept_s = 0.0

    def count(self, key: str, *, unchanged: bool) -> None:
        """One request that was answered in full, or with "not modified"."""
        (self._unchanged if unchanged else self._fetched)[key] += 1
        self._last_at[key] = self._live.app.clock()

    async def tend(self) -> None:
        """At each tick: keep what was counted, once a minute. Raises StoreError."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._kept_s >= KEEP_EVERY_S:
            await self.keep()
            self._kept_s = now_s

    async def keep(self) -> None:
        """Keep what was counted until now; when that fails it is counted on. Raises StoreError."""
        fetched, unchanged = self._fetched.copy(), self._unchanged.copy()
        usage = {
            key: Usage(fetched[key], unchanged[key], self._last_at[key])
            for key in sorted({*fetched, *unchanged})
        }
        if usage:
            app = self._live.app
            day = app.clock().astimezone(ZoneInfo(app.config.site.timezone)).date()
            await app.write(lambda tx: tx.add_subscriber_usage(day, usage))
            self._fetched -= fetched
            self._unchanged -= unchanged
