"""Our hub over the whole chain: what is news, what is delivered of it, and what another hub is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from desk import Desk, item, rss
from hub_followers import FEEDS, Callback, bring, do_due, follow, followers
from partner_server import PartnerServer

from aggregator.push.hub import RETRY_AFTER_S
from aggregator.push.signature import is_signed

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
ALL = ("feeds/all.atom", "feeds/all.rss", "feeds/all.json")
MUARO: dict[str, Any] = {"id": "kabar-muaro", "name": "Kabar Muaro"}


# --- what is news -------------------------------------------------------------------------------------------------


def revise(desk: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(item(1, "satu", "Isi yang dikoreksi, dengan kabar yang lain sama sekali."))
    desk.poll("a")


def hide(desk: Desk, _: PartnerServer) -> None:
    desk.hide("1")


def unhide(desk: Desk, _: PartnerServer) -> None:
    desk.hide("1")
    do_due(desk)
    desk.unhide("1")


def expire(desk: Desk, _: PartnerServer) -> None:
    """The contract with a partner ends its stories after a day."""
    desk.raw["partners"][0]["terms"]["expires_after"] = "1d"
    desk.publish()
    do_due(desk)
    desk.now += timedelta(days=2)
    desk.publish()


def another_title(desk: Desk, _: PartnerServer) -> None:
    desk.raw["outputs"]["combined"]["title"] = "Semua berita"
    desk.publish()


def another_credit(desk: Desk, _: PartnerServer) -> None:
    """Stories are written otherwise, as after an upgrade."""
    desk.raw["partners"][0]["name"] = "Harian A"
    desk.publish()


def grow_old(desk: Desk, _: PartnerServer) -> None:
    desk.raw["outputs"]["defaults"] = {"max_age": "2d"}
    desk.publish()
    desk.now += timedelta(days=3)
    desk.publish()


def grow_old_one(desk: Desk, server: PartnerServer) -> None:
    """One story is left."""
    desk.raw["outputs"]["defaults"] = {"max_age": "2d"}
    desk.now += timedelta(days=1)
    bring(desk, server, 9)
    do_due(desk)
    desk.now += timedelta(days=1, hours=1)
    desk.publish()


@pytest.mark.parametrize(
    ("happens", "delivered"),
    [
        (revise, 1),
        (hide, 1),
        (unhide, 2),
        (expire, 1),
        (another_title, 0),
        (another_credit, 0),
        (grow_old, 0),
        (grow_old_one, 1),
    ],
)
def test_only_what_happened_to_the_news_is_pushed(
    hub_desk: Desk, server: PartnerServer, callback: Callback, happens: Any, delivered: int
) -> None:
    follow(hub_desk, callback)
    before = (hub_desk.public / "feeds/all.atom").read_bytes()
    happens(hub_desk, server)
    do_due(hub_desk)
    after = (hub_desk.public / "feeds/all.atom").read_bytes()
    assert after != before  # or nothing would be shown by this
    assert len(callback.received) == delivered
    if delivered and happens is not grow_old_one:
        assert callback.received[-1].body == after


def test_who_follows_one_document_is_told_of_that_one_only(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    politics = Callback(server, "budi")
    follow(hub_desk, callback)
    follow(hub_desk, politics, "feeds/topics/politik.rss")
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == ["delivered"]
    server.bodies["/a"] = rss(item(4, "empat", category="Politik"))
    hub_desk.poll("a")
    assert do_due(hub_desk) == ["delivered", "delivered"]
    assert (len(callback.received), len(politics.received)) == (2, 1)


# --- what is delivered --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ALL)
def test_the_whole_document_is_delivered_as_it_is_served(
    hub_desk: Desk, server: PartnerServer, callback: Callback, path: str
) -> None:
    follow(hub_desk, callback, path, secret="rahasia")
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == ["delivered"]
    (received,) = callback.received
    kind = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
    assert received.target == "/cb/ani?kunci=s%2fani"
    assert received.headers["Content-Type"] == kind[path.rpartition(".")[2]]
    assert received.headers["Link"] == f'<{FEEDS}hub>; rel="hub", <{FEEDS}{path}>; rel="self"'
    assert is_signed(received.body, "rahasia", received.headers["X-Hub-Signature"])
    assert received.body == (hub_desk.public / path).read_bytes()
    (found,) = followers(hub_desk)
    assert (found.wanted, found.sent, found.delivered_at) == (1, 1, hub_desk.now)


def test_news_that_nobody_could_be_told_of_is_told_as_one(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    follow(hub_desk, callback, "feeds/all.json")
    for number in (3, 4, 5):
        bring(hub_desk, server, number)
    assert do_due(hub_desk) == ["delivered"]
    ids = {one["id"] for one in json.loads(callback.received[0].body)["items"]}
    assert ids == {one["id"] for one in hub_desk.items()}
    assert len(ids) == 5


def test_who_answers_500_three_times_gets_it_the_fourth_time(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    follow(hub_desk, callback)
    callback.answers = [500, 500, 500]
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == ["failed"]
    (found,) = followers(hub_desk)
    assert (found.tries, found.problem) == (1, "it answers 500")
    for wait_s in RETRY_AFTER_S[:3]:
        hub_desk.now += timedelta(seconds=wait_s - 1)
        assert do_due(hub_desk) == []
        hub_desk.now += timedelta(seconds=1)
        last = do_due(hub_desk)
    assert last == ["delivered"]
    assert len(callback.received) == 4


def test_who_never_takes_it_is_given_up_follows_on_and_is_tried_with_the_next_news(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    follow(hub_desk, callback, lease_seconds="864000")
    callback.answers = [500] * 8
    bring(hub_desk, server, 3)
    outcomes = []
    for wait_s in (*RETRY_AFTER_S, 86_400.0, 86_400.0):
        outcomes += do_due(hub_desk)
        hub_desk.now += timedelta(seconds=wait_s)
    assert outcomes == ["failed"] * 7 + ["given-up"]
    (found,) = followers(hub_desk)
    assert (found.due_at, found.wanted, found.sent) == (None, 1, 0)
    bring(hub_desk, server, 4)
    assert do_due(hub_desk) == ["delivered"]
    assert len(callback.received) == 9


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(
    hub_desk: Desk, server: PartnerServer, callback: Callback, status: int
) -> None:
    elsewhere = Callback(server, "lain")
    follow(hub_desk, callback)
    callback.answers = [status]
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == ["failed"]
    assert (elsewhere.received, elsewhere.asked) == ([], [])
    assert len(followers(hub_desk)) == 1


def test_what_a_callback_says_beside_its_status_is_ignored(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    follow(hub_desk, callback)

    async def talk(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=b"\x1f\x8bgagal", headers={"Content-Encoding": "gzip", "Refresh": "0"})

    server.handlers["/cb/ani"] = talk
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == ["delivered"]


def test_410_ends_it(hub_desk: Desk, server: PartnerServer, callback: Callback) -> None:
    follow(hub_desk, callback)
    callback.answers = [410]
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == ["ended"]
    assert followers(hub_desk) == ()


def test_who_has_vanished_is_tried_again(hub_desk: Desk, server: PartnerServer, callback: Callback) -> None:
    follow(hub_desk, callback)

    async def vanish(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        raise web.HTTPNotFound

    server.handlers["/cb/ani"] = vanish
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == ["failed"]
    (found,) = followers(hub_desk)
    assert "127.0.0.1" in found.problem
    assert "kunci" not in found.problem


# --- another's hub ------------------------------------------------------------------------------------------------


def test_another_hub_is_told_where_there_is_news_in_public_again_when_it_was_away(
    desk: Desk, server: PartnerServer
) -> None:
    desk.raw |= {"hub": server.url("/hub-lain"), "subscribers": [MUARO]}
    pings: list[dict[str, str]] = []
    statuses = [503]

    async def hub(request: web.Request) -> web.Response:
        status = statuses.pop() if statuses else 204
        if status == 204:
            pings.append(dict(parse_qsl((await request.read()).decode())))
        return web.Response(status=status)

    server.handlers["/hub-lain"] = hub
    server.bodies |= {"/a": rss(item(1, "satu")), "/b": rss()}
    desk.poll()
    assert sorted(do_due(desk)) == ["delivered", "delivered", "failed"]
    desk.now += HOUR
    assert do_due(desk) == ["delivered"]
    assert sorted(one["hub.topic"] for one in pings) == sorted(
        FEEDS + path for path in ALL
    )  # others are empty
    assert all(one["hub.mode"] == "publish" and one["hub.url"] == one["hub.topic"] for one in pings)
    pings.clear()
    another_title(desk, server)
    assert do_due(desk) == []
    desk.raw["hub"] = "own"
    bring(desk, server, 5)
    assert do_due(desk) == []
    assert pings == []
