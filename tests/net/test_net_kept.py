"""Connections that wait for the next feed of a partner: shared, never confused, and none that is dead is a failure."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from net_peers import Handler, OpenNet, StartPeer

from aggregator.errors import BadResponseError
from aggregator.model.fetch import Fetched, Validators

NONE = Validators()


def kept(body: bytes, surplus: bytes = b"") -> bytes:
    """An answer after which the connection stays, and what else comes with it."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s" % (len(body), body, surplus)


def keeping(connections: list[int], surplus: bytes = b"", closes_after_s: float | None = None) -> Handler:
    """Answers every request of a connection with its path; ``connections`` says how many requests each brought."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(connections)
        connections.append(1)
        writer.write(kept(b"first", surplus))
        while closes_after_s is None:
            head = await reader.readuntil(b"\r\n\r\n")
            connections[number] += 1
            writer.write(kept(head.split(b" ")[1]))
        await writer.drain()
        await asyncio.sleep(closes_after_s)

    return answer


async def body_of(net: object, url: str) -> bytes:
    answer = await net.fetch(url, NONE)  # type: ignore[attr-defined]
    assert isinstance(answer, Fetched)
    return answer.body


async def test_feeds_of_one_host_share_a_connection(start_peer: StartPeer, open_net: OpenNet) -> None:
    connections: list[int] = []
    peer = await start_peer(keeping(connections))
    net = await open_net()
    assert [await body_of(net, f"{peer.url}/{name}") for name in "abc"] == [b"first", b"/b", b"/c"]
    assert connections == [3]


@pytest.mark.parametrize(
    "surplus",
    [kept(b"of another feed"), b"\r\n", b"HTTP/1.1 304 Not Modified\r\n\r\n", b"x"],
    ids=["answer", "line", "unchanged", "junk"],
)
async def test_more_than_was_asked_for_is_nobodys_answer(
    start_peer: StartPeer, open_net: OpenNet, surplus: bytes
) -> None:
    connections: list[int] = []
    peer = await start_peer(keeping(connections, surplus))
    net = await open_net()
    for name in "abc":
        with suppress(BadResponseError):  # junk spoils the answer before it, and is told
            assert await body_of(net, f"{peer.url}/{name}") in (b"first", f"/{name}".encode())


async def test_a_connection_that_ended_meanwhile_is_no_failure(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    connections: list[int] = []
    peer = await start_peer(keeping(connections, closes_after_s=0.05))
    net = await open_net()
    for pause_s in (0.0, 0.04, 0.06, 0.2):  # also just when it ends
        await asyncio.sleep(pause_s)
        assert await body_of(net, peer.url) == b"first"


async def test_hubs_and_callbacks_are_not_kept(start_peer: StartPeer, open_net: OpenNet) -> None:
    connections: list[int] = []
    peer = await start_peer(keeping(connections))
    net = await open_net()
    for _ in range(3):
        assert (await net.send(peer.url, deadline_s=5)).status == 200
    assert len(connections) == 3
