"""What entries were before, what the feed gave for them, and stored entries read anew after an upgrade."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from store_values import HOUR, NOW, candidate, new, settlement

from aggregator.model.document import EVERYTHING
from aggregator.model.entry import Candidate, Provenance, RawEntry, Replaced, Reread
from aggregator.model.reading import Cut, Facts
from aggregator.model.source import SourceDefinition, Visit, Way
from aggregator.model.story import Decision, Verdict
from aggregator.store.store import Store
from aggregator.store.writes import REVISIONS_KEPT

FIRST = candidate("a", url="https://a.example/1", marks=(1, 2))
CREDIT = Provenance("a.example", "Judul di sana")
FACTS = Facts(city="Jambi", editors=("tra",), cuts=(Cut("readmore", "Baca juga: Lain"),))


def version(number: int) -> Candidate:
    entry = replace(FIRST.entry, title=f"title {number}")
    return replace(FIRST, entry=entry, content_hash=f"1:{number}")


def revised(number: int) -> Decision:
    one = version(number)
    return Decision(Verdict.REVISED, one, entry_id=1, identities=(one.identity,))


def test_versions_are_kept_the_latest_first_and_the_oldest_go(store: Store) -> None:
    with store.write() as tx:
        tx.apply("s", "p", [new(FIRST)], NOW)
        for number in range(REVISIONS_KEPT + 3):
            tx.apply("s", "p", [revised(number)], NOW + number * HOUR)
        (known,) = tx.known("s", [FIRST])
        assert tx.versions_of([1, 2]).keys() == {1}
        kept = tx.versions_of([1])[1]
    last = REVISIONS_KEPT + 2
    assert [version.raw.title for version in kept] == [
        f"title {n}" for n in range(last - 1, last - 1 - REVISIONS_KEPT, -1)
    ]
    assert (kept[0].replaced_at, kept[0].content_hash) == (NOW + last * HOUR, f"1:{last - 1}")
    assert known.content_hash == f"1:{last}"
    assert known.replaced[0] == Replaced(f"1:{last - 1}", NOW + last * HOUR)
    assert len(known.replaced) == REVISIONS_KEPT


def test_what_is_held_or_the_same_keeps_no_version(store: Store) -> None:
    with store.write() as tx:
        tx.apply("s", "p", [new(FIRST)], NOW)
        for verdict in (Verdict.HELD, Verdict.SAME):
            assert tx.apply("s", "p", [Decision(verdict, version(2), entry_id=1)], NOW) == ()
        assert tx.versions_of([1]) == {}


@pytest.mark.parametrize("shown_hash, is_shown", [("1:a", True), ("1:older", False)])
def test_what_is_read_anew_is_no_news(store: Store, shown_hash: str, is_shown: bool) -> None:
    with store.write() as tx:
        (story_id,) = tx.apply("s", "p", [new(FIRST)], NOW)
        shown = settlement(
            story_id, first_published_at=NOW, lead_entry_id=1, shown_hash=shown_hash, shown_at=NOW
        )
        tx.settle(shown)
    with store.write() as tx:
        assert tx.raw_entries([1]) == (RawEntry(1, FIRST.entry, "1:a"),)
        tx.keep_reread([Reread(1, "1:a", "text read anew", "2:b", (2, 3), CREDIT, FACTS)])
        (known,) = tx.known("s", [FIRST])
        stranger = candidate("x", marks=(3,))
        assert [one.entry_id for one in tx.known("s2", [stranger])] == [1]
        assert tx.known("s2", [replace(stranger, marks=(1,))]) == ()
        (story,) = tx.stories(EVERYTHING, NOW - HOUR, NOW, 10)
        assert not tx.has_unsettled(NOW)
    assert (known.text, known.content_hash, known.provenance) == ("text read anew", "2:b", CREDIT)
    assert story.entries[0].facts == FACTS
    assert story.shown_hash == ("2:b" if is_shown else shown_hash)
    assert (story.updated_at, story.entries[0].changed_at) == (NOW, NOW)


def test_what_was_revised_while_it_was_read_anew_keeps_the_revision(store: Store) -> None:
    with store.write() as tx:
        tx.apply("s", "p", [new(FIRST)], NOW)
        (read,) = tx.raw_entries([1])
    correction = replace(version(2), text="the correction", marks=(4,))
    decision = Decision(Verdict.REVISED, correction, entry_id=1, identities=(correction.identity,))
    reread = Reread(1, read.content_hash, "text read anew", "2:b", (2, 3), CREDIT, FACTS)
    with store.write() as tx:
        tx.apply("s", "p", [decision], NOW + HOUR)
        tx.keep_reread([reread, replace(reread, entry_id=99)])
        (known,) = tx.known("s", [FIRST])
        assert tx.known("s2", [candidate("x", marks=(3,))]) == ()
    assert (known.text, known.content_hash, known.marks) == ("the correction", "1:2", (4,))


def test_entries_of_another_version_are_those_of_the_window_by_their_partners_version(store: Store) -> None:
    old = NOW - timedelta(days=40)

    def read_by(name: str, version: str) -> Decision:
        return new(candidate(name, content_hash=f"{version}:{name}.text.image"))

    with store.write() as tx:
        tx.apply("s", "p", [read_by("long ago", "2"), read_by("published again", "2")], old)
        again = settlement(2, first_published_at=NOW, lead_entry_id=2, shown_hash="x", shown_at=NOW)
        tx.settle(again)
        tx.apply("s", "p", [read_by("older", "2"), read_by("longer", "33"), read_by("today's", "3")], NOW)
        tx.apply("t", "own", [read_by("house", "3"), read_by("other", "3-b"), read_by("own", "3-a")], NOW)
        tx.apply("u", "q", [read_by("of own rules that are gone", "3-a"), read_by("as it is", "3")], NOW)
        tx.apply("v", "not in feeds.yaml", [read_by("of nobody", "2")], NOW)
        versions = {"p": "3", "own": "3-a", "q": "3"}
        assert tx.entries_of_other_version(versions, NOW - HOUR) == {"own": (6, 7), "p": (2, 3, 4), "q": (9,)}
        assert tx.entries_of_other_version(versions, NOW + HOUR) == {}
        assert tx.entries_of_other_version({}, NOW - HOUR) == {}


def test_what_the_feed_gave_is_kept_beside_the_text_of_the_page(store: Store) -> None:
    stored = replace(FIRST, feed_hash="feed1")
    with store.write() as tx:
        tx.apply("s", "p", [new(stored)], NOW)
        assert [one.feed_hash for one in tx.known("s", [FIRST])] == ["feed1"]
        again = replace(stored, feed_hash="feed2")
        tx.apply("s", "p", [Decision(Verdict.NOTED, again, entry_id=1, identities=(again.identity,))], NOW)
        assert [one.feed_hash for one in tx.known("s", [FIRST])] == ["feed2"]


def test_how_a_source_is_read_is_remembered_until_it_moves(store: Store) -> None:
    here = SourceDefinition("s", "https://a.example/", "p", 900.0)
    way = Way("https://a.example/sitemap-news.xml", "sitemap", NOW)
    with store.write() as tx:
        tx.sync_sources([here], NOW)
        found = Visit("s", NOW, "read", way=way, sought_at=NOW, guid_trouble=7)
        tx.record_visit(found)
        tx.record_visit(Visit("s", NOW + HOUR, "unchanged"))
        state = tx.source_state("s")
        assert state is not None
        assert (state.way, state.sought_at, state.guid_trouble) == (way, NOW, 7)
        tx.sync_sources([replace(here, url="https://b.example/")], NOW + timedelta(hours=2))
        state = tx.source_state("s")
        assert state is not None
        assert (state.way, state.sought_at, state.guid_trouble) == (None, None, 0)
