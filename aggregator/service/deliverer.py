"""Who is told what now: due deliveries, verifications and denials, concurrently, and no slow one delays others."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from aggregator import following
from aggregator.app import App
from aggregator.config.model import Config
from aggregator.engine.ticker import SteadyClock
from aggregator.errors import StoreError
from aggregator.model.follower import Claim, Delivery, PendingRequest
from aggregator.service.live import Live
from aggregator.store.writes import WriteTx
from aggregator.web.metrics import Metrics

log = structlog.get_logger()

# What is due by time is found after so long, and what is over.
TICK_S = 1.0
TIDY_EVERY_S = 5.0
# Leases that are over are forgotten only after nobody has set the clock for so long: one that is a year ahead for a
# moment would end all of them, and nobody would know of it. Until then they are only not told anything.
STEADY_S = 3_600.0
# What ends together makes room together.
GATHER_S = 0.02
# Deliveries under way at once: those that are quick, and those that failed last or have taken longer than HANGS_S. The
# slow ones have places of their own, so that the quick ones keep theirs.
SOUND_AT_ONCE = 128
SLOW_AT_ONCE = 64
HANGS_S = 0.5
# Verifications and denials under way at once, and how many of them may be what nobody waits for: those that were asked
# in vain before, and denials.
ASKED_AT_ONCE = 64
NOT_FRESH_AT_ONCE = 32
# Of either, at one host: twice what is sent there at once, so that the next need not be waited for.
PER_HOST = 16
# Longer than anything under way can take, waiting for others at its host included. Who works on the same database does
# what we took on only after that.
CLAIM = timedelta(seconds=120)
DRAIN_S = 3.0


@dataclass(frozen=True, slots=True)
class _Flight:
    """Something under way since ``begun_s``."""

    callback: str
    host: str
    is_suspect: bool
    begun_s: float


class Deliverer:
    """Delivers what is due, and verifies who wants to follow. ``holder`` is this service's name on a database."""

    def __init__(self, live: Live, holder: str, metrics: Metrics) -> None:
        self._live = live
        self._holder = holder
        self._metrics = metrics
        self._wanted = asyncio.Event()
        self._is_ending = False
        self._deliveries: dict[asyncio.Task[None], _Flight] = {}
        self._questions: dict[asyncio.Task[None], _Flight] = {}
        self._clock = SteadyClock()
        self._tidied_s = 0.0
        self._tidied_with: Config | None = None
        self._is_taken_over = False
        self._trouble = ""

    def news(self) -> None:
        """Something was made due: by a publish, or by a request to our hub."""
        self._wanted.set()

    async def run(self) -> None:
        """Do what is due until ``end`` is called; then let what is under way end. To be begun when the files are as
        their rows are: what a kill left undelivered is due then.
        """
        while not self._is_ending:
            self._wanted.clear()
            await self._do_due()
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._wanted.wait()
                    await asyncio.sleep(GATHER_S if self._deliveries else 0)
        await self._drain()

    def end(self) -> None:
        """Let ``run`` return."""
        self._is_ending = True
        self._wanted.set()

    async def _drain(self) -> None:
        """What does not end soon is broken off, and due again."""
        tasks = [*self._deliveries, *self._questions]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=DRAIN_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            log.info("left for the next start", number=len(late))
            app = self._live.app
            with suppress(StoreError):  # then the next start frees them
                await app.write(lambda tx: tx.free_claims(self._holder, app.clock()))

    async def _do_due(self) -> None:
        try:
            await self._begin_due()
        except StoreError as error:
            self._failed(str(error))
        except Exception as error:  # a bug met here must not end the service; it is logged whole
            log.exception("internal error")
            self._failed(f"internal error ({type(error).__name__}); the log has the details")
        else:
            self._trouble = ""

    def _failed(self, words: str) -> None:
        self._metrics.store_failed()
        if words != self._trouble:
            log.error("nothing is delivered", problem=words)
        self._trouble = words

    async def _begin_due(self) -> None:
        """Claim what is due and there is room for, and begin it. Raises StoreError."""
        app = self._live.app
        if not self._is_taken_over:
            await app.write(partial(_take_over, self._holder, app.clock()))
            self._is_taken_over = True
        await self._tidy(app)
        now = app.clock()
        if not await app.read(lambda tx: tx.has_due_push(now)):
            return
        deliveries, requests = await app.write(self._claims(now))
        for delivery in deliveries:
            flight = self._flight(delivery.callback, delivery.host, is_suspect=delivery.is_suspect)
            self._begin(self._deliveries, flight, self._deliver(app, delivery))
        for request in requests:
            flight = self._flight(request.asked.callback, request.host, is_suspect=not request.is_fresh)
            self._begin(self._questions, flight, self._settle(app, request))

    async def _tidy(self, app: App) -> None:
        now_s = asyncio.get_running_loop().time()
        is_steady = self._clock.steady_s(app.clock(), now_s) >= STEADY_S
        if self._tidied_with is not app.config or now_s - self._tidied_s > TIDY_EVERY_S:
            await following.tidy(app, with_leases=is_steady)
            self._tidied_s, self._tidied_with = now_s, app.config

    def _claims(self, now: datetime) -> partial[tuple[tuple[Delivery, ...], tuple[PendingRequest, ...]]]:
        """Work for a transaction: it takes on what there is room for now."""
        others = NOT_FRESH_AT_ONCE - sum(flight.is_suspect for flight in self._questions.values())
        asked = (ASKED_AT_ONCE - len(self._questions), others)
        deliveries, questions = self._claim(self._deliveries, now), self._claim(self._questions, now)
        return partial(_claim_all, now, deliveries, self._room(), questions, asked)

    def _claim(self, flights: dict[asyncio.Task[None], _Flight], now: datetime) -> Claim:
        callbacks = frozenset(flight.callback for flight in flights.values())
        at_hosts = Counter(flight.host for flight in flights.values())
        return Claim(self._holder, now + CLAIM, callbacks, at_hosts, PER_HOST)

    def _room(self) -> tuple[int, int]:
        """For how many more deliveries there is room: sound ones, and suspects."""
        now_s = asyncio.get_running_loop().time()
        flights = self._deliveries.values()
        slow = sum(flight.is_suspect or now_s - flight.begun_s > HANGS_S for flight in flights)
        quick = len(flights) - slow
        return SOUND_AT_ONCE - quick - max(0, slow - SLOW_AT_ONCE), SLOW_AT_ONCE - slow

    @staticmethod
    def _flight(callback: str, host: str, *, is_suspect: bool) -> _Flight:
        return _Flight(callback, host, is_suspect, asyncio.get_running_loop().time())

    def _begin(
        self, flights: dict[asyncio.Task[None], _Flight], flight: _Flight, work: Coroutine[Any, Any, None]
    ) -> None:
        task = asyncio.create_task(work)
        flights[task] = flight
        task.add_done_callback(partial(self._landed, flights))

    def _landed(self, flights: dict[asyncio.Task[None], _Flight], task: asyncio.Task[None]) -> None:
        del flights[task]
        self._wanted.set()
        error = None if task.cancelled() else task.exception()
        if isinstance(error, StoreError):
            self._failed(f"what came of a delivery is not kept, and it is due again later: {error}")
        elif error is not None:
            log.error("internal error", exc_info=error)

    async def _deliver(self, app: App, delivery: Delivery) -> None:
        self._metrics.delivered(await following.deliver(app, delivery))

    async def _settle(self, app: App, request: PendingRequest) -> None:
        await following.settle_request(app, request)


