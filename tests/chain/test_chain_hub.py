"""Our hub over the whole chain: who may follow, what is news, and what is delivered of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from desk import Desk, item, rss
from hub_followers import FEEDS, Callback, ask, do_due, follow, followers, form, pending, with_app
from partner_server import PartnerServer

from aggregator import following
from aggregator.model.follower import HubRequest
from aggregator.push.hub import FORM, LEASE_DEFAULT_S, RETRY_AFTER_S
from aggregator.push.signature import is_signed

HOUR = timedelta(hours=1)
ALL = ("feeds/all.atom", "feeds/all.rss", "feeds/all.json")
MUARO: dict[str, Any] = {"id": "kabar-muaro", "name": "Kabar Muaro"}


@pytest.fixture
def hub(desk: Desk, server: PartnerServer) -> Desk:
    """A desk with our own hub, and one story of each partner."""
    desk.raw["hub"] = "own"
    server.bodies |= {"/a": rss(item(1, "satu")), "/b": rss(item(2, "dua", host="b.example"))}
    desk.poll()
    return desk


def bring(desk: Desk, server: PartnerServer, number: int) -> None:
    """One more story, published."""
    server.bodies["/a"] = rss(item(number, f"nomor {number}"), item(1, "satu"))
    desk.poll("a")


@pytest.fixture
def callback(server: PartnerServer) -> Callback:
    return Callback(server, "ani")


# --- who follows --------------------------------------------------------------------------------------------------


def test_who_meant_it_follows_for_the_lease_that_was_told(hub: Desk, callback: Callback) -> None:
    assert ask(hub, callback.url, secret="rahasia").status == 202
    assert followers(hub) == ()  # a request alone changes nothing
    do_due(hub)
    (question,) = callback.asked
    assert callback.targets[0].startswith("/cb/ani?kunci=s%2fani&hub.mode=subscribe&")
    assert question["hub.topic"] == f"{FEEDS}feeds/all.atom"
    assert question["hub.lease_seconds"] == str(LEASE_DEFAULT_S)
    assert len(question["hub.challenge"]) >= 32
    (found,) = followers(hub)
    assert found.lease_until_at == hub.now + timedelta(seconds=LEASE_DEFAULT_S)
    assert (found.wanted, found.is_signed, pending(hub)) == (0, True, ())


@pytest.mark.parametrize("echo", ["lain", "", 404, 302, 201], ids=["other", "empty", "404", "302", "201"])
def test_who_did_not_mean_it_does_not(hub: Desk, callback: Callback, echo: str | int) -> None:
    callback.echo = [echo]
    ask(hub, callback.url)
    do_due(hub)
    assert bool(followers(hub)) is (echo == 201)  # any 2xx with the challenge is good
    assert pending(hub) == ()


def test_a_challenge_is_used_once(hub: Desk, callback: Callback) -> None:
    callback.echo = [500]
    ask(hub, callback.url)
    do_due(hub)
    hub.now += timedelta(seconds=5)
    do_due(hub)
    first, second = (one["hub.challenge"] for one in callback.asked)
    assert first != second
    assert len(followers(hub)) == 1


def test_where_nobody_answers_it_is_asked_a_few_times_and_then_no_more(hub: Desk, callback: Callback) -> None:
    callback.echo = [500] * 9
    ask(hub, callback.url)
    for _ in range(9):
        do_due(hub)
        hub.now += HOUR
    assert len(callback.asked) == 4
    assert (followers(hub), pending(hub)) == ((), ())


def test_an_address_that_must_not_be_asked_is_not_asked_again(hub: Desk) -> None:
    assert ask(hub, "http://10.1.2.3/cb?kunci=s").status == 202  # the answer tells nothing of verification
    do_due(hub)
    assert pending(hub) == ()


def test_a_renewal_that_is_not_confirmed_changes_nothing(hub: Desk, callback: Callback) -> None:
    follow(hub, callback, secret="lama")
    before = followers(hub)
    for mode in ("subscribe", "unsubscribe"):
        callback.echo = ["bukan"]
        ask(hub, callback.url, mode=mode)
        do_due(hub)
        assert followers(hub) == before


@pytest.mark.parametrize("newer", ["baru", None])
def test_the_newest_secret_signs_or_none(
    hub: Desk, server: PartnerServer, callback: Callback, newer: str | None
) -> None:
    follow(hub, callback, secret="lama")
    hub.now += HOUR
    follow(hub, callback, **({"secret": newer} if newer else {}))
    bring(hub, server, 3)
    assert do_due(hub) == ["delivered"]
    (received,) = callback.received
    signature = received.headers.get("X-Hub-Signature", "")
    assert is_signed(received.body, newer, signature) if newer else not signature


def test_who_unsubscribes_gets_nothing_more(hub: Desk, server: PartnerServer, callback: Callback) -> None:
    follow(hub, callback)
    ask(hub, callback.url, mode="unsubscribe", lease_seconds="x")
    do_due(hub)
    assert "hub.lease_seconds" not in callback.asked[-1]
    assert followers(hub) == ()
    bring(hub, server, 3)
    assert do_due(hub) == []


def test_a_lease_ends(hub: Desk, server: PartnerServer, callback: Callback) -> None:
    follow(hub, callback, lease_seconds="3600")
    hub.now += HOUR
    bring(hub, server, 3)
    assert do_due(hub) == []
    assert followers(hub) == ()


@pytest.mark.parametrize(
    "path",
    [
        "feeds/tidak-ada.atom",
        "feeds/s/" + "a" * 32 + ".atom",
        "feeds/all.html",
        "index.html",
        "feeds.opml",
        "",
        "../feeds/all.atom",
        "feeds/all.atom?x",
    ],
)
def test_what_is_not_published_cannot_be_followed_whatever_it_was(
    hub: Desk, callback: Callback, path: str
) -> None:
    said = ask(hub, callback.url, path)
    assert (said.status, pending(hub)) == (404, ())
    assert said == ask(hub, callback.url, "feeds/lain.rss")


def test_mistakes_are_told_and_nothing_is_kept(hub: Desk) -> None:
    said = with_app(hub, lambda app: following.take_request(app, b"hub.mode=subscribe", FORM))
    assert (said.status, said.words) == (400, "hub.topic is missing")
    assert pending(hub) == ()


def test_without_a_hub_of_our_own_nobody_can_follow(desk: Desk, callback: Callback) -> None:
    desk.publish()
    assert ask(desk, callback.url).status == 404


def many(desk: Desk, number: int, host: str, kind: str) -> None:
    """So many requests or followers at once."""

    def put(tx: Any) -> None:
        for n in range(number):
            asked = HubRequest("subscribe", f"{FEEDS}feeds/all.atom", f"http://{host.format(n)}/{n}")
            tx.put_hub_request("feeds/all.atom", host.format(n), asked, desk.now)
        for request in tx.hub_requests() if kind == "followers" else ():
            tx.follow(request, desk.now + HOUR, desk.now)
            tx.end_hub_request(request.request_id)

    with_app(desk, lambda app: app.write(put))


@pytest.mark.parametrize(
    ("kind", "number", "host", "status"),
    [
        ("requests", following.PENDING_PER_HOST - 1, "127.0.0.1", 202),
        ("requests", following.PENDING_PER_HOST, "127.0.0.1", 429),
        ("requests", following.PENDING_AT_MOST, "h{}.example", 503),
        ("followers", following.FOLLOWERS_PER_HOST, "127.0.0.1", 429),
    ],
)
def test_there_is_room_for_so_many(
    hub: Desk, callback: Callback, kind: str, number: int, host: str, status: int
) -> None:
    many(hub, number, host, kind)
    said = ask(hub, callback.url)
    assert said.status == status
    assert (said.retry_after_s > 0) is (status != 202)
    if kind == "followers":  # who is one already may renew, and everybody may go
        assert ask(hub, f"http://{host}/0").status == 202
        assert ask(hub, callback.url, mode="unsubscribe").status == 202


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
    desk.raw["partners"][0]["terms"]["expires"] = "1d"
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
        (another_title, 0),
        (another_credit, 0),
        (grow_old, 0),
        (grow_old_one, 1),
    ],
)
def test_only_what_happened_to_the_news_is_pushed(
    hub: Desk, server: PartnerServer, callback: Callback, happens: Any, delivered: int
) -> None:
    follow(hub, callback)
    before = (hub.public / "feeds/all.atom").read_bytes()
    happens(hub, server)
    do_due(hub)
    after = (hub.public / "feeds/all.atom").read_bytes()
    assert after != before  # or nothing would be shown by this
    assert len(callback.received) == delivered
    if delivered and happens is not grow_old_one:
        assert callback.received[-1].body == after


def test_who_follows_one_document_is_told_of_that_one_only(
    hub: Desk, server: PartnerServer, callback: Callback
) -> None:
    politics = Callback(server, "budi")
    follow(hub, callback)
    follow(hub, politics, "feeds/topics/politik.rss")
    bring(hub, server, 3)
    assert do_due(hub) == ["delivered"]
    server.bodies["/a"] = rss(item(4, "empat", category="Politik"))
    hub.poll("a")
    assert do_due(hub) == ["delivered", "delivered"]
    assert (len(callback.received), len(politics.received)) == (2, 1)


# --- what is delivered --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ALL)
def test_the_whole_document_is_delivered_as_it_is_served(
    hub: Desk, server: PartnerServer, callback: Callback, path: str
) -> None:
    follow(hub, callback, path, secret="rahasia")
    bring(hub, server, 3)
    assert do_due(hub) == ["delivered"]
    (received,) = callback.received
    kind = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
    assert received.target == "/cb/ani?kunci=s%2fani"
    assert received.headers["Content-Type"] == kind[path.rpartition(".")[2]]
    assert received.headers["Link"] == f'<{FEEDS}hub>; rel="hub", <{FEEDS}{path}>; rel="self"'
    assert is_signed(received.body, "rahasia", received.headers["X-Hub-Signature"])
    assert received.body == (hub.public / path).read_bytes()
    (found,) = followers(hub)
    assert (found.wanted, found.sent, found.delivered_at) == (1, 1, hub.now)


def test_news_that_nobody_could_be_told_of_is_told_as_one(
    hub: Desk, server: PartnerServer, callback: Callback
) -> None:
    follow(hub, callback, "feeds/all.json")
    for number in (3, 4, 5):
        bring(hub, server, number)
    assert do_due(hub) == ["delivered"]
    ids = {one["id"] for one in json.loads(callback.received[0].body)["items"]}
    assert ids == {one["id"] for one in hub.items()}
    assert len(ids) == 5


def test_who_answers_500_three_times_gets_it_the_fourth_time(
    hub: Desk, server: PartnerServer, callback: Callback
) -> None:
    follow(hub, callback)
    callback.answers = [500, 500, 500]
    bring(hub, server, 3)
    assert do_due(hub) == ["failed"]
    (found,) = followers(hub)
    assert (found.tries, found.problem) == (1, "it answers 500")
    for wait_s in RETRY_AFTER_S[:3]:
        hub.now += timedelta(seconds=wait_s - 1)
        assert do_due(hub) == []
        hub.now += timedelta(seconds=1)
        last = do_due(hub)
    assert last == ["delivered"]
    assert len(callback.received) == 4


def test_who_never_takes_it_is_given_up_follows_on_and_is_tried_with_the_next_news(
    hub: Desk, server: PartnerServer, callback: Callback
) -> None:
    follow(hub, callback, lease_seconds="864000")
    callback.answers = [500] * 8
    bring(hub, server, 3)
    outcomes = []
    for wait_s in (*RETRY_AFTER_S, 86_400.0, 86_400.0):
        outcomes += do_due(hub)
        hub.now += timedelta(seconds=wait_s)
    assert outcomes == ["failed"] * 7 + ["given-up"]
    (found,) = followers(hub)
    assert (found.due_at, found.wanted, found.sent) == (None, 1, 0)
    bring(hub, server, 4)
    assert do_due(hub) == ["delivered"]
    assert len(callback.received) == 9


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(
    hub: Desk, server: PartnerServer, callback: Callback, status: int
) -> None:
    elsewhere = Callback(server, "lain")
    follow(hub, callback)
    callback.answers = [status]
    bring(hub, server, 3)
    assert do_due(hub) == ["failed"]
    assert (elsewhere.received, elsewhere.asked) == ([], [])
    assert len(followers(hub)) == 1


def test_410_ends_it(hub: Desk, server: PartnerServer, callback: Callback) -> None:
    follow(hub, callback)
    callback.answers = [410]
    bring(hub, server, 3)
    assert do_due(hub) == ["ended"]
    assert followers(hub) == ()


def test_who_has_vanished_is_tried_again(hub: Desk, server: PartnerServer, callback: Callback) -> None:
    follow(hub, callback)

    async def vanish(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        raise web.HTTPNotFound

    server.handlers["/cb/ani"] = vanish
    bring(hub, server, 3)
    assert do_due(hub) == ["failed"]
    (found,) = followers(hub)
    assert "127.0.0.1" in found.problem
    assert "kunci" not in found.problem


# --- what is over -------------------------------------------------------------------------------------------------


def private_path(desk: Desk) -> str:
    (path,) = [path for path in desk.files() if path.startswith("feeds/s/") and path.endswith(".atom")]
    return path


def test_a_subscribers_feed_is_followed_by_who_knows_its_address_until_it_is_revoked(
    hub: Desk, server: PartnerServer, callback: Callback, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.raw["subscribers"] = [MUARO]
    hub.publish()
    path = private_path(hub)
    follow(hub, callback, path)
    bring(hub, server, 3)
    callback.answers = [500]
    assert do_due(hub) == ["failed"]
    hub.now += HOUR
    assert do_due(hub) == ["delivered"]
    assert callback.received[-1].headers["Link"].endswith(f'<{FEEDS}{path}>; rel="self"')
    hub.raw["subscribers"] = []
    bring(hub, server, 4)
    assert do_due(hub) == []
    assert followers(hub) == ()
    assert callback.asked[-1]["hub.mode"] == "denied"
    assert callback.asked[-1]["hub.topic"] == FEEDS + path
    assert callback.asked[-1]["hub.reason"]
    number = len(callback.asked)
    do_due(hub)
    assert len(callback.asked) == number
    assert ask(hub, callback.url, path) == ask(hub, callback.url, "feeds/s/" + "b" * 32 + ".atom")
    said = "".join(capsys.readouterr())
    assert "not delivered" in said
    assert path.split("/")[2].removesuffix(".atom") not in said
    assert "kunci" not in said


def test_when_our_hub_ends_all_are_told(hub: Desk, callback: Callback) -> None:
    follow(hub, callback)
    del hub.raw["hub"]
    callback.echo = [500]  # that it was heard is enough
    do_due(hub)
    assert (followers(hub), pending(hub)) == ((), ())
    assert callback.asked[-1]["hub.mode"] == "denied"


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


def test_requests_are_the_same_whoever_wrote_the_form(hub: Desk, callback: Callback) -> None:
    """Parameters in another order, and those of older drafts of the protocol."""
    body = b"hub.verify=async&hub.verify_token=x&" + form(callback.url)
    said = with_app(hub, lambda app: following.take_request(app, body, f"{FORM}; charset=utf-8"))
    assert said.status == 202
    do_due(hub)
    assert len(followers(hub)) == 1
