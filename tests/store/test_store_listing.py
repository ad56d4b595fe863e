"""Lists of stories: which, in which order, and what is said of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from store_values import HOUR, NOW, candidate, copy, new, settlement

from aggregator.model.entry import Candidate
from aggregator.model.listing import ListedStory, RelatedStory, StoryQuery
from aggregator.store.engine import open_database
from aggregator.store.reads import ReadTx
from aggregator.store.store import Store

LATER_AT = NOW + 9 * HOUR


def listed(store: Store, limit: int = 50, **asked: Any) -> list[int]:
    """Numbers, newest first."""
    with store.read() as tx:
        found = tx.list_stories(StoryQuery(**asked), limit)
    assert found.found >= len(found.stories)
    return [one.story_id for one in found.stories]


def one_listed(store: Store, **asked: Any) -> ListedStory:
    with store.read() as tx:
        (one,) = tx.list_stories(StoryQuery(**asked), 50).stories
    return one


def filled(store: Store) -> None:
    """1 and 3 are published, 2 and 4 never were, 4 came last; 1 has two more entries, one of them of partner q."""
    with store.write() as tx:
        tx.apply("s", "p", [new(named("satu")), new(named("dua")), new(named("tiga"))], NOW)
        tx.settle(settlement(1, first_published_at=NOW + 2 * HOUR, topics=("politik", "hukum")))
        tx.settle(settlement(2, refusal="no terms", topics=("hukum",)))
        tx.settle(settlement(3, first_published_at=NOW + HOUR, visible_until=NOW + 8 * HOUR))
    with store.write() as tx:
        tx.apply("t", "q", [copy(named("satu lagi"), story_id=1)], NOW + 3 * HOUR)
        tx.apply("s2", "p", [copy(named("satu pula"), story_id=1), new(named("empat"))], NOW + 4 * HOUR)


def named(name: str) -> Candidate:
    return candidate(name, url=f"https://partner.example/{name}".replace(" ", "-"))


ASKED: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [4, 1, 3, 2]),
    ({"topic": "hukum"}, [1, 2]),
    ({"topic": "olahraga"}, []),
    ({"partner": "p"}, [4, 1, 3, 2]),
    ({"partner": "q"}, [1]),
    ({"since": NOW}, [4, 1, 3]),
    ({"since": NOW + HOUR}, [4, 1]),
    ({"since": NOW + 3 * HOUR}, [4]),
    ({"since": NOW + 4 * HOUR}, []),
    ({"search": "satu"}, [1]),
    ({"search": "lagi"}, [1]),  # of a copy
    ({"search": "text of"}, [4, 1, 3, 2]),
    ({"search": "dua", "topic": "hukum"}, [2]),
    ({"search": "dua", "topic": "politik"}, []),
    ({"search": "satu", "partner": "q", "since": NOW}, [1]),
    ({"search": "?!"}, []),
]


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "found"), ASKED, ids=[" and ".join(asked) or "all" for asked, _ in ASKED])
def test_what_is_asked_for_newest_first(store: Store, asked: dict[str, Any], found: list[int]) -> None:
    filled(store)
    assert listed(store, **asked) == found


def test_no_more_than_asked_but_all_are_counted(store: Store) -> None:
    filled(store)
    with store.read() as tx:
        first = tx.list_stories(StoryQuery(), 2)
    assert ([one.story_id for one in first.stories], first.found) == ([4, 1], 4)


def test_what_is_said_of_a_published_story(store: Store) -> None:
    filled(store)
    assert one_listed(store, search="lagi") == ListedStory(
        story_id=1,
        published_id="urn:uuid:00000000-0000-4000-8000-000000000001",
        title="title of satu",
        partner_id="p",
        source_id="s",
        copies=2,
        topics=("politik", "hukum"),
        first_seen_at=NOW,
        first_published_at=NOW + 2 * HOUR,
        visible_until=None,
        refusal="",
        hidden_at=None,
        hidden_reason="",
    )


def test_the_entry_that_is_shown_speaks_and_an_editors_headline_before_it(store: Store) -> None:
    filled(store)
    with store.write() as tx:
        settled = settlement(1, first_published_at=NOW, lead_entry_id=4)
        tx.settle(settled)
    one = one_listed(store, search="lagi")
    assert (one.title, one.partner_id, one.source_id) == ("title of satu lagi", "q", "t")
    with store.write() as tx:
        tx.settle(replace(settled, override_title="Judul redaktur"))
    assert one_listed(store, search="lagi").title == "Judul redaktur"


def test_what_was_never_settled_is_listed_by_what_came_first(store: Store) -> None:
    filled(store)
    with store.write() as tx:
        tx.apply("t", "q", [copy(named("empat lagi"), story_id=4)], LATER_AT)
    one = one_listed(store, search='"empat lagi"')
    assert (one.title, one.source_id, one.copies) == ("title of empat", "s2", 1)
    assert (one.published_id, one.first_published_at, one.listed_at) == ("", None, NOW + 4 * HOUR)


def test_a_story_without_entries_breaks_no_list(store: Store, database_url: str) -> None:
    filled(store)
    with open_database(database_url).writers.begin() as connection:
        connection.execute(text("DELETE FROM entries WHERE story_id IN (3, 4)"))
    assert listed(store) == [1, 3, 2]
    with store.read() as tx:
        _, empty, _ = tx.list_stories(StoryQuery(), 50).stories
    assert (empty.title, empty.first_seen_at, empty.copies) == ("", None, 0)


@pytest.mark.parametrize(
    ("story_id", "hidden", "now", "why"),
    [
        (1, False, NOW, ""),
        (2, False, NOW, "no terms"),
        (3, False, NOW, ""),
        (3, False, NOW + 8 * HOUR, "expired"),
        (4, False, NOW, "not published yet"),
        (2, True, NOW, "hidden: salah"),
    ],
)
def test_why_a_story_stands_in_no_output(
    store: Store, story_id: int, hidden: bool, now: datetime, why: str
) -> None:
    filled(store)
    with store.write() as tx:
        if hidden:
            tx.hide(story_id, "salah", NOW)
        stories = {one.story_id: one for one in tx.list_stories(StoryQuery(), 50).stories}
    assert stories[story_id].kept_back(now) == why


def test_related_stories_by_number(store: Store) -> None:
    filled(store)
    with store.write() as tx:
        tx.apply("t", "q", [replace(copy(named("dua lagi"), story_id=2), related=(4, 1))], LATER_AT)
        assert tx.related_stories(2) == (
            RelatedStory(1, "urn:uuid:00000000-0000-4000-8000-000000000001", "title of satu"),
            RelatedStory(4, "", "title of empat"),
        )
        assert tx.related_stories(4) == (RelatedStory(2, "", "title of dua"),)
        assert tx.related_stories(3) == tx.related_stories(99) == ()


def test_related_stories_among_those_that_are_shown_together(store: Store) -> None:
    filled(store)
    with store.write() as tx:
        tx.apply("t", "q", [replace(copy(named("satu baru"), story_id=1), related=(3, 2))], LATER_AT)
        first, third = (f"urn:uuid:00000000-0000-4000-8000-00000000000{n}" for n in (1, 3))
        assert tx.related_ids([1, 3]) == {first: {third}, third: {first}}
        assert tx.related_ids([1]) == tx.related_ids([]) == {}


@pytest.mark.parametrize(
    ("asked", "indexes"),
    [
        pytest.param(
            {"since": NOW}, ("ix_stories_first_published_at", "ix_entries_first_seen_at"), id="since"
        ),
        pytest.param({"search": "satu"}, ("entry_words",), id="search"),
    ],
)
def test_lists_read_no_whole_table_and_no_texts(
    store: Store, database_url: str, asked: dict[str, Any], indexes: tuple[str, ...]
) -> None:
    """PostgreSQL prefers to read a table this small from end to end, so that way is closed to it."""
    filled(store)
    database = open_database(database_url)
    queries: list[tuple[str, Any]] = []
    with database.readers.connect() as connection:
        if not database.is_sqlite:
            for way in ("seqscan", "hashjoin", "mergejoin"):
                connection.execute(text(f"SET LOCAL enable_{way} = off"))
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _c, _cursor, statement, parameters, *_: queries.append((statement, parameters)),
        )
        ReadTx(connection).list_stories(StoryQuery(**asked), 50)
        selects = [query for query in queries if query[0].startswith("SELECT")]
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plans = [
            "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))
            for statement, parameters in selects
        ]
    assert len(plans) == 3
    # What PostgreSQL does with unpublished stories depends on how many there are.
    assert all(index in plans[0] for index in (indexes if database.is_sqlite else indexes[:1]))
    for plan in plans:
        assert "Seq Scan" not in plan
        assert "SCAN stories" not in plan.replace("SCAN stories USING COVERING INDEX", "")
        assert "SCAN entries" not in plan
    assert not any(name in statement for statement, _ in selects[1:] for name in (".text", ".raw", ".marks"))


def test_a_month_is_no_week(store: Store) -> None:
    """``since`` is later than what it leaves out, also of a story whose copy came since."""
    with store.write() as tx:
        tx.apply("s", "p", [new(named("lama"))], NOW - timedelta(days=30))
        tx.apply("t", "q", [copy(named("lama lagi"), story_id=1)], NOW)
    assert listed(store, since=NOW - timedelta(days=7)) == []
