"""Partners that offer a hub push to us while the service runs: subscriptions are kept, and pushes taken."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import structlog

from aggregator import subscriptions
from aggregator.app import App
from aggregator.errors import StoreError
from aggregator.model.push import PushAnswer, Pushed
from aggregator.model.subscription import Subscription
from aggregator.receiving import receive
from aggregator.service.live import Live
from aggregator.web.metrics import Metrics

log = structlog.get_logger()

# So often it is looked at what documents offer and what is due at hubs.
LOOK_EVERY_S = 5.0
HUBS_ASKED_AT_ONCE = 8
# A hub is answered when what it pushed is kept, or after so long.
ANSWERED_WITHIN_S = 2.0
# What waits for its turn: of one source, and of all together. What is more is not kept, its source is polled instead.
WAITING_OF_SOURCE = 8
WAITING_BYTES = 50_000_000
BUSY = PushAnswer(503, "The desk cannot keep it now; try again later", 60)
# What a hub made of a subscription of ours, by the state that it left it in.
_EVENTS = {"active": "verified", "denied": "denied", "ended": "left"}


class Subscriber:
    """Subscribes at hubs, and takes what they push. ``on_news`` is called when something to publish was committed."""

    def __init__(self, live: Live, metrics: Metrics, on_news: Callable[[], None]) -> None:
        self._live = live
        self._metrics = metrics
        self._on_news = on_news
        self._looked_s: float | None = None  # None: not since the service began
        self._tokens: set[str] = set()  # under which hubs may push
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._hubs = asyncio.Semaphore(HUBS_ASKED_AT_ONCE)
        self._keeping: set[asyncio.Task[PushAnswer]] = set()
        self._waiting: Counter[str] = Counter()
        self._waiting_bytes = 0
        self._to_poll: set[str] = set()  # what was pushed of them could not be kept
        self._is_ending = False

    async def tend(self) -> None:
        """At each tick: bring subscriptions in line with what is offered, while hubs are asked. Raises StoreError."""
        app, now_s = self._live.app, asyncio.get_running_loop().time()
        if self._to_poll:
            to_poll = frozenset(self._to_poll)
            await subscriptions.poll_instead(app, to_poll)
            self._to_poll -= to_poll
        if self._looked_s is None:
            await subscriptions.listen(app)
        elif now_s - self._looked_s < LOOK_EVERY_S:
            return
        found = await subscriptions.survey(app)
        self._tokens |= found.tokens
        if found.steps:
            for one in await subscriptions.take_steps(app, self._asking.keys()):
                self._asking[one.token] = asyncio.create_task(self._ask(app, one))
        self._looked_s = now_s

    def push_bytes(self, token: str) -> int:
        """How large a body may be that is pushed there, 0 where nobody is expected to push."""
        return self._live.app.config.fetch.max_body if token in self._tokens else 0

    async def verify_intent(self, token: str, query: str) -> str | None:
        """As subscriptions.verify_intent(). Raises StoreError."""
        echo = await subscriptions.verify_intent(self._live.app, token, query, self._changed)
        if echo:
            self._tokens.add(token)
        return echo

    def _changed(self, one: Subscription) -> None:
        """By what its hub said."""
        event = _EVENTS[one.state]
        self._metrics.subscription(event)
        tell = log.warning if event == "denied" else log.info
        tell(f"subscription {event}", source=one.source_id, hub=one.hub, problem=one.problem)

    async def take_push(self, token: str, pushed: Pushed) -> PushAnswer:
        """Take what a hub pushes: 2xx once it is kept, or at once when that takes long. Raises StoreError.

        Nothing that was answered so is lost: whatever fails later has its source polled, and so has a new start.
        """
        if self._is_ending:
            return BUSY
        app = self._live.app
        found = await subscriptions.judge_push(app, token, pushed)
        if isinstance(found, PushAnswer):
            self._metrics.pushed("ignored" if found == subscriptions.TAKEN else "refused")
            return found
        self._metrics.pushed("taken")
        source_id, size_bytes = found.source.id, len(pushed.body)
        is_much = self._waiting_bytes > 0 and self._waiting_bytes + size_bytes > WAITING_BYTES
        if not found.can_be_decided or is_much or self._waiting[source_id] >= WAITING_OF_SOURCE:
            await subscriptions.poll_instead(app, [source_id])
            return subscriptions.TAKEN
        task = asyncio.create_task(self._keep(app, found, pushed))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)
        await asyncio.wait({task}, timeout=ANSWERED_WITHIN_S)
        return task.result() if task.done() else subscriptions.TAKEN

    async def drain(self, within_s: float) -> None:
        """Let pushes be kept that were taken; what is not in time, and what hubs are asked, is broken off."""
        self._is_ending = True
        for asking in self._asking.values():
            asking.cancel()
        late: set[asyncio.Task[PushAnswer]] = set()
        if self._keeping:
            _, late = await asyncio.wait(self._keeping, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, *self._asking.values(), return_exceptions=True)
        if late:
            log.warning("broke pushes off", number=len(late))

    async def _ask(self, app: App, one: Subscription) -> None:
        try:
            async with self._hubs:
                trouble = await subscriptions.ask(app, one)
        except StoreError as error:
            trouble = str(error)
        finally:
            self._asking.pop(one.token, None)
        mode = "unsubscribe" if one.state == "leaving" else "subscribe"
        self._metrics.subscription("refused" if trouble else "asked")
        tell = log.warning if trouble else log.info
        tell("asked a hub", source=one.source_id, hub=one.hub, mode=mode, problem=trouble)

    async def _keep(self, app: App, found: subscriptions.Accepted, pushed: Pushed) -> PushAnswer:
        source = found.source
        self._waiting[source.id] += 1
        self._waiting_bytes += len(pushed.body)
        try:
            report = await receive(app, source, found.subscription, pushed)
        except StoreError as error:
            log.warning("push not kept", source=source.id, problem=str(error))
            self._to_poll.add(source.id)
            return BUSY
        finally:
            self._waiting[source.id] -= 1
            self._waiting_bytes -= len(pushed.body)
        self._metrics.polled(report.outcome, report.took_s, report.new, report.copies, report.revised)
        if report.touched:
            self._on_news()
        return subscriptions.TAKEN
