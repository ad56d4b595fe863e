"""How fast news travels: from a partner's hub to us, through the whole chain, to whoever follows our feeds.

    .venv/bin/python bench/push.py [--pushes 100] [--followers 1000] [--topics 10] [--json]

``aggregator run`` as a process of its own; partners with hubs, and followers, live in this one, all on loopback. Then

- latency: one partner after the other has a new article, and its hub pushes its feed to us, signed; measured from the
  first byte sent until a follower of our combined feed has read a delivery that holds the article;
- crowd: that many followers of one feed; measured from a push until the last of them has it.

As reference, in the same run, a bare relay: it takes a push, and sends the same body on to the follower at once.
Exit status 1: half of all news take 150 ms or longer, one of a hundred 500 ms, or the crowd 10 s.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import yaml
from aiohttp import web
from publish import Newsroom, config_of

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from partner_server import PartnerServer

HALF_S, MOST_S, CROWD_S = 0.150, 0.500, 10.0
WAIT_S = 60.0
PAUSE_S = 0.5  # news comes seldom
# A hub of one host verifies so many at once (following.PENDING_PER_HOST).
ASKED_AT_ONCE = 150
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Loopback:
    """Everybody but the desk: partners' feeds and hubs, callbacks of followers, and the relay."""

    base_url: str = ""
    bodies: dict[str, bytes] = field(default_factory=dict)
    subscribed: dict[str, tuple[str, str]] = field(default_factory=dict)  # by feed: callback and secret
    verified: set[str] = field(default_factory=set)  # callbacks of followers
    taken: dict[str, bytes] = field(default_factory=dict)  # by callback: what it was sent last
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, path: str) -> str:
        return self.base_url + path

    async def feed(self, request: web.Request) -> web.Response:
        links = f'<{self.url("/hub")}>; rel="hub", <{self.url(request.path)}>; rel="self"'
        body = self.bodies[request.path]
        return web.Response(body=body, content_type="application/rss+xml", headers={"Link": links})

    async def hub(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.subscribed[str(form["hub.topic"])] = str(form["hub.callback"]), str(form["hub.secret"])
        asyncio.get_running_loop().create_task(self._verify(dict(form)))
        return web.Response(status=202)

    async def _verify(self, form: dict[str, Any]) -> None:
        asked = {"hub.challenge": "tantangan", "hub.lease_seconds": "864000"}
        asked |= {name: str(form[name]) for name in ("hub.mode", "hub.topic")}
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{form['hub.callback']}?{urlencode(asked)}") as answer,
        ):
            if await answer.text() != "tantangan":
                raise RuntimeError(f"our subscription was not confirmed: {answer.status}")

    async def callback(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            self.verified.add(request.path)
            return web.Response(text=request.query["hub.challenge"])
        self.taken[request.path] = await request.read()
        async with self.news:
            self.news.notify_all()
        return web.Response(status=204)

    async def relay(self, request: web.Request) -> web.Response:
        body = await request.read()
        async with request.app["session"].post(self.url("/follower/0"), data=body) as answer:
            await answer.read()
        return web.Response(status=202)

    async def wait(self, has: Any) -> None:
        """Until it holds. Raises TimeoutError."""
        async with asyncio.timeout(WAIT_S), self.news:
            await self.news.wait_for(has)


@asynccontextmanager
async def loopback() -> AsyncIterator[Loopback]:
    peers, app = Loopback(), web.Application(client_max_size=20_000_000)
    app["session"] = aiohttp.ClientSession()
    app.router.add_get("/{number:[0-9]+}", peers.feed)
    app.router.add_post("/hub", peers.hub)
    app.router.add_post("/relay", peers.relay)
    app.router.add_route("*", "/follower/{number}", peers.callback)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)
    await site.start()
    peers.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield peers
    finally:
        await app["session"].close()
        await runner.cleanup()


@asynccontextmanager
async def desk(folder: Path, raw: dict[str, Any], port: int) -> AsyncIterator[None]:
    """``aggregator run`` until the block ends."""
    (folder / "feeds.yaml").write_text(yaml.safe_dump(raw, sort_keys=False))
    command = [sys.executable, "-m", "aggregator", "run", "--config", str(folder / "feeds.yaml")]
    command += ["--database", f"sqlite:///{folder / 'desk.db'}", "--public", str(folder / "public")]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, "--port", str(port), stderr=log)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


