"""What the server asks of the service: documents, whether it is fit to work, and how the desk is."""

from __future__ import annotations

import shutil
from pathlib import Path

from aggregator.engine.ticker import Ticker
from aggregator.model.health import Check, Readiness
from aggregator.model.status import DeskStatus
from aggregator.service.live import Live
from aggregator.service.poller import Poller
from aggregator.service.publisher import Publisher
from aggregator.status import desk_status
from aggregator.web.shelf import Shelf

# Ticks come every second; one that is this late means that nothing is polled.
TICK_OVERDUE_S = 30.0
# Too little room: less than this, and less than this part of the whole.
LOW_BYTES = 100_000_000
LOW_PART = 0.02


class Front:
    """The service as ``web`` sees it. ``folders`` are where it writes, by what for."""

    def __init__(
        self, live: Live, poller: Poller, publisher: Publisher, ticker: Ticker, folders: dict[str, Path]
    ) -> None:
        self._live = live
        self._poller = poller
        self._publisher = publisher
        self._ticker = ticker
        self._folders = folders
        self.tick_trouble = ""  # why the last tick did not end well, in words

    @property
    def shelf(self) -> Shelf:
        """The documents that are served now."""
        return self._publisher.shelf

    async def readiness(self) -> Readiness:
        """From what the last ticks saw; asks nothing of the database, so that it costs nothing."""
        return Readiness((self._database(), self._tick(), self._disk()))

    async def status(self) -> DeskStatus:
        """Raises StoreError."""
        app = self._live.app
        return await app.in_store_thread(desk_status, app.config, app.store, app.clock())

    def _database(self) -> Check:
        trouble = self.tick_trouble or self._poller.trouble
        return Check("database", not trouble, trouble or "answers, and keeps what is written")

    def _tick(self) -> Check:
        age_s = self._ticker.age_s()
        return Check("tick", age_s < TICK_OVERDUE_S, f"the last tick was {age_s:.1f} s ago")

    def _disk(self) -> Check:
        words = []
        if self._publisher.trouble:
            words.append(f"documents are not published: {self._publisher.trouble}")
        for purpose, folder in self._folders.items():
            usage = shutil.disk_usage(folder)
            if usage.free < min(LOW_BYTES, LOW_PART * usage.total):
                words.append(f"the disk of {purpose} is nearly full: {usage.free:,} bytes left")
        return Check("disk", not words, "; ".join(words) or "has room, and documents are published")
