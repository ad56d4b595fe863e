"""Who is polled now: due sources are claimed and visited, concurrently and within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from aggregator.app import App
from aggregator.config.model import Source
from aggregator.errors import StoreError
from aggregator.model.source import SourceState
from aggregator.rereading import READ_WITH
from aggregator.service.live import Live
from aggregator.store.sources import Lessee
from aggregator.store.writes import WriteTx
from aggregator.visiting import visit
from aggregator.web.metrics import Metrics

log = structlog.get_logger()

# Places for sources that were well at their last visit, and for those that were not: thirty partners that hang at
# once must not keep the others waiting.
SOUND_AT_ONCE = 48
SUSPECTS_AT_ONCE = 16
# A lease outlasts the longest visit, one that seeks a way in (45 s) and then reads article pages (30 s); it ends early
# only when its holder has died.
LEASE_MARGIN = timedelta(seconds=120)
# After a failed write its source rests: a full disk is not asked again at once.
REST_S = 5.0


class Poller:
    """Visits due sources.

    ``on_news`` is called when a visit committed something to publish, ``on_place`` when one ended and made a place
    that a due source may be waiting for.
    """

    def __init__(
        self,
        live: Live,
        lessee: str,
        metrics: Metrics,
        on_news: Callable[[], None],
        on_place: Callable[[], None],
    ) -> None:
        self._live = live
        self._lessee = lessee
        self._metrics = metrics
        self._on_news = on_news
        self._on_place = on_place
        self._suspects_first = False
        self._brought_some = False  # whether the last claim did: then there may be more
        self._visits: dict[str, asyncio.Task[None]] = {}
        self._suspects: set[str] = set()
        self._resting: set[str] = set()
        self.trouble = ""  # why the last write failed, in words

    async def poll_due(self) -> None:
        """Begin visits to as many due sources as there are places for. Raises StoreError."""
        app, now = self._live.app, self._live.app.clock()
        at_work = frozenset(self._visits) | self._resting
        suspects = len(self._suspects)
        sound_places = SOUND_AT_ONCE - (len(self._visits) - suspects)
        suspect_places = SUSPECTS_AT_ONCE - suspects
        if sound_places + suspect_places <= 0 or not await app.in_store_thread(_has_due, app, now):
            return
        lessee = Lessee(self._lessee, at_work, now + app.config.fetch.deadline + LEASE_MARGIN)

        # In turn: who comes first takes the hosts' turns.
        self._suspects_first = not self._suspects_first
        places = ((True, suspect_places), (False, sound_places))

        def claim(tx: WriteTx) -> tuple[SourceState, ...]:
            found: tuple[SourceState, ...] = ()
            for are_suspects, limit in places if self._suspects_first else places[::-1]:
                taken = replace(lessee, at_work_on=at_work.union(state.source_id for state in found))
                found += tx.claim_due(now, taken, limit, app.config.fetch.per_host, suspects=are_suspects)
            return found

        try:
            claimed = await app.write(claim)
        except StoreError as error:
            self.trouble = str(error)
            raise
        self._brought_some = bool(claimed)
        for state in claimed:
            if source := app.config.find_source(state.source_id):
                self._begin(app, source, state)

    async def drain(self, within_s: float) -> None:
        """Let visits that are under way end; those that have not after ``within_s`` are broken off."""
        tasks = list(self._visits.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            log.warning("broke visits off", number=len(late))

    def _begin(self, app: App, source: Source, state: SourceState) -> None:
        if state.failures_in_a_row:
            self._suspects.add(source.id)
        self._visits[source.id] = asyncio.create_task(self._visit(app, source, state))

    async def _visit(self, app: App, source: Source, state: SourceState) -> None:
        try:
            report = await visit(app, source, state)
        except StoreError as error:
            # The lease is ours and nobody is at work under it: after its rest the source is claimed again.
            log.warning("visit not kept", source=source.id, problem=str(error))
            self.trouble = str(error)
            self._rest(source.id)
        else:
            self.trouble = ""
            self._metrics.polled(report.outcome, report.took_s, report.new, report.copies, report.revised)
            if report.hub_missed:
                self._metrics.subscription("missed")
            if report.touched:
                self._on_news()
        finally:
            self._visits.pop(source.id, None)
            self._suspects.discard(source.id)
            if self._brought_some:
                self._on_place()

    def _rest(self, source_id: str) -> None:
        self._resting.add(source_id)
        asyncio.get_running_loop().call_later(REST_S, self._resting.discard, source_id)


def _has_due(app: App, now: datetime) -> bool:
    """Nothing is due while stored entries are read anew after an upgrade: copies of them would not be known."""
    with app.store.read() as tx:
        return tx.meta(READ_WITH) == app.publish_key and tx.has_due_source(now)
