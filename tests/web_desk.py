"""A desk of values for tests/web, and a client that sends exactly the bytes it is told to."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from web_stories import explanation, story_page

from aggregator.errors import StoreError, UnknownStoryError
from aggregator.model.document import Document, Packed
from aggregator.model.explanation import Explanation
from aggregator.model.health import Check, Readiness
from aggregator.model.listing import StoryPage, StoryQuery
from aggregator.model.push import PushAnswer, Pushed
from aggregator.model.status import DeskStatus
from aggregator.outputs.pack import PackCache
from aggregator.web.limits import Limits
from aggregator.web.metrics import Metrics
from aggregator.web.server import serve
from aggregator.web.shelf import Shelf

CHANGED_AT = datetime(2026, 11, 23, 6, 0, 7, 500_000, tzinfo=UTC)
LAST_MODIFIED = "Mon, 23 Nov 2026 06:00:07 GMT"
TOKEN = "a-token-for-tests-only"
STATUS = DeskStatus(
    at=datetime(2026, 11, 23, 6, 30, tzinfo=UTC),
    timezone="Asia/Jakarta",
    sources=(),
    entries=0,
    stories=0,
    published=0,
    refused=(),
    hidden=(),
    warnings=(),
)
KEY = "k" * 32  # of a subscriber
MEDIA_TYPES = {
    "feeds/all.rss": "application/rss+xml",
    "feeds/all.atom": "application/atom+xml",
    "feeds/all.json": "application/feed+json",
    f"feeds/s/{KEY}.rss": "application/rss+xml",
    "feeds.opml": "text/x-opml",
    "index.html": "text/html; charset=utf-8",
}


def packed(path: str, body: bytes = b"", changed_at: datetime = CHANGED_AT) -> Packed:
    """A document as publishing packs it; its bytes compress well."""
    body = body or f"<p>{path}</p>".encode() * 400
    document = Document(path, MEDIA_TYPES[path], body, hashlib.sha256(body).hexdigest())
    return PackCache().pack(document, changed_at)


def tag_of(packed_document: Packed, coding: str = "") -> str:
    """The entity tag of a document in a coding."""
    return f'"{packed_document.document.etag}{coding and "-"}{coding}"'


RSS = packed("feeds/all.rss")
DOCUMENTS = tuple(map(packed, MEDIA_TYPES))
SHELF = Shelf(
    DOCUMENTS, moved={"feeds/old.rss": "https://news.example/feeds/all.rss"}, gone=("feeds/gone.rss",)
)


TAKEN = PushAnswer(202, "taken")


class NoPush:
    """Of a desk that neither pushes nor is pushed to."""

    async def hub_request(self, _body: bytes, _content_type: str) -> PushAnswer:
        return PushAnswer(404, "no hub")

    async def verify_intent(self, _token: str, _query: str) -> str | None:
        return None

    async def take_push(self, _token: str, _pushed: Pushed) -> PushAnswer:
        return PushAnswer(404, "nobody subscribed")

    def push_bytes(self, _token: str) -> int:
        return 0


@dataclass
class ValueDesk:
    """``shelf``, ``checks`` and ``current`` are what it answers; ``wait`` is awaited before each answer."""

    shelf: Shelf = SHELF
    checks: tuple[Check, ...] = (Check("database", True, "answers in 1 ms"),)
    current: DeskStatus | str = field(default_factory=lambda: STATUS)  # a str is why there is none
    wait: Callable[[], Awaitable[object]] | None = None
    read: list[tuple[str, bool]] = field(default_factory=list)  # keys of subscribers, and whether unchanged
    pending: dict[str, str] = field(default_factory=dict)  # callbacks' tokens: the query that is meant
    largest_push_bytes: int = 1_000_000
    asked: list[tuple[bytes, str]] = field(default_factory=list)  # of the hub
    pushes: list[tuple[str, Pushed]] = field(default_factory=list)
    said: PushAnswer | str = TAKEN  # a str is why the database fails

    def was_read(self, key: str, *, unchanged: bool) -> None:
        self.read.append((key, unchanged))

    async def hub_request(self, body: bytes, content_type: str) -> PushAnswer:
        self.asked.append((body, content_type))
        return self._said()

    async def verify_intent(self, token: str, query: str) -> str | None:
        self._said()
        return "challenge-1" if self.pending.get(token) == query else None

    async def take_push(self, token: str, pushed: Pushed) -> PushAnswer:
        self.pushes.append((token, pushed))
        return self._said()

    def push_bytes(self, token: str) -> int:
        return self.largest_push_bytes if token in self.pending else 0

    def _said(self) -> PushAnswer:
        if isinstance(self.said, str):
            raise StoreError(self.said)
        return self.said

    async def readiness(self) -> Readiness:
        if self.wait:
            await self.wait()
        return Readiness(self.checks)

    async def status(self) -> DeskStatus:
        if isinstance(self.current, str):
            raise StoreError(self.current)
        return self.current

    async def stories(self, query: StoryQuery) -> StoryPage:
        await self.status()
        return story_page(query=query)

    async def explanation(self, ref: str) -> Explanation:
        await self.status()
        if ref != "12":
            raise UnknownStoryError(f"no story has the id or address {ref}")
        return explanation()


@dataclass(frozen=True)
class Reply:
    """An answer as it came. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    head: bytes

    @property
    def closes(self) -> bool:
        return self.headers.get("connection") == "close"


