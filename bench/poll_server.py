"""The partners of bench/poll.py: a process of its own on loopback, with an address of 127.0.0.0/8 for every 50 feeds.

    python bench/poll_server.py FOLDER FEEDS    prints its port; then each line on standard input is a scenario's name

Feeds stand in the folder as files (``poll_press.Press``) and are read when they are asked for. Addresses and not names,
since no machine resolves names of ours to loopback unless its files are changed.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from poll_press import Press, host_number

SCENARIOS = ("cold", "all_304", "identical", "changed_5pct")
_LAST_MODIFIED = ("Mon, 23 Nov 2026 06:00:00 GMT", "Mon, 23 Nov 2026 06:30:00 GMT")


def address_of(feed: int) -> str:
    """127.1.0.1 for the first host, and so on."""
    high, low = divmod(host_number(feed), 250)
    return f"127.1.{high}.{low + 1}"


@dataclass
class Partners:
    """What is served; ``counts`` says how many answers had which status since the scenario began."""

    press: Press
    scenario: str = SCENARIOS[0]
    counts: Counter[int] = field(default_factory=Counter)

    def answer(self, feed: int, headers: dict[bytes, bytes]) -> tuple[int, bytes, bytes]:
        """Status, header fields and body."""
        if not 0 <= feed < self.press.feeds:
            return 404, b"", b""
        is_second = self.scenario == "changed_5pct" and self.press.new_in_second(feed) > 0
        edition = 2 if is_second else 1
        etag, modified = f'"{feed}-{edition}"', _LAST_MODIFIED[edition - 1]
        fields = f"ETag: {etag}\r\nLast-Modified: {modified}\r\n".encode()
        if self.scenario != "identical" and _is_current(headers, etag.encode(), modified.encode()):
            return 304, fields, b""
        fields += b"Content-Type: application/rss+xml; charset=UTF-8\r\n"
        return 200, fields, self.press.path(feed, edition).read_bytes()


def _is_current(headers: dict[bytes, bytes], etag: bytes, modified: bytes) -> bool:
    """RFC 9110, section 13.2.2: If-Modified-Since counts only without If-None-Match."""
    if (asked := headers.get(b"if-none-match")) is not None:
        return asked == etag
    return headers.get(b"if-modified-since") == modified


class _Connection(asyncio.Protocol):
    """HTTP/1.1 as far as GET needs it: no frame of a web server stands between the files and who asks."""

    def __init__(self, partners: Partners) -> None:
        self._partners = partners
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        line, *fields = head.split(b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(b":") for one in fields)}
        feed = line.split(b" ")[1].split(b"/")[1]
        number = int(feed) if feed.isdigit() else -1
        status, more, body = self._partners.answer(number, headers)
        self._partners.counts[status] += 1
        length = b"" if status == 304 else b"Content-Length: %d\r\n" % len(body)
        self._transport.write(b"HTTP/1.1 %d X\r\n%s%s\r\n%s" % (status, more, length, body))
        if headers.get(b"connection", b"").lower() == b"close":
            self._transport.close()


async def serve(partners: Partners, commands: TextIO) -> None:
    """Until standard input ends. A scenario's name begins it; the answer says what was counted until then."""
    loop = asyncio.get_running_loop()
    hosts = sorted({address_of(feed) for feed in range(partners.press.feeds)})
    for listener in _listeners(hosts):
        await loop.create_server(lambda: _Connection(partners), sock=listener, backlog=1024)
        port = listener.getsockname()[1]
    print(port, flush=True)
    while line := await asyncio.to_thread(commands.readline):
        print(json.dumps(partners.counts), flush=True)
        partners.scenario = line.strip()
        partners.counts.clear()


def _listeners(hosts: list[str]) -> list[socket.socket]:
    """One for each, all on a port that is free everywhere. Raises OSError when ten are not."""
    for _ in range(10):
        listeners: list[socket.socket] = []
        with suppress(OSError):
            for host in hosts:
                port = listeners[0].getsockname()[1] if listeners else 0
                listeners.append(socket.create_server((host, port)))
            return listeners
        for listener in listeners:
            listener.close()
    raise OSError("no port is free on all addresses")


@dataclass
class Server:
    """The running process, as bench/poll.py sees it."""

    process: subprocess.Popen[str]
    port: int

    def url(self, feed: int) -> str:
        return f"http://{address_of(feed)}:{self.port}/{feed}/feed/"

    def begin(self, scenario: str) -> dict[int, int]:
        """Returns how many answers had which status until now."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{scenario}\n")
        self.process.stdin.flush()
        return {int(status): number for status, number in json.loads(self.process.stdout.readline()).items()}


@contextmanager
def server(press: Press) -> Iterator[Server]:
    """A server of those feeds, until the block ends."""
    command = [sys.executable, __file__, str(press.folder), str(press.feeds)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        yield Server(process, int(process.stdout.readline()))
        process.stdin.close()


if __name__ == "__main__":
    asyncio.run(serve(Partners(Press(Path(sys.argv[1]), int(sys.argv[2]), datetime.now(UTC))), sys.stdin))
