"""Peers on loopback, and a Net that may reach them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from net_peers import Handler, OpenNet, Peer, StartPeer

from aggregator.config.model import FetchRules
from aggregator.net.fetch import Net
from aggregator.net.robots import KEPT_S


@pytest.fixture
async def start_peer() -> AsyncIterator[StartPeer]:
    """``await start_peer(answer, ...)``: one answer for each request, the last one again and again.

    An answer is bytes, or a handler that is left alone with the streams; {url} in bytes is the peer's own.
    """
    async with AsyncExitStack() as stack:

        async def start(*answers: bytes | Handler, host: str = "127.0.0.1", port: int = 0) -> Peer:
            peer = Peer(host)

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                    peer.requests.append(head.strip().split("\r\n"))
                    answer = answers[min(len(peer.requests), len(answers)) - 1]
                    if isinstance(answer, bytes):
                        writer.write(answer.replace(b"{url}", peer.url.encode()))
                        await writer.drain()
                    else:
                        await answer(reader, writer)
                except (ConnectionError, asyncio.IncompleteReadError):
                    return
                finally:
                    writer.close()

            server = await stack.enter_async_context(await asyncio.start_server(serve, host, port))
            peer.port = server.sockets[0].getsockname()[1]
            return peer

        yield start


@pytest.fixture
async def open_net() -> AsyncIterator[OpenNet]:
    """``await open_net(max_body="10kB", ...)``: a Net that may fetch from 127.0.0.0/8 unless told not to.

    Polite requests follow each other at once, unless told otherwise.
    """
    async with AsyncExitStack() as stack:

        async def start(spacing_s: float = 0.0, robots_kept_s: float = KEPT_S, **rules: object) -> Net:
            checked = FetchRules.model_validate({"allow_networks": ("127.0.0.0/8",), **rules})
            agent = "aggregator/test (+https://feeds.test/; a@b)"
            return await stack.enter_async_context(
                Net(checked, agent, spacing_s=spacing_s, robots_kept_s=robots_kept_s)
            )

        yield start
