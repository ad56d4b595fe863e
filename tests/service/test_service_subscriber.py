"""The service as subscriber: hubs are asked beside its ticks, and pushes are answered in time whatever they meet."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from desk import Desk, item, raw_config, rss
from partner_hub import Asked, PartnerHub, opened, states
from partner_server import PartnerServer, partner_server
from service_process import Service, service

from aggregator import jobs
from aggregator.app import App
from aggregator.model.push import PushAnswer, Pushed
from aggregator.service.live import Live
from aggregator.service.subscriber import BUSY, WAITING_OF_SOURCE, Subscriber
from aggregator.subscriptions import TAKEN
from aggregator.web.metrics import Metrics

SOON_S = 12.0


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        yield running


@pytest.fixture
def hub(server: PartnerServer) -> PartnerHub:
    hub = PartnerHub(server)
    hub.feed("/a", item(1, "satu"))
    return hub


@pytest.fixture
def desk(server: PartnerServer, tmp_path: Path) -> Desk:
    return Desk(tmp_path, raw_config({"a": server.url("/a")}))


@dataclass
class Ours:
    """A subscriber whose subscription at the hub is verified."""

    app: App
    subscriber: Subscriber
    metrics: Metrics
    asked: Asked
    news: list[str] = field(default_factory=list)

    async def push(self, *items: str) -> PushAnswer:
        return await self.subscriber.take_push(self.asked.token, self.asked.pushed(rss(*items)))


@asynccontextmanager
async def subscribed(desk: Desk, hub: PartnerHub) -> AsyncIterator[Ours]:
    async with opened(desk) as app:
        news: list[str] = []
        metrics = Metrics()
        subscriber = Subscriber(Live(app), metrics, lambda: news.append("news"))
        await jobs.poll(app, ["a"])
        await subscriber.tend()
        await until(lambda: bool(hub.asked))
        asked = hub.asked[0]
        assert subscriber.push_bytes(asked.token) == 0
        assert await subscriber.verify_intent("tidak-ada", asked.query()) is None
        assert await subscriber.verify_intent(asked.token, asked.query()) == "tantangan-1"
        assert subscriber.push_bytes(asked.token) == 1_000_000
        yield Ours(app, subscriber, metrics, asked, news)
        await subscriber.drain(5)


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_S):
        while not what():
            await asyncio.sleep(0.02)


async def next_poll_at(app: App) -> datetime | None:
    state = await app.read(lambda tx: tx.source_state("a"))
    assert state is not None
    return state.next_poll_at


async def test_a_push_is_answered_once_it_is_kept(desk: Desk, hub: PartnerHub) -> None:
    async with subscribed(desk, hub) as ours:
        assert await ours.push(item(2)) == TAKEN
        assert ours.news == ["news"]
        assert await ours.push(item(2)) == TAKEN
        assert ours.news == ["news"]  # nothing new
        counts = await ours.app.read(lambda tx: tx.counts())
        assert counts.entries == 2


async def test_2xx_says_that_a_push_came_not_that_it_can_be_used(desk: Desk, hub: PartnerHub) -> None:
    async with subscribed(desk, hub) as ours:
        pushed = ours.asked.pushed(b"bukan umpan")
        assert await ours.subscriber.take_push(ours.asked.token, pushed) == TAKEN
        assert ours.news == []


async def test_what_hubs_do_is_counted_and_told(
    desk: Desk, hub: PartnerHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once: a hub may ask again whether we meant it, and anybody may push without our signature again and again."""
    async with subscribed(desk, hub) as ours:
        assert await ours.subscriber.verify_intent(ours.asked.token, ours.asked.query()) == "tantangan-1"
        await ours.push(item(2))
        forged = replace(ours.asked.pushed(rss(item(3))), signature="sha256=" + "0" * 64)
        for _ in range(2):
            assert await ours.subscriber.take_push(ours.asked.token, forged) == TAKEN
        denied = urlencode({"hub.mode": "denied", "hub.topic": ours.asked.fields["hub.topic"]})
        assert await ours.subscriber.verify_intent(ours.asked.token, denied) == ""
        await ours.push(item(4))
        counted = ours.metrics.exposition()[0].decode()
    said = "".join(capsys.readouterr())
    for line in (
        'aggregator_subscriptions_total{event="asked"} 1.0',
        'aggregator_subscriptions_total{event="verified"} 1.0',
        'aggregator_subscriptions_total{event="denied"} 1.0',
        'aggregator_pushes_total{outcome="taken"} 1.0',
        'aggregator_pushes_total{outcome="ignored"} 2.0',
        'aggregator_pushes_total{outcome="refused"} 1.0',
    ):
        assert line in counted
    for words in ("subscription verified", "push ignored", "subscription denied"):
        assert said.count(words) == 1
    assert ours.asked.token not in said


async def test_a_push_that_must_wait_is_answered_within_seconds_and_kept_later(
    desk: Desk, hub: PartnerHub
) -> None:
    async with subscribed(desk, hub) as ours:
        async with ours.app.turn("a"):
            began_s = time.monotonic()
            assert await ours.push(item(2)) == TAKEN
            assert 1.9 < time.monotonic() - began_s < 8
            assert (await ours.app.read(lambda tx: tx.counts())).entries == 1
        await ours.subscriber.drain(5)
        assert (await ours.app.read(lambda tx: tx.counts())).entries == 2
        assert ours.news == ["news"]
        assert await ours.push(item(3)) == BUSY  # it is ending: the hub tries again later


