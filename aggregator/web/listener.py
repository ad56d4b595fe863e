"""What all connections share: the routes, the limits, the time, and the way to end in good order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Protocol

import structlog

from aggregator.web.answer import Answer, http_date
from aggregator.web.limits import Limits
from aggregator.web.metrics import Metrics
from aggregator.web.reader import BodyBytesOf
from aggregator.web.request import Request

# An answer at once, or the work of making one.
Response = Answer | Coroutine[Any, Any, Answer]
Respond = Callable[[Request], Response]

_SWEEP_EVERY_S = 1.0

log = structlog.get_logger()


class Client(Protocol):
    """A connection as the listener sees it."""

    def sweep(self, now_s: float) -> None:
        """End it when it has used up its time; ``now_s`` is the loop's."""

    def finish(self) -> None:
        """Answer what was asked, then close."""

    def abort(self) -> None:
        """Close at once."""


class Listener:
    """Keeps the connections and their time. One coroutine looks after all of them, once a second: a timer for every
    request would cost more than the request."""

    def __init__(
        self, respond: Respond, metrics: Metrics, limits: Limits, body_bytes_of: BodyBytesOf | None = None
    ) -> None:
        self.respond = respond
        self.body_bytes_of = body_bytes_of or (lambda _method, _target: limits.body_bytes)
        self.metrics = metrics
        self.limits = limits
        self.is_stopping = False
        self._clients: set[Client] = set()
        self._all_left = asyncio.Event()
        self._second = 0
        self._starts: dict[int, bytes] = {}  # status -> the lines that begin an answer in this second

    def arrived(self, client: Client) -> bool:
        """Keep the client; False when there is no room and it should be sent away."""
        self._clients.add(client)
        self._all_left.clear()
        self.metrics.connections(len(self._clients))
        return len(self._clients) <= self.limits.connections

    @property
    def is_overrun(self) -> bool:
        """So many that there is no room to tell all of them that there is none."""
        return len(self._clients) > self.limits.connections + self.limits.connections // 10 + 8

    def left(self, client: Client) -> None:
        """The connection is closed."""
        self._clients.discard(client)
        self.metrics.connections(len(self._clients))
        if not self._clients:
            self._all_left.set()

    def start_lines(self, status: int) -> bytes:
        """Status line, Server and Date: made once a second (RFC 9110, section 6.6.1)."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._starts.clear()
        lines = self._starts.get(status)
        if lines is None:
            phrase = HTTPStatus(status).phrase
            text = f"HTTP/1.1 {status} {phrase}\r\nServer: aggregator\r\nDate: {http_date(second)}\r\n"
            lines = self._starts[status] = text.encode()
        return lines

    async def watch(self) -> None:
        """Sweep out whoever is too slow, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(_SWEEP_EVERY_S, self.limits.linger_s))
            for client in tuple(self._clients):
                try:
                    client.sweep(loop.time())
                except Exception:  # a bug met on one connection must not end the watch over all others
                    log.exception("a connection could not be looked after")
                    client.abort()

    async def drain(self, within_s: float) -> None:
        """Let running answers finish, then close; whoever is not done ``within_s`` is cut."""
        self.is_stopping = True
        for client in tuple(self._clients):
            client.finish()
        if self._clients:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_left.wait(), within_s)
        for client in tuple(self._clients):
            client.abort()
