"""How partners misbehave: each kind as a handler of the partner server."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Awaitable, Callable
from functools import cache

from aiohttp import web

Trouble = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]

_HEADERS = {"Content-Type": "application/rss+xml"}
_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "tawa tawa tawa tawa">'
    + b"".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'.encode()
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + b'<!ENTITY z "&i;">]><rss version="2.0"><channel><title>&z;</title></channel></rss>'
)


async def hang(request: web.Request, feed: bytes) -> web.StreamResponse:
    """Take the request and never answer."""
    await asyncio.sleep(3600)
    return web.Response(body=feed)


async def drip(request: web.Request, feed: bytes) -> web.StreamResponse:
    """The feed, a byte a second."""
    response = web.StreamResponse(headers=_HEADERS)
    await response.prepare(request)
    for byte in feed:
        await response.write(bytes([byte]))
        await asyncio.sleep(1)
    return response


async def reset(request: web.Request, feed: bytes) -> web.StreamResponse:
    """Half the feed, then a TCP reset."""
    response = web.StreamResponse(headers=_HEADERS | {"Content-Length": str(len(feed))})
    await response.prepare(request)
    await response.write(feed[: len(feed) // 2])
    assert request.transport is not None
    connection: socket.socket = request.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
    return response


async def bomb(request: web.Request, feed: bytes) -> web.StreamResponse:
    """200 kB that unpack to 200 MB."""
    return web.Response(body=_bomb(), headers=_HEADERS | {"Content-Encoding": "gzip"})


async def laughs(request: web.Request, feed: bytes) -> web.StreamResponse:
    """Entities that unfold to gigabytes."""
    return web.Response(body=_LAUGHS, headers=_HEADERS)


async def error(request: web.Request, feed: bytes) -> web.StreamResponse:
    return web.Response(status=500, text="kesalahan server")


async def newlines(request: web.Request, feed: bytes) -> web.StreamResponse:
    """80 kB of newlines before the root, at which feedparser alone hangs for 40 s."""
    prolog, root = feed.split(b"?>", 1)
    return web.Response(body=prolog + b"?>" + b"\n" * 80_000 + root, headers=_HEADERS)


async def author(request: web.Request, feed: bytes) -> web.StreamResponse:
    """200 kB in one author: another 40 s."""
    return web.Response(
        body=_with_first_item(feed, b"<author>" + b"a" * 200_000 + b"</author>"), headers=_HEADERS
    )


async def attributes(request: web.Request, feed: bytes) -> web.StreamResponse:
    """100,000 attributes on one element: minutes."""
    many = b" ".join(b'a%d="1"' % number for number in range(100_000))
    return web.Response(body=feed.replace(b"<item>", b"<item " + many + b">", 1), headers=_HEADERS)


async def crowd(request: web.Request, feed: bytes) -> web.StreamResponse:
    """60,000 honest entries of long ago: within every limit of size, and three quarters of a minute for feedparser."""
    return web.Response(body=_with_first_item(feed, _crowd()), headers=_HEADERS)


TROUBLES: dict[str, Trouble] = {
    "hang": hang,
    "drip": drip,
    "reset": reset,
    "bomb": bomb,
    "laughs": laughs,
    "error": error,
    "newlines": newlines,
    "author": author,
    "attributes": attributes,
    "crowd": crowd,
}


def prepare() -> None:
    """Make what takes seconds to make, so that the first to ask for it does not hold up the others."""
    _bomb()
    _crowd()


def _with_first_item(feed: bytes, more: bytes) -> bytes:
    return feed.replace(b"<item>", b"<item>" + more, 1)


@cache
def _crowd() -> bytes:
    """The rest of one entry, many more, and the beginning of another."""
    date = b"<pubDate>Wed, 01 Jan 2020 00:00:00 GMT</pubDate>"
    entries = b"".join(
        b"<item><title>Judul %d</title><guid>%d</guid>%b<description>Isi %d</description></item>"
        % (n, n, date, n)
        for n in range(60_000)
    )
    return b"<title>Awal</title>" + date + b"</item>" + entries + b"<item>"


@cache
def _bomb() -> bytes:
    return gzip.compress(b" " * 200_000_000, mtime=0)
