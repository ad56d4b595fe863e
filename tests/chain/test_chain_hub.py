"""Our hub over the whole chain: who may follow, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from desk import Desk
from hub_followers import FEEDS, Callback, ask, bring, do_due, follow, followers, form, pending, with_app
from partner_server import PartnerServer

from aggregator import following
from aggregator.model.follower import HubRequest
from aggregator.push.hub import FORM, LEASE_DEFAULT_S
from aggregator.push.signature import is_signed

HOUR = timedelta(hours=1)
MUARO: dict[str, Any] = {"id": "kabar-muaro", "name": "Kabar Muaro"}


# --- who follows --------------------------------------------------------------------------------------------------


def test_who_meant_it_follows_for_the_lease_that_was_told(hub_desk: Desk, callback: Callback) -> None:
    assert ask(hub_desk, callback.url, secret="rahasia").status == 202
    assert followers(hub_desk) == ()  # a request alone changes nothing
    do_due(hub_desk)
    (question,) = callback.asked
    assert callback.targets[0].startswith("/cb/ani?kunci=s%2fani&hub.mode=subscribe&")
    assert question["hub.topic"] == f"{FEEDS}feeds/all.atom"
    assert question["hub.lease_seconds"] == str(LEASE_DEFAULT_S)
    assert len(question["hub.challenge"]) >= 32
    (found,) = followers(hub_desk)
    assert found.lease_until_at == hub_desk.now + timedelta(seconds=LEASE_DEFAULT_S)
    assert (found.wanted, found.is_signed, pending(hub_desk)) == (0, True, ())


@pytest.mark.parametrize("echo", ["lain", "", 404, 302, 201], ids=["other", "empty", "404", "302", "201"])
def test_who_did_not_mean_it_does_not(hub_desk: Desk, callback: Callback, echo: str | int) -> None:
    callback.echo = [echo]
    ask(hub_desk, callback.url)
    do_due(hub_desk)
    assert bool(followers(hub_desk)) is (echo == 201)  # any 2xx with the challenge is good
    assert pending(hub_desk) == ()


def test_a_challenge_is_used_once(hub_desk: Desk, callback: Callback) -> None:
    callback.echo = [500]
    ask(hub_desk, callback.url)
    do_due(hub_desk)
    hub_desk.now += timedelta(seconds=5)
    do_due(hub_desk)
    first, second = (one["hub.challenge"] for one in callback.asked)
    assert first != second
    assert len(followers(hub_desk)) == 1


def test_where_nobody_answers_it_is_asked_a_few_times_and_then_no_more(
    hub_desk: Desk, callback: Callback
) -> None:
    callback.echo = [500] * 9
    ask(hub_desk, callback.url)
    for _ in range(9):
        do_due(hub_desk)
        hub_desk.now += HOUR
    assert len(callback.asked) == 4
    assert (followers(hub_desk), pending(hub_desk)) == ((), ())


def test_an_address_that_must_not_be_asked_is_not_asked_again(hub_desk: Desk) -> None:
    answer = ask(hub_desk, "http://10.1.2.3/cb?kunci=s")
    assert (answer.status, "never ask" in answer.words) == (400, True)
    assert pending(hub_desk) == ()
    # One that only its name server could tell of is taken, and not asked again either.
    assert ask(hub_desk, "http://nowhere.invalid/cb?kunci=s").status == 202
    for _ in range(5):
        do_due(hub_desk)
        hub_desk.now += HOUR
    assert (followers(hub_desk), pending(hub_desk)) == ((), ())


def test_a_renewal_that_is_not_confirmed_changes_nothing(hub_desk: Desk, callback: Callback) -> None:
    follow(hub_desk, callback, secret="lama")
    before = followers(hub_desk)
    for mode in ("subscribe", "unsubscribe"):
        callback.echo = ["bukan"]
        ask(hub_desk, callback.url, mode=mode)
        do_due(hub_desk)
        assert followers(hub_desk) == before


@pytest.mark.parametrize("newer", ["baru", None])
def test_the_newest_secret_signs_or_none(
    hub_desk: Desk, server: PartnerServer, callback: Callback, newer: str | None
) -> None:
    follow(hub_desk, callback, secret="lama")
    hub_desk.now += HOUR
    follow(hub_desk, callback, **({"secret": newer} if newer else {}))
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == ["delivered"]
    (received,) = callback.received
    signature = received.headers.get("X-Hub-Signature", "")
    assert is_signed(received.body, newer, signature) if newer else not signature


def test_who_unsubscribes_gets_nothing_more(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    follow(hub_desk, callback)
    ask(hub_desk, callback.url, mode="unsubscribe", lease_seconds="x")
    do_due(hub_desk)
    assert "hub.lease_seconds" not in callback.asked[-1]
    assert followers(hub_desk) == ()
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == []


def test_a_lease_ends(hub_desk: Desk, server: PartnerServer, callback: Callback) -> None:
    follow(hub_desk, callback, lease_seconds="3600")
    hub_desk.now += HOUR
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == []
    assert followers(hub_desk) == ()


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
    hub_desk: Desk, callback: Callback, path: str
) -> None:
    said = ask(hub_desk, callback.url, path)
    assert (said.status, pending(hub_desk)) == (404, ())
    assert said == ask(hub_desk, callback.url, "feeds/lain.rss")


def test_mistakes_are_told_and_nothing_is_kept(hub_desk: Desk) -> None:
    said = with_app(hub_desk, lambda app: following.take_request(app, b"hub.mode=subscribe", FORM))
    assert (said.status, said.words) == (400, "hub.topic is missing")
    assert pending(hub_desk) == ()


def test_without_a_hub_of_our_own_nobody_can_follow(desk: Desk, callback: Callback) -> None:
    desk.publish()
    assert ask(desk, callback.url).status == 404


def many(desk: Desk, number: int, host: str, kind: str) -> None:
    """So many at once: followers, or requests that were not asked yet, or in vain."""

    def put(tx: Any) -> None:
        for n in range(number):
            asked = HubRequest("subscribe", f"{FEEDS}feeds/all.atom", f"http://{host.format(n)}/{n}")
            tx.put_hub_request("feeds/all.atom", host.format(n), asked, desk.now)
        for request in tx.hub_requests() if kind != "requests" else ():
            if kind == "in vain":
                tx.postpone_hub_request(request.request_id, 1, desk.now + HOUR)
                continue
            tx.follow(request, desk.now + HOUR, desk.now)
            tx.end_hub_request(request.request_id)

    with_app(desk, lambda app: app.write(put))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "number", "host", "status"),
    [
        ("requests", following.PENDING_PER_DOMAIN - 1, "127.0.0.1", 202),
        ("requests", following.PENDING_PER_DOMAIN, "127.0.0.1", 429),
        ("requests", following.PENDING_AT_MOST, "h{}.example", 503),
        ("in vain", following.PENDING_PER_DOMAIN, "127.0.0.1", 202),
        ("in vain", following.PENDING_AT_MOST, "h{}.example", 202),
        ("followers", following.FOLLOWERS_PER_DOMAIN, "127.0.0.1", 429),
    ],
)
def test_there_is_room_for_so_many(
    hub_desk: Desk, callback: Callback, kind: str, number: int, host: str, status: int
) -> None:
    many(hub_desk, number, host, kind)
    said = ask(hub_desk, callback.url)
    assert said.status == status
    assert (said.retry_after_s > 0) is (status != 202)
    if kind == "in vain":
        assert len(pending(hub_desk)) == number  # one has given way
    if kind == "followers":  # who is one already may renew, and everybody may go
        assert ask(hub_desk, f"http://{host}/0").status == 202
        assert ask(hub_desk, callback.url, mode="unsubscribe").status == 202


def test_requests_are_the_same_whoever_wrote_the_form(hub_desk: Desk, callback: Callback) -> None:
    """Parameters in another order, and those of older drafts of the protocol."""
    body = b"hub.verify=async&hub.verify=sync&hub.verify_token=x&" + form(callback.url)
    said = with_app(hub_desk, lambda app: following.take_request(app, body, f"{FORM}; charset=utf-8"))
    assert said.status == 202
    do_due(hub_desk)
    assert len(followers(hub_desk)) == 1


# --- what is over -------------------------------------------------------------------------------------------------


def private_path(desk: Desk) -> str:
    (path,) = [path for path in desk.files() if path.startswith("feeds/s/") and path.endswith(".atom")]
    return path


def test_a_subscribers_feed_is_followed_by_who_knows_its_address_until_it_is_revoked(
    hub_desk: Desk, server: PartnerServer, callback: Callback, capsys: pytest.CaptureFixture[str]
) -> None:
    hub_desk.raw["subscribers"] = [MUARO]
    hub_desk.publish()
    path = private_path(hub_desk)
    follow(hub_desk, callback, path)
    bring(hub_desk, server, 3)
    callback.answers = [500]
    assert do_due(hub_desk) == ["failed"]
    hub_desk.now += HOUR
    assert do_due(hub_desk) == ["delivered"]
    assert callback.received[-1].headers["Link"].endswith(f'<{FEEDS}{path}>; rel="self"')
    hub_desk.raw["subscribers"] = []
    bring(hub_desk, server, 4)
    assert do_due(hub_desk) == []
    assert followers(hub_desk) == ()
    assert callback.asked[-1]["hub.mode"] == "denied"
    assert callback.asked[-1]["hub.topic"] == FEEDS + path
    assert callback.asked[-1]["hub.reason"] == "this feed is not published at this address any more"
    number = len(callback.asked)
    do_due(hub_desk)
    assert len(callback.asked) == number
    assert ask(hub_desk, callback.url, path) == ask(hub_desk, callback.url, "feeds/s/" + "b" * 32 + ".atom")
    said = "".join(capsys.readouterr())
    assert "not delivered" in said
    assert path.split("/")[2].removesuffix(".atom") not in said
    assert "kunci" not in said


def test_when_a_feed_moves_the_new_address_is_named(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    """To who followed it, and to who wants to."""
    old, new = "feeds/kabar-lama.atom", f"{FEEDS}feeds/all.atom"
    hub_desk.raw["outputs"]["custom"] = [{"id": "kabar-lama", "title": "Lama", "where": {"partner": "a"}}]
    hub_desk.publish()
    follow(hub_desk, callback, old)
    del hub_desk.raw["outputs"]["custom"]
    hub_desk.raw["outputs"]["retired"] = [{"id": "kabar-lama", "moved_to": "all"}]
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == []
    assert followers(hub_desk) == ()
    ended = f"this feed is not published at this address any more: follow {new}"
    assert (callback.asked[-1]["hub.mode"], callback.asked[-1]["hub.reason"]) == ("denied", ended)
    said = ask(hub_desk, callback.url, old)
    assert (said.status, said.words.endswith(f": follow {new}")) == (404, True)
    hub_desk.raw["outputs"]["retired"] = [{"id": "kabar-lama"}]
    assert ask(hub_desk, callback.url, old) == ask(hub_desk, callback.url, "feeds/lain.rss")


def test_when_our_hub_ends_all_are_told(hub_desk: Desk, callback: Callback) -> None:
    follow(hub_desk, callback)
    del hub_desk.raw["hub"]
    callback.echo = [500]  # that it was heard is enough
    do_due(hub_desk)
    assert (followers(hub_desk), pending(hub_desk)) == ((), ())
    assert callback.asked[-1]["hub.mode"] == "denied"
    assert callback.asked[-1]["hub.reason"] == "this hub tells of no feed any more"


def test_when_our_address_changes_all_are_told_at_the_old_one_and_may_follow_at_the_new_one(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    """What they would be given else calls itself by an address that they did not follow (section 7)."""
    follow(hub_desk, callback)
    ask(hub_desk, server.url("/cb/lain"))
    hub_desk.raw["site"]["feeds_url"] = "https://umpan.jambiseru.example/"
    bring(hub_desk, server, 3)
    assert do_due(hub_desk) == []
    assert (followers(hub_desk), pending(hub_desk)) == ((), ())
    assert (callback.asked[-1]["hub.mode"], callback.asked[-1]["hub.topic"]) == (
        "denied",
        f"{FEEDS}feeds/all.atom",
    )
    assert ask(hub_desk, callback.url).status == 404
