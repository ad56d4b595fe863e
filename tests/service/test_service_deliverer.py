"""Followers while the service runs: nobody waits for those that hang, and no kill loses what they are owed."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from aiohttp import web
from desk import Desk, item, raw_config, rss
from hub_followers import FEEDS, Callback, form
from partner_server import Handler, PartnerServer, partner_server
from service_process import Service, service

from aggregator import following
from aggregator.app import App, open_app, utc_now
from aggregator.model.follower import Claim, HubRequest, PendingRequest
from aggregator.model.hosts import host_of
from aggregator.push.hub import FORM
from aggregator.service.deliverer import (
    ASKED_AT_ONCE,
    CLAIM,
    DRAIN_S,
    NOT_FRESH_AT_ONCE,
    SOUND_AT_ONCE,
    Deliverer,
)
from aggregator.service.live import Live
from aggregator.store.writes import WriteTx
from aggregator.web.metrics import Metrics

pytestmark = pytest.mark.slow

PATH = "feeds/all.json"
KILLS = 20
SEED = random.SystemRandom().randrange(1_000_000)


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    """It listens at every address of this machine's loopback: 127.0.0.2 is another host than 127.0.0.1."""
    with partner_server("0.0.0.0") as running:
        running.base_url = running.base_url.replace("0.0.0.0", "127.0.0.1")
        yield running


@pytest.fixture
async def desk(server: PartnerServer, tmp_path: Path) -> Desk:
    """With our own hub, and one story."""
    desk = Desk(tmp_path, raw_config({"a": server.url("/a")}, hub="own"))
    server.bodies["/a"] = rss(item(1, "satu"))
    await asyncio.to_thread(desk.poll)
    return desk


