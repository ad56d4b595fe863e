"""Keys of subscribers and how much their feeds are used, on each kind of database."""

from __future__ import annotations

from datetime import date

import pytest
from store_values import HOUR, NOW

from aggregator.errors import StoreError
from aggregator.model.subscriber import SubscriberKey, Usage
from aggregator.store.store import Store

FIRST, SECOND = (
    SubscriberKey("kabar-muaro", "a" * 32, NOW),
    SubscriberKey("kabar-muaro", "b" * 32, NOW + HOUR),
)
OTHER = SubscriberKey("warta-tebo", "c" * 32, NOW, NOW + HOUR)
TODAY = date(2026, 11, 23)


def filled(store: Store) -> Store:
    with store.write() as tx:
        for key in (SECOND, OTHER, FIRST):
            tx.add_subscriber_key(key)
    return store


def keys(store: Store) -> tuple[SubscriberKey, ...]:
    with store.read() as tx:
        return tx.subscriber_keys()


def test_keys_are_read_by_subscriber_the_oldest_first(store: Store) -> None:
    assert keys(store) == ()
    assert keys(filled(store)) == (FIRST, SECOND, OTHER)


def test_no_two_subscribers_have_one_key(store: Store) -> None:
    with pytest.raises(StoreError), filled(store).write() as tx:
        tx.add_subscriber_key(SubscriberKey("warta-tebo", FIRST.key, NOW))
    assert keys(store) == (FIRST, SECOND, OTHER)


@pytest.mark.parametrize(
    ("subscriber", "hours", "ended", "ends"),
    [
        ("kabar-muaro", 5, 2, [5, 5, 1]),
        ("warta-tebo", 0, 1, [None, None, 0]),
        ("warta-tebo", 5, 0, [None, None, 1]),  # its own end comes first
        ("tidak-ada", 5, 0, [None, None, 1]),
    ],
)
def test_the_keys_of_one_subscriber_end_and_none_is_prolonged(
    store: Store, subscriber: str, hours: int, ended: int, ends: list[int | None]
) -> None:
    with filled(store).write() as tx:
        assert tx.end_subscriber_keys(subscriber, NOW + hours * HOUR) == ended
    assert [key.ends_at for key in keys(store)] == [None if end is None else NOW + end * HOUR for end in ends]


def test_usage_is_counted_by_subscriber_and_day(store: Store) -> None:
    yesterday = date(2026, 11, 22)
    with filled(store).write() as tx:
        tx.add_subscriber_usage(yesterday, {FIRST.key: Usage(5, 1, NOW - 24 * HOUR)})
        tx.add_subscriber_usage(TODAY, {FIRST.key: Usage(1, 2, NOW), SECOND.key: Usage(10, 20, NOW - HOUR)})
        tx.add_subscriber_usage(TODAY, {FIRST.key: Usage(100, 0, NOW + HOUR), "d" * 32: Usage(7, 7, NOW)})
    with store.read() as tx:
        assert tx.subscriber_usage(TODAY) == {"kabar-muaro": Usage(111, 22, NOW + HOUR)}
        assert tx.subscriber_usage(yesterday) == {"kabar-muaro": Usage(116, 23, NOW + HOUR)}
        assert tx.subscriber_usage(date(2026, 11, 24)) == {}
