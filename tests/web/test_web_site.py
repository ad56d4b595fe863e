"""Every address: what it answers, to whom, and what it is counted as."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime

import pytest
from web_desk import KEY, RSS, STATUS, TOKEN, ValueDesk, packed, running, tag_of

from aggregator.model.health import Check
from aggregator.web.ops import is_allowed
from aggregator.web.shelf import Shelf

BEARER = f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("path", "method", "status", "media_type", "cache_control"),
    [
        ("/", "GET", 200, "text/html; charset=utf-8", "max-age=60"),
        ("/feeds/all.json", "GET", 200, "application/feed+json", "max-age=60"),
        ("/feeds/old.rss", "GET", 301, "text/plain; charset=utf-8", "max-age=3600"),
        ("/feeds/gone.rss", "GET", 410, "text/plain; charset=utf-8", "max-age=3600"),
        ("/feeds/none.rss", "GET", 404, "text/plain; charset=utf-8", "max-age=30"),
        ("/feeds/", "GET", 404, "text/plain; charset=utf-8", "max-age=30"),
        ("/feeds/all.rss/", "GET", 404, "text/plain; charset=utf-8", "max-age=30"),
        ("/ops/", "GET", 404, "text/plain; charset=utf-8", "max-age=30"),
        ("/ops/status.json", "GET", 404, "text/plain; charset=utf-8", "max-age=30"),
        ("/feeds/none.rss", "POST", 404, "text/plain; charset=utf-8", "max-age=30"),
        ("/feeds/all.rss", "POST", 405, "text/plain; charset=utf-8", "no-store"),
        ("/feeds/all.rss", "OPTIONS", 405, "text/plain; charset=utf-8", "no-store"),
        ("/healthz", "DELETE", 405, "text/plain; charset=utf-8", "no-store"),
        ("/feeds/old.rss", "PUT", 405, "text/plain; charset=utf-8", "no-store"),
        ("/healthz", "GET", 200, "text/plain; charset=utf-8", "no-store"),
        ("/readyz", "GET", 200, "application/json", "no-store"),
        ("/metrics", "GET", 200, "text/plain; version=0.0.4; charset=utf-8", "no-store"),
    ],
)
async def test_addresses(path: str, method: str, status: int, media_type: str, cache_control: str) -> None:
    async with running() as server:
        reply = await server.get(path, method)
        assert (reply.status, reply.headers["content-type"]) == (status, media_type)
        assert reply.headers["cache-control"].startswith(cache_control)
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["server"] == "aggregator"
        sent_at = datetime.strptime(reply.headers["date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
        assert abs((datetime.now(UTC) - sent_at).total_seconds()) < 5
        assert ("allow" in reply.headers) is (status == 405)


async def test_what_is_read_of_a_subscribers_feed_is_counted_and_of_no_other() -> None:
    desk = ValueDesk()
    async with running(desk) as server:
        first = await server.get(f"/feeds/s/{KEY}.rss")
        await server.get(f"/feeds/s/{KEY}.rss?a=1")
        unchanged = await server.get(f"/feeds/s/{KEY}.rss", If_None_Match=first.headers["etag"])
        assert unchanged.status == 304
        for path, method in (
            (f"/feeds/s/{KEY}.rss", "HEAD"),
            (f"/feeds/s/{KEY}.rss", "POST"),
            (f"/feeds/s/{KEY}.atom", "GET"),
            ("/feeds/all.rss", "GET"),
        ):
            await server.get(path, method)
        assert desk.read == [(KEY, False), (KEY, False), (KEY, True)]


@pytest.mark.parametrize("path", ["/", "/feeds/all.rss", "/healthz", "/readyz", "/nowhere", "/feeds/old.rss"])
async def test_head_is_get_without_the_body(path: str) -> None:
    async with running() as server:
        with_body = await server.get(path, Accept_Encoding="gzip")
        without = await server.get(path, "HEAD", Accept_Encoding="gzip")
        assert without.status == with_body.status
        assert without.headers | {"date": ""} == with_body.headers | {"date": ""}
        assert int(without.headers["content-length"]) == len(with_body.body) > 0


async def test_a_304_over_the_wire() -> None:
    async with running() as server:
        for path in ("/feeds/all.rss", "/feeds/./all.rss"):
            reply = await server.get(path, Accept_Encoding="gzip", If_None_Match=tag_of(RSS, "gzip"))
            assert (reply.status, reply.headers["vary"]) == (304, "Accept-Encoding")
            assert "content-length" not in reply.headers


async def test_a_new_shelf_is_served_at_once() -> None:
    desk = ValueDesk()
    async with running(desk) as server:
        desk.shelf = Shelf([packed("feeds/all.rss", b"new")])
        assert (await server.get("/feeds/all.rss")).body == b"new"
        assert (await server.get("/feeds/all.atom")).status == 404
        assert (await server.get("/")).status == 404


async def test_readiness_says_what_is_wrong() -> None:
    checks = (Check("database", True, "answers in 1 ms"), Check("tick", False, "no tick for 90 s"))
    async with running(ValueDesk(checks=checks)) as server:
        reply = await server.get("/readyz")
        assert reply.status == 503
        assert json.loads(reply.body) == {
            "ready": False,
            "checks": [
                {"name": "database", "ok": True, "words": "answers in 1 ms"},
                {"name": "tick", "ok": False, "words": "no tick for 90 s"},
            ],
        }
        assert (await server.get("/healthz")).status == 200  # alive all the same


def basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (BEARER, True),
        (f"bearer  {TOKEN} ", True),
        (basic(f"anybody:{TOKEN}"), True),
        (basic(f":{TOKEN}"), True),
        ("", False),
        ("Bearer", False),
        ("Bearer ", False),
        (f"Bearer {TOKEN}x", False),
        (f"Bearer {TOKEN[:-1]}", False),
        (f"Digest {TOKEN}", False),
        (TOKEN, False),
        (basic(TOKEN), False),
        (basic(f"{TOKEN}:"), False),
        (basic(f"a:b:{TOKEN}"), False),
        ("Basic !!!", False),
        ("Basic", False),
        ("Bearer \xff", False),
    ],
)
def test_who_may_see_the_page(authorization: str, expected: bool) -> None:
    assert is_allowed(authorization.encode("latin-1"), TOKEN) is expected


async def test_the_page_for_ops_needs_the_token() -> None:
    async with running(ops_token=TOKEN) as server:
        for path in ("/ops/", "/ops/status.json", "/ops//"):
            reply = await server.get(path)
            assert (reply.status, reply.headers["cache-control"]) == (401, "no-store")
            assert reply.headers["www-authenticate"].startswith("Basic realm=")
            assert (await server.get(path, Authorization=BEARER)).status == 200
        moved = await server.get("/ops")
        assert (moved.status, moved.headers["location"]) == (301, "/ops/")
        reply = await server.get("/ops/", Authorization=basic(f"ops:{TOKEN}"))
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
        assert (reply.headers["cache-control"], reply.headers["referrer-policy"]) == (
            "no-store",
            "no-referrer",
        )


async def test_the_status_for_machines() -> None:
    async with running(ops_token=TOKEN) as server:
        reply = await server.get("/ops/status.json", Authorization=BEARER)
        assert json.loads(reply.body) == {
            "readiness": {
                "ready": True,
                "checks": [{"name": "database", "ok": True, "words": "answers in 1 ms"}],
            },
            "desk": STATUS.as_dict(),
        }


async def test_a_database_that_fails_is_said() -> None:
    async with running(ValueDesk(current="disk I/O error <b>"), ops_token=TOKEN) as server:
        page = await server.get("/ops/", Authorization=BEARER)
        assert (page.status, b"disk I/O error &lt;b&gt;" in page.body) == (503, True)
        machine = await server.get("/ops/status.json", Authorization=BEARER)
        assert (machine.status, json.loads(machine.body)["trouble"]) == (503, "disk I/O error <b>")


async def test_requests_are_counted_under_bounded_labels() -> None:
    async with running(ops_token=TOKEN) as server:
        for path in ("/feeds/all.rss", "/", "/healthz", "/readyz", "/ops/", "/metrics", "/a", "/b?c", "/%00"):
            await server.get(path, Accept_Encoding="gzip, x-\xff")
        counted = re.findall(
            r'^aggregator_http_requests_total\{encoding="(.*)",route="(.*)",status="(.*)"\} (.*)$',
            server.metrics.exposition()[0].decode(),
            re.MULTILINE,
        )
        assert sorted(counted) == [
            ("gzip", "document", "200", "1.0"),
            ("gzip", "index", "200", "1.0"),
            ("identity", "health", "200", "1.0"),
            ("identity", "metrics", "200", "1.0"),
            ("identity", "ops", "401", "1.0"),
            ("identity", "other", "404", "3.0"),
            ("identity", "ready", "200", "1.0"),
        ]
