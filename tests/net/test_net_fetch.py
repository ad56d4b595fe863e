from __future__ import annotations

import asyncio
import gzip
import socket

import pytest
from net_peers import Handler, OpenNet, StartPeer, answer, ok

from aggregator.errors import (
    BadResponseError,
    BadStatusError,
    BodyTooLargeError,
    DeadlineError,
    GoneError,
    UnknownHostError,
    UnreachableError,
)
from aggregator.model.fetch import Fetched, NotModified, Validators
from aggregator.net.fetch import user_agent

FEED = b"<rss version='2.0'/>"
NONE = Validators()


async def test_a_first_visit_brings_the_body_and_its_validators_verbatim(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    headers = ('ETag: W/"a,b"', "Last-Modified: yesterday", "Content-Type: text/xml; charset=utf-8")
    peer = await start_peer(ok(FEED, *headers))
    net = await open_net()
    fetched = await net.fetch(f"{peer.url}/feed?x=1#top", NONE)
    assert fetched == Fetched(
        f"{peer.url}/feed?x=1", FEED, "text/xml; charset=utf-8", Validators('W/"a,b"', "yesterday")
    )
    request = peer.requests[0]
    assert request[0] == "get /feed?x=1 http/1.1"
    assert "user-agent: aggregator/test (+https://feeds.test/; a@b)" in request
    assert "accept-encoding: gzip, deflate, br" in request
    assert not any(line.startswith(("if-", "cookie", "referer", "authorization")) for line in request)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), Validators('"a"', "yesterday")),
        (('ETag: "b"',), Validators('"b"', "yesterday")),
        (('ETag: "b"', "Last-Modified: today"), Validators('"b"', "today")),
    ],
)
async def test_a_later_visit_shows_the_validators(
    start_peer: StartPeer, open_net: OpenNet, headers: tuple[str, ...], expected: Validators
) -> None:
    peer = await start_peer(answer("304 Not Modified", *headers))
    net = await open_net()
    assert await net.fetch(peer.url, Validators('"a"', "yesterday")) == NotModified(expected)
    assert 'if-none-match: "a"' in peer.requests[0]
    assert "if-modified-since: yesterday" in peer.requests[0]


async def test_304_to_an_unconditional_request_is_an_error(start_peer: StartPeer, open_net: OpenNet) -> None:
    peer = await start_peer(answer("304 Not Modified"))
    net = await open_net()
    with pytest.raises(BadResponseError, match="304"):
        await net.fetch(peer.url, NONE)


async def test_validators_that_could_not_be_sent_back_count_as_none(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    peer = await start_peer(b'HTTP/1.1 200 OK\r\nETag: "\xff"\r\nContent-Length: 0\r\n\r\n')
    net = await open_net()
    fetched = await net.fetch(peer.url, NONE)
    assert isinstance(fetched, Fetched)
    assert fetched.validators == NONE


@pytest.mark.parametrize("size", [10_000, 10_001])
async def test_cookies_are_never_sent_back_and_the_cap_is_exact(
    start_peer: StartPeer, open_net: OpenNet, size: int
) -> None:
    peer = await start_peer(ok(bytes(size), "Set-Cookie: a=b"))
    net = await open_net(max_body="10kB")
    for _ in range(2):
        if size > 10_000:
            with pytest.raises(BodyTooLargeError, match=r"10,001 bytes, more than fetch\.max_body, 10,000"):
                await net.fetch(peer.url, NONE)
        else:
            await net.fetch(peer.url, NONE)
    assert not any(line.startswith("cookie") for line in peer.requests[1])


async def test_a_body_without_end_is_cut_off_early(start_peer: StartPeer, open_net: OpenNet) -> None:
    sent_bytes = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent_bytes
        writer.write(answer("200 OK"))
        while sent_bytes < 100_000_000:
            writer.write(bytes(100_000))
            await writer.drain()
            sent_bytes += 100_000

    peer = await start_peer(pour)
    net = await open_net(max_body="1MB")
    with pytest.raises(BodyTooLargeError, match=r"fetch\.max_body, 1,000,000 bytes"):
        await net.fetch(peer.url, NONE)
    assert sent_bytes < 20_000_000


@pytest.mark.parametrize(
    ("coding", "words"),
    [
        ("gzip, gzip", "more than once"),
        ("gzip, br", "more than once"),
        ("zstd", "did not ask"),
        ("\x7f", "did not ask"),
    ],
)
async def test_other_content_codings_are_refused(
    start_peer: StartPeer, open_net: OpenNet, coding: str, words: str
) -> None:
    peer = await start_peer(ok(gzip.compress(gzip.compress(FEED)), f"Content-Encoding: {coding}"))
    net = await open_net()
    with pytest.raises(BadResponseError, match=words):
        await net.fetch(peer.url, NONE)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "identity, gzip", "identity", ""])
