"""Followers of our hub on loopback: callbacks that confirm what they are asked, and keep what is delivered to them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlencode

from aiohttp import web
from desk import Desk, item, rss
from partner_server import PartnerServer

from aggregator import following
from aggregator.app import App, open_app
from aggregator.model.follower import Claim, Delivery, Follower, PendingRequest
from aggregator.model.push import PushAnswer
from aggregator.push.hub import FORM
from aggregator.store.writes import WriteTx

T = TypeVar("T")

FEEDS = "https://feeds.jambiseru.com/"


@dataclass
class Received:
    """One content distribution request."""

    headers: dict[str, str]
    body: bytes
    target: str


@dataclass
class Callback:
    """``answers`` are the statuses of the next deliveries, ``echo`` what is answered to the next questions: None is the
    challenge, a number a status. When they are used up it goes on as it should.
    """

    server: PartnerServer
    name: str
    answers: list[int] = field(default_factory=list)
    echo: list[str | int | None] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)  # of the questions, as they came over the wire
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.handlers[f"/cb/{self.name}"] = self.answer

    @property
    def url(self) -> str:
        return self.server.url(f"/cb/{self.name}?kunci=s%2f{self.name}")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return self._confirm(request)
        status = self.answers.pop(0) if self.answers else 204
        body = await request.read()
        self.received.append(Received(dict(request.headers), body, request.raw_path))
        headers = {"Location": self.server.url("/cb/lain")} if 300 <= status < 400 else None
        return web.Response(status=status, headers=headers)

    def _confirm(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        self.targets.append(request.raw_path)
        said = self.echo.pop(0) if self.echo else None
        if isinstance(said, int):
            return web.Response(status=said, text=request.query.get("hub.challenge", ""))
        return web.Response(text=request.query.get("hub.challenge", "") if said is None else said)


def with_app(desk: Desk, work: Callable[[App], Awaitable[T]]) -> T:
    """What ``work`` returns, done with a desk that is opened for it."""

    async def run() -> T:
        async with open_app(desk.config, desk.database, desk.public, lambda: desk.now) as app:
            return await work(app)

    return asyncio.run(run())


def form(callback: str, path: str = "feeds/all.atom", mode: str = "subscribe", **more: str) -> bytes:
    """The body of a request; ``secret`` and ``lease_seconds`` are given without their prefix."""
    fields = {"hub.mode": mode, "hub.topic": f"{FEEDS}{path}", "hub.callback": callback}
    return urlencode(fields | {f"hub.{name}": value for name, value in more.items()}).encode()


def ask(
    desk: Desk, callback: str, path: str = "feeds/all.atom", mode: str = "subscribe", **more: str
) -> PushAnswer:
    """Ask the hub for something; nothing is verified yet."""
    body = form(callback, path, mode, **more)
    return with_app(desk, lambda app: following.take_request(app, body, FORM))


def follow(desk: Desk, callback: Callback, path: str = "feeds/all.atom", **more: str) -> None:
    """Follow a document, verified."""
    assert ask(desk, callback.url, path, **more).status == 202
    do_due(desk)
    assert callback.asked[-1]["hub.mode"] == "subscribe"


def do_due(desk: Desk) -> list[str]:
    """All that is due now is verified, told and delivered; returns what came of each delivery."""

    async def work(app: App) -> list[str]:
        await following.tidy(app, with_leases=True)
        outcomes: list[str] = []
        while any(due := await app.write(lambda tx: _claimed(app, tx))):  # one of each callback at a time
            deliveries, requests = due
            for request in requests:
                await following.settle_request(app, request)
            outcomes += [await following.deliver(app, delivery) for delivery in deliveries]
        return outcomes

    return with_app(desk, work)


def _claimed(app: App, tx: WriteTx) -> tuple[tuple[Delivery, ...], tuple[PendingRequest, ...]]:
    now = app.clock()
    claim = Claim("test", now + timedelta(minutes=2), frozenset(), {}, 1_000)
    found = tx.claim_deliveries(now, claim, 1_000, suspects=False)
    found += tx.claim_deliveries(now, claim, 1_000, suspects=True)
    requests = tx.claim_hub_requests(now, claim, 1_000, fresh=True)
    return found, requests + tx.claim_hub_requests(now, claim, 1_000, fresh=False)


def followers(desk: Desk) -> tuple[Follower, ...]:
    return with_app(desk, lambda app: app.read(lambda tx: tx.followers()))


def pending(desk: Desk) -> tuple[PendingRequest, ...]:
    return with_app(desk, lambda app: app.read(lambda tx: tx.hub_requests()))


def bring(desk: Desk, server: PartnerServer, number: int) -> None:
    """One more story of partner a, published."""
    server.bodies["/a"] = rss(item(number, f"nomor {number}"), item(1, "satu"))
    desk.poll("a")
