"""Which story stands in which archive page, and which pages must be made, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from store_values import HOUR, NOW, candidate, new, settlement

from aggregator.model.archive import ArchiveChange, ArchivePage
from aggregator.model.document import Shown
from aggregator.store.store import Store
from aggregator.store.tables import archive_pages
from aggregator.store.writes import WriteTx

LATER = NOW + 100 * HOUR
OUTPUTS = ("all", "topics/politik")


@pytest.fixture
def nine(store: Store) -> Store:
    """Stories 1 to 9 were published, an hour apart, the last one first; all stand in ``all``."""
    with store.write() as tx:
        for number in range(1, 10):
            tx.apply("a", "p", [new(candidate(f"{number}"))], NOW)
            tx.settle(settlement(number, first_published_at=NOW - number * HOUR))
        tx.archive({number: {"all"} for number in range(1, 10)})
    return store


def names(pages: tuple[ArchivePage, ...]) -> list[tuple[str, int]]:
    return [(page.output_id, page.number) for page in pages]


def made(tx: WriteTx, *, etag: str = "e", next_change_at: Any = None) -> None:
    """Every page that is due is made."""
    for page in tx.due_pages(OUTPUTS, LATER, 100):
        tx.put_page(replace(page, key="k", partners=("p",), etag=etag), next_change_at, NOW)


def test_open_stories_are_in_order_of_first_publication_and_closed_ones_stand_in_their_page(
    nine: Store,
) -> None:
    with nine.write() as tx:
        assert tx.open_stories("all") == (9, 8, 7, 6, 5, 4, 3, 2, 1)
        tx.close_page("all", (9, 8, 7))
        tx.close_page("all", (6,))
        assert tx.open_stories("all") == (5, 4, 3, 2, 1)
        assert [set(tx.page_stories(page)) for page in tx.pages()] == [{9, 8, 7}, {6}]
        assert (tx.page_range("all"), tx.next_page("all")) == ((1, 2), 3)
        assert (tx.page_range("x"), tx.next_page("x")) == ((0, 0), 1)


def test_a_story_is_put_down_once_for_each_output_and_stays(nine: Store) -> None:
    with nine.write() as tx:
        tx.close_page("all", (9,))
        tx.archive({9: {"all", "topics/politik"}, 8: set()})
        tx.archive({9: {"topics/politik"}})
        assert tx.open_stories("topics/politik") == (9,)
        assert 9 not in tx.open_stories("all")
        tx.archive({})


def test_what_came_before_an_archive_stands_in_no_page_and_is_never_open(nine: Store) -> None:
    with nine.write() as tx:
        tx.archive({9: {"topics/politik"}})
        tx.change_archive("all", ArchiveChange(before_it=(9, 8, 7)))
        tx.archive({9: {"all"}})
        tx.touch_pages([9])
        assert tx.open_stories("all") == (6, 5, 4, 3, 2, 1)
        assert tx.open_stories("topics/politik") == (9,)
        assert (tx.pages(), tx.next_page("all")) == ((), 1)
        tx.change_archive("all", ArchiveChange(closing=((6, 9),)))
        assert [set(tx.page_stories(page)) for page in tx.pages()] == [{6}]
        assert [*tx.archived_in(9), *tx.archived_in(6)] == ["topics/politik", "all"]


def test_what_stands_there_later_is_to_stand_in_a_page(nine: Store) -> None:
    with nine.write() as tx:
        tx.change_archive("all", ArchiveChange(before_it=(9, 8, 7)))
        tx.change_archive("all", ArchiveChange(closing=((6,),)))
        tx.put_shown("all", [Shown(8, NOW, NOW), Shown(6, NOW, NOW), Shown(5, NOW, NOW)])
        assert tx.open_stories("all") == (8, 5, 4, 3, 2, 1)
        assert [set(tx.page_stories(page)) for page in tx.pages()] == [{6}]


def test_a_closed_page_is_due_and_makes_the_one_before_due_again(nine: Store) -> None:
    with nine.write() as tx:
        tx.close_page("all", (9,))
        made(tx)
        assert not tx.has_due_page(OUTPUTS, LATER)
        tx.close_page("all", (8,))
        assert names(tx.due_pages(OUTPUTS, NOW, 100)) == [("all", 2), ("all", 1)]
        assert not tx.has_due_page(("topics/politik",), LATER)
        assert names(tx.due_pages(OUTPUTS, NOW, 100, first_time=True)) == [("all", 2)]
        assert names(tx.due_pages(OUTPUTS, NOW, 1)) == [("all", 2)]


def test_new_pages_of_one_moment_are_made_with_those_of_the_same_news_the_oldest_first(store: Store) -> None:
    with store.write() as tx:
        for number, hours in enumerate((4, 3, 2, 1), start=1):
            tx.apply("a", "p", [new(candidate(f"{number}"))], NOW)
            settled = settlement(number, first_published_at=NOW)
            assert settled.published is not None
            published = replace(settled.published, published_at=NOW - hours * HOUR)
            tx.settle(replace(settled, published=published))
        tx.archive({1: {"all"}, 2: {"all", "topics/politik"}, 3: {"all"}, 4: {"topics/politik"}})
        tx.close_page("all", (1, 2))
        tx.close_page("all", (3,))
        tx.close_page("topics/politik", (2,))
        tx.close_page("topics/politik", (4,))
        in_order = [("all", 1), ("topics/politik", 1), ("all", 2), ("topics/politik", 2)]
        assert names(tx.due_pages(OUTPUTS, NOW, 100, first_time=True)) == in_order


def test_what_another_process_has_closed_is_not_closed_again(nine: Store) -> None:
    with nine.write() as tx:
        tx.close_page("all", (9, 8))
        made(tx)
        tx.close_page("all", (9, 8))
        assert names(tx.pages()) == [("all", 1)]
        assert not tx.has_due_page(OUTPUTS, LATER)
        tx.close_page("all", (9, 8, 7))
        assert [set(tx.page_stories(page)) for page in tx.pages()] == [{9, 8}, {7}]


def test_a_page_without_stories_keeps_its_number(nine: Store) -> None:
    """Such were made where two processes closed the same page."""
    with nine.write() as tx:
        tx.close_page("all", (9,))
        tx._connection.execute(insert(archive_pages).values(output_id="all", page=2, newest_at=NOW))
        tx.close_page("all", (8,))
        assert [set(tx.page_stories(page)) for page in tx.pages()] == [{9}, set(), {8}]
        assert (tx.page_range("all"), tx.next_page("all")) == ((1, 3), 4)


def test_a_story_that_changes_makes_its_pages_due_before_edits_do(nine: Store) -> None:
    with nine.write() as tx:
        tx.archive({9: {"topics/politik"}})
        tx.close_page("all", (9, 8))
        tx.close_page("all", (7,))
        tx.close_page("topics/politik", (9,))
        made(tx)
        tx.make_pages_due(tx.pages(), NOW)
        tx.touch_pages([9])
        assert names(tx.due_pages(OUTPUTS, NOW, 100)) == [("all", 1), ("topics/politik", 1), ("all", 2)]
        tx.touch_pages([])


def test_a_page_touched_while_it_was_made_stays_due(nine: Store) -> None:
    with nine.write() as tx:
        tx.close_page("all", (9,))
        (page,) = tx.due_pages(OUTPUTS, NOW, 1)
        tx.touch_pages([9])
        tx.put_page(replace(page, etag="e"), None, NOW)
        assert tx.has_due_page(OUTPUTS, NOW)
        made(tx)
        assert not tx.has_due_page(OUTPUTS, LATER)


def test_a_page_that_is_made_again_alike_has_not_changed(nine: Store) -> None:
    with nine.write() as tx:
        tx.close_page("all", (9,))
        made(tx)
        tx.touch_pages([9])
        (page,) = tx.due_pages(OUTPUTS, NOW, 1)
        tx.put_page(page, LATER, NOW + HOUR)
        (kept,) = tx.pages()
        assert (kept.changed_at, kept.key, kept.partners) == (NOW, "k", ("p",))
        assert not tx.has_due_page(OUTPUTS, LATER - HOUR)
        assert tx.has_due_page(OUTPUTS, LATER)
        tx.put_page(replace(kept, etag="other"), None, NOW + HOUR)
        assert tx.pages()[0].changed_at == NOW + HOUR
        assert names(tx.pages_changed(NOW + HOUR)) == [("all", 1)]
        assert tx.pages_changed(NOW + 2 * HOUR) == ()


def test_only_the_oldest_pages_are_forgotten_and_no_number_is_given_twice(nine: Store) -> None:
    with nine.write() as tx:
        tx.close_page("all", (9,))
        tx.close_page("all", (1,))  # younger than the page behind it
        tx.close_page("all", (8,))
        made(tx)
        assert names(tx.delete_pages(NOW - 5 * HOUR)) == [("all", 1)]
        assert names(tx.due_pages(OUTPUTS, NOW, 100)) == [("all", 2)]
        assert names(tx.delete_pages(NOW)) == [("all", 2), ("all", 3)]
        assert (tx.page_range("all"), tx.next_page("all")) == ((0, 0), 4)
        assert 9 not in tx.open_stories("all")


def test_a_retired_page_is_due_when_its_output_is_back(nine: Store) -> None:
    with nine.write() as tx:
        tx.close_page("all", (9,))
        made(tx)
        tx.retire_pages(tx.pages())
        assert [page.etag for page in tx.due_pages(OUTPUTS, NOW, 1)] == [""]
        assert not tx.has_due_page((), NOW)


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("archive", "close", "touch", "make", "edit", "retire")), st.integers(1, 9)
        ),
        max_size=25,
    )
)
def test_the_stories_of_a_page_never_change(tmp_path_factory: Any, acts: list[tuple[str, int]]) -> None:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('s')}/a.db")
    store.migrate()
    known: dict[int, set[int]] = {}
    with store.write() as tx:
        for number in range(1, 10):
            tx.apply("a", "p", [new(candidate(f"{number}"))], NOW)
            tx.settle(settlement(number, first_published_at=NOW + number * HOUR))
        for act, number in acts:
            open_ids = tx.open_stories("all")
            if act == "archive":
                tx.archive({number: {"all"}})
            elif act == "close" and open_ids:
                tx.close_page("all", open_ids[:number])
            elif act == "touch":
                tx.touch_pages([number])
            elif act == "make":
                made(tx)
            elif act == "edit":
                tx.make_pages_due(tx.pages(), NOW)
            elif act == "retire":
                tx.retire_pages(tx.pages()[:1])
            stand = {page.number: set(tx.page_stories(page)) for page in tx.pages()}
            assert {page: stand[page] for page in known} == known
            assert sum(map(len, stand.values())) == len(set().union(*stand.values(), set()))
            known = stand
    store.close()
