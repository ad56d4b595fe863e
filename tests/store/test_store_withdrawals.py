"""What the store tells of stories that left documents, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from store_values import HOUR, NOW, candidate, new, settlement

from aggregator.model.document import Shown
from aggregator.model.facet import Facet
from aggregator.store.store import Store

MINUTE = HOUR / 60


@pytest.fixture
def five(store: Store) -> Store:
    """Stories 1 to 5 were published, an hour apart, the first one first."""
    with store.write() as tx:
        for number in range(1, 6):
            tx.apply("a", "p", [new(candidate(f"{number}"))], NOW)
            tx.settle(published(number))
    return store


def published(number: int, **parts: Any) -> Any:
    return settlement(number, first_published_at=NOW + number * HOUR, **parts)


def test_withdrawn_are_hidden_refused_and_expired_ones_since_their_first_reason(five: Store) -> None:
    at = NOW + 10 * HOUR
    with five.write() as tx:
        tx.settle(published(2, refusal="iklan", refused_at=at - 2 * HOUR, topics=("politik",)))
        tx.settle(published(3, visible_until=at - MINUTE, facets=(Facet("genre", "opini"),)))
        tx.settle(published(4, visible_until=at + MINUTE))
        tx.hide(2, "salah", at - HOUR)
        tx.hide(5, "permintaan", at - 3 * HOUR)
    with five.read() as tx:
        found = tx.withdrawn_stories(NOW, at)
        assert [(one.story_id, one.withdrawn_at, one.reason) for one in found] == [
            (5, at - 3 * HOUR, "permintaan"),
            (3, at - MINUTE, ""),
            (2, at - 2 * HOUR, "salah"),
        ]
        assert [one.first_published_at for one in found] == [NOW + number * HOUR for number in (5, 3, 2)]
        assert [(one.topics, one.facets, one.shown_partner_id) for one in found] == [
            ((), (), "p"),
            ((), (Facet("genre", "opini"),), "p"),
            (("politik",), (), "p"),
        ]
        assert [one.story_id for one in tx.withdrawn_stories(NOW + 3 * HOUR, at)] == [5]
        assert [one.story_id for one in tx.withdrawn_stories(NOW, at + MINUTE)] == [5, 4, 3, 2]


def test_a_story_that_is_unhidden_or_allowed_again_is_withdrawn_no_more(five: Store) -> None:
    with five.write() as tx:
        tx.settle(published(1, refusal="iklan", refused_at=NOW))
        tx.hide(2, "salah", NOW)
        tx.settle(published(1))
        tx.unhide(2)
        assert tx.withdrawn_stories(NOW, NOW) == ()
        (story, _) = tx.stories_numbered((1, 2))
        assert story.refused_at is None


def test_what_was_hidden_before_it_was_published_is_no_withdrawal(store: Store) -> None:
    with store.write() as tx:
        tx.apply("a", "p", [new(candidate("x"))], NOW)
        tx.hide(1, "salah", NOW)
        assert tx.withdrawn_stories(NOW - HOUR, NOW) == ()


def test_what_an_output_shows_is_kept_beside_its_state(store: Store) -> None:
    with store.write() as tx:
        assert tx.shown("all") == {}
        put = [Shown(number, NOW + number * MINUTE, NOW - HOUR) for number in (3, 1, 2)]
        tx.put_shown("all", put)
        tx.touch_outputs(["all", "x"])
        assert (list(tx.shown("all").items()), tx.shown("x")) == ([(one.story_id, one) for one in put], {})
        tx.put_shown("all", ())
        assert (tx.shown("all"), tx.output_states()["all"].touched) == ({}, 1)


def test_stories_are_found_by_number_those_that_there_are(five: Store) -> None:
    with five.read() as tx:
        assert [one.story_id for one in tx.stories_numbered((4, 2, 77, 2))] == [2, 4]
        assert tx.stories_numbered(()) == ()


def test_an_output_of_the_seventh_version_shows_nothing_that_is_known(five: Store) -> None:
    """As a migrated row has it: what stands there is a default of the database, not of the program."""
    with five.write() as tx:
        tx._connection.execute(
            text("INSERT INTO outputs (output_id, touched, rendered, render_key) VALUES ('o', 1, 1, 'k')")
        )
    with five.read() as tx:
        assert tx.shown("o") == {}
