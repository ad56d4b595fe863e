"""A start with 500 sources due at once is no stampede, neither for the partners' 50 hosts nor for the desk."""

from __future__ import annotations

import asyncio
import json
import threading
import time
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
HOSTS = 50
ANGRY_HOSTS = 10  # of the 50: the first request is answered 429
RETRY_AFTER_S = 5
PER_HOST = 2
ANSWER_S = 0.15


@dataclass
class Crowd:
    """Hosts on loopback that answer slowly and note who was there and when; seconds are of ``time.monotonic``."""

    port: int = 0
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    most_at_one_host: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    refused_s: dict[str, float] = field(default_factory=dict)  # host -> when it answered 429
    too_soon_s: list[float] = field(default_factory=list)  # after a 429, where less than asked for

    def url(self, number: int) -> str:
        return f"http://{host(number % HOSTS)}:{self.port}/{number}"

    async def answer(self, request: web.Request) -> web.Response:
        name, now_s = request.url.host or "", time.monotonic()
        self.at_once[name] += 1
        self.most_at_once = max(self.most_at_once, self.at_once.total())
        self.most_at_one_host = max(self.most_at_one_host, *self.at_once.values())
        try:
            if name in map(host, range(ANGRY_HOSTS)):
                if name not in self.refused_s:
                    self.refused_s[name] = now_s
                    return web.Response(status=429, headers={"Retry-After": str(RETRY_AFTER_S)})
                if now_s < self.refused_s[name] + RETRY_AFTER_S:
                    self.too_soon_s.append(now_s - self.refused_s[name])
            await asyncio.sleep(ANSWER_S)
        finally:
            self.at_once[name] -= 1
        self.answered[request.path] += 1
        number = int(request.path[1:])
        body = rss(item(number, f"Berita {number}", host=f"s{number}.example"))
        return web.Response(body=body, content_type="application/rss+xml")


def host(number: int) -> str:
    return f"127.2.9.{number + 1}"


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
        await web.TCPSite(runner, host(0), 0).start()
        found.port = runner.addresses[0][1]
        for number in range(1, HOSTS):
            await web.TCPSite(runner, host(number), found.port).start()

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
        expected = SOURCES - ANGRY_HOSTS  # who was refused is asked again after its interval, in an hour
        with service(tmp_path, raw, 3600) as desk:
            desk.start()
            desk.wait_for(lambda: len(hosts.answered) == expected, 120, "every source polled")

            def published() -> int:
                status, body = desk.get("feeds/all.json")
                return len(json.loads(body)["items"]) if status == 200 else 0

            desk.wait_for(lambda: published() == expected, 20, "every article published")
            assert desk.terminate() == 0
        assert set(hosts.answered.values()) == {1}, "nobody was asked twice"
        assert hosts.most_at_once <= SOUND_AT_ONCE
        assert hosts.most_at_one_host <= PER_HOST
        assert len(hosts.refused_s) == ANGRY_HOSTS
        assert hosts.too_soon_s == []
        print(f"at once {hosts.most_at_once}, at one host {hosts.most_at_one_host}")
