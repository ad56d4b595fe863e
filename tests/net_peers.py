"""Peers on loopback that say exactly the bytes they are told to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aggregator.net.fetch import Net

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Peer:
    """A server at ``host``; ``requests`` are the heads it was sent, in lower case, one list of lines each."""

    host: str
    port: int = 0
    requests: list[list[str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


StartPeer = Callable[..., Awaitable[Peer]]
OpenNet = Callable[..., Awaitable[Net]]


def ok(body: bytes, *headers: str) -> bytes:
    """A complete 200 answer."""
    return answer("200 OK", f"Content-Length: {len(body)}", *headers) + body


def answer(status: str, *headers: str) -> bytes:
    """The head of an answer after which the connection ends."""
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *headers, "", ""]).encode(
        "utf-8", "surrogateescape"
    )
