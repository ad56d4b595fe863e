"""From stories to documents: settle, stories, find_story, hide, outputs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from store_values import HOUR, NOW, candidate, copy, new, settlement

from aggregator.errors import UnknownStoryError
from aggregator.model.document import EVERYTHING, Document, OutputState, Where
from aggregator.model.facet import Facet
from aggregator.model.html import SafeHtml
from aggregator.model.story import Decision, Published, Story, Verdict
from aggregator.store.engine import open_database
from aggregator.store.reads import Counts, ReadTx
from aggregator.store.store import Store

WEEK_AGO = NOW - timedelta(days=7)


def three_stories(store: Store) -> tuple[int, ...]:
    """Stories of the numbers 1, 2, 3."""
    with store.write() as tx:
        return tx.apply(
            "s", "p", [new(candidate(f"e{n}", url=f"https://partner.example/{n}")) for n in (1, 2, 3)], NOW
        )


def ids(stories: tuple[Story, ...]) -> list[int]:
    return [story.story_id for story in stories]


def test_settled_story_is_read_back_and_rests_until_its_moment(store: Store) -> None:
    story_id, *_ = three_stories(store)
    settled = settlement(
        story_id,
        first_published_at=NOW,
        topics=("politik", "hukum"),
        shown_at=NOW - HOUR,
        updated_at=NOW + HOUR,
        visible_until=NOW + 9 * HOUR,
        reconsider_at=NOW + HOUR,
        refusal="embargo",
        facets=(
            Facet("place", "ID-JA"),
            Facet("language", "id"),
            Facet("genre", "foto"),
            Facet("place", "15.71"),
        ),
        override_title="Judul redaktur",
    )
    with store.write() as tx:
        tx.settle(settled)
        assert ids(tx.unsettled(NOW)) == [2, 3]
        assert ids(tx.unsettled(NOW + HOUR)) == [2, 3, 1]
        story = tx.find_story(str(story_id), "")
    assert story.published == settled.published
    assert story.topics == ("politik", "hukum")
    assert story.facets == tuple(sorted(settled.facets, key=lambda one: (one.kind, one.code)))
    assert story.override_title == "Judul redaktur"
    assert (story.shown_entry_id, story.shown_hash, story.shown_at) == (
        settled.lead_entry_id,
        settled.shown_hash,
        NOW - HOUR,
    )
    assert (story.updated_at, story.visible_until, story.refusal) == (NOW + HOUR, NOW + 9 * HOUR, "embargo")


def test_an_entry_tells_when_it_changed_last(store: Store) -> None:
    of = candidate("one")
    with store.write() as tx:
        tx.apply("s", "p", [new(of)], NOW)
        (first,) = tx.unsettled(NOW)[0].entries
        tx.apply(
            "s", "p", [Decision(Verdict.REVISED, of, first.entry_id, identities=(of.identity,))], NOW + HOUR
        )
        (revised,) = tx.unsettled(NOW)[0].entries
    assert (first.changed_at, revised.changed_at) == (NOW, NOW + HOUR)
    assert revised.first_seen_at == NOW


def test_what_was_promised_never_moves(store: Store) -> None:
    story_id, *_ = three_stories(store)
    promised = settlement(story_id, first_published_at=NOW, topics=("politik",))
    moved = Published(
        "urn:uuid:00000000-0000-4000-8000-00000000ffff", "https://x.example/", NOW + HOUR, NOW + HOUR
    )
    with store.write() as tx:
        tx.settle(promised)
        tx.settle(replace(promised, published=moved, topics=("hukum",), shown_hash="1:later"))
        story = tx.find_story(str(story_id), "")
        assert story.published == promised.published
        assert (story.topics, story.shown_hash) == (("hukum",), "1:later")
        tx.settle(replace(promised, published=None))
        assert tx.find_story(str(story_id), "").published == promised.published


@pytest.mark.parametrize(
    ("changed", "now", "shown"),
    [
        pytest.param({}, NOW, [3, 2, 1], id="newest first publication first"),
        pytest.param({"refusal": "terms"}, NOW, [3, 1], id="refused"),
        pytest.param({"visible_until": NOW + HOUR}, NOW, [3, 2, 1], id="not yet expired"),
        pytest.param({"visible_until": NOW + HOUR}, NOW + HOUR, [3, 1], id="expired"),
        pytest.param({"published": None}, NOW, [3, 1], id="unpublished"),
    ],
)
def test_stories_that_an_output_may_show(
    store: Store, changed: dict[str, Any], now: datetime, shown: list[int]
) -> None:
    three_stories(store)
    with store.write() as tx:
        for n in (1, 2, 3):
            settled = settlement(n, first_published_at=NOW - (4 - n) * HOUR)
            tx.settle(replace(settled, **changed) if n == 2 else settled)
        assert ids(tx.stories(EVERYTHING, WEEK_AGO, now, 10)) == shown
        assert ids(tx.stories(EVERYTHING, WEEK_AGO, now, 2)) == shown[:2]
        assert ids(tx.stories(EVERYTHING, NOW - 3 * HOUR, now, 10)) == [n for n in shown if n > 1]


def test_stories_that_are_settled_together_are_kept_as_each_by_itself(store: Store) -> None:
    three_stories(store)
    before = [settlement(n, topics=("politik",), facets=(Facet("language", "id"),)) for n in (1, 2, 3)]
    after = [
        settlement(1, first_published_at=NOW, topics=("hukum", "politik"), facets=(Facet("language", "id"),)),
        settlement(2, first_published_at=NOW - HOUR, topics=("politik",), facets=(Facet("genre", "foto"),)),
        settlement(3, reconsider_at=NOW + HOUR),
    ]
    with store.write() as tx:
        tx.settle()
        tx.settle(*before)
        tx.settle(*after)
        tx.settle(*after)
        stories = [tx.find_story(str(n), "") for n in (1, 2, 3)]
        assert ids(tx.unsettled(NOW + HOUR)) == [3]
    for story, settled in zip(stories, after, strict=True):
        assert (story.published, story.topics, story.facets) == (
            settled.published,
            settled.topics,
            settled.facets,
        )


def test_stories_by_topic_and_their_order_among_equals(store: Store) -> None:
    three_stories(store)
    with store.write() as tx:
        for n, topics in ((1, ("politik",)), (2, ("hukum", "politik")), (3, ())):
            tx.settle(settlement(n, first_published_at=NOW, topics=topics))
        assert ids(tx.stories(Where(topics=("politik",)), WEEK_AGO, NOW, 10)) == [2, 1]
        assert ids(tx.stories(Where(topics=("hukum",)), WEEK_AGO, NOW, 10)) == [2]
        assert ids(tx.stories(EVERYTHING, WEEK_AGO, NOW, 10)) == [3, 2, 1]
        assert ids(tx.stories(Where(topics=("olahraga",)), WEEK_AGO, NOW, 10)) == []


def test_stories_page_by_page_each_read_once(store: Store) -> None:
    three_stories(store)
    with store.write() as tx:
        for n in (1, 2, 3):
            tx.settle(settlement(n, first_published_at=NOW))
        loaded: dict[int, Story] = {}
        assert ids(tx.stories(EVERYTHING, WEEK_AGO, NOW, 2, 0, loaded)) == [3, 2]
        known = dict(loaded)
        assert ids(tx.stories(EVERYTHING, WEEK_AGO, NOW, 2, 2, loaded)) == [1]
        assert tx.stories(EVERYTHING, WEEK_AGO, NOW, 2, 4, loaded) == ()
        again = tx.stories(EVERYTHING, WEEK_AGO, NOW, 3, 0, loaded)
        assert ids(again) == [3, 2, 1]
        assert all(loaded[n] is known[n] is again[3 - n] for n in known)


@pytest.mark.parametrize(
    ("not_partners", "shown"), [(("q",), [1]), (("p",), [3]), (("p", "q"), []), (("r",), [3, 2, 1])]
)
def test_stories_without_any_copy_of_a_partner(
    store: Store, not_partners: tuple[str, ...], shown: list[int]
) -> None:
    """Story 2 is led by p's entry, and q has a copy of it."""
    with store.write() as tx:
        tx.apply("s", "p", [new(candidate(name)) for name in ("1", "2")], NOW)
        tx.apply("t", "q", [new(candidate("3")), copy(candidate("2 again"), story_id=2)], NOW)
        for n in (1, 2, 3):
            tx.settle(settlement(n, first_published_at=NOW))
        where = Where(not_partners=not_partners)
        assert ids(tx.stories(where, WEEK_AGO, NOW, 10)) == shown
        assert ids(tx.stories(where, WEEK_AGO, NOW, 1)) == shown[:1]


