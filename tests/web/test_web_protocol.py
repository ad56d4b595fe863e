"""HTTP/1.1 on real sockets, as a hostile reviewer would speak it."""

from __future__ import annotations

import asyncio

import pytest
from web_desk import RSS, Running, ValueDesk, running, tag_of

from aggregator.web.limits import Limits

GET = b"GET /feeds/all.rss HTTP/1.1\r\nHost: desk.test\r\n"
POST = b"POST /feeds/all.rss HTTP/1.1\r\nHost: desk.test\r\n"
END = b"\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: desk.test\r\n\r\n"

# Each must be answered with this status and the end of the connection: after it nothing can be trusted.
REFUSED = {
    "line feeds alone": (GET.replace(b"\r\n", b"\n") + b"\n", 400),
    "one line feed alone": (GET + b"X: y\n\r\n", 400),
    "carriage return alone": (GET + b"X: a\rY: b\r\n\r\n", 400),
    "folded header": (GET + b"X: a\r\n b\r\n\r\n", 400),
    "blank before the colon": (GET + b"X : a\r\n\r\n", 400),
    "no colon": (GET + b"X\r\n\r\n", 400),
    "header without a name": (GET + b": a\r\n\r\n", 400),
    "NUL in a value": (GET + b"X: a\0b\r\n\r\n", 400),
    "NUL in a name": (GET + b"X\0: a\r\n\r\n", 400),
    "NUL in the target": (b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "blank in the target": (b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "bytes above ASCII in the target": (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "target without a slash": (b"GET feeds HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "length and chunks": (POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks and length": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "the same length twice": (POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
    "a list of lengths": (POST + b"Content-Length: 1, 1\r\n\r\na", 400),
    "signed length": (POST + b"Content-Length: +1\r\n\r\na", 400),
    "negative length": (POST + b"Content-Length: -1\r\n\r\n", 400),
    "endless length": (POST + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
    "hexadecimal length": (POST + b"Content-Length: 0x1\r\n\r\na", 400),
    "other transfer coding": (POST + b"Transfer-Encoding: gzip\r\n\r\n", 400),
    "chunked not last": (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
    "chunked and identity": (
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        400,
    ),
    "nearly chunked": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "chunks in HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunk size that is none": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "chunk size with 0x": (POST + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n", 400),
    "chunk size with a blank": (POST + b"Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n", 400),
    "chunk size that overflows": (POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400),
    "chunk longer than its size": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400),
    "chunks ended by line feeds": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "unknown method": (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
    "lower case method": (b"get / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 501),
    "HTTP/2 by prior knowledge": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\nHost: x\r\n\r\n", 400),
    "no HTTP": (b"GET / FTP/1.1\r\n\r\n", 400),
    "expectation unknown": (POST + b"Expect: coffee\r\nContent-Length: 1\r\n\r\n", 417),
    "target of 9 kB": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "header of 20 kB": (GET + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431),
    "header that never ends": (GET + b"X: " + b"a" * 200_000, 431),
    "header name that never ends": (GET + b"X" * 200_000, 431),
    "101 headers": (GET + b"".join(b"X%d: a\r\n" % n for n in range(100)) + END, 431),
    "5,000 headers": (GET + b"".join(b"X%d: a\r\n" % n for n in range(5000)) + END, 431),
    "body of 70 kB": (POST + b"Content-Length: 70000\r\n\r\n" + b"a" * 70_000, 413),
    "chunks of 70 kB": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"1000\r\n" + b"a" * 4096 + b"\r\n") * 18,
        413,
    ),
    "extensions that never end": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 600_000,
        413,
    ),
    "5,000 trailers": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(5000)),
        431,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_trusted_is_refused_and_closed(name: str) -> None:
    sent, status = REFUSED[name]
    async with running() as server:
        client = await server.connect()
        reply = await client.ask(sent + HEALTH)
        assert (reply.status, reply.closes) == (status, True)
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"
        client.half_close()
        assert await client.ended() == b"", "nothing may be answered behind a refusal"
        assert (await server.get("/healthz")).status == 200


@pytest.mark.parametrize("step", [1, 7])
async def test_requests_may_come_in_any_pieces(step: int) -> None:
    async with running() as server:
        client = await server.connect()
        request = GET + b"Accept-Encoding: gzip\r\n\r\n"
        for start in range(0, len(request), step):
            await client.send(request[start : start + step])
            await asyncio.sleep(0)
        assert (await client.read()).headers["etag"] == tag_of(RSS, "gzip")


async def test_a_thousand_pipelined_requests_are_answered_in_order() -> None:
    async with running() as server:
        client = await server.connect()
        asked = [b"/healthz", b"/readyz", b"/feeds/all.rss", b"/nowhere"] * 250
        sending = asyncio.create_task(
            client.send(b"".join(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in asked))
        )
        replies = [await client.read() for _ in asked]
        await sending
    assert [reply.status for reply in replies] == [200, 200, 200, 404] * 250
    assert [reply.body[:1] for reply in replies] == [b"o", b"{", b"<", b"N"] * 250


async def test_a_refusal_comes_after_the_answers_before_it() -> None:
    async with running() as server:
        client = await server.connect()
        await client.send(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n" + HEALTH + b"nonsense\r\n\r\n" + HEALTH)
        assert [(await client.read()).status for _ in range(3)] == [200, 200, 501]
        assert await client.ended() == b""


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (b"Content-Length: 11\r\n", b"GET / HTTP/"),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\nGET /\r\n6;a=b\r\n HTTP/\r\n0\r\nHost: y\r\n\r\n"),
        (b"Content-Length: 0\r\n", b""),
    ],
)
async def test_a_body_is_read_and_is_no_request(method: str, framing: bytes, body: bytes) -> None:
    async with running() as server:
        client = await server.connect()
        request = method.encode() + b" /feeds/all.rss HTTP/1.1\r\nHost: x\r\n" + framing + END + body
        reply = await client.ask(request + HEALTH)
        assert reply.status == (200 if method == "GET" else 405)
        assert (await client.read()).body == b"ok\n"


async def test_a_trailer_is_no_header() -> None:
    async with running() as server:
        client = await server.connect()
        chunked = GET + b"Transfer-Encoding: chunked\r\n\r\n0\r\nAccept-Encoding: br\r\n\r\n"
        assert "content-encoding" not in (await client.ask(chunked)).headers


async def test_repeated_headers_are_one_list() -> None:
    async with running() as server:
        client = await server.connect()
        reply = await client.ask(
            GET + b'If-None-Match: "x"\r\nIf-None-Match: %b\r\n\r\n' % tag_of(RSS).encode()
        )
        assert reply.status == 304


@pytest.mark.parametrize(
    ("request_head", "connection", "stays"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", None, True),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "close", False),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n", "close", False),
        (b"GET /healthz HTTP/1.0\r\n\r\n", "close", False),
        (b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive", True),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", "close", False),
        (b"\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", None, True),
    ],
)
async def test_keep_alive(request_head: bytes, connection: str | None, stays: bool) -> None:
    async with running() as server:
        client = await server.connect()
        reply = await client.ask(request_head + HEALTH)
        assert (reply.body, reply.headers.get("connection")) == (b"ok\n", connection)
        if stays:
            assert (await client.read()).body == b"ok\n"
        else:
            assert await client.ended() == b""


@pytest.mark.parametrize("target", [b"http://other.example/healthz", b"//healthz", b"/x/../%68ealthz?a#b"])
async def test_one_address_in_many_spellings(target: bytes) -> None:
    async with running() as server:
        client = await server.connect()
        assert (await client.ask(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % target)).body == b"ok\n"


@pytest.mark.parametrize("head", [b"CONNECT a.example:1 HTTP/1.1\r\n", b"OPTIONS * HTTP/1.1\r\n"])
async def test_targets_that_are_no_path(head: bytes) -> None:
    async with running() as server:
        client = await server.connect()
        reply = await client.ask(head + b"Host: x\r\n\r\n")
        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


async def test_a_client_that_awaits_100_continue_gets_it() -> None:
    async with running() as server:
        client = await server.connect()
        await client.send(POST + b"Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n")
        assert (await client.read()).status == 100
        assert (await client.ask(b"abc")).status == 405


async def test_a_body_too_large_is_refused_before_it_is_sent() -> None:
    async with running() as server:
        client = await server.connect()
        reply = await client.ask(POST + b"Expect: 100-continue\r\nContent-Length: 70000\r\n\r\n")
        assert (reply.status, reply.closes) == (413, True)


@pytest.mark.parametrize("path", [b"/feeds/all.rss", b"/readyz"])
async def test_whoever_half_closes_is_still_answered(path: bytes) -> None:
    async with running(ValueDesk(wait=lambda: asyncio.sleep(0.05))) as server:
        client = await server.connect()
        await client.send(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path)
        client.half_close()
        assert (await client.read()).status == 200
        assert await client.ended() == b""


async def test_a_reset_in_the_middle_hurts_nobody() -> None:
    async with running(ValueDesk(wait=lambda: asyncio.sleep(0.05))) as server:
        for data in (b"", GET, GET + END, GET + END + GET, b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"):
            client = await server.connect()
            await client.send(data)
            await asyncio.sleep(0.01)
            client.reset()
        await _until_alone(server)
        assert (await server.get("/readyz")).status == 200


async def _until_alone(server: Running) -> None:
    async with asyncio.timeout(5):
        while server.metric("aggregator_http_connections"):
            await asyncio.sleep(0.01)


async def test_a_bug_in_an_answer_is_a_500_and_the_next_request_is_answered() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    async with running(ValueDesk(wait=fail)) as server:
        client = await server.connect()
        reply = await client.ask(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (reply.status, reply.headers["cache-control"]) == (500, "no-store")
        assert b"Zero" not in reply.body
        assert (await client.ask(HEALTH)).status == 200


async def test_an_answer_that_takes_too_long_is_a_503() -> None:
    async with running(ValueDesk(wait=lambda: asyncio.sleep(60)), limits=Limits(handler_s=0.05)) as server:
        assert (await server.get("/readyz")).status == 503
