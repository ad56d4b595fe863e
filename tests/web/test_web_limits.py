"""Slow, greedy and silent clients, and the end of the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from web_desk import Running, ValueDesk, packed, running

from aggregator.errors import ServeError
from aggregator.web.limits import Limits
from aggregator.web.metrics import Metrics
from aggregator.web.server import serve
from aggregator.web.shelf import Shelf

FEED = b"GET /feeds/all.rss HTTP/1.1\r\nHost: x\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
# Sweeps come as often as the shortest of these, so that the tests need not wait.
SHORT = Limits(head_s=0.2, body_s=0.2, idle_s=0.2, stalled_s=0.2, linger_s=0.05)
PATIENT = Limits(head_s=30, body_s=30, idle_s=30, stalled_s=30, linger_s=0.1)


def cuts(server: Running, reason: str) -> float:
    return server.metric(f'aggregator_http_connections_cut_total{{reason="{reason}"}}')


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "idle"),
        (HEALTH, "idle"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", "head"),
        (b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", "body"),
        (b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n", "body"),
        (HEALTH + b"G", "head"),
    ],
)
async def test_who_does_not_go_on_is_cut(sent: bytes, reason: str) -> None:
    async with running(limits=SHORT) as server:
        client = await server.connect()
        await client.send(sent)
        await client.ended(3)
        assert cuts(server, reason) == 1


async def test_dripping_bytes_win_no_time() -> None:
    async with running(limits=SHORT) as server:
        client = await server.connect()
        await client.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ")
        started_s = time.monotonic()
        ended = asyncio.create_task(client.ended())
        while not ended.done():
            with suppress(ConnectionError):
                await client.send(b"a")
            await asyncio.sleep(0.02)
        assert time.monotonic() - started_s < 2
        assert cuts(server, "head") == 1


async def test_requests_one_after_the_other_are_never_idle() -> None:
    async with running(limits=SHORT) as server:
        client = await server.connect()
        for _ in range(6):
            assert (await client.ask(HEALTH)).status == 200
            await asyncio.sleep(0.08)


async def test_a_long_answer_is_not_the_clients_fault() -> None:
    async with running(ValueDesk(wait=lambda: asyncio.sleep(0.5)), limits=SHORT) as server:
        client = await server.connect()
        assert (await client.ask(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")).status == 200
        assert (await client.ask(HEALTH)).status == 200


def large_desk() -> ValueDesk:
    """Half a megabyte: more than the buffers of a connection hold after a few answers."""
    return ValueDesk(shelf=Shelf([packed("feeds/all.rss", b"berita " * 75_000)]))


async def test_who_does_not_read_is_cut_and_costs_little_memory() -> None:
    async with running(large_desk(), limits=SHORT) as server:
        client = await server.connect(receive_buffer_bytes=4096)
        client.stop_reading()
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(5):
                while True:
                    await client.send(FEED * 200)
        await until(lambda: cuts(server, "stalled") == 1)
        answers = server.metric(
            'aggregator_http_requests_total{encoding="identity",route="document",status="200"}'
        )
        assert answers < 20  # a few fill the kernel's buffer, one waits in ours; 200 and more were asked for


async def test_who_reads_slowly_is_not_cut() -> None:
    async with running(large_desk(), limits=Limits(stalled_s=1, linger_s=0.05)) as server:
        client = await server.connect(receive_buffer_bytes=4096)
        await client.send(FEED * 8)
        for _ in range(8):
            await asyncio.sleep(0.2)  # the kernel says every few hundred kB that there is room again
            assert len((await client.read()).body) == 525_000


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.02)


async def test_no_more_connections_than_there_is_room_for() -> None:
    async with running(limits=Limits(connections=3, linger_s=0.2)) as server:
        kept = [await server.connect() for _ in range(3)]
        for client in kept:
            assert (await client.ask(HEALTH)).status == 200
        refused = await server.connect()
        reply = await refused.read()
        assert (reply.status, reply.headers["retry-after"], reply.closes) == (503, "60", True)
        assert await refused.ended() == b""
        assert cuts(server, "full") == 1
        kept.pop().close()
        await until(lambda: server.metric("aggregator_http_connections") == 2)
        assert (await server.get("/healthz")).status == 200
        assert (await kept[0].ask(HEALTH)).status == 200


async def test_a_flood_of_connections_is_not_even_told() -> None:
    async with running(limits=Limits(connections=2, linger_s=5)) as server:
        clients = [await server.connect() for _ in range(40)]
        await until(lambda: cuts(server, "full") == 38)
        assert server.metric("aggregator_http_connections") < 20
        assert (await clients[0].ask(HEALTH)).status == 200


async def test_a_refused_client_that_stays_is_closed() -> None:
    async with running(limits=SHORT) as server:
        client = await server.connect()
        assert (await client.ask(b"nonsense\r\n\r\n")).status == 501
        assert await client.ended(2) == b""


async def test_the_end_waits_for_running_answers_and_takes_no_new_ones() -> None:
    desk = ValueDesk(wait=lambda: asyncio.sleep(0.4))
    async with running(desk, limits=PATIENT) as server:
        idle, busy = await server.connect(), await server.connect()
        assert (await idle.ask(HEALTH)).status == 200
        await busy.send(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(0.1)
        reading = asyncio.create_task(busy.read())
        waiting = asyncio.create_task(idle.ended())
        started_s = time.monotonic()
        server.clients.clear()
    assert time.monotonic() - started_s < 2
    reply = await reading
    assert (reply.status, reply.closes) == (200, True)
    assert await waiting == b""
    with pytest.raises(ConnectionRefusedError):
        await server.connect()


async def test_the_end_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.web.server._DRAIN_S", 0.2)
    async with running(ValueDesk(wait=lambda: asyncio.sleep(60)), limits=PATIENT) as server:
        client = await server.connect()
        await client.send(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(0.1)
        started_s = time.monotonic()
    assert time.monotonic() - started_s < 2


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("192.0.2.1", 0, "no such address on this machine"),
        ("127.0.0.1", 70_000, "65535"),
        ("no-such-host.invalid", 0, "cannot listen at no-such-host.invalid:0"),
    ],
)
async def test_a_place_that_cannot_be_had(host: str, port: int, words: str) -> None:
    with pytest.raises(ServeError, match=words):
        async with serve(ValueDesk(), Metrics(), host=host, port=port):
            pass


async def test_a_port_that_is_taken() -> None:
    async with running() as server:
        with pytest.raises(ServeError, match="another program listens there"):
            async with serve(ValueDesk(), Metrics(), host="127.0.0.1", port=server.port):
                pass


async def test_the_base_url_of_ipv6() -> None:
    async with serve(ValueDesk(), Metrics(), host="::1", port=0) as url:
        assert url.startswith("http://[::1]:")