def _take_over(holder: str, now: datetime, tx: WriteTx) -> None:
    """The service has just begun, and publisher.wake() has made the files as their rows are."""
    tx.free_claims(holder, now)
    tx.let_deliver(now)


def _claim_all(
    now: datetime,
    deliveries: Claim,
    room: tuple[int, int],
    questions: Claim,
    asked: tuple[int, int],
    tx: WriteTx,
) -> tuple[tuple[Delivery, ...], tuple[PendingRequest, ...]]:
    """What failed, and denials, are taken on behind the others, so that these never wait for a place."""
    sound, suspects = room
    found = tx.claim_deliveries(now, deliveries, sound, suspects=False)
    taken = [(delivery.callback, delivery.host) for delivery in found]
    found += tx.claim_deliveries(now, _beside(deliveries, taken), suspects, suspects=True)
    places, others = asked
    requests = tx.claim_hub_requests(now, questions, places, fresh=True)
    taken = [(request.asked.callback, request.host) for request in requests]
    others = min(others, places - len(requests))
    return found, requests + tx.claim_hub_requests(now, _beside(questions, taken), others, fresh=False)


def _beside(claim: Claim, taken: Collection[tuple[str, str]]) -> Claim:
    """The same claim, now that these are under way too: callbacks and hosts."""
    callbacks = claim.callbacks.union(callback for callback, _ in taken)
    at_hosts = Counter(claim.at_hosts) + Counter(host for _, host in taken)
    return replace(claim, callbacks=callbacks, at_hosts=at_hosts)
