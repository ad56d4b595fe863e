"""Stories that turn out to be one, and stories of other articles on the same event."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from store_values import HOUR, NOW, candidate, copy, new, settlement

from aggregator.store import tables
from aggregator.store.store import Store


def members(store: Store) -> list[list[str]]:
    with store.read() as tx:
        return [[entry.entry.guid for entry in story.entries] for story in tx.unsettled(NOW + HOUR)]


def related(store: Store) -> set[tuple[int, int]]:
    with store.read() as tx:
        return {(row.story_id, row.other_id) for row in tx._connection.execute(select(tables.relations))}


def test_a_copy_joins_the_new_one_of_its_own_batch(store: Store) -> None:
    leader = candidate("leader")
    copies = [
        replace(copy(candidate(f"copy{n}"), story_id=0), story_id=None, copy_of=leader.identity.key)
        for n in (1, 2)
    ]
    with store.write() as tx:
        tx.apply("s", "p", [copies[0], new(leader), new(candidate("other")), copies[1]], NOW)
    assert members(store) == [["copy1", "leader", "copy2"], ["other"]]


def test_a_copy_whose_new_one_was_stored_already_stands_alone(store: Store) -> None:
    leader = candidate("leader")
    orphan = replace(copy(candidate("copy"), story_id=0), story_id=None, copy_of=leader.identity.key)
    with store.write() as tx:
        tx.apply("s", "p", [new(leader)], NOW)
        tx.apply("s", "p", [new(leader), orphan], NOW)
    assert members(store) == [["leader"], ["copy"]]


def test_unpublished_stories_become_one_and_published_ones_stay(store: Store) -> None:
    with store.write() as tx:
        ids = tx.apply("s", "p", [new(candidate(name)) for name in ("a", "b", "c", "d")], NOW)
        tx.settle(settlement(ids[2], first_published_at=NOW, lead_entry_id=3, shown_hash="1:a", shown_at=NOW))
        tx.hide(ids[3], "salah", NOW)
    with store.write() as tx:
        tx.apply("t", "q", [replace(copy(candidate("joins"), story_id=ids[0]), merges=ids[1:])], NOW + HOUR)
        stories = tx.unsettled(NOW + HOUR)
        published = tx.stories(None, NOW - HOUR, NOW + HOUR, 10)
    assert [[entry.entry.guid for entry in story.entries] for story in stories] == [
        ["a", "b", "joins"],
        ["d"],
    ]
    assert [story.story_id for story in published] == [ids[2]]


def test_related_stories_are_noted_once_and_both_ways(store: Store) -> None:
    with store.write() as tx:
        a, b = tx.apply("s", "p", [new(candidate("a")), new(candidate("b"))], NOW)
    for name in ("c", "d"):
        with store.write() as tx:
            tx.apply("t", "q", [replace(copy(candidate(name), story_id=a), related=(a, b, 99))], NOW)
    assert related(store) == {(a, b), (b, a)}


def test_a_story_that_is_merged_takes_its_relations_with_it(store: Store) -> None:
    with store.write() as tx:
        a, b, c = tx.apply("s", "p", [new(candidate(name)) for name in "abc"], NOW)
        tx.apply("t", "q", [replace(copy(candidate("d"), story_id=a), related=(b,))], NOW)
        tx.apply("t", "q", [replace(copy(candidate("e"), story_id=c), merges=(b,))], NOW)
    assert related(store) == set()