PLACED = (Facet("place", "ID-JA"), Facet("genre", "foto"))


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        (Where(partners=("p",)), [2, 1]),
        (Where(partners=("q",)), [3]),
        (Where(partners=("q", "p")), [3, 2, 1]),
        (Where(places=("ID-JA",)), [3, 2]),
        (Where(places=("ID-JA", "15.71")), [3, 2]),
        (Where(places=("15.71",)), [3]),
        (Where(places=("foto",)), []),
        (Where(genres=("foto",)), [2]),
        (Where(languages=("id",)), [3]),
        (Where(places=("ID-JA",), topics=("politik",)), [2]),
        (Where(places=("ID-JA",), partners=("p",), genres=("foto", "opini")), [2]),
        (Where(places=("ID-JA",), partners=("p",), languages=("id",)), []),
    ],
)
def test_stories_by_partner_and_facets(store: Store, where: Where, shown: list[int]) -> None:
    """The same as ``Where.takes`` of what is loaded; the limit counts what is taken only."""
    with store.write() as tx:
        tx.apply("s", "p", [new(candidate(name)) for name in ("1", "2")], NOW)
        tx.apply("t", "q", [new(candidate("3")), copy(candidate("2 again"), story_id=2)], NOW)
        tx.settle(settlement(1, first_published_at=NOW, topics=("politik",)))
        tx.settle(settlement(2, first_published_at=NOW, topics=("politik",), facets=PLACED))
        others = (Facet("place", "ID-JA"), Facet("place", "15.71"), Facet("language", "id"))
        tx.settle(settlement(3, first_published_at=NOW, facets=others))
        everything = tx.stories(EVERYTHING, WEEK_AGO, NOW, 10)
        assert ids(tx.stories(where, WEEK_AGO, NOW, 10)) == shown
        assert ids(tx.stories(where, WEEK_AGO, NOW, 1)) == shown[:1]
    taken = [one for one in everything if where.takes(one.topics, one.shown_partner_id, one.facets)]
    assert ids(tuple(taken)) == shown


