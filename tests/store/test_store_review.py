"""What is read for a review: the right rows, newest first, without walking through whole tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from store_values import HOUR, NOW, candidate, copy, new, settlement

from aggregator.model.entry import Provenance
from aggregator.model.reading import Cut, Doubt, Facts
from aggregator.model.review import ReviewedEntry
from aggregator.store.engine import open_database
from aggregator.store.reads import ReadTx
from aggregator.store.store import Store

WEEK_AGO = NOW - timedelta(days=7)
FACTS = Facts(cuts=(Cut("dateline", "JAMBI -"),), doubts=(Doubt("pasted-in", 'a "quoted" word'),))
CREDIT = Provenance("kompas.com", "Judul")


def listed(store: Store, **options: object) -> list[ReviewedEntry]:
    with store.read() as tx:
        return list(tx.entries_for_review(WEEK_AGO, NOW, **options))  # type: ignore[arg-type]


def titles(found: list[ReviewedEntry]) -> list[str]:
    return [one.title.removeprefix("title of ") for one in found]


def add(store: Store, *names: str, days_ago: float = 0, source_id: str = "s") -> None:
    with store.write() as tx:
        decisions = [new(candidate(name, url=f"https://p.example/{name}")) for name in names]
        tx.apply(source_id, "p", decisions, NOW - timedelta(days=days_ago))


def test_what_an_entry_brings_to_a_review(store: Store) -> None:
    of = replace(candidate("one", url="https://p.example/1"), facts=FACTS, provenance=CREDIT)
    with store.write() as tx:
        (story_id,) = tx.apply("s", "p", [new(of)], NOW)
    assert listed(store) == [
        ReviewedEntry(
            story_id=story_id,
            source_id="s",
            partner_id="p",
            title="title of one",
            address="https://p.example/1",
            first_seen_at=NOW,
            facts=FACTS,
            provenance=CREDIT,
            is_shown=False,
        )
    ]


def test_an_address_that_identifies_nothing_is_still_an_address(store: Store) -> None:
    of = candidate("one", url="https://p.example/")
    of = replace(of, identity=replace(of.identity, canonical_url=""))
    with store.write() as tx:
        tx.apply("s", "p", [new(of)], NOW)
    assert [one.address for one in listed(store)] == ["https://p.example/"]


def test_newest_first_within_the_days_and_of_one_source(store: Store) -> None:
    add(store, "old", days_ago=8)
    add(store, "b", days_ago=2)
    add(store, "a", "a2", days_ago=3)
    add(store, "other", days_ago=1, source_id="t")
    assert titles(listed(store)) == ["other", "b", "a2", "a"]
    assert titles(listed(store, source_id="s")) == ["b", "a2", "a"]


def test_what_readers_get_is_told_from_what_they_do_not(store: Store) -> None:
    names = ("shown", "refused", "hidden", "expired", "never", "led")
    add(store, *names)
    with store.write() as tx:
        tx.apply("s", "p", [copy(candidate("copy"), story_id=6)], NOW + HOUR)
        for number in (1, 2, 3, 4, 6):
            settled = settlement(number, first_published_at=NOW)
            tx.settle(replace(settled, refusal="terms") if number == 2 else settled)
        tx.settle(settlement(4, first_published_at=NOW, visible_until=NOW))
        tx.hide(3, "salah foto", NOW)
    found = {one.title.removeprefix("title of "): one for one in listed(store)}
    assert {name: (one.is_shown, one.is_copy, one.refusal) for name, one in found.items()} == {
        "shown": (True, False, ""),
        "refused": (False, False, "terms"),
        "hidden": (False, False, "hidden: salah foto"),
        "expired": (False, False, ""),
        "never": (False, False, ""),
        "led": (True, False, ""),
        "copy": (False, True, ""),
    }
    assert titles(listed(store, shown_only=True)) == ["led", "shown"]


@pytest.mark.parametrize("options", [{}, {"source_id": "s"}], ids=["all", "one source"])
def test_entries_are_found_by_when_they_came(
    store: Store, database_url: str, options: dict[str, object]
) -> None:
    """PostgreSQL prefers to read a table this small from end to end, so that way is closed to it."""
    add(store, "one")
    database = open_database(database_url)
    queries: list[tuple[str, Any]] = []
    with database.readers.connect() as connection:
        if not database.is_sqlite:
            for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
                connection.execute(text(f"SET LOCAL enable_{way} = off"))
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _c, _cursor, statement, parameters, *_: queries.append((statement, parameters)),
        )
        list(ReadTx(connection).entries_for_review(WEEK_AGO, NOW, **options))  # type: ignore[arg-type]
        (query,) = [query for query in queries if query[0].startswith("SELECT entries")]
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + query[0], query[1]))
    assert "ix_entries_first_seen_at" in plan
    assert "TEMP B-TREE" not in plan
