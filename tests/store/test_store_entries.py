"""From candidates to entries and stories: known, apply."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_values import HOUR, NOW, candidate, copy, new, settlement

from aggregator.model.entry import Candidate
from aggregator.model.fetch import Validators
from aggregator.model.source import FeedMeta, SourceDefinition, SourceState, Visit
from aggregator.model.story import Decision, Verdict
from aggregator.store.alike import ALIKE_PER_CANDIDATE, HOLDERS_PER_MARK
from aggregator.store.reads import Counts
from aggregator.store.store import Store

STORED = candidate("stored", url="https://a.example/1", article_id="a.example#1", marks=(1, 2, 3))


def titles_known(store: Store, source_id: str, *candidates: Candidate) -> list[str]:
    with store.read() as tx:
        return [known.title for known in tx.known(source_id, candidates)]


@pytest.mark.parametrize(
    ("asking", "source_id", "is_known"),
    [
        pytest.param(candidate("x", guid="stored"), "s1", True, id="guid of the same source"),
        pytest.param(candidate("x", guid="stored"), "s2", False, id="guid of another source"),
        pytest.param(candidate("x", article_id="a.example#1"), "s1", True, id="article id, same source"),
        pytest.param(candidate("x", article_id="a.example#1"), "s2", True, id="article id, another source"),
        pytest.param(candidate("x", url="https://a.example/1"), "s2", True, id="canonical URL"),
        pytest.param(candidate("stored", guid="x"), "s1", True, id="content of the same source"),
        pytest.param(candidate("stored", guid="x"), "s2", False, id="content of another source"),
        pytest.param(candidate("x", guid=""), "s1", False, id="empty rungs never match"),
        pytest.param(candidate("x", marks=(9, 3)), "s2", True, id="a mark of another source's"),
        pytest.param(candidate("x", marks=(9, 3)), "s1", True, id="a mark of the same source's"),
    ],
)
def test_known(store: Store, asking: Candidate, source_id: str, is_known: bool) -> None:
    rungless = replace(candidate("rungless", guid=""), marks=())
    with store.write() as tx:
        tx.apply("s1", "p1", [new(STORED), new(rungless)], NOW)
    assert titles_known(store, source_id, asking) == (["title of stored"] if is_known else [])


def test_known_entry_carries_what_the_decision_compares(store: Store) -> None:
    with store.write() as tx:
        (story_id,) = tx.apply("s1", "p1", [new(STORED)], NOW)
        (known,) = tx.known("s2", [STORED])
    assert (known.story_id, known.source_id, known.partner_id) == (story_id, "s1", "p1")
    assert known.identity == STORED.identity
    assert (known.text, known.content_hash) == (STORED.text, STORED.content_hash)


def test_known_keeps_the_most_alike_of_many(store: Store) -> None:
    many = [new(candidate(f"e{n}", marks=(0, *range(1, n + 1)))) for n in range(150)]
    with store.write() as tx:
        tx.apply("s1", "p1", many, NOW)
    found = titles_known(store, "s2", candidate("x", marks=tuple(range(150))))
    assert found == [f"title of e{n}" for n in range(150 - ALIKE_PER_CANDIDATE, 150)]
    assert len(found) == ALIKE_PER_CANDIDATE


def test_known_looks_at_the_newest_of_those_that_share_a_mark_with_many(store: Store) -> None:
    many = [
        new(candidate(f"e{n}", marks=(1, 2 + n // HOLDERS_PER_MARK))) for n in range(3 * HOLDERS_PER_MARK)
    ]
    with store.write() as tx:
        tx.apply("s1", "p1", many, NOW)
    newest = [f"title of e{n}" for n in range(len(many))][-ALIKE_PER_CANDIDATE:]
    assert titles_known(store, "s2", candidate("x", marks=(1,))) == newest
    of_second_third = titles_known(store, "s2", candidate("x", marks=(3,)))
    assert (
        of_second_third
        == [f"title of e{n}" for n in range(HOLDERS_PER_MARK, 2 * HOLDERS_PER_MARK)][-ALIKE_PER_CANDIDATE:]
    )


def test_known_of_a_large_feed_stays_within_what_a_statement_takes(store: Store) -> None:
    many = [candidate(f"e{n}", marks=tuple(range(n * 20, n * 20 + 20))) for n in range(600)]
    with store.write() as tx:
        tx.apply("s1", "p1", [new(one) for one in many], NOW)
        assert len(tx.known("s1", many)) == 600
        assert len(tx.unsettled(NOW)) == 600


def test_new_and_copy(store: Store) -> None:
    with store.write() as tx:
        (first,) = tx.apply("s1", "p1", [new(STORED)], NOW)
        batch = [
            new(candidate("begins"), backlog=True),
            copy(candidate("joins a stored"), story_id=first),
            Decision(Verdict.SAME, candidate("ignored"), entry_id=1),
            Decision(Verdict.LOOP, candidate("ours")),
        ]
        touched = tx.apply("s2", "p2", batch, NOW)
        assert tx.counts() == Counts(entries=3, stories=2, published=0, hidden=0, pending=2)
        one, two = tx.unsettled(NOW)
    assert touched == (one.story_id, two.story_id)
    assert [e.entry.title for e in one.entries] == ["title of stored", "title of joins a stored"]
    assert [(e.entry.title, e.backlog) for e in two.entries] == [("title of begins", True)]


def test_applying_twice_is_harmless(store: Store) -> None:
    batch = [new(STORED), new(candidate("other")), new(candidate("other"))]
    with store.write() as tx:
        tx.apply("s1", "p1", batch, NOW)
        before = tx.counts(), tx.unsettled(NOW)
        assert tx.apply("s1", "p1", batch, NOW + HOUR) == ()
        assert (tx.counts(), tx.unsettled(NOW)) == before
        assert tx.counts().entries == 2


def test_revision_replaces_content_and_learns_identity(store: Store) -> None:
    revised = candidate("stored again", guid="stored", url="https://a.example/moved", marks=(3, 4))
    with store.write() as tx:
        (story_id,) = tx.apply("s1", "p1", [new(STORED)], NOW)
        (known,) = tx.known("s1", [STORED])
        decision = Decision(
            Verdict.REVISED, revised, entry_id=known.entry_id, identities=(revised.identity, STORED.identity)
        )
        assert tx.apply("s1", "p1", [decision], NOW + HOUR) == (story_id,)
        (after,) = tx.known("s1", [revised])
        (story,) = tx.unsettled(NOW)
    assert after.identities == (revised.identity, STORED.identity)
    assert (after.title, after.text) == ("title of stored again", "text of stored again")
    (entry,) = story.entries
    assert (entry.key, entry.first_seen_at, entry.entry) == ("guid:stored", NOW, revised.entry)
    assert titles_known(store, "s2", candidate("x", marks=(1, 2))) == []
    assert titles_known(store, "s2", candidate("x", marks=(4,))) == ["title of stored again"]
    for url in ("https://a.example/moved", "https://a.example/1"):
        assert titles_known(store, "s2", candidate("x", url=url)) == ["title of stored again"]


def test_what_is_noted_changes_labels_and_identity_but_no_content(store: Store) -> None:
    seen = candidate("seen", guid="changed", content_hash="2:other")
    seen = replace(seen, entry=replace(seen.entry, categories=("Advertorial",), authors=("A",)))
    with store.write() as tx:
        (story_id,) = tx.apply("s1", "p1", [new(STORED)], NOW)
        tx.settle(settlement(story_id, first_published_at=NOW))
        noted = Decision(Verdict.NOTED, seen, entry_id=1, identities=(seen.identity, STORED.identity))
        assert tx.apply("s1", "p1", [noted], NOW + HOUR) == (story_id,)
        (after,) = tx.known("s1", [candidate("x", guid="changed")])
        (story,) = tx.unsettled(NOW)
    assert after.identities == (seen.identity, STORED.identity)
    assert (after.categories, after.authors) == (("Advertorial",), ("A",))
    assert (after.title, after.text, after.content_hash) == (
        "title of stored",
        STORED.text,
        STORED.content_hash,
    )
    (entry,) = story.entries
    assert entry.entry == replace(STORED.entry, categories=("Advertorial",), authors=("A",))
    assert (entry.key, entry.content_hash) == ("guid:stored", STORED.content_hash)


def test_neighbours_are_looked_up_for_strangers_only(store: Store) -> None:
    neighbour, known = candidate("neighbour", marks=(1, 2)), candidate("known", marks=(2, 3))
    with store.write() as tx:
        tx.apply("s2", "p2", [new(neighbour)], NOW)
        tx.apply("s1", "p1", [new(known)], NOW)
    stranger = replace(known, identity=replace(known.identity, canonical_url="https://a.example/new"))
    assert titles_known(store, "s1", replace(known, text="changed")) == ["title of known"]
    assert titles_known(store, "s1", stranger) == ["title of neighbour", "title of known"]


def test_visits_are_remembered(store: Store) -> None:
    read = Visit(
        "s1", NOW, "read", Validators('"e"', "Mon"), "h", FeedMeta("T", "u", "i", "id"), 7, notes=("n",)
    )
    failed = Visit("s1", NOW + HOUR, "failed", problem="hangs")
    unchanged = Visit("s1", NOW + 3 * HOUR, "unchanged", validators=Validators('"f"'))
    with store.write() as tx:
        tx.record_visit(read)
        after_read = SourceState(
            "s1",
            Validators('"e"', "Mon"),
            "h",
            FeedMeta("T", "u", "i", "id"),
            NOW,
            NOW,
            None,
            0,
            7,
            "",
            ("n",),
        )
        assert tx.source_state("s1") == after_read
        tx.record_visit(failed)
        tx.record_visit(replace(failed, visited_at=NOW + 2 * HOUR))
        assert tx.source_state("s1") == replace(
            after_read, last_polled_at=NOW + 2 * HOUR, failures_in_a_row=2, problem="hangs", notes=()
        )
        tx.apply("s1", "p1", [new(STORED)], NOW + 2 * HOUR)
        tx.record_visit(unchanged)
        tx.apply("s1", "p1", [new(STORED)], NOW + 4 * HOUR)
        state = tx.source_state("s1")
    assert state is not None
    assert (state.failures_in_a_row, state.problem, state.validators) == (0, "", Validators('"f"'))
    assert (state.body_hash, state.last_success_at) == ("h", NOW + 3 * HOUR)
    assert state.last_new_at == NOW + 2 * HOUR


def test_sources_are_retired_and_return(store: Store) -> None:
    def retired() -> dict[str, bool]:
        with store.read() as tx:
            return {name: state.retired_at is not None for name, state in tx.source_states().items()}

    for ids, expected in (
        (["a", "b"], {"a": False, "b": False}),
        (["b"], {"a": True, "b": False}),
        (["a", "b", "c"], {"a": False, "b": False, "c": False}),
    ):
        with store.write() as tx:
            tx.sync_sources([SourceDefinition(name, f"https://{name}.example/", "p") for name in ids], NOW)
        assert retired() == expected


def test_a_source_at_another_address_begins_anew(store: Store) -> None:
    old, new = (SourceDefinition("a", url, "p") for url in ("https://a.example/1", "https://a.example/2"))
    with store.write() as tx:
        tx.sync_sources([old], NOW)
        tx.record_visit(Visit("a", NOW, "read", validators=Validators("v1", "m1"), body_hash="h"))
        tx.sync_sources([old], NOW + HOUR)
        kept = tx.source_state("a")
        tx.sync_sources([new], NOW + 2 * HOUR)
        begun = tx.source_state("a")
    assert kept and (kept.validators, kept.body_hash, kept.began_at) == (Validators("v1", "m1"), "h", NOW)
    assert begun and (begun.validators, begun.body_hash) == (Validators(), "")
    assert begun.began_at == NOW + 2 * HOUR


def test_entries_follow_their_source_to_another_partner(store: Store) -> None:
    with store.write() as tx:
        tx.sync_sources([SourceDefinition("a", "https://a.example/", "p")], NOW)
        tx.apply("a", "p", [new(candidate("one"))], NOW)
        tx.sync_sources([SourceDefinition("a", "https://a.example/", "q")], NOW)
        (story,) = tx.unsettled(NOW)
    assert [entry.partner_id for entry in story.entries] == ["q"]
