"""What the server asks of the service: documents, whether it is fit to work, and how the desk is."""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from aggregator.explaining import explain_story
from aggregator.following import take_request
from aggregator.model.explanation import Explanation
from aggregator.model.health import Check, Readiness
from aggregator.model.listing import StoryPage, StoryQuery
from aggregator.model.push import PushAnswer, Pushed
from aggregator.model.status import DeskStatus
from aggregator.service.deliverer import Deliverer
from aggregator.service.live import Live
from aggregator.service.poller import Poller
from aggregator.service.publisher import Publisher
from aggregator.service.subscriber import Subscriber
from aggregator.service.usage import UsageCounter
from aggregator.status import count_sources, desk_status
from aggregator.web.metrics import Metrics
from aggregator.web.shelf import Shelf

# Ticks come every second; one that is this late means that nothing is polled.
TICK_OVERDUE_S = 30.0
# Too little room: less than this, and less than this part of the whole.
LOW_BYTES = 100_000_000
LOW_PART = 0.02
COUNT_EVERY_S = 15.0
STORIES_LISTED = 200


@dataclass(frozen=True, slots=True)
class Parts:
    """What works side by side in the service."""

    poller: Poller
    publisher: Publisher
    subscriber: Subscriber
    deliverer: Deliverer
    usage: UsageCounter


class Front:
    """The service as ``web`` sees it. ``folders`` are where it writes, by what for."""

    def __init__(self, live: Live, parts: Parts, metrics: Metrics, folders: dict[str, Path]) -> None:
        self._live = live
        self._parts = parts
        self._metrics = metrics
        self._folders = folders
        self._counted_s = -COUNT_EVERY_S
        self._tick_trouble = ""
        self._ticked_s = time.monotonic()  # when the last tick ended, not began: it may hang

    @property
    def tick_age_s(self) -> float:
        """Seconds since a tick last ended."""
        return time.monotonic() - self._ticked_s

    def ticked(self, trouble: str) -> None:
        """A tick has ended; ``trouble`` is '' when all went well."""
        self._tick_trouble = trouble
        self._ticked_s = time.monotonic()
        self._metrics.ticked(self._ticked_s)

    def store_failed(self) -> None:
        """A step of a tick met a database that fails."""
        self._metrics.store_failed()

    async def count_sources(self) -> None:
        """Now and then, tell metrics how many sources are in which state. Raises StoreError."""
        if time.monotonic() - self._counted_s >= COUNT_EVERY_S:
            app = self._live.app
            states, flags = await app.in_store_thread(count_sources, app.config, app.store, app.clock())
            self._metrics.sources(states, flags)
            self._counted_s = time.monotonic()

    @property
    def shelf(self) -> Shelf:
        """The documents that are served now."""
        return self._parts.publisher.shelf

    def was_read(self, key: str, *, unchanged: bool) -> None:
        """A subscriber's document was asked for."""
        self._parts.usage.count(key, unchanged=unchanged)

    async def hub_request(self, body: bytes, content_type: str) -> PushAnswer:
        """Somebody wants to follow a feed of ours, or no longer. Raises StoreError."""
        answer = await take_request(self._live.app, body, content_type)
        if answer.status == 202:
            self._parts.deliverer.news()
        return answer

    async def verify_intent(self, token: str, query: str) -> str | None:
        """The challenge to echo where a hub asks whether we meant it. Raises StoreError."""
        return await self._parts.subscriber.verify_intent(token, query)

    async def take_push(self, token: str, pushed: Pushed) -> PushAnswer:
        """A hub sends what is new. Raises StoreError."""
        return await self._parts.subscriber.take_push(token, pushed)

    def push_bytes(self, token: str) -> int:
        """How large a body may be that is pushed there."""
        return self._parts.subscriber.push_bytes(token)

    async def readiness(self) -> Readiness:
        """From what the last ticks saw; asks nothing of the database, so that it costs nothing."""
        return Readiness((self._database(), self._tick(), self._disk()))

    async def status(self) -> DeskStatus:
        """Raises StoreError."""
        app = self._live.app
        return await app.in_store_thread(desk_status, app.config, app.store, app.clock())

    async def stories(self, query: StoryQuery) -> StoryPage:
        """Raises StoreError."""
        app = self._live.app
        found = await app.read(lambda tx: tx.list_stories(query, STORIES_LISTED))
        topics = tuple(topic.id for topic in app.config.topics)
        partners = tuple(partner.id for partner in app.config.partners)
        return StoryPage(query, found, topics, partners, app.clock(), app.config.site.timezone)

    async def explanation(self, ref: str) -> Explanation:
        """Raises UnknownStoryError and StoreError."""
        app = self._live.app
        # In a thread of its own: nobody who publishes waits for an editor's curiosity.
        return await asyncio.to_thread(explain_story, app.config, app.store, ref, app.clock())

    def _database(self) -> Check:
        trouble = self._tick_trouble or self._parts.poller.trouble
        return Check("database", not trouble, trouble or "answers, and keeps what is written")

    def _tick(self) -> Check:
        age_s = self.tick_age_s
        return Check("tick", age_s < TICK_OVERDUE_S, f"the last tick ended {age_s:.1f} s ago")

    def _disk(self) -> Check:
        words = []
        if self._parts.publisher.trouble:
            words.append(f"documents are not published: {self._parts.publisher.trouble}")
        words += filter(None, (_room_trouble(purpose, folder) for purpose, folder in self._folders.items()))
        return Check("disk", not words, "; ".join(words) or "has room, and documents are published")


def _room_trouble(purpose: str, folder: Path) -> str:
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        return f"the folder of {purpose} cannot be looked at: {error.strerror}"
    is_low = usage.free < min(LOW_BYTES, LOW_PART * usage.total)
    return f"the disk of {purpose} is nearly full: {usage.free:,} bytes left" if is_low else ""