@dataclass
class Bench:
    """One desk with its partners and followers."""

    peers: Loopback
    newsroom: Newsroom
    session: aiohttp.ClientSession
    desk_url: str

    async def follow(self, number: int, path: str) -> None:
        """One follower more; a hub that is full is asked again."""
        asked = {
            "hub.mode": "subscribe",
            "hub.topic": f"{self.desk_url}/{path}",
            "hub.callback": self.peers.url(f"/follower/{number}"),
            "hub.secret": f"rahasia-{number}",
        }
        async with self.session.post(f"{self.desk_url}/hub", data=asked) as answer:
            if answer.status != 202:
                raise RuntimeError(f"our hub answered {answer.status}: {await answer.text()}")

    async def follow_all(self, numbers: range, path: str) -> None:
        for first in range(numbers.start, numbers.stop, ASKED_AT_ONCE):
            some = range(first, min(first + ASKED_AT_ONCE, numbers.stop))
            for number in some:
                await self.follow(number, path)
            for _ in range(600):
                if self.peers.verified.issuperset(f"/follower/{number}" for number in some):
                    break
                await asyncio.sleep(0.1)
            else:
                raise RuntimeError("followers were not verified")
        await asyncio.sleep(0.5)  # kept a moment after the callback has answered

    async def push(self, topic: int) -> bytes:
        """A new article of one partner, pushed by its hub; returns its headline."""
        self.newsroom.publish(topic)
        path = f"/{topic}"
        callback, secret = self.peers.subscribed[self.peers.url(path)]
        body = self.peers.bodies[path]
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/rss+xml", "X-Hub-Signature": f"sha256={signature}"}
        async with self.session.post(callback, data=body, headers=headers) as answer:
            if answer.status // 100 != 2:
                raise RuntimeError(f"the push was answered {answer.status}")
        return self.newsroom.feeds[topic][0][1].title.encode()

    async def latency_s(self, topic: int) -> float:
        began_s = time.perf_counter()
        title = await self.push(topic)
        await self.peers.wait(lambda: title in self.peers.taken.get("/follower/0", b""))
        return time.perf_counter() - began_s

    async def crowd_s(self, topic: int, numbers: range) -> float:
        began_s = time.perf_counter()
        title = await self.push(topic)
        paths = [f"/follower/{number}" for number in numbers]
        await self.peers.wait(lambda: all(title in self.peers.taken.get(path, b"") for path in paths))
        return time.perf_counter() - began_s

    async def relay_s(self) -> float:
        began_s = time.perf_counter()
        async with self.session.post(self.peers.url("/relay"), data=self.peers.bodies["/0"]) as answer:
            await answer.read()
        return time.perf_counter() - began_s


async def measure(pushes: int, crowd: int, topics: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        async with loopback() as peers, aiohttp.ClientSession() as session:
            server = PartnerServer(base_url=peers.base_url, bodies=peers.bodies)
            newsroom = Newsroom(server, {})
            for _ in range(5):
                for topic in range(topics):
                    newsroom.publish(topic)
            port = _free_port()
            raw = config_of(server, topics, 0, everything=False) | {"hub": "own"}
            raw["site"]["feeds_url"] = f"http://127.0.0.1:{port}/"
            raw["fetch"]["first_poll_max_age"] = "36500d"
            async with desk(Path(name), raw, port):
                bench = Bench(peers, newsroom, session, f"http://127.0.0.1:{port}")
                await _until(lambda: len(peers.subscribed) == topics, "our subscriptions")
                await asyncio.sleep(2)
                await bench.follow_all(range(1), "feeds/all.atom")
                news, relayed = [], []
                for number in range(pushes):
                    news.append(await bench.latency_s(number % topics))
                    await asyncio.sleep(PAUSE_S)
                    relayed.append(await bench.relay_s())
                numbers = range(1, crowd + 1)
                await bench.follow_all(numbers, "feeds/all.rss")
                took_s = await bench.crowd_s(0, numbers) if crowd else 0.0
    return {
        "pushes": pushes,
        "p50_ms": 1e3 * statistics.median(news),
        "p99_ms": 1e3 * statistics.quantiles(news, n=100)[98],
        "relay_p50_ms": 1e3 * statistics.median(relayed),
        "ratio_to_relay": statistics.median(news) / statistics.median(relayed),
        "followers": crowd,
        "crowd_s": took_s,
    }


async def _until(has: Any, words: str) -> None:
    for _ in range(int(WAIT_S / 0.1)):
        if has():
            return
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{words}: not within {WAIT_S:g} s")


def _free_port() -> int:

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pushes", type=int, default=100)
    parser.add_argument("--followers", type=int, default=1000)
    parser.add_argument("--topics", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parent.parent))
    found = asyncio.run(measure(asked.pushes, asked.followers, asked.topics))
    if asked.json:
        print(json.dumps(found))
    else:
        print(
            f"{found['pushes']} pushes, from a partner's hub to a follower of ours: p50 {found['p50_ms']:.0f} ms, "
            f"p99 {found['p99_ms']:.0f} ms; a bare relay {found['relay_p50_ms']:.1f} ms, "
            f"{found['ratio_to_relay']:.0f} times less\n"
            f"{found['followers']} followers of one feed: all have a story {found['crowd_s']:.1f} s after its push"
        )
    is_slow = (
        found["p50_ms"] >= 1e3 * HALF_S or found["p99_ms"] >= 1e3 * MOST_S or found["crowd_s"] >= CROWD_S
    )
    return 1 if is_slow else 0


if __name__ == "__main__":
    sys.exit(main())