async def test_what_would_pile_up_is_polled_instead(desk: Desk, hub: PartnerHub) -> None:
    async with subscribed(desk, hub) as ours:
        assert await next_poll_at(ours.app) != desk.now
        desk.now += timedelta(minutes=1)
        async with ours.app.turn("a"):
            numbers = range(10, 10 + WAITING_OF_SOURCE)
            waiting = [asyncio.create_task(ours.push(item(number))) for number in numbers]
            await until(lambda: ours.subscriber._waiting["a"] == WAITING_OF_SOURCE)
            began_s = time.monotonic()
            assert await ours.push(item(2)) == TAKEN
            assert time.monotonic() - began_s < 1
            assert await next_poll_at(ours.app) == desk.now
        assert await asyncio.gather(*waiting) == [TAKEN] * WAITING_OF_SOURCE
        assert (await ours.app.read(lambda tx: tx.counts())).entries == 1 + WAITING_OF_SOURCE


async def test_what_cannot_be_kept_is_refused_and_polled_as_soon_as_that_can_be_written(
    desk: Desk, hub: PartnerHub
) -> None:
    async with subscribed(desk, hub) as ours:
        with closing(sqlite3.connect(desk.database.removeprefix("sqlite:///"))) as database:
            database.execute("ALTER TABLE rungs RENAME TO weg")
            database.commit()
            assert await ours.push(item(2)) == BUSY
            database.execute("ALTER TABLE weg RENAME TO rungs")
            database.commit()
        desk.now += timedelta(minutes=1)
        await ours.subscriber.tend()
        assert await next_poll_at(ours.app) == desk.now


async def test_after_a_start_what_could_not_be_pushed_is_polled(desk: Desk, hub: PartnerHub) -> None:
    async with subscribed(desk, hub) as ours:
        await ours.push(item(2))
    desk.now += timedelta(minutes=5)
    async with opened(desk) as app:
        subscriber = Subscriber(Live(app), Metrics(), lambda: None)
        await subscriber.tend()
        assert await next_poll_at(app) == desk.now
        (asked,) = hub.asked
        assert subscriber.push_bytes(asked.token) == 1_000_000
        assert await states(app) == ["active"]


async def test_a_hub_that_hangs_keeps_no_tick_waiting(desk: Desk, hub: PartnerHub) -> None:
    goes_on = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def hangs(_: Any) -> Any:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(goes_on.wait(), loop))

    hub.server.handlers["/hub"] = hangs
    async with opened(desk) as app:
        subscriber = Subscriber(Live(app), Metrics(), lambda: None)
        await jobs.poll(app, ["a"])
        began_s = time.monotonic()
        await subscriber.tend()
        await until(lambda: hub.server.requests.get("/hub", 0) == 1)
        await subscriber.drain(5)
        assert time.monotonic() - began_s < 4
        assert await states(app) == ["pending"]
    goes_on.set()


# --- aggregator run -----------------------------------------------------------------------------------------------


def call(desk: Service, asked: Asked, pushed: Pushed | None = None) -> tuple[int, str, str]:
    """Status, body and media type of what a hub gets: for a push, or for its verification."""
    url = asked.fields["hub.callback"]
    assert url.startswith(f"http://127.0.0.1:{desk.port}/websub/")
    if pushed is None:
        request = Request(f"{url}?{asked.query()}")
    else:
        headers = {"Content-Type": pushed.content_type, "X-Hub-Signature": pushed.signature}
        request = Request(url, pushed.body, headers, method="POST")
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers["Content-Type"]
    except HTTPError as error:
        return error.code, error.read().decode(), error.headers["Content-Type"]


def titles(desk: Service) -> list[str]:
    status, body = desk.get("feeds/all.json")
    return sorted(one["title"] for one in json.loads(body)["items"]) if status == 200 else []


@pytest.mark.slow
def test_a_running_service_subscribes_is_pushed_and_publishes_at_once(
    tmp_path: Path, server: PartnerServer
) -> None:
    hub = PartnerHub(server)
    hub.feed("/a", item(1, "satu"))
    raw = raw_config({"a": server.url("/a")})
    raw["fetch"]["first_poll_max_age"] = "36500d"
    with service(tmp_path, raw, 60.0) as desk:
        raw["site"]["feeds_url"] = f"http://127.0.0.1:{desk.port}/"
        desk.configure(raw)
        desk.start()
        desk.wait_for(lambda: hub.asked, 20, "the request to the hub")
        (asked,) = hub.asked
        status, body, media_type = call(desk, asked)
        assert (status, body, media_type.partition(";")[0]) == (200, "tantangan-1", "text/plain")
        assert call(desk, asked)[:2] == (200, "tantangan-1")  # our answer may have been lost
        assert call(desk, asked, asked.pushed(rss(item(2, "dua"))))[0] == 202
        desk.wait_for(lambda: titles(desk) == ["dua", "satu"], 5, "what was pushed")
        forged = Pushed(rss(item(3, "palsu")), "application/rss+xml", "sha256=00")
        assert call(desk, asked, forged)[0] == 202
        assert call(desk, asked, asked.pushed(b" " * 1_000_001))[0] == 413
        desk.kill()
        desk.start()
        desk.wait_for(desk.is_ready, 20, "the restart")
        desk.wait_for(lambda: call(desk, asked, asked.pushed(rss(item(4, "empat"))))[0] == 202, 10, "a push")
        desk.wait_for(lambda: titles(desk) == ["dua", "empat", "satu"], 5, "what was pushed after a restart")
        assert desk.terminate() == 0
    assert len(hub.asked) == 1
