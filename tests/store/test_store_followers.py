"""Followers of our hub, on each kind of database: what they are owed, who takes it on, and what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from store_values import HOUR, NOW

from aggregator.model.document import Document
from aggregator.model.follower import Claim, Delivery, Follower, HubRequest, Mode, PendingRequest
from aggregator.store.store import Store

ATOM, RSS, GONE = "feeds/all.atom", "feeds/all.rss", "feeds/topics/lama.atom"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
UNTIL = NOW + 2 * timedelta(minutes=1)


def document(path: str, words: str = "isi") -> Document:
    body = words.encode()
    return Document(path, "application/atom+xml", body, hashlib.sha256(body).hexdigest())


def callback(name: str, host: str = "p.example") -> str:
    return f"https://{host}/cb/{name}"


def topic(path: str) -> str:
    return f"https://feeds.example/{path}"


def add(store: Store, name: str, path: str = ATOM, *, secret: str = "", lease: timedelta = DAY) -> None:
    """A follower who was verified at NOW; hosts are told by what stands behind a slash: name/host."""
    name, _, host = name.partition("/")
    asked = HubRequest("subscribe", topic(path), callback(name, host or "p.example"), secret)
    with store.write() as tx:
        tx.follow(PendingRequest(1, path, host or "p.example", asked, NOW, 0), NOW + lease, NOW)


def news(store: Store, *paths: str, words: str = "isi", now: datetime = NOW, replaced: bool = True) -> None:
    with store.write() as tx:
        for path in paths:
            tx.put_document(document(path, words), now)
        tx.queue_news(paths)
        if replaced:
            tx.let_deliver(now)


def claim(
    store: Store,
    now: datetime = NOW,
    limit: int = 100,
    *,
    holder: str = "kami",
    busy: frozenset[str] = frozenset(),
    at_hosts: Mapping[str, int] | None = None,
    per_host: int = 100,
    suspects: bool = False,
) -> tuple[Delivery, ...]:
    taken = Claim(holder, now + 2 * timedelta(minutes=1), busy, at_hosts or {}, per_host)
    with store.write() as tx:
        return tx.claim_deliveries(now, taken, limit, suspects=suspects)


def names(deliveries: tuple[Delivery, ...]) -> list[str]:
    return [one.callback.rpartition("/")[2] for one in deliveries]


def follower(store: Store, name: str = "a", path: str = ATOM) -> Follower:
    with store.read() as tx:
        (found,) = [one for one in tx.followers() if one.callback == callback(name) and one.path == path]
    return found


def test_news_is_owed_to_those_who_follow_and_due_once_the_files_are_replaced(store: Store) -> None:
    add(store, "a")
    add(store, "b", RSS)
    news(store, ATOM, replaced=False)
    assert claim(store) == ()
    assert (follower(store).wanted, follower(store).due_at) == (1, None)
    assert follower(store, "b", RSS).wanted == 0
    with store.write() as tx:
        tx.let_deliver(NOW)
    (found,) = claim(store)
    assert (found.document, found.wanted, found.changed_at) == (document(ATOM), 1, NOW)
    assert found.host == "p.example"


@pytest.mark.parametrize("becomes", ["delivered", "failed", "given up", "freed"])
def test_nobody_is_given_news_whose_files_are_not_replaced(store: Store, becomes: str) -> None:
    """Also not who was being given earlier ones meanwhile."""
    add(store, "a")
    news(store, ATOM)
    (earlier,) = claim(store)
    news(store, ATOM, words="baru", replaced=False)
    with store.write() as tx:
        if becomes == "delivered":
            tx.delivered(earlier, NOW)
        elif becomes == "freed":
            tx.free_claims("kami", NOW)
        else:
            tx.not_delivered(earlier, "", NOW if becomes == "failed" else None, NOW)
        assert not tx.has_due_push(NOW)
    assert claim(store) == ()
    with store.write() as tx:
        tx.let_deliver(NOW)
        assert tx.has_due_push(NOW)
    (found,) = claim(store)
    assert found.document.body == b"baru"


def test_who_begins_to_follow_is_owed_nothing_until_there_is_news(store: Store) -> None:
    news(store, ATOM)
    add(store, "a")
    assert claim(store) == ()
    news(store, ATOM, words="baru")
    assert names(claim(store)) == ["a"]


def test_many_news_become_one_delivery_of_the_newest(store: Store) -> None:
    add(store, "a")
    for number in range(5):
        news(store, ATOM, words=f"isi {number}")
    (found,) = claim(store)
    assert (found.wanted, found.document.body) == (5, b"isi 4")
    with store.write() as tx:
        tx.delivered(found, NOW + SECOND)
    after = follower(store)
    assert (after.sent, after.due_at, after.delivered_at) == (5, None, NOW + SECOND)
    assert (after.held_etag, after.held_at) == (found.document.etag, NOW)
    assert claim(store, NOW + DAY / 2) == ()


def test_news_that_comes_while_something_is_delivered_is_not_forgotten(store: Store) -> None:
    add(store, "a")
    news(store, ATOM)
    (first,) = claim(store)
    news(store, ATOM, words="lebih baru")
    assert claim(store) == ()  # one at a time
    with store.write() as tx:
        tx.delivered(first, NOW)
    (second,) = claim(store)
    assert (second.wanted, second.document.body) == (2, b"lebih baru")


def test_what_one_took_on_no_other_does_until_its_claim_ends(store: Store) -> None:
    add(store, "a")
    news(store, ATOM)
    assert names(claim(store)) == ["a"]
    assert claim(store, UNTIL - SECOND, holder="lain") == ()
    assert names(claim(store, UNTIL, holder="lain")) == ["a"]


def test_a_restart_frees_what_its_own_service_took_on_and_nobody_elses(store: Store) -> None:
    add(store, "a")
    add(store, "b")
    news(store, ATOM)
    assert names(claim(store, limit=1)) == ["a"]
    assert names(claim(store, limit=1, holder="lain")) == ["b"]
    with store.write() as tx:
        tx.free_claims("kami", NOW + SECOND)
    assert names(claim(store, NOW + SECOND)) == ["a"]


def test_a_kill_before_the_files_were_replaced_forgets_nothing(store: Store) -> None:
    """The service repairs the files when it begins, and then lets deliver."""
    add(store, "a")
    news(store, ATOM, replaced=False)
    with store.write() as tx:
        tx.free_claims("kami", NOW)
        tx.let_deliver(NOW)
    assert names(claim(store)) == ["a"]


def fail(store: Store, found: Delivery, again_at: datetime | None, now: datetime = NOW) -> None:
    with store.write() as tx:
        tx.not_delivered(found, "it answers 500", again_at, now)


def test_who_failed_is_tried_again_at_its_time_and_no_news_hastens_that(store: Store) -> None:
    add(store, "a")
    news(store, ATOM)
    (found,) = claim(store)
    fail(store, found, NOW + HOUR)
    news(store, ATOM, words="baru")
    assert claim(store, NOW + HOUR - SECOND, suspects=True) == ()
    assert claim(store, NOW + HOUR) == ()  # they have places of their own
    (again,) = claim(store, NOW + HOUR, suspects=True)
    assert (again.tries, again.wanted, again.is_suspect) == (1, 2, True)
    with store.write() as tx:
        tx.delivered(again, NOW + HOUR)
    assert (follower(store).tries, follower(store).problem) == (0, "")


def test_who_is_given_up_rests_until_there_is_news_also_over_a_restart(store: Store) -> None:
    add(store, "a")
    news(store, ATOM)
    (found,) = claim(store)
    fail(store, found, None)
    with store.write() as tx:
        tx.free_claims("kami", NOW)
        tx.let_deliver(NOW)
    after = follower(store)
    assert (after.wanted, after.sent, after.due_at, after.tries) == (1, 0, None, 1)
    assert after.problem == "it answers 500"
    news(store, ATOM, words="baru")
    (again,) = claim(store, suspects=True)
    assert (again.tries, again.wanted) == (0, 2)


def test_who_is_given_up_while_there_is_more_news_begins_anew_at_once(store: Store) -> None:
    add(store, "a")
    news(store, ATOM)
    (found,) = claim(store)
    news(store, ATOM, words="baru")
    fail(store, found, None, NOW + SECOND)
    (again,) = claim(store, NOW + SECOND, suspects=True)
    assert (again.tries, again.wanted) == (0, 2)


def test_a_renewal_takes_the_newest_secret_or_none_and_keeps_what_is_owed(store: Store) -> None:
    add(store, "a", secret="lama")
    news(store, ATOM)
    add(store, "a", secret="baru", lease=3 * DAY)
    assert follower(store).lease_until_at == NOW + 3 * DAY
    (found,) = claim(store)
    assert (found.secret, found.wanted) == ("baru", 1)
    add(store, "a")
    assert not follower(store).is_signed


def test_nobody_is_owed_anything_after_the_lease(store: Store) -> None:
    add(store, "a", lease=HOUR)
    add(store, "b", lease=2 * HOUR)
    news(store, ATOM)
    assert names(claim(store, NOW + HOUR)) == ["b"]
    with store.write() as tx:
        assert not tx.has_due_push(NOW + HOUR)
        assert tx.has_ended_lease(NOW + HOUR)
        tx.end_leases(NOW + HOUR)
        assert not tx.has_ended_lease(NOW + HOUR)
        assert [one.callback for one in tx.followers()] == [callback("b")]


def test_of_each_callback_one_is_taken_and_of_each_host_what_it_has_room_for(store: Store) -> None:
    for name in ("a", "b", "c", "d/q.example", "e/q.example"):
        add(store, name)
    add(store, "a", RSS)
    news(store, ATOM, RSS)
    assert names(claim(store, busy=frozenset([callback("b")]), per_host=2, limit=3)) == ["a", "c", "d"]
    # a and c are under way now: their host has no room
    assert names(claim(store, at_hosts={"p.example": 2}, per_host=2)) == ["e"]
    assert names(claim(store, at_hosts={"p.example": 1}, per_host=2)) == ["b"]
    (last,) = claim(store)
    assert (last.callback, last.document.path) == (callback("a"), RSS)


@pytest.mark.parametrize("suspects", [False, True], ids=["sound", "suspect"])
def test_of_a_document_that_is_gone_nothing_is_delivered_and_the_others_are(
    store: Store, suspects: bool
) -> None:
    """Its followers are still there until they are told, or until the document comes back."""
    add(store, "a", GONE)
    add(store, "b")
    news(store, ATOM, GONE)
    if suspects:
        for found in claim(store):
            fail(store, found, NOW)
    with store.write() as tx:
        tx.delete_documents(keep=[ATOM])
    assert names(claim(store, suspects=suspects)) == ["b"]
    news(store, GONE, words="kembali")
    assert names(claim(store, suspects=suspects)) == ["a"]


def test_a_clock_that_was_ahead_keeps_nobody_waiting_for_years(store: Store) -> None:
    add(store, "a", lease=30 * DAY)
    news(store, ATOM, now=NOW + 365 * DAY)
    assert names(claim(store)) == ["a"]


def test_a_follower_ends_when_it_says_so(store: Store) -> None:
    add(store, "a")
    news(store, ATOM)
    (found,) = claim(store)
    with store.write() as tx:
        tx.end_follower(found.follower_id)
        tx.delivered(found, NOW)  # of one that is gone nothing is kept
        assert tx.followers() == ()


def ask(store: Store, name: str, mode: Mode = "subscribe", *, path: str = ATOM, secret: str = "") -> None:
    asked = HubRequest(mode, topic(path), callback(name), secret, 3_600)
    with store.write() as tx:
        tx.put_hub_request(path, "p.example", asked, NOW)


def claim_requests(store: Store, now: datetime = NOW, *, fresh: bool = True) -> tuple[PendingRequest, ...]:
    with store.write() as tx:
        return tx.claim_hub_requests(now, Claim("kami", UNTIL, frozenset(), {}, 9), 9, fresh=fresh)


def test_of_requests_for_the_same_only_the_newest_counts(store: Store) -> None:
    ask(store, "a", secret="satu")
    (first,) = claim_requests(store)
    ask(store, "a", "unsubscribe", secret="dua")
    ask(store, "b")
    with store.write() as tx:
        assert not tx.end_hub_request(first.request_id)
    second, other = claim_requests(store)
    assert (second.asked.mode, second.asked.secret, other.asked.callback) == (
        "unsubscribe",
        "dua",
        callback("b"),
    )
    with store.write() as tx:
        assert tx.end_hub_request(second.request_id)
        tx.postpone_hub_request(other.request_id, 1, NOW + HOUR)
        (waiting,) = tx.hub_requests()
    assert waiting.tries == 1
    assert claim_requests(store, fresh=False) == ()
    assert claim_requests(store, NOW + HOUR) == ()
    assert [one.request_id for one in claim_requests(store, NOW + HOUR, fresh=False)] == [other.request_id]


def test_who_follows_what_is_not_published_any_more_is_told_so_once(store: Store) -> None:
    add(store, "a", GONE)
    add(store, "a")
    ask(store, "a", path=GONE)
    ask(store, "b", path=GONE)
    ask(store, "c", "unsubscribe", path=GONE)
    with store.write() as tx:
        assert tx.followed_topics() == {topic(GONE), topic(ATOM)}
        tx.end_following([topic(GONE)], "tidak terbit lagi", NOW)
        assert tx.followed_topics() == {topic(ATOM)}
        assert [(one.path, one.callback) for one in tx.followers()] == [(ATOM, callback("a"))]
    assert claim_requests(store) == ()  # they take nobody's place who wants to follow
    with store.read() as tx:
        assert tx.crowd("p.example").requests == 0
    told = claim_requests(store, fresh=False)
    assert [(one.asked.mode, one.asked.callback) for one in told] == [
        ("denied", callback("a")),
        ("denied", callback("b")),
    ]
    assert {one.asked.reason for one in told} == {"tidak terbit lagi"}
    assert {one.asked.topic for one in told} == {topic(GONE)}


def test_a_crowd_is_counted_in_a_domain_and_in_all(store: Store) -> None:
    for name in ("a", "b/q.example", "c/a.b.p.example", "d/lainp.example", "e/2001:db8::1", "f/2001:db8::2"):
        add(store, name)
    ask(store, "c")
    ask(store, "d")
    with store.write() as tx:
        tx.postpone_hub_request(tx.hub_requests()[0].request_id, 1, NOW)
        crowd = tx.crowd("p.example")
        assert (crowd.followers_of_domain, crowd.followers) == (2, 6)
        assert (crowd.requests_of_domain, crowd.requests) == (1, 1)
        assert tx.crowd(":").followers_of_domain == 2
        assert tx.is_follower(ATOM, callback("a"))
        assert not tx.is_follower(RSS, callback("a"))


def test_what_was_asked_in_vain_makes_room_the_most_often_first(store: Store) -> None:
    for name in ("a", "b", "c", "d"):
        ask(store, name)
    with store.write() as tx:
        for request, tries in zip(tx.hub_requests(), (1, 2, 1, 0), strict=True):
            tx.postpone_hub_request(request.request_id, tries, NOW)

    def left(domain: str, of_domain: int, in_all: int) -> list[str]:
        with store.write() as tx:
            tx.make_room(domain, of_domain, in_all)
            return [one.asked.callback[-1] for one in tx.hub_requests()]

    assert left("p.example", 4, 4) == left("q.example", 0, 4) == ["a", "b", "c", "d"]
    assert left("p.example", 3, 9) == ["a", "c", "d"]
    assert left("q.example", 9, 2) == ["c", "d"]
    assert left("p.example", 0, 0) == ["d"]


def test_another_hub_is_told_by_the_same_rules_and_has_no_lease(store: Store) -> None:
    hub = "https://hub.example/"
    topics = {ATOM: topic(ATOM)}
    for words in ("satu", "dua"):
        with store.write() as tx:
            tx.add_hub(hub, "hub.example", topics, NOW)
        news(store, ATOM, words=words)
    (found,) = claim(store, NOW + 365 * DAY)
    assert (found.is_hub, found.callback, found.wanted) == (True, hub, 2)
    with store.write() as tx:
        assert tx.followed_topics() == frozenset()
        tx.end_following([topics[ATOM]], "x", NOW)
        tx.unfollow(ATOM, hub)
        assert tx.pinged() == {(ATOM, hub)}
        tx.forget_hubs([(ATOM, hub)])
        assert tx.pinged() == frozenset()
        assert tx.hub_requests() == ()


@pytest.mark.parametrize("kind", ["delivery", "request", "nothing"])
def test_whether_something_is_due_is_known(store: Store, kind: str) -> None:
    add(store, "a")
    if kind == "delivery":
        news(store, ATOM)
    elif kind == "request":
        ask(store, "b")
    with store.read() as tx:
        assert tx.has_due_push(NOW) is (kind != "nothing")


def test_secrets_and_callbacks_are_not_shown(store: Store) -> None:
    add(store, "kunci", secret="rahasia")
    news(store, ATOM)
    ask(store, "kunci", secret="rahasia")
    shown = repr((follower(store, "kunci"), claim(store), claim_requests(store)))
    assert "rahasia" not in shown
    assert "kunci" not in shown