@asynccontextmanager
async def delivering(
    desk: Desk, holder: str = "kami", clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[tuple[App, Deliverer]]:
    async with open_app(desk.config, desk.database, desk.public, clock) as app:
        deliverer = Deliverer(Live(app), holder, Metrics())
        running = asyncio.create_task(deliverer.run())
        yield app, deliverer
        deliverer.end()
        await running


async def follow(app: App, *urls: str) -> None:
    """As if all of them had been verified."""
    topic, until_at = f"{app.config.site.feeds_url}{PATH}", app.clock() + timedelta(days=1)

    def put(tx: WriteTx) -> None:
        for url in urls:
            asked = HubRequest("subscribe", topic, url)
            tx.follow(PendingRequest(0, PATH, host_of(url), asked, app.clock(), 0), until_at, app.clock())

    await app.write(put)


async def news(app: App) -> None:
    """As a publish leaves it."""
    await app.write(lambda tx: tx.queue_news([PATH]))
    await app.write(lambda tx: tx.let_deliver(app.clock()))


async def until(what: Callable[[], object], within_s: float) -> float:
    """Seconds until ``what`` is true."""
    clock_s = asyncio.get_running_loop().time
    began_s = clock_s()
    while not what():
        assert clock_s() - began_s < within_s, f"not within {within_s:g} s"
        await asyncio.sleep(0.01)
    return clock_s() - began_s


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    raise web.HTTPNotFound


async def flood(request: web.Request) -> web.StreamResponse:
    """A gigabyte, as far as anybody reads it."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(1_000):
        await answer.write(b"x" * 1_000_000)
    return answer


@pytest.mark.parametrize("trouble", [hang, flood], ids=["hangs", "answers a gigabyte"])
async def test_one_in_trouble_delays_nobody(server: PartnerServer, desk: Desk, trouble: Handler) -> None:
    callbacks = [Callback(server, f"p{number}") for number in range(50)]
    server.handlers["/cb/trouble"] = trouble
    async with delivering(desk) as (app, deliverer):
        await follow(app, server.url("/cb/trouble"), *(one.url for one in callbacks))
        await news(app)
        deliverer.news()
        took_s = await until(lambda: all(one.received for one in callbacks), 2)
        print(f"50 delivered in {took_s:.2f} s")
        if trouble is flood:
            await until(lambda: server.requests.get("/cb/trouble"), 2)


async def test_more_that_hang_than_there_are_places_delay_the_others_for_a_moment(
    server: PartnerServer, desk: Desk
) -> None:
    """Each at a host of its own: they take all places first, and are then counted among the slow."""
    server.handlers["/cb/hangs"] = hang
    callbacks = [Callback(server, f"p{number}") for number in range(50)]
    number = SOUND_AT_ONCE + 10
    hosts = [f"127.0.1.{n}" for n in range(1, number + 1)]
    hanging = [server.url("/cb/hangs").replace("127.0.0.1", host) for host in hosts]
    async with delivering(desk) as (app, deliverer):
        await follow(app, *hanging, *(one.url for one in callbacks))
        await news(app)
        deliverer.news()
        took_s = await until(lambda: all(one.received for one in callbacks), 2.5)
        print(f"50 delivered beside {number} that hang in {took_s:.2f} s")
        assert server.requests["/cb/hangs"] == number


async def test_a_request_is_verified_at_once(server: PartnerServer, desk: Desk) -> None:
    callback = Callback(server, "ani")
    async with delivering(desk) as (app, deliverer):
        answer = await following.take_request(app, form(callback.url, PATH), FORM)
        assert answer.status == 202
        deliverer.news()
        await until(lambda: callback.asked, 1)
        await news(app)
        await until(lambda: callback.received, 3)  # found by the tick


async def _is_asked_beside(
    server: PartnerServer, desk: Desk, request: Callable[[str], HubRequest], *, in_vain: bool
) -> None:
    """Of more requests than there are places, each at a host of its own that hangs, none keeps a new one waiting."""
    server.handlers["/cb/hangs"] = hang
    callback = Callback(server, "ani")
    hosts = [f"127.0.1.{n}" for n in range(1, ASKED_AT_ONCE + 10)]

    def put(tx: WriteTx) -> None:
        for host in hosts:
            url = server.url("/cb/hangs").replace("127.0.0.1", host)
            tx.put_hub_request(PATH, host, request(url), utc_now())
        for one in tx.hub_requests() if in_vain else ():
            tx.postpone_hub_request(one.request_id, 1, utc_now())

    async with delivering(desk) as (app, deliverer):
        await app.write(put)
        deliverer.news()
        await until(lambda: server.requests.get("/cb/hangs", 0) >= NOT_FRESH_AT_ONCE, 6)
        assert (await following.take_request(app, form(callback.url, PATH), FORM)).status == 202
        deliverer.news()
        await until(lambda: callback.asked, 6)  # what hangs is given up after ten
        assert server.requests["/cb/hangs"] == NOT_FRESH_AT_ONCE


async def test_requests_that_were_asked_in_vain_keep_no_new_one_waiting(
    server: PartnerServer, desk: Desk
) -> None:
    await _is_asked_beside(server, desk, lambda url: HubRequest("subscribe", FEEDS + PATH, url), in_vain=True)


async def test_denials_keep_no_new_request_waiting(server: PartnerServer, desk: Desk) -> None:
    """A feed ends of which there are more followers than places."""
    await _is_asked_beside(
        server, desk, lambda url: HubRequest("denied", FEEDS + PATH, url, reason="berakhir"), in_vain=False
    )


async def test_two_services_deliver_what_is_due_once(server: PartnerServer, desk: Desk) -> None:
    callbacks = [Callback(server, f"p{number}") for number in range(60)]
    async with delivering(desk, "satu") as (app, one), delivering(desk, "dua") as (_, other):
        await follow(app, *(callback.url for callback in callbacks))
        await news(app)
        one.news()
        other.news()
        await until(lambda: all(callback.received for callback in callbacks), 5)
        await asyncio.sleep(1.5)  # more than a tick
    assert [len(callback.received) for callback in callbacks] == [1] * 60


async def test_what_hangs_when_the_service_ends_is_due_after_its_start(
    server: PartnerServer, desk: Desk
) -> None:
    callback = Callback(server, "ani")
    answer = server.handlers["/cb/ani"]
    server.handlers["/cb/ani"] = hang
    async with delivering(desk) as (app, deliverer):
        await follow(app, callback.url)
        await news(app)
        deliverer.news()
        await until(lambda: server.requests.get("/cb/ani"), 2)
        began_s = time.monotonic()
    assert time.monotonic() - began_s < DRAIN_S + 1
    server.handlers["/cb/ani"] = answer
    async with delivering(desk):
        await until(lambda: callback.received, 2)


async def test_a_kill_between_rows_and_files_loses_nothing(server: PartnerServer, desk: Desk) -> None:
    """The news is there, and nobody let it be delivered; and what a killed start took on is freed."""
    callbacks = [Callback(server, "ani"), Callback(server, "budi")]
    async with open_app(desk.config, desk.database, desk.public, utc_now) as app:
        await follow(app, callbacks[0].url)
        await news(app)
        claim = Claim("kami", utc_now() + CLAIM, frozenset(), {}, 9)
        (taken,) = await app.write(lambda tx: tx.claim_deliveries(utc_now(), claim, 9, suspects=False))
        assert taken.callback == callbacks[0].url
        await follow(app, callbacks[1].url)
        await app.write(lambda tx: tx.queue_news([PATH]))
    async with delivering(desk):
        await until(lambda: all(one.received for one in callbacks), 2)


@pytest.mark.parametrize("steady_s", [0.0, 3_600.0], ids=["believed", "not yet"])
async def test_a_clock_that_is_ahead_for_a_moment_ends_no_lease(
    server: PartnerServer, desk: Desk, monkeypatch: pytest.MonkeyPatch, steady_s: float
) -> None:
    callback = Callback(server, "ani")
    monkeypatch.setattr("aggregator.service.deliverer.STEADY_S", steady_s)
    monkeypatch.setattr("aggregator.service.deliverer.TIDY_EVERY_S", 0.0)
    ahead = timedelta()
    async with delivering(desk, clock=lambda: utc_now() + ahead) as (app, deliverer):
        await follow(app, callback.url)
        for ahead in (timedelta(days=40), timedelta()):  # noqa: B007 - the clock reads it
            for _ in range(3):
                deliverer.news()
                await asyncio.sleep(0.1)
        assert len(await app.read(lambda tx: tx.followers())) == (steady_s > 0)
        await news(app)
        deliverer.news()
        if steady_s:
            await until(lambda: callback.received, 2)


def post(port: int, body: bytes) -> int:
    request = Request(f"http://127.0.0.1:{port}/hub", data=body, headers={"Content-Type": FORM})
    with urlopen(request, timeout=10) as answer:
        status: int = answer.status
        return status


def ids(body: bytes) -> list[str]:
    return [one["id"] for one in json.loads(body)["items"]]


def slowly(answer: Handler) -> Handler:
    """So that a delivery to all takes a while, and can be broken off in the middle."""

    async def handler(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.03)
        return await answer(request)

    return handler


def articles(number: int) -> bytes:
    return rss(*(item(n, f"nomor {n}") for n in range(number, max(0, number - 30), -1)))


@pytest.mark.timeout(600)
@pytest.mark.xdist_group("machine")
def test_whoever_is_killed_in_the_middle_all_end_with_the_newest(
    server: PartnerServer, tmp_path: Path
) -> None:
    """One follower hangs and one always fails: they are not looked at, and hold nobody up."""
    callbacks = [Callback(server, f"p{number}") for number in range(50)]
    for one in callbacks:
        server.handlers[f"/cb/{one.name}"] = slowly(one.answer)
    chance = random.Random(SEED)
    server.bodies["/a"] = articles(1)
    raw = raw_config({"a": server.url("/a")}, hub="own")
    raw["fetch"]["first_poll_max_age"] = "36500d"
    with service(tmp_path, raw, 1) as desk:
        desk.start()
        desk.wait_for(lambda: b"nomor 1" in desk.get(PATH)[1], 30, "the first start")
        failing = Callback(server, "gagal", answers=[500] * 1_000)
        for one in (*callbacks, failing):
            assert post(desk.port, form(one.url, PATH, secret="rahasia")) == 202
        desk.wait_for(lambda: all(one.asked for one in (*callbacks, failing)), 20, "all are verified")
        for number in range(2, KILLS + 2):
            kill_in_the_middle(desk, server, callbacks, number, chance.randrange(1, 49))
            desk.start()
        newest = f"nomor {KILLS + 1}".encode()
        desk.wait_for(lambda: newest in desk.get(PATH)[1], 30, "the newest is served")
        served = desk.get(PATH)[1]
        caught_up_s = desk.wait_for(
            lambda: all(one.received[-1].body == served for one in callbacks),
            30,
            f"all hold it (seed {SEED})",
        )
        assert desk.terminate() == 0
    print(f"seed {SEED}: all hold the newest {caught_up_s:.1f} s after it is served")
    assert ids(served) == ids((desk.public / PATH).read_bytes())
    for one in callbacks:
        held = {story_id for received in one.received for story_id in ids(received.body)}
        assert held == {*ids(served)}  # no version ever showed another id
        assert all("X-Hub-Signature" in received.headers for received in one.received)


def kill_in_the_middle(
    desk: Service, server: PartnerServer, callbacks: list[Callback], number: int, after: int
) -> None:
    """When so many have got the article of that number."""
    wanted = f"nomor {number}".encode()

    def have_it() -> int:
        return sum(bool(one.received) and wanted in one.received[-1].body for one in callbacks)

    server.bodies["/a"] = articles(number)
    give_up_s = time.monotonic() + 60
    while have_it() < after:
        assert time.monotonic() < give_up_s, desk.log_tail()
        time.sleep(0.002)
    desk.kill()
