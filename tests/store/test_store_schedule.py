"""The state is the queue: who is due, who holds a lease, and what a stepped clock does to both."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from store_values import HOUR, NOW

from aggregator.model.source import SourceDefinition, Visit
from aggregator.store.sources import SPACING, VISITS_KEPT, Lessee
from aggregator.store.store import Store

MINUTE = timedelta(minutes=1)


def definition(name: str, host: str = "", every: timedelta = 15 * MINUTE) -> SourceDefinition:
    return SourceDefinition(name, f"https://{host or name}.example/{name}", "p", every.total_seconds())


def lessee(*at_work_on: str, name: str = "me", lasts: timedelta = MINUTE) -> Lessee:
    return Lessee(name, frozenset(at_work_on), NOW + lasts)


def visit(name: str, **parts: object) -> Visit:
    return replace(Visit(name, NOW, "unchanged", next_poll_at=NOW + 15 * MINUTE), **parts)  # type: ignore[arg-type]


def claimed(store: Store, by: Lessee, *, limit: int = 100, per_host: int = 100, **when: object) -> list[str]:
    now = when.get("now", NOW)
    with store.write() as tx:
        found = tx.claim_due(now, by, limit, per_host, suspects=bool(when.get("suspects")))  # type: ignore[arg-type]
    return [state.source_id for state in found]


def sync(store: Store, *definitions: SourceDefinition, now: object = NOW) -> None:
    with store.write() as tx:
        tx.sync_sources(definitions, now)  # type: ignore[arg-type]


def test_a_source_is_claimed_once_and_again_when_its_moment_comes(store: Store) -> None:
    sync(store, definition("a"), definition("b"))
    assert claimed(store, lessee()) == ["a", "b"]
    assert claimed(store, lessee("a", "b")) == []
    with store.write() as tx:
        tx.record_visit(visit("a"))
    assert claimed(store, lessee("b"), now=NOW + 14 * MINUTE) == []
    assert claimed(store, lessee("b"), now=NOW + 15 * MINUTE) == ["a"]


def test_a_lease_keeps_others_out_until_it_ends(store: Store) -> None:
    sync(store, definition("a"))
    assert claimed(store, lessee()) == ["a"]
    other = lessee(name="other", lasts=HOUR)
    assert claimed(store, other, now=NOW + 59 * timedelta(seconds=1)) == []
    assert claimed(store, other, now=NOW + MINUTE) == ["a"]


def test_what_a_dead_predecessor_held_is_taken_up_at_once(store: Store) -> None:
    sync(store, definition("a"), definition("b"))
    assert claimed(store, lessee(lasts=HOUR)) == ["a", "b"]
    assert claimed(store, lessee("b"), now=NOW + SPACING) == ["a"], (
        "a is leased under our name, and nobody here is at work on it"
    )


def test_per_host_counts_what_is_under_way_anywhere(store: Store) -> None:
    sync(store, *(definition(name, host="one") for name in "abcd"), definition("z"))
    assert claimed(store, lessee(), per_host=2) == ["a", "z"]
    assert claimed(store, lessee("a", "z"), per_host=2, now=NOW + SPACING) == ["b"]
    later = NOW + 10 * SPACING
    assert claimed(store, lessee("a", "b", "z"), per_host=2, now=later) == []
    assert claimed(store, lessee(name="other"), per_host=2, now=later) == [], "the others' leases count"
    with store.write() as tx:
        tx.record_visit(visit("a"))
    assert claimed(store, lessee("b", "z"), per_host=2, now=later) == ["c"]


def test_visits_to_one_host_begin_apart_whoever_makes_them(store: Store) -> None:
    sync(store, *(definition(name, host="one") for name in "abcd"), definition("z"))
    assert claimed(store, lessee(), per_host=16) == ["a", "z"]
    early = NOW + SPACING - timedelta(milliseconds=1)
    assert claimed(store, lessee(name="other"), per_host=16, now=early) == []
    assert claimed(store, lessee(name="other"), per_host=16, now=NOW + SPACING) == ["b"]


def test_a_turn_from_a_clock_that_was_ahead_is_not_believed(store: Store) -> None:
    sync(store, definition("a", host="one"), definition("b", host="one"))
    assert claimed(store, lessee(lasts=2 * HOUR), now=NOW + HOUR) == ["a"]
    assert claimed(store, lessee("a")) == ["b"]


def test_a_host_that_asked_us_to_wait_is_left_alone_with_all_its_sources(store: Store) -> None:
    sync(store, definition("a", host="one"), definition("b", host="one"), definition("z"))
    with store.write() as tx:
        tx.record_visit(visit("a", outcome="failed", problem="429", next_poll_at=NOW + 2 * HOUR))
        tx.let_hosts_rest({"one.example": 3600.0}, NOW)
        tx.let_hosts_rest({"one.example": 300.0}, NOW)  # the longest word counts
    assert claimed(store, lessee(), now=NOW + 59 * MINUTE) == ["z"]
    assert claimed(store, lessee("z"), now=NOW + HOUR) == ["b"]


def test_a_crowded_host_keeps_no_other_waiting(store: Store) -> None:
    sync(store, *(definition(f"a{n:03}", host="crowd") for n in range(300)), definition("z"))
    assert claimed(store, lessee(), per_host=2, limit=10) == ["a000", "z"]


def test_longest_due_first_and_no_more_than_asked(store: Store) -> None:
    sync(store, definition("late"), now=NOW - HOUR)
    sync(store, definition("late"), *(definition(f"s{n}") for n in range(500)), now=NOW)
    found = claimed(store, lessee(), limit=48)
    assert len(found) == 48
    assert found[0] == "late"
    assert claimed(store, lessee(), limit=0) == []


def test_suspects_are_claimed_apart(store: Store) -> None:
    sync(store, definition("good"), definition("bad"))
    with store.write() as tx:
        tx.record_visit(visit("bad", outcome="failed", problem="hangs", next_poll_at=NOW))
    assert claimed(store, lessee(), suspects=True) == ["bad"]
    assert claimed(store, lessee("bad")) == ["good"]
    with store.write() as tx:
        tx.record_visit(visit("bad", next_poll_at=NOW))
    assert claimed(store, lessee("good"), now=NOW + SPACING) == ["bad"]


@pytest.mark.parametrize(
    ("becomes", "expected_at"),
    [
        (definition("a"), NOW + 15 * MINUTE),
        (definition("a", every=5 * MINUTE), NOW + 5 * MINUTE),
        (definition("a", every=HOUR), NOW + 15 * MINUTE),
        (replace(definition("a"), url="https://a.example/new"), NOW + MINUTE),
        (replace(definition("a"), is_polled=False), None),
        (None, None),
    ],
    ids=["same", "shorter", "longer", "moved", "disabled", "retired"],
)
def test_an_edit_decides_when_a_source_is_polled_next(
    store: Store, becomes: SourceDefinition | None, expected_at: object
) -> None:
    sync(store, definition("a"))
    with store.write() as tx:
        tx.record_visit(visit("a"))
    sync(store, *([becomes] if becomes else []), now=NOW + MINUTE)
    with store.read() as tx:
        state = tx.source_state("a")
    assert state is not None
    assert state.next_poll_at == expected_at


def test_a_visit_that_ends_after_its_source_was_disabled_does_not_enable_it(store: Store) -> None:
    sync(store, definition("a"))
    claimed(store, lessee())
    sync(store, replace(definition("a"), is_polled=False))
    with store.write() as tx:
        tx.record_visit(visit("a"))
    with store.read() as tx:
        assert not tx.has_due_source(NOW + 400 * HOUR)
    sync(store, definition("a"), now=NOW + HOUR)
    assert claimed(store, lessee(), now=NOW + HOUR) == ["a"]


@pytest.mark.parametrize(
    "by", [-HOUR, timedelta(days=1), timedelta(days=20_000)], ids=["back", "on", "decades"]
)
def test_a_stepped_clock_lets_everybody_wait_as_long_as_before(store: Store, by: timedelta) -> None:
    waits = {f"s{n}": n * MINUTE for n in range(15)}
    sync(store, *map(definition, waits))
    with store.write() as tx:
        for name, wait in waits.items():
            tx.record_visit(visit(name, next_poll_at=NOW + wait))
        tx.shift_schedule(by, NOW + by)
        states = tx.source_states()
        assert {name: state.next_poll_at for name, state in states.items()} == {
            name: NOW + by + wait for name, wait in waits.items()
        }


@pytest.mark.parametrize("by", [-HOUR, timedelta(days=1)], ids=["back", "on"])
def test_what_the_new_clock_has_set_stays(store: Store, by: timedelta) -> None:
    sync(store, definition("a"))
    after = NOW + by
    with store.write() as tx:
        tx.record_visit(Visit("a", after, "unchanged", next_poll_at=after + 15 * MINUTE))
        tx.shift_schedule(by, after)
        state = tx.source_state("a")
    assert state is not None
    assert state.next_poll_at == after + 15 * MINUTE


def test_a_moment_from_a_clock_that_was_ahead_is_not_waited_for(store: Store) -> None:
    sync(store, definition("a"))
    with store.write() as tx:
        tx.record_visit(visit("a", next_poll_at=NOW + 1000 * HOUR))
    sync(store, definition("a"))
    assert claimed(store, lessee(), now=NOW + 30 * MINUTE) == ["a"]


def test_a_source_never_polled_does_not_wait_for_a_clock_that_was_ahead(store: Store) -> None:
    sync(store, definition("a"), now=NOW + 80_000 * HOUR)
    with store.write() as tx:
        tx.shift_schedule(-80_000 * HOUR, NOW)
    assert claimed(store, lessee(), now=NOW + 30 * MINUTE) == ["a"]


def test_a_lease_from_a_clock_that_was_ahead_is_not_believed(store: Store) -> None:
    sync(store, definition("a"))
    assert claimed(store, lessee(name="gone", lasts=80_000 * HOUR)) == ["a"]
    assert claimed(store, lessee(), now=NOW + SPACING) == ["a"]


def test_the_last_visits_are_kept_newest_first(store: Store) -> None:
    sync(store, definition("a"), definition("b"))
    with store.write() as tx:
        for minute in range(VISITS_KEPT + 5):
            tx.record_visit(visit("a", visited_at=NOW + minute * MINUTE, new=minute, took_s=0.5))
        tx.record_visit(visit("b", outcome="failed", problem="hangs"))
    with store.read() as tx:
        visits = tx.visits()
    assert [one.new for one in visits["a"]] == list(range(VISITS_KEPT + 4, 4, -1))
    assert visits["a"][0].visited_at == NOW + (VISITS_KEPT + 4) * MINUTE
    assert [(one.outcome, one.problem) for one in visits["b"]] == [("failed", "hangs")]


def test_two_services_never_claim_the_same_source(store: Store) -> None:
    names = [f"s{n:03}" for n in range(200)]
    sync(store, *map(definition, names))
    barrier = Barrier(2)

    def claim_all(name: str) -> list[str]:
        mine: list[str] = []
        barrier.wait(timeout=30)
        while found := claimed(store, lessee(*mine, name=name), limit=7):
            mine += found
        return mine

    with ThreadPoolExecutor(2) as threads:
        one, two = threads.map(claim_all, ("one", "two"))
    assert sorted(one + two) == names
