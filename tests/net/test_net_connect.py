from __future__ import annotations

import asyncio
import socket
import threading

import aiohttp
import pytest
from net_peers import OpenNet, StartPeer, ok

from aggregator.errors import (
    DeadlineError,
    ForbiddenAddressError,
    UnreachableError,
)
from aggregator.model.fetch import Fetched, Validators
from aggregator.net.connect import GuardedResolver, guarded_connector
from aggregator.net.guard import Guard

FEED = b"<rss version='2.0'/>"
NONE = Validators()


async def test_without_allowed_networks_loopback_is_refused_unasked(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    peer = await start_peer(ok(FEED))
    net = await open_net(allow_networks=())
    for host in ("127.0.0.1", "localhost", "LOCALHOST", "127.1", "0x7f000001"):
        with pytest.raises(ForbiddenAddressError):
            await net.fetch(f"http://{host}:{peer.port}/", NONE)
    with pytest.raises((ForbiddenAddressError, UnreachableError)):  # not every system knows this name
        await net.fetch(f"http://localhost.:{peer.port}/", NONE)
    assert peer.requests == []


async def test_sockets_are_guarded_even_where_nobody_looked_before(start_peer: StartPeer) -> None:
    peer = await start_peer(ok(FEED))
    resolver = GuardedResolver(Guard([]), 1)
    async with aiohttp.ClientSession(connector=guarded_connector(Guard([]), resolver)) as session:
        with pytest.raises(ForbiddenAddressError, match="loopback"):
            await session.get(peer.url)
    await resolver.close()
    assert peer.requests == []


async def test_a_name_that_changes_its_address_never_leads_inside(
    start_peer: StartPeer, open_net: OpenNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = await start_peer(ok(FEED))
    inside = await start_peer(ok(b"secret"), host="127.0.0.2", port=peer.port)
    lookups = 0

    def rebind(host: str, port: int, *args: object, **kwargs: object) -> list[object]:
        nonlocal lookups
        lookups += 1
        address = peer.host if lookups % 2 else inside.host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    net = await open_net(allow_networks=("127.0.0.1/32",))
    outcomes = await asyncio.gather(
        *(net.fetch(f"http://rebind.test:{peer.port}/", NONE) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Fetched) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, ForbiddenAddressError) for outcome in outcomes) == 5
    assert inside.requests == []


async def test_environment_proxies_are_ignored(
    start_peer: StartPeer, open_net: OpenNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer, proxy = await start_peer(ok(FEED)), await start_peer(ok(b"proxied"))
    monkeypatch.setenv("http_proxy", proxy.url)
    net = await open_net()
    assert isinstance(await net.fetch(peer.url, NONE), Fetched)
    assert proxy.requests == []


async def test_names_of_strangers_that_nobody_tells_about_keep_nobody_waiting(
    start_peer: StartPeer, open_net: OpenNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as are asked and delivered to at once; the system waits for their name servers longer than we do."""
    peer = await start_peer(ok(FEED))
    net = await open_net()
    ends = threading.Event()

    def resolve(host: str, port: int, *args: object, **kwargs: object) -> list[object]:
        if host.endswith(".silent.test"):
            ends.wait(20)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (peer.host, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    silent = [net.send(f"http://n{number}.silent.test/", deadline_s=0.5) for number in range(256)]
    asked = asyncio.gather(*silent, return_exceptions=True)
    try:
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await net.fetch(f"http://partner.test:{peer.port}/", NONE)
            reply = await net.send(f"http://follower.test:{peer.port}/", deadline_s=3)
        assert reply.status == 200
        assert {type(error) for error in await asked} == {DeadlineError}
    finally:
        ends.set()
