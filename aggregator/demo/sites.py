"""The sample partners' sites on loopback: their feeds, answered conditionally as real ones are."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from aiohttp import ETag, web

from aggregator.app import utc_now
from aggregator.demo.newsroom import newsroom_at
from aggregator.demo.partners import feed_xml

# By partner; the demo's sources are called demo-<partner>: app.open_store keeps them apart from real ones.
PATHS = {"pikiran-rakyat": "/pikiran-rakyat/rss", "indonesia-daily": "/indonesia-daily/feed/"}


def live_partners() -> AbstractAsyncContextManager[str]:
    """Both partners' feeds on a free loopback port, with news every few seconds; gives the base address."""
    return serve_partners(utc_now)


@asynccontextmanager
async def serve_partners(clock: Callable[[], datetime]) -> AsyncIterator[str]:
    """Serve both partners' feeds as they are at ``clock()``, on a free loopback port; gives the base address."""
    runner = web.AppRunner(_web_app(clock), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def _web_app(clock: Callable[[], datetime]) -> web.Application:
    started_at = clock()

    def feed_of(partner: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def feed(request: web.Request) -> web.Response:
            front = newsroom_at(started_at, clock())[partner]
            body = feed_xml(partner, front.articles, front.changed_at)
            return _answer(request, body, front.changed_at)

        return feed

    app = web.Application()
    app.add_routes([web.get(path, feed_of(partner)) for partner, path in PATHS.items()])
    return app


def _answer(request: web.Request, body: bytes, changed_at: datetime) -> web.Response:
    """The body, or 304 where the validators that came with the request still hold (RFC 9110, section 13.2.2)."""
    etag = ETag(hashlib.sha256(body).hexdigest()[:16])
    if request.if_none_match is not None:
        is_unchanged = etag in request.if_none_match
    else:
        is_unchanged = request.if_modified_since is not None and changed_at <= request.if_modified_since
    if is_unchanged:
        response = web.Response(status=304)
    else:
        response = web.Response(body=body, content_type="application/rss+xml", charset="utf-8")
    response.etag, response.last_modified = etag, changed_at
    return response
