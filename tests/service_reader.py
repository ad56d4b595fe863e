"""A reader that never tires: fetches every document many times a second and enters each version in its ledger.

``reading(...)`` starts ``service_reader.py SETTINGS`` in a process of its own. While the server is down the documents
are read from the public folder, as the web server in front of it would. The report is a file, written in the end.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import uvloop
from service_child import child, end_with_parent
from service_ledger import Ledger

# How often a document is asked for with the ETag of its last version: most readers do.
_CONDITIONAL = 2


@dataclass(frozen=True)
class Settings:
    """Every one of ``paths`` is fetched ``rate_per_s`` times a second; the server is at 127.0.0.1:``port``."""

    port: int
    public: str
    paths: tuple[str, ...]
    rate_per_s: float
    limit: int
    report: str


@dataclass
class Report:
    """What was fetched, by kind: ``200``, ``304``, ``file``, ``broken off``, ``timed out``, other statuses."""

    complaints: list[str] = field(default_factory=list)
    fetched: dict[str, int] = field(default_factory=dict)
    versions: int = 0
    rate_per_s: float = 0.0  # of one document, over the whole time
    headlines: dict[int, str] = field(default_factory=dict)  # story -> its last headline
    ids: dict[int, str] = field(default_factory=dict)  # story -> its id


class Reading:
    """The test's side: ``finish()`` stops the reader and returns its report."""

    def __init__(self, settings: Settings, process: subprocess.Popen[str]) -> None:
        self._settings = settings
        self._process = process

    def finish(self) -> Report:
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(timeout=20) == 0, "the reader itself died"
        report = Report(**json.loads(Path(self._settings.report).read_text()))
        report.headlines = {int(story): headline for story, headline in report.headlines.items()}
        report.ids = {int(story): story_id for story, story_id in report.ids.items()}
        return report


@contextmanager
def reading(
    port: int, public: Path, outputs: Sequence[str], rate_per_s: float, limit: int, report: Path
) -> Iterator[Reading]:
    feeds = [f"feeds/{output}.{format}" for output in outputs for format in ("rss", "atom", "json")]
    settings = Settings(
        port, str(public), (*feeds, "feeds.opml", "index.html"), rate_per_s, limit, str(report)
    )
    with child(__file__, json.dumps(asdict(settings))) as process:
        yield Reading(settings, process)


class _Connection:
    """One keep-alive connection, spoken by hand: a client library would take more time than the server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, etag: str) -> tuple[int, str, bytes]:
        """Status, ETag, body. Raises OSError, or EOFError when the server went away in the middle."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        try:
            return await self._ask(*self._streams, path, etag)
        except BaseException:
            self._streams[1].close()
            self._streams = None
            raise

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, etag: str
    ) -> tuple[int, str, bytes]:
        condition = f"If-None-Match: {etag}\r\n" if etag else ""
        writer.write(f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{condition}\r\n".encode())
        async with asyncio.timeout(10):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status, *lines = head.split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            code = int(status.split()[1])
            length = 0 if code == 304 else int(headers["content-length"])
            return code, headers.get("etag", ""), await reader.readexactly(length)


class _Reader:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ledger = Ledger(settings.limit)
        self._fetched: Counter[str] = Counter()
        self._versions = 0

    async def read_all(self) -> Report:
        """Until cancelled by SIGTERM."""
        began_s = time.monotonic()
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        followers = [asyncio.create_task(self._follow(path)) for path in self._settings.paths]
        await stopped.wait()
        for follower in followers:
            follower.cancel()
        for result in await asyncio.gather(*followers, return_exceptions=True):
            if isinstance(result, Exception):
                raise result
        whole = sum(self._fetched[kind] for kind in ("200", "304", "file"))
        return Report(
            self._ledger.complaints,
            dict(self._fetched),
            self._versions,
            whole / (time.monotonic() - began_s) / len(followers),
            self._ledger.headlines,
            self._ledger.ids,
        )

    async def _follow(self, path: str) -> None:
        connection = _Connection(self._settings.port)
        clock = asyncio.get_running_loop().time
        etag, last, turn, next_s = "", b"", 0, clock()
        while True:
            next_s = max(next_s + 1 / self._settings.rate_per_s, clock())
            await asyncio.sleep(next_s - clock())
            turn += 1
            kind, new_etag, body = await self._fetch(connection, path, "" if turn % _CONDITIONAL else etag)
            self._fetched[kind] += 1
            if kind == "404" and last:
                self._ledger.complain(f"{path}: gone")
            if kind in ("200", "file") and body != last:
                self._versions += 1
                self._ledger.see(path, body, kind)
                etag, last = new_etag, body

    async def _fetch(self, connection: _Connection, path: str, etag: str) -> tuple[str, str, bytes]:
        try:
            status, new_etag, body = await connection.get(path, etag)
        except TimeoutError:
            return "timed out", "", b""
        except EOFError:  # by the server's death; every client notices, so this is no document fetched
            return "broken off", "", b""
        except OSError:
            pass
        else:
            if status != 503:
                return str(status), new_etag, body
        with suppress(FileNotFoundError):
            return "file", "", (Path(self._settings.public) / path).read_bytes()
        return "404", "", b""


if __name__ == "__main__":
    end_with_parent()
    _settings = Settings(**json.loads(sys.argv[1]))
    _report = uvloop.run(_Reader(_settings).read_all())
    Path(_settings.report).write_text(json.dumps(asdict(_report)))
