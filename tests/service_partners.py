"""The partners' feeds on loopback, in a process of their own, so that load and the test do not slow each other.

``partners(press)`` starts ``service_partners.py PRESS PORT``, where PRESS is JSON; what is asked of it at run time
(stop publishing, misbehave, report the requests) goes over HTTP to 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.request import Request, urlopen

from aiohttp import web
from service_child import child, end_with_parent
from service_press import Press, host
from service_trouble import TROUBLES, prepare

_CONTROL = "127.0.0.1"


@dataclass
class Partners:
    """The test's side. Seconds are those of ``press``, counted from the start by the monotonic clock."""

    press: Press
    began_s: float  # time.monotonic() of the press' second 0; one clock for all processes of a machine
    port: int

    def now_s(self) -> float:
        return time.monotonic() - self.began_s

    def url(self, partner: int) -> str:
        return f"http://{host(partner)}:{self.port}/{partner}"

    def stop_publishing(self) -> float:
        """From now on nothing changes; returns the last second."""
        self.press = replace(self.press, until_s=self.now_s())
        self._order(until_s=self.press.until_s)
        return self.press.until_s

    def publish_until(self, until_s: float) -> None:
        self.press = replace(self.press, until_s=until_s)
        self._order(until_s=until_s)

    def make_trouble(self, kinds: dict[int, str]) -> None:
        """The partners with those numbers misbehave, the others do not."""
        self._order(troubles={str(partner): kind for partner, kind in kinds.items()})

    def requests(self) -> list[tuple[int, float]]:
        """Every request so far: the partner, and time.monotonic() when it came in."""
        with urlopen(f"http://{_CONTROL}:{self.port}/requests", timeout=10) as answer:
            return [(partner, at_s) for partner, at_s in json.load(answer)]

    def _order(self, **what: Any) -> None:
        request = Request(f"http://{_CONTROL}:{self.port}/order", json.dumps(what).encode(), method="POST")
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200


@contextmanager
def partners(press: Press) -> Iterator[Partners]:
    began_s = time.monotonic()
    with child(__file__, json.dumps(press.to_json()), str(began_s)) as process:
        assert process.stdout is not None
        yield Partners(press, began_s, int(process.stdout.readline()))


class _Server:
    def __init__(self, press: Press, began_s: float) -> None:
        self._press = press
        self._began_s = began_s
        self._troubles: dict[int, str] = {}
        self._requests: list[tuple[int, float]] = []

    async def feed(self, request: web.Request) -> web.StreamResponse:
        partner = int(request.match_info["partner"])
        self._requests.append((partner, time.monotonic()))
        body = self._press.feed(partner, time.monotonic() - self._began_s)
        if trouble := self._troubles.get(partner):
            with suppress(ConnectionError):  # who is maltreated hangs up
                return await TROUBLES[trouble](request, body)
            return web.Response()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, headers={"ETag": etag, "Content-Type": "application/rss+xml"})

    async def order(self, request: web.Request) -> web.Response:
        what = await request.json()
        if "until_s" in what:
            self._press = replace(self._press, until_s=what["until_s"])
        if "troubles" in what:
            prepare()
            self._troubles = {int(partner): kind for partner, kind in what["troubles"].items()}
        return web.Response()

    async def requests(self, request: web.Request) -> web.Response:
        return web.json_response(self._requests)


async def _serve(server: _Server, hosts: Iterable[str]) -> None:
    app = web.Application()
    app.router.add_get("/requests", server.requests)
    app.router.add_post("/order", server.order)
    app.router.add_get(r"/{partner:\d+}", server.feed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, _CONTROL, 0).start()
    port = runner.addresses[0][1]
    for name in hosts:
        await web.TCPSite(runner, name, port).start()
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    end_with_parent()
    _press = Press.from_json(json.loads(sys.argv[1]))
    asyncio.run(_serve(_Server(_press, float(sys.argv[2])), map(host, range(_press.partners))))
