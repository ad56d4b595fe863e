"""A start with 500 sources due at once is no stampede, neither for the partners nor for the desk."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from desk import item, raw_config, rss
from service_process import service

from aggregator.service.poller import SOUND_AT_ONCE

SOURCES = 500
SHARED_HOST = "127.2.9.9"
SHARED_SOURCES = 100  # of the 500
PER_HOST = 2
ANSWER_S = 0.15


@dataclass
class Crowd:
    """Hosts on loopback that answer slowly and count who is there at once."""

    port: int = 0
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    most_at_shared: int = 0
    answered: Counter[str] = field(default_factory=Counter)

    def url(self, number: int) -> str:
        host = SHARED_HOST if number < SHARED_SOURCES else f"127.2.{number // 250}.{number % 250 + 1}"
        return f"http://{host}:{self.port}/{number}"

    async def answer(self, request: web.Request) -> web.Response:
        host = request.url.host or ""
        self.at_once[host] += 1
        self.most_at_once = max(self.most_at_once, self.at_once.total())
        self.most_at_shared = max(self.most_at_shared, self.at_once[SHARED_HOST])
        await asyncio.sleep(ANSWER_S)
        self.at_once[host] -= 1
        self.answered[request.path] += 1
        number = int(request.path[1:])
        body = rss(item(number, f"Berita {number}", host=f"s{number}.example"))
        return web.Response(body=body, content_type="application/rss+xml")


@contextmanager
def crowd() -> Iterator[Crowd]:
    """All of 127.2.0.0/16 on one port, in a thread of its own."""
    found = Crowd()
    loop = asyncio.new_event_loop()
    app = web.Application()
    app.router.add_get("/{number}", found.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        first = web.TCPSite(runner, SHARED_HOST, 0)
        await first.start()
        found.port = runner.addresses[0][1]
        for number in range(SHARED_SOURCES, SOURCES):
            await web.TCPSite(runner, found.url(number).split("/")[2].split(":")[0], found.port).start()

    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(timeout=20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


@pytest.mark.slow
@pytest.mark.xdist_group("machine")
@pytest.mark.timeout(180)
def test_500_due_sources_are_polled_once_each_within_bounds(tmp_path: Path) -> None:
    with crowd() as hosts:
        raw = raw_config({f"s{number}": hosts.url(number) for number in range(SOURCES)})
        raw["fetch"] |= {"first_poll_max_age": "36500d", "per_host": PER_HOST}
        raw["outputs"]["defaults"] = {"limit": 1000}
        with service(tmp_path, raw, 3600) as desk:
            desk.start()
            desk.wait_for(lambda: len(hosts.answered) == SOURCES, 120, "every source polled")

            def published() -> int:
                status, body = desk.get("feeds/all.json")
                return len(json.loads(body)["items"]) if status == 200 else 0

            desk.wait_for(lambda: published() == SOURCES, 20, "every article published")
            assert desk.terminate() == 0
        assert set(hosts.answered.values()) == {1}, "nobody was asked twice"
        assert hosts.most_at_once <= SOUND_AT_ONCE
        assert hosts.most_at_shared <= PER_HOST
        print(f"at once {hosts.most_at_once}, at the shared host {hosts.most_at_shared}")
