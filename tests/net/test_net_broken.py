from __future__ import annotations

import asyncio
import gzip
import random
import socket
import struct

import pytest
from net_peers import OpenNet, StartPeer, answer, ok

from aggregator.errors import (
    BadResponseError,
    FetchError,
    UnreachableError,
)
from aggregator.model.fetch import Fetched, NotModified, Validators

FEED = b"<rss version='2.0'/>"


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def reset_within_the_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer("200 OK", "Content-Length: 1000") + b"half")
    await writer.drain()
    await asyncio.sleep(0.05)
    await reset(reader, writer)


BROKEN = {
    "closes": (b"", UnreachableError, "without an answer"),
    "resets": (reset, UnreachableError, "broke the connection off"),
    "resets within the body": (reset_within_the_body, FetchError, "broke the connection off|cut short"),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-", UnreachableError, "without an answer"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", BadResponseError, "HTTP"),
    "HTTP/0.9": (b"<rss/>\n", BadResponseError, "HTTP"),
    "a giant header": (
        answer("200 OK", "X-A: " + "a" * 20_000, "Content-Length: 0"),
        BadResponseError,
        "header longer than 8,190 bytes, which is a fixed limit",
    ),
    "a giant reason": (answer("200 " + "O" * 20_000), BadResponseError, "header longer than 8,190 bytes"),
    "too many headers": (
        answer("200 OK", *(f"X-{number}: a" for number in range(5000))),
        BadResponseError,
        "more than 128 headers, which is a fixed limit",
    ),
    "short of its length": (answer("200 OK", "Content-Length: 99999") + FEED, BadResponseError, "cut short"),
    "two lengths": (answer("200 OK", "Content-Length: 1", "Content-Length: 2"), BadResponseError, "HTTP"),
    "a length below zero": (answer("200 OK", "Content-Length: -1"), BadResponseError, "HTTP"),
    "chunks without end": (
        answer("200 OK", "Transfer-Encoding: chunked") + b"4\r\n<rss\r\n",
        BadResponseError,
        "cut short",
    ),
    "chunks of nonsense": (
        answer("200 OK", "Transfer-Encoding: chunked") + b"4\r\n<rss\r\nzz\r\n",
        BadResponseError,
        "cut short or damaged|HTTP",
    ),
    "gzip cut short": (ok(gzip.compress(FEED)[:-9], "Content-Encoding: gzip"), BadResponseError, "cut short"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_broken_answers_are_told_in_words(start_peer: StartPeer, open_net: OpenNet, name: str) -> None:
    said, error, words = BROKEN[name]
    peer = await start_peer(said)
    net = await open_net()
    with pytest.raises(error, match=words) as raised:
        await net.fetch(peer.url, Validators())
    assert str(raised.value).isprintable()


async def test_whatever_a_peer_says_only_our_errors_come_out(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    said = gzip.compress(FEED)
    good = ok(said, "Content-Encoding: gzip", "Location: /", 'ETag: "a"')
    chance = random.Random(2)
    net = await open_net(deadline="5s", per_host=16)
    read = 0
    for _ in range(15):
        peers = []
        for _ in range(16):
            mutated = bytearray(good.replace(b"200", chance.choice([b"200", b"200", b"302", b"304", b"404"])))
            for _ in range(chance.randint(1, 6)):
                at = chance.randrange(len(mutated))
                mutated[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
            peers.append(await start_peer(bytes(mutated)))
        outcomes = await asyncio.gather(
            *(net.fetch(peer.url, Validators('"a"')) for peer in peers), return_exceptions=True
        )
        read += sum(isinstance(outcome, Fetched) for outcome in outcomes)
        for outcome in outcomes:
            assert isinstance(outcome, Fetched | NotModified | FetchError)
            assert not isinstance(outcome, FetchError) or str(outcome).isprintable()
    assert 0 < read < 15 * 16
