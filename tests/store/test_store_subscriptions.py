"""Our subscriptions at partners' hubs, and what documents offer, on each kind of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from store_values import HOUR, NOW

from aggregator.model.source import SourceDefinition, Visit
from aggregator.model.subscription import HubOffer, Subscription
from aggregator.store.store import Store

OFFER = HubOffer("https://hub.example/", "https://a.example/feed")
PENDING = Subscription(
    "t1", "a", OFFER.hub, OFFER.self_url, "rahasia", "pending", asked_at=NOW, due_at=NOW, tries=1
)
FIRST = Subscription(
    *("t2", "a", OFFER.hub, OFFER.self_url, "lain", "leaving"),
    asked_at=NOW,
    verified_at=NOW,
    listens_from_at=NOW,
    lease_until_at=NOW + 9 * HOUR,
    due_at=NOW + HOUR,
    tries=2,
    problem="tidak menjawab",
    pushed_at=NOW + HOUR,
    missed_at=NOW,
    callback_base="https://kami.example/websub/",
)
SECOND = replace(FIRST, token="t3", state="active", verified_at=NOW + HOUR)
OTHER = replace(SECOND, token="t0", source_id="b")


def sources(store: Store, *definitions: SourceDefinition) -> None:
    with store.write() as tx:
        tx.sync_sources(definitions, NOW)


A, B = (SourceDefinition(name, f"https://{name}.example/feed", "p", 900.0) for name in "ab")


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write() as tx:
        for one in (PENDING, SECOND, OTHER, FIRST):
            tx.put_subscription(one)
    return store


def test_they_are_read_as_they_were_put_the_newest_last(filled: Store) -> None:
    with filled.read() as tx:
        assert tx.subscriptions() == (FIRST, SECOND, PENDING, OTHER)
        assert tx.subscriptions_of("a") == (FIRST, SECOND, PENDING)
        assert tx.subscriptions_of("c") == ()
        assert tx.subscription("t1") == PENDING
        assert tx.subscription("t9") is None


@pytest.mark.parametrize(
    ("asked_at", "due_at", "lives"),
    [
        (NOW - HOUR, NOW + HOUR, False),
        (NOW, NOW + HOUR, True),
        (NOW - HOUR, NOW, True),
        (NOW - HOUR, None, True),
        (None, NOW + HOUR, False),
    ],
)
def test_of_those_that_ended_few_are_looked_at(
    filled: Store, asked_at: datetime | None, due_at: datetime | None, lives: bool
) -> None:
    ended = replace(SECOND, state="ended", asked_at=asked_at, due_at=due_at)
    with filled.write() as tx:
        tx.put_subscription(ended)
    with filled.read() as tx:
        found = tx.living_subscriptions(NOW, NOW)
    assert found == (FIRST, *([ended] if lives else []), PENDING, OTHER)


def test_they_change_and_are_forgotten(filled: Store) -> None:
    with filled.write() as tx:
        tx.put_subscription(replace(FIRST, state="ended", problem=""))
        tx.forget_subscriptions(["t0", "t1", "t9"])
    with filled.read() as tx:
        assert tx.subscriptions() == (replace(FIRST, state="ended", problem=""), SECOND)


def test_who_listens_anew_hears_from_the_active_ones(filled: Store) -> None:
    later = NOW + 5 * HOUR
    with filled.write() as tx:
        assert sorted(tx.listen(later)) == ["a", "b"]
    with filled.read() as tx:
        assert {one.token: one.listens_from_at for one in tx.subscriptions()} == {
            "t0": later,
            "t1": None,
            "t2": NOW,
            "t3": later,
        }


@pytest.mark.parametrize(
    ("planned_at", "soon_at", "expected"),
    [
        (NOW + 5 * HOUR, NOW + HOUR, NOW + HOUR),
        (NOW + HOUR, NOW + 5 * HOUR, NOW + HOUR),
        (None, NOW, None),  # not polled at all
    ],
)
def test_a_source_is_polled_soon_or_sooner(
    store: Store, planned_at: datetime | None, soon_at: datetime, expected: datetime | None
) -> None:
    sources(store, replace(A, is_polled=planned_at is not None), B)
    with store.write() as tx:
        if planned_at:
            tx.record_visit(Visit("a", NOW, "unchanged", next_poll_at=planned_at))
        tx.poll_soon(["a"], soon_at)
        states = tx.source_states()
    assert (states["a"].next_poll_at, states["b"].next_poll_at) == (expected, NOW)
    # Counted even where the moment stays: whoever is at it may have begun too early.
    assert (states["a"].wanted, states["b"].wanted) == (0 if planned_at is None else 1, 0)


def test_what_a_document_offers_is_kept_until_it_says_otherwise_or_the_address_changes(store: Store) -> None:
    sources(store, A, B)
    with store.write() as tx:
        tx.record_visit(Visit("a", NOW, "read", offer=OFFER))
        tx.record_visit(Visit("a", NOW, "unchanged"))
        tx.record_visit(Visit("b", NOW, "read", offer=HubOffer()))
        assert tx.source_states()["a"].offer == OFFER
        assert tx.hub_offers() == {"a": (A.url, OFFER)}
    sources(store, replace(A, url="https://a.example/baru"), B)
    with store.write() as tx:
        assert tx.hub_offers() == {}
        tx.record_visit(Visit("a", NOW, "read", offer=OFFER))
    sources(store, B)
    with store.read() as tx:
        assert tx.hub_offers() == {}  # of a source that retired


def test_a_push_is_recorded_beside_the_visits_and_changes_nothing_else(store: Store) -> None:
    sources(store, A)
    with store.write() as tx:
        tx.record_visit(Visit("a", NOW, "read", body_hash="h", entries_in_feed=9, next_poll_at=NOW + HOUR))
        before = tx.source_state("a")
        tx.record_push(Visit("a", NOW + HOUR, "pushed", entries_in_feed=2, new=2, took_s=0.5))
        assert before is not None
        before = replace(before, pushed_at=NOW + HOUR)
        assert tx.source_state("a") == before
        pushed, read = tx.visits()["a"]
        assert (pushed.outcome, pushed.new, read.outcome) == ("pushed", 2, "read")
        tx.record_push(Visit("a", NOW + HOUR, "pushed", flooded_at=NOW + HOUR))
        after = tx.source_state("a")
        assert after == replace(before, flooded_at=NOW + HOUR)
