"""What we post to an address that ops gave us, and send to hubs and callbacks."""

from __future__ import annotations

import asyncio

import pytest
from net_peers import OpenNet, StartPeer, answer, ok

from aggregator.errors import (
    BadStatusError,
    DeadlineError,
    FetchError,
    ForbiddenAddressError,
    RestingError,
    UnreachableError,
)

BODY = b'{"text": "sumber a diam"}'
JSON = "application/json"


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "204 No Content"])
async def test_what_is_posted_arrives_whole(start_peer: StartPeer, open_net: OpenNet, status: str) -> None:
    received: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readexactly(len(BODY)))
        writer.write(answer(status, "Set-Cookie: a=b"))

    peer = await start_peer(take)
    net = await open_net()
    for _ in range(2):
        await net.post(f"{peer.url}/hook?key=1", BODY, JSON)
    assert received == [BODY, BODY]
    for request in peer.requests:
        assert request[0] == "post /hook?key=1 http/1.1"
        assert {"content-type: application/json", f"content-length: {len(BODY)}"} <= set(request)
        assert "user-agent: aggregator/test (+https://feeds.test/; a@b)" in request
        assert not any(line.startswith("cookie") for line in request)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer("302 Found", "Location: http://127.0.0.1:1/"), "answered 302: it redirects, which is not"),
        (answer("308 Moved", "Location: /new"), "answered 308: it redirects, which is not followed"),
        (answer("404 Not Found"), "answered 404: it does not take what we post"),
        (answer("500 Error"), "answered 500: it does not take what we post"),
        (answer("503 Busy", "Retry-After: 60"), "answered 503: it asks us to wait 60 s"),
    ],
)
async def test_what_is_not_taken_is_told_in_words(
    start_peer: StartPeer, open_net: OpenNet, said: bytes, words: str
) -> None:
    peer = await start_peer(said)
    net = await open_net()
    with pytest.raises(BadStatusError, match=words) as raised:
        await net.post(f"{peer.url}/rahasia", BODY, JSON)
    assert "rahasia" not in str(raised.value)
    assert len(peer.requests) == 1


async def test_who_asks_us_to_wait_is_left_alone(start_peer: StartPeer, open_net: OpenNet) -> None:
    peer = await start_peer(answer("429 Too Many Requests", "Retry-After: 120"))
    net = await open_net()
    expected = ((BadStatusError, "asks us to wait 2 min"), (RestingError, "asked us to wait"))
    for kind, words in expected:
        with pytest.raises(kind, match=words):
            await net.post(peer.url, BODY, JSON)
    assert len(peer.requests) == 1


async def test_guard_deadline_and_trouble_are_as_for_what_is_fetched(
    start_peer: StartPeer, open_net: OpenNet, unused_tcp_port: int
) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        await asyncio.sleep(30)

    silent, open_to_all = await start_peer(never), await start_peer(ok(b""))
    net = await open_net(deadline="1s")
    expected: dict[str, type[FetchError]] = {
        silent.url: DeadlineError,
        f"http://127.0.0.1:{unused_tcp_port}/": UnreachableError,
        "http://169.254.169.254/": ForbiddenAddressError,
        "file:///etc/passwd": ForbiddenAddressError,
    }
    for url, kind in expected.items():
        with pytest.raises(kind):
            await net.post(url, BODY, JSON)
    guarded = await open_net(allow_networks=())
    with pytest.raises(ForbiddenAddressError):
        await guarded.post(open_to_all.url, BODY, JSON)
    assert open_to_all.requests == []


async def test_trouble_with_who_is_no_source_is_told_without_advice_on_sources(
    start_peer: StartPeer, open_net: OpenNet, unused_tcp_port: int
) -> None:
    expected = {
        f"http://127.0.0.1:{unused_tcp_port}/rahasia": "refuses connections: its server is down, or shuts us out",
        f"{(await start_peer(b'')).url}/rahasia": "closed the connection without an answer",
        f"{(await start_peer(b'halo')).url}/rahasia": "did not answer in HTTP that can be read",
    }
    net = await open_net()
    for url, words in expected.items():
        with pytest.raises(FetchError) as raised:
            await net.send(url, deadline_s=5, body=b"")
        assert str(raised.value).endswith(words)