async def test_gzip_by_any_of_its_labels_is_unpacked(
    start_peer: StartPeer, open_net: OpenNet, coding: str
) -> None:
    peer = await start_peer(ok(gzip.compress(FEED), f"Content-Encoding: {coding}"))
    net = await open_net()
    fetched = await net.fetch(peer.url, NONE)
    assert isinstance(fetched, Fetched)
    assert fetched.body == FEED


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        ("204 No Content", BadStatusError, "brings no feed; .* ask the partner"),
        ("206 Partial Content", BadStatusError, "a part"),
        ("300 Multiple Choices", BadStatusError, "cannot be followed"),
        ("400 Bad Request", BadStatusError, "refuses the request"),
        ("401 Unauthorized", BadStatusError, "a login.* ask the partner"),
        (
            "403 Forbidden",
            BadStatusError,
            r"let our User-Agent through: aggregator/test \(\+https://feeds.test/; a@b\)$",
        ),
        ("404 Not Found", BadStatusError, "nothing at this address; ask the partner"),
        ("410 Gone", GoneError, "withdrew this address; ask for the new one"),
        ("429 Too Many Requests", BadStatusError, "asks us to wait"),
        ("500 Internal Server Error", BadStatusError, "has an error; tell the partner"),
        ("503 Service Unavailable", BadStatusError, "has an error; tell the partner"),
        ("999 Go Away", BadStatusError, "no status"),
    ],
)
async def test_statuses_are_told_in_words_and_their_bodies_left_unread(
    start_peer: StartPeer, open_net: OpenNet, status: str, error: type[BadStatusError], words: str
) -> None:
    body = b"" if status.startswith("204") else FEED
    peer = await start_peer(answer(status, "Content-Length: 99999999") + body)
    net = await open_net()
    with pytest.raises(error, match=words) as raised:
        await net.fetch(peer.url, NONE)
    assert raised.value.status == int(status[:3])


async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


def drip(head: bytes) -> Handler:
    async def drop_by_drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.05)

    return drop_by_drop


async def test_the_deadline_covers_silence_and_drips(start_peer: StartPeer, open_net: OpenNet) -> None:
    silent, head, body = never, drip(b"HTTP/1.1 200 OK\r\nX: "), drip(answer("200 OK"))
    peers = [await start_peer(said) for said in (silent, head, body)]
    net = await open_net(deadline="1s", per_host=3)
    started_s = asyncio.get_running_loop().time()
    outcomes = await asyncio.gather(*(net.fetch(peer.url, NONE) for peer in peers), return_exceptions=True)
    assert asyncio.get_running_loop().time() - started_s < 1.8
    for outcome in outcomes:
        assert isinstance(outcome, DeadlineError)
        assert str(outcome) == "127.0.0.1 did not answer completely within 1s (fetch.deadline)"


async def test_cancelling_a_fetch_cancels_it(start_peer: StartPeer, open_net: OpenNet) -> None:
    peer = await start_peer(never)
    net = await open_net()
    fetching = asyncio.create_task(net.fetch(peer.url, NONE))
    await asyncio.sleep(0.05)
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching


async def test_one_host_is_asked_by_few_at_once_and_waiting_costs_no_deadline(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    at_once = most = 0

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.3)
        at_once -= 1
        writer.write(ok(FEED))

    peer = await start_peer(slow)
    net = await open_net(per_host=2, deadline="1s")
    fetched = await asyncio.gather(*(net.fetch(f"{peer.url}/{number}", NONE) for number in range(10)))
    assert len(fetched) == 10
    assert most == 2


async def test_refused_connections_and_unknown_names_are_told_in_words(
    open_net: OpenNet, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = await open_net()
    with pytest.raises(
        UnreachableError,
        match=rf"127\.0\.0\.1 \(port {unused_tcp_port}\) refuses connections.*tell the partner",
    ):
        await net.fetch(f"http://127.0.0.1:{unused_tcp_port}/", NONE)
    for number, words in [
        (socket.EAI_NONAME, "does not exist; look for a slip in"),
        (socket.EAI_AGAIN, "name servers do not answer; if other sources say the same, look at the resolver"),
        (99, "99"),
    ]:

        def fail(*args: object, number: int = number, **kwargs: object) -> None:
            raise socket.gaierror(number, "?")

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        with pytest.raises(UnreachableError, match=words) as raised:
            await net.fetch("http://partner.test/", NONE)
        assert isinstance(raised.value, UnknownHostError) == (number == socket.EAI_NONAME)


async def test_impossible_names_are_told_in_words(open_net: OpenNet) -> None:
    net = await open_net()
    for host in ("a..test", "a" * 70 + ".test"):
        with pytest.raises(UnreachableError, match="malformed"):
            await net.fetch(f"http://{host}/", NONE)


async def test_stored_validators_cannot_inject_headers(start_peer: StartPeer, open_net: OpenNet) -> None:
    peer = await start_peer(ok(FEED))
    net = await open_net()
    with pytest.raises(UnreachableError, match="malformed"):
        await net.fetch(peer.url, Validators('"a"\r\nX-Injected: 1'))
    assert peer.requests == []


def test_user_agent_names_us_and_is_header_safe() -> None:
    assert (
        user_agent("0.1", "https://feeds.test/", "redaksi@jambiseru.com")
        == "aggregator/0.1 (+https://feeds.test/; redaksi@jambiseru.com)"
    )
    assert user_agent("0.1", "https://fééds.test/", "a)\r\nX: 1 (é\\") == (
        "aggregator/0.1 (+https://xn--fds-bmaa.test/; aX: 1 )"
    )