def test_labels_are_written_when_they_change_only(store: Store) -> None:
    three_stories(store)
    first = settlement(1, first_published_at=NOW, topics=("politik", "hukum"), facets=PLACED)
    done: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "story_topics" in statement or "story_facets" in statement:
            done.append(statement.split(maxsplit=1)[0])

    with store.write() as tx:
        for settled, statements in (
            (first, "SELECT INSERT INSERT"),
            (first, "SELECT"),
            (replace(first, facets=PLACED[::-1]), "SELECT"),
            (replace(first, topics=("hukum", "politik")), "SELECT DELETE INSERT"),
            (replace(first, topics=(), facets=PLACED[:1] * 2), "SELECT DELETE DELETE INSERT"),
            (replace(first, topics=(), facets=()), "SELECT DELETE"),
            (replace(first, topics=("hukum",), facets=()), "SELECT INSERT"),
        ):
            event.listen(tx._connection, "before_cursor_execute", note)
            tx.settle(settled)
            event.remove(tx._connection, "before_cursor_execute", note)
            assert " ".join(done) == statements, settled
            done.clear()
            story = tx.find_story("1", "")
            assert (story.topics, set(story.facets)) == (settled.topics, set(settled.facets))


def test_hidden_story_stays_hidden_whatever_comes(store: Store) -> None:
    three_stories(store)
    with store.write() as tx:
        for n in (1, 2, 3):
            tx.settle(settlement(n, first_published_at=NOW))
        tx.hide(2, "wrong photo", NOW)
        assert ids(tx.unsettled(NOW)) == [2]
        tx.apply("s2", "p2", [copy(candidate("later"), story_id=2)], NOW)
        tx.settle(settlement(2, first_published_at=NOW))
        assert ids(tx.stories(EVERYTHING, WEEK_AGO, NOW, 10)) == [3, 1]
        (hidden,) = tx.hidden_stories()
        assert (hidden.story_id, hidden.hidden_at, hidden.hidden_reason) == (2, NOW, "wrong photo")
        assert tx.counts() == Counts(entries=4, stories=3, published=3, hidden=1, pending=0)
        tx.unhide(2)
        assert ids(tx.unsettled(NOW)) == [2]
        assert ids(tx.stories(EVERYTHING, WEEK_AGO, NOW, 10)) == [3, 2, 1]
        assert tx.find_story("2", "").hidden_reason == ""


@pytest.mark.parametrize(
    ("ref", "canonical_url"),
    [
        ("2", ""),
        (" 2 ", ""),
        ("urn:uuid:00000000-0000-4000-8000-000000000002", ""),
        ("00000000-0000-4000-8000-000000000002", ""),
        ("https://partner.example/2", ""),
        ("https://partner.example/2?utm_source=x", "https://partner.example/2"),
        ("https://copy.example/as-written?b&a", ""),
        ("https://announced.example/2", ""),
    ],
)
def test_stories_are_found_by_what_editors_have_at_hand(store: Store, ref: str, canonical_url: str) -> None:
    three_stories(store)
    settled = settlement(2, first_published_at=NOW)
    assert settled.published is not None
    as_written = candidate("copy", url="https://copy.example/as-written?b&a")
    with store.write() as tx:
        tx.settle(replace(settled, published=replace(settled.published, url="https://announced.example/2")))
        tx.apply("s2", "p2", [copy(as_written, story_id=2)], NOW)
        assert tx.find_story(ref, canonical_url).story_id == 2