class RawClient:
    """One connection. ``read`` takes the next answer, ``ended`` waits for the end of the connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def read(self, *, with_body: bool = True) -> Reply:
        head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 10)
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        pairs = [line.split(": ", 1) for line in lines]
        headers = {name.lower(): value for name, value in pairs}
        assert len(headers) == len(pairs), "a header stands twice"
        status = int(first.split(" ")[1])
        length = int(headers.get("content-length", 0)) if with_body and status not in (100, 304) else 0
        return Reply(status, headers, await asyncio.wait_for(self._reader.readexactly(length), 10), head)

    async def ask(self, data: bytes, *, with_body: bool = True) -> Reply:
        await self.send(data)
        return await self.read(with_body=with_body)

    async def ended(self, within_s: float = 5) -> bytes:
        """What still comes before the connection ends. Raises TimeoutError when it does not."""
        try:
            return await asyncio.wait_for(self._reader.read(), within_s)
        except ConnectionError:
            return b""

    def half_close(self) -> None:
        self._writer.write_eof()

    def reset(self) -> None:
        """End with RST instead of FIN."""
        sock: socket.socket = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def stop_reading(self) -> None:
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]

    def close(self) -> None:
        self._writer.close()


@dataclass
class Running:
    """A server under test."""

    url: str
    desk: ValueDesk
    metrics: Metrics
    clients: list[RawClient] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def connect(self, receive_buffer_bytes: int = 0) -> RawClient:
        """A new connection; a small buffer soon fills."""
        sock = socket.socket()
        sock.setblocking(False)
        if receive_buffer_bytes:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        client = RawClient(*await asyncio.open_connection(sock=sock, limit=1024))
        self.clients.append(client)
        return client

    async def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """One request on a connection of its own; header names with ``_`` for ``-``."""
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        client = await self.connect()
        request = f"{method} {path} HTTP/1.1\r\nHost: desk.test\r\n{lines}\r\n"
        reply = await client.ask(request.encode("latin-1"), with_body=method != "HEAD")
        client.close()
        return reply

    def metric(self, line: str) -> float:
        """The value of one line of the exposition; 0 when it is not there."""
        for text in self.metrics.exposition()[0].decode().splitlines():
            if text.rpartition(" ")[0] == line:
                return float(text.rpartition(" ")[2])
        return 0.0


@asynccontextmanager
async def running(
    desk: ValueDesk | None = None, *, ops_token: str = "", limits: Limits | None = None
) -> AsyncIterator[Running]:
    """Our server on a free port of loopback."""
    desk, metrics = desk or ValueDesk(), Metrics()
    async with serve(desk, metrics, host="127.0.0.1", port=0, ops_token=ops_token, limits=limits) as url:
        server = Running(url, desk, metrics)
        try:
            yield server
        finally:
            for client in server.clients:
                client.close()
