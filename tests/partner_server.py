"""A real HTTP server on loopback that plays partners: bodies and misbehaviour by path, changed between polls."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class PartnerServer:
    """``bodies[path]`` is served as RSS, ``handlers[path]`` decides for itself; ``requests`` counts by path."""

    base_url: str = ""
    bodies: dict[str, bytes] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)

    def url(self, path: str) -> str:
        return self.base_url + path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests[request.path] = self.requests.get(request.path, 0) + 1
        if handler := self.handlers.get(request.path):
            return await handler(request)
        if (body := self.bodies.get(request.path)) is None:
            raise web.HTTPNotFound
        return web.Response(body=body, content_type="application/rss+xml")


@contextmanager
def partner_server(address: str = "127.0.0.1") -> Iterator[PartnerServer]:
    """The server runs in a thread of its own, so that tests and subprocesses can poll it."""
    server = PartnerServer()
    loop = asyncio.new_event_loop()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, address, 0).start()
        host, port = runner.addresses[0][:2]
        server.base_url = f"http://{host}:{port}"

    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()
