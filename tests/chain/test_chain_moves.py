"""A source whose address moves: when the new one is adopted, when not, and what happens when one of them is gone."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from desk import Desk, item, raw_config, rss
from partner_server import PartnerServer
from partner_site import FEED_LINK, PartnerSite, source_state, way, words

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answering(status: int, location: str = "") -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": location} if location else {})

    return answer


@pytest.fixture
def moving(server: PartnerServer, tmp_path: Path) -> Desk:
    """One source at /lama, whose feed stands at /baru."""
    server.bodies["/baru"] = rss(item(1))
    return Desk(tmp_path, raw_config({"a": server.url("/lama")}))


def asked(server: PartnerServer, desk: Desk, after: timedelta = timedelta(0)) -> Counter[str]:
    """What one poll asks for."""
    desk.now += after
    server.requests.clear()
    desk.poll()
    return Counter(server.requests)


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_move_is_adopted_after_a_week(server: PartnerServer, moving: Desk, status: int) -> None:
    server.handlers["/lama"] = answering(status, "/baru")
    for _ in range(7):
        assert asked(server, moving, DAY - timedelta(minutes=2)) == {"/lama": 1, "/baru": 1}
    assert asked(server, moving, DAY + timedelta(minutes=6)) == {"/baru": 1}
    assert asked(server, moving, 30 * DAY) == {"/baru": 1}
    assert not source_state(moving).problem
    notes = moving.status().sources[0].notes
    moved = f"{server.url('/lama')} has moved to {server.url('/baru')} for good, since 24 Nov"
    assert f"the way in: {moved}: change sources[].url" in notes


@pytest.mark.parametrize("status", [302, 303, 307])
def test_other_redirects_are_never_adopted(server: PartnerServer, moving: Desk, status: int) -> None:
    server.handlers["/lama"] = answering(status, "/baru")
    for after in (DAY, 20 * DAY, 20 * DAY):
        assert asked(server, moving, after) == {"/lama": 1, "/baru": 1}
    assert source_state(moving).move is None
    assert not moving.status().sources[0].notes


def test_a_move_that_is_taken_back_begins_anew(server: PartnerServer, moving: Desk) -> None:
    server.handlers["/lama"] = answering(301, "/baru")
    moving.poll()
    server.bodies["/lama"] = rss(item(1), item(2))
    del server.handlers["/lama"]
    assert asked(server, moving, 6 * DAY) == {"/lama": 1}
    server.handlers["/lama"] = answering(301, "/baru")
    assert asked(server, moving, 2 * DAY) == {"/lama": 1, "/baru": 1}
    assert asked(server, moving, 6 * DAY) == {"/lama": 1, "/baru": 1}


@pytest.mark.parametrize("status", [404, 410])
def test_when_the_old_address_is_gone_its_target_is_asked_at_once(
    server: PartnerServer, moving: Desk, status: int
) -> None:
    server.handlers["/lama"] = answering(301, "/baru")
    moving.poll()
    server.handlers["/lama"] = answering(status)
    for _ in range(2):
        assert asked(server, moving, DAY) == {"/lama": 1, "/baru": 1}
        assert not source_state(moving).problem
    assert asked(server, moving, 6 * DAY) == {"/baru": 1}


def test_other_failures_of_the_old_address_are_failures(server: PartnerServer, moving: Desk) -> None:
    server.handlers["/lama"] = answering(301, "/baru")
    moving.poll()
    server.handlers["/lama"] = answering(500)
    assert asked(server, moving) == {"/lama": 1}
    assert "answered 500" in words(moving)
    server.handlers["/lama"] = answering(301, "/baru")
    assert asked(server, moving, 8 * DAY) == {"/baru": 1}  # a failure is no break


def test_when_an_adopted_address_is_gone_the_configured_one_is_asked_again(
    server: PartnerServer, moving: Desk
) -> None:
    server.handlers["/lama"] = answering(301, "/baru")
    moving.poll()
    assert asked(server, moving, 8 * DAY) == {"/baru": 1}
    del server.bodies["/baru"]
    del server.handlers["/lama"]
    server.bodies["/lama"] = rss(item(1), item(2))
    assert asked(server, moving, DAY) == {"/baru": 1, "/lama": 1}
    assert source_state(moving).entries_in_feed == 2
    assert asked(server, moving, DAY) == {"/lama": 1}


def test_when_both_are_gone_the_target_counts(server: PartnerServer, moving: Desk) -> None:
    server.handlers["/lama"] = answering(301, "/baru")
    moving.poll()
    server.handlers |= {"/lama": answering(404), "/baru": answering(410)}
    for after in (DAY, 8 * DAY):
        asked(server, moving, after)
        assert "answered 410" in words(moving)


def test_a_host_that_no_longer_exists_is_followed_to_where_it_moved(
    server: PartnerServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"lama.example": "127.0.0.1", "baru.example": "127.0.0.1"}
    ask = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        if str(host).endswith(".example") and host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        return ask(names.get(host, host), *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    port = server.base_url.rpartition(":")[2]
    shown: list[str] = []

    async def feed(request: web.Request) -> web.StreamResponse:
        shown.append(request.headers.get("If-None-Match", ""))
        return web.Response(body=rss(item(1)), headers={"ETag": '"dari-baru"'})

    server.handlers |= {"/lama": answering(301, f"http://baru.example:{port}/baru"), "/baru": feed}
    desk = Desk(tmp_path, raw_config({"a": f"http://lama.example:{port}/lama"}))
    desk.poll()
    del names["lama.example"]
    assert asked(server, desk, DAY) == {"/baru": 1}
    assert not source_state(desk).problem
    assert asked(server, desk, 7 * DAY) == {"/baru": 1}
    assert asked(server, desk, DAY) == {"/baru": 1}
    # What a host gave is shown to that host only, from when it is the one that is asked.
    assert shown == ["", "", "", '"dari-baru"']
    del names["baru.example"]
    asked(server, desk, DAY)
    assert "baru.example" in words(desk) and "does not exist" in words(desk)


def test_a_remembered_way_in_is_followed_too(home_desk: Desk, site: PartnerSite) -> None:
    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 1)
    home_desk.poll()
    site.server.handlers["/feed/"] = answering(301, "/baru/")
    for number, after in ((2, timedelta(0)), (3, 6 * DAY)):
        site.feed("/baru/", 1, number)
        assert asked(site.server, home_desk, after) == {"/feed/": 1, "/baru/": 1}
    site.feed("/baru/", 1, 4)
    assert asked(site.server, home_desk, DAY) == {"/baru/": 1}
    assert way(home_desk) == ("feed", "/baru/")
    site.feed("/baru/", 1, 5)
    assert asked(site.server, home_desk, DAY) == {"/baru/": 1}


def test_the_document_is_asked_for_whole_every_eight_days(server: PartnerServer, moving: Desk) -> None:
    shown: list[bool] = []

    async def always_the_same(request: web.Request) -> web.StreamResponse:
        """A server that says "not modified" to whoever has any validator, whatever stands there."""
        shown.append("If-None-Match" in request.headers and "If-Modified-Since" in request.headers)
        if shown[-1]:
            return web.Response(status=304)
        validators = {"ETag": '"a"', "Last-Modified": "Mon, 23 Nov 2026 06:00:00 GMT"}
        return web.Response(body=rss(*map(item, range(len(shown)))), headers=validators)

    server.handlers["/lama"] = always_the_same
    for _ in range(10):
        asked(server, moving, DAY)
    assert shown == [False, *[True] * 7, False, True]
    assert moving.status().sources[0].entries_in_feed == 9