@pytest.mark.parametrize("ref", ["?", "77", "9" * 5000, "²", "urn:uuid:x", "https://partner.example/4"])
def test_unknown_stories_are_named(store: Store, ref: str) -> None:
    three_stories(store)
    with store.read() as tx, pytest.raises(UnknownStoryError, match=re.escape(ref)):
        tx.find_story(ref, "")


def test_changed_configuration_unsettles_what_may_be_shown(store: Store) -> None:
    three_stories(store)
    with store.write() as tx:
        tx.settle(settlement(1, first_published_at=WEEK_AGO - HOUR))
        tx.settle(settlement(2, first_published_at=WEEK_AGO + HOUR))
        tx.settle(settlement(3))
        assert tx.unsettled(NOW) == ()
        tx.mark_unsettled(WEEK_AGO)
        assert ids(tx.unsettled(NOW)) == [2, 3]


def test_touches_during_a_rendering_are_not_lost(store: Store) -> None:
    with store.write() as tx:
        tx.touch_outputs({"all", "topics/politik"})
        seen = tx.output_states()["all"]
        assert seen == OutputState("all", touched=1)
        tx.touch_outputs({"all"})
        made = replace(seen, rendered=1, render_key="k", next_change_at=NOW, updated_at=NOW)
        tx.put_output_state(made)
        tx.put_output_state(OutputState("new", rendered=0))
        assert tx.output_states() == {
            "all": replace(made, touched=2),
            "topics/politik": OutputState("topics/politik", touched=1),
            "new": OutputState("new", rendered=0),
        }


def test_documents_are_written_once_and_removed(store: Store) -> None:
    one = Document("feeds/all.rss", "application/rss+xml", b"\x00\xffbody", "e1")
    two = replace(one, path="feeds/old.rss")
    with store.write() as tx:
        assert [tx.put_document(d, NOW) for d in (one, two, one)] == [True, True, False]
        changed = replace(one, body=b"new", etag="e2")
        assert tx.put_document(changed, NOW)
        assert tx.delete_documents({"feeds/all.rss", "feeds/not-yet.rss"}) == ("feeds/old.rss",)
        assert tx.documents() == (changed,)
        assert tx.document_versions() == {"feeds/all.rss": ("e2", NOW)}
        assert (tx.document("feeds/all.rss"), tx.document("feeds/old.rss")) == (changed, None)


def test_small_things_are_kept(store: Store) -> None:
    with store.write() as tx:
        tx.put_safe_html({"a/1": SafeHtml("<p>a</p>"), "b/1": SafeHtml("")})
        tx.put_safe_html({"a/1": SafeHtml("<p>new</p>")})
        assert tx.safe_html(["a/1", "b/1", "c/1"]) == {"a/1": SafeHtml("<p>new</p>"), "b/1": SafeHtml("")}
        assert tx.meta("key") is None
        tx.set_meta("key", "one")
        tx.set_meta("key", "two")
        assert tx.meta("key") == "two"


@pytest.mark.parametrize(
    "where",
    [
        EVERYTHING,
        Where(topics=("politik",)),
        Where(partners=("p",)),
        Where(places=("ID-JA",)),
        Where(("politik", "hukum"), ("p", "q"), ("ID-JA", "15.71"), ("foto",), ("id",)),
    ],
    ids=["everything", "topic", "partner", "place", "all kinds"],
)
def test_stories_and_unsettled_walk_indexes(store: Store, database_url: str, where: Where) -> None:
    """PostgreSQL prefers to read tables this small from end to end and sort, so those ways are closed to it."""
    three_stories(store)
    database = open_database(database_url)
    queries: list[tuple[str, Any]] = []
    with database.readers.connect() as connection:
        if not database.is_sqlite:
            for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "hashagg", "sort"):
                connection.execute(text(f"SET LOCAL enable_{way} = off"))
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _c, _cursor, statement, parameters, *_: queries.append((statement, parameters)),
        )
        tx = ReadTx(connection)
        tx.stories(where, WEEK_AGO, NOW, 50)
        tx.unsettled(NOW)
        shown, due = [query for query in queries if query[0].startswith("SELECT stories")]
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plans = [
            "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))
            for statement, parameters in (shown, due)
        ]
    assert "ix_stories_first_published_at_published_at_story_id" in plans[0]
    assert "ix_stories_settle_due_at" in plans[1]
    assert "TEMP B-TREE" not in plans[0]
    assert "SCAN" not in plans[0].upper().replace("INDEX SCAN", "").replace("INDEX ONLY SCAN", "")
    assert "Sort" not in plans[0]
