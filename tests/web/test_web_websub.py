"""Our hub and the callbacks of our subscriptions, over sockets."""

from __future__ import annotations

import pytest
from web_desk import Reply, Running, ValueDesk, running

from aggregator.model.push import PushAnswer

FORM = "application/x-www-form-urlencoded"
TOKEN = "t" * 32
QUERY = "hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2Ffeed&hub.challenge=challenge-1"


async def post(server: Running, path: str, body: bytes, **headers: str) -> Reply:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\nHost: desk.test\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
    client = await server.connect()
    return await client.ask(head.encode() + body)


async def test_a_request_to_the_hub_is_handed_on_and_answered_in_words() -> None:
    desk = ValueDesk()
    async with running(desk) as server:
        reply = await post(server, "/hub", b"hub.mode=subscribe", Content_Type=FORM)
        assert (reply.status, reply.body) == (202, b"taken\n")
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"
        assert reply.headers["cache-control"] == "no-store"
        assert desk.asked == [(b"hub.mode=subscribe", FORM)]
        assert (
            server.metric('aggregator_http_requests_total{encoding="identity",route="websub",status="202"}')
            == 1
        )


@pytest.mark.parametrize(
    ("said", "status", "retry_after"),
    [
        (PushAnswer(400, "hub.topic is missing"), 400, None),
        (PushAnswer(429, "too many", 30), 429, "30"),
        ("the disk is full", 503, "60"),
    ],
    ids=["refused", "too many", "no database"],
)
async def test_what_a_hub_or_a_callback_cannot_take(
    said: PushAnswer | str, status: int, retry_after: str | None
) -> None:
    async with running(ValueDesk(said=said, pending={TOKEN: QUERY})) as server:
        for path in ("/hub", f"/websub/{TOKEN}"):
            reply = await post(server, path, b"x", Content_Type=FORM)
            assert (reply.status, reply.headers.get("retry-after")) == (status, retry_after)
            assert b"disk" not in reply.body


@pytest.mark.parametrize("path", ["/hub", f"/websub/{TOKEN}"])
async def test_other_methods_are_refused(path: str) -> None:
    async with running() as server:
        for method in ("PUT", "HEAD", "OPTIONS"):
            assert (await server.get(path, method)).status == 405
        assert (await server.get("/hub")).status == 405


async def test_the_challenge_is_echoed_as_plain_text_that_no_browser_runs() -> None:
    async with running(ValueDesk(pending={TOKEN: QUERY})) as server:
        reply = await server.get(f"/websub/{TOKEN}?{QUERY}")
        assert (reply.status, reply.body) == (200, b"challenge-1")
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["content-security-policy"].startswith("default-src 'none'")
        assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        f"/websub/{TOKEN}",
        f"/websub/{TOKEN}?{QUERY}2",
        f"/websub/{'u' * 32}?{QUERY}",
        f"/websub/{TOKEN}/?{QUERY}",
        f"/websub/?{QUERY}",
        f"/websub/%2e%2e/hub/{TOKEN}?{QUERY}",
        f"/websub/{'t' * 101}?{QUERY}",
    ],
)
async def test_what_nobody_asked_for_is_not_found(path: str) -> None:
    async with running(ValueDesk(pending={TOKEN: QUERY})) as server:
        assert (await server.get(path)).status == 404


async def test_a_push_is_handed_on_whole_with_its_type_and_signature() -> None:
    desk = ValueDesk(pending={TOKEN: QUERY})
    body = b"<rss>" + b"berita " * 100_000 + b"</rss>"
    async with running(desk) as server:
        reply = await post(
            server,
            f"/websub/{TOKEN}?a=b",
            body,
            Content_Type="application/rss+xml",
            X_Hub_Signature="sha1=00",
            # What it is of is told by the address alone.
            Link='<https://lain.example/hub>; rel="hub", <https://lain.example/feed>; rel="self"',
        )
        assert reply.status == 202
        (token, pushed), *more = desk.pushes
        assert not more
        assert (token, pushed.body) == (TOKEN, body)
        assert (pushed.content_type, pushed.signature) == ("application/rss+xml", "sha1=00")


@pytest.mark.parametrize(("token", "size_bytes"), [(TOKEN, 1_000_001), ("u" * 32, 65_537)])
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_no_more_is_read_than_may_be_pushed(token: str, size_bytes: int, is_chunked: bool) -> None:
    desk = ValueDesk(pending={TOKEN: QUERY})
    async with running(desk) as server:
        client = await server.connect()
        length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {size_bytes}"
        await client.send(f"POST /websub/{token} HTTP/1.1\r\nHost: desk.test\r\n{length}\r\n\r\n".encode())
        if is_chunked:
            await client.send(f"{size_bytes:x}\r\n".encode() + b"x" * size_bytes + b"\r\n0\r\n\r\n")
        reply = await client.read()
        assert reply.status == 413
        assert reply.closes
    assert desk.pushes == []
