"""Stories that turn out to be one, and stories of other articles on the same event."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from store_values import HOUR, NOW, candidate, copy, new, settlement

from aggregator.model.document import EVERYTHING
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
    orphan = copy(candidate("copy"), copy_of=leader.identity.key, reason="similarity 0.93")
    with store.write() as tx:
        tx.apply("s", "p", [new(leader)], NOW)
        tx.apply("s", "p", [new(leader), orphan], NOW)
    assert members(store) == [["leader"], ["copy"]]
    assert reasons(store) == {"leader": "", "copy": ""}


def test_unpublished_stories_become_one_and_published_ones_stay(store: Store) -> None:
    with store.write() as tx:
        ids = tx.apply("s", "p", [new(candidate(name)) for name in ("a", "b", "c", "d")], NOW)
        tx.settle(settlement(ids[2], first_published_at=NOW, lead_entry_id=3, shown_hash="1:a", shown_at=NOW))
        tx.hide(ids[3], "salah", NOW)
    with store.write() as tx:
        tx.apply("t", "q", [replace(copy(candidate("joins"), story_id=ids[0]), merges=ids[1:])], NOW + HOUR)
        stories = tx.unsettled(NOW + HOUR)
        published = tx.stories(EVERYTHING, NOW - HOUR, NOW + HOUR, 10)
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


def test_relations_of_stories_that_are_merged_pass_to_the_one_that_remains(store: Store) -> None:
    with store.write() as tx:
        a, b, c, d, e = tx.apply("s", "p", [new(candidate(name)) for name in "abcde"], NOW)
        for story_id, others in ((b, (a, c, d)), (c, (d, e)), (a, (d,))):
            one = copy(candidate(f"copy of {story_id}"), story_id=story_id)
            tx.apply("t", "q", [replace(one, related=others)], NOW)
    with store.write() as tx:
        joins = replace(copy(candidate("joins"), story_id=a), merges=(b, c))
        _, f = tx.apply("t", "q", [joins, replace(new(candidate("f")), related=(c,))], NOW)
    assert related(store) == {(a, d), (d, a), (a, e), (e, a), (a, f), (f, a)}


def test_what_is_hidden_or_held_is_not_lost_by_a_merge(store: Store) -> None:
    with store.write() as tx:
        (kept,) = tx.apply("s", "p", [new(candidate("kept"))], NOW)
        flood = [new(candidate(name), held=True) for name in ("held", "hidden and held")]
        held, hidden = tx.apply("flood", "f", flood, NOW)
        tx.hide(hidden, "salah", NOW)
        tx.apply("t", "q", [replace(copy(candidate("d"), story_id=kept), related=(hidden,))], NOW)
    with store.write() as tx:
        joins = replace(copy(candidate("joins"), story_id=kept), merges=(held, hidden))
        tx.apply("t", "q", [joins], NOW + HOUR)
        assert tx.held_counts() == {"flood": 2}
        assert [story.story_id for story in tx.hidden_stories()] == [hidden]
    assert members(store) == [["kept", "held", "d", "joins"], ["hidden and held"]]
    assert related(store) == {(kept, hidden), (hidden, kept)}
    with store.write() as tx:
        assert tx.release("flood", discard=False) == 2
        assert tx.held_counts() == {}
        assert [story.hidden_reason for story in tx.hidden_stories()] == ["salah"]


def reasons(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {one.entry.guid: one.reason for story in tx.unsettled(NOW + HOUR) for one in story.entries}


def test_entries_keep_why_they_joined_their_story(store: Store) -> None:
    leader = candidate("leader")
    with store.write() as tx:
        copies = [
            copy(
                candidate("alike"), copy_of=leader.identity.key, reason="similarity 0.93 within the document"
            ),
            copy(candidate("numbered"), story_id=1, reason="article id"),
        ]
        tx.apply("s", "p", [new(leader, reason="of no interest"), copies[0]], NOW)
        tx.apply("t", "q", [copies[1]], NOW)
    assert reasons(store) == {
        "leader": "",
        "alike": "similarity 0.93 within the document",
        "numbered": "article id",
    }


def test_a_merge_is_why_those_that_began_a_story_are_in_this_one(store: Store) -> None:
    with store.write() as tx:
        a, b, c = tx.apply("s", "p", [new(candidate(name)) for name in "abc"], NOW)
        tx.apply("t", "q", [copy(candidate("b2"), story_id=b, reason="address")], NOW)
        joins = copy(candidate("joins"), story_id=a, merges=(b, c), reason="similarity 0.90")
        tx.apply("u", "r", [joins], NOW)
    assert members(store) == [["a", "b", "c", "b2", "joins"]]
    assert reasons(store) == {
        "a": "",
        "b": "brought together by a copy of both, from u",
        "b2": "address",
        "c": "brought together by a copy of both, from u",
        "joins": "similarity 0.90",
    }


def test_of_stories_that_become_one_only_what_came_first_needs_no_reason(store: Store) -> None:
    """Also where the story that came later remains."""
    with store.write() as tx:
        a, b = tx.apply("s", "p", [new(candidate(name)) for name in "ab"], NOW)
        tx.apply("t", "q", [copy(candidate("b2"), story_id=b)], NOW)  # from before reasons were kept
        tx.apply("u", "r", [copy(candidate("joins"), story_id=b, merges=(a,), reason="article id")], NOW)
    assert reasons(store) == {
        "a": "",
        "b": "brought together by a copy of both, from u",
        "b2": "",
        "joins": "article id",
    }
