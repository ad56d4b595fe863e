"""What is kept of subscribers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import insert, or_, update

from aggregator.model.subscriber import SubscriberKey, Usage
from aggregator.store import tables
from aggregator.store.changes import ChangeTx


class SubscriberTx(ChangeTx):
    """The part of a transaction that keeps keys and usage."""

    def add_subscriber_key(self, key: SubscriberKey) -> None:
        """Keep a new key beside those that there are."""
        values = {
            "key": key.key,
            "subscriber_id": key.subscriber_id,
            "made_at": key.made_at,
            "ends_at": key.ends_at,
        }
        self._connection.execute(insert(tables.subscriber_keys).values(**values))

    def end_subscriber_keys(self, subscriber_id: str, ends_at: datetime) -> int:
        """Let all keys of a subscriber end then, those that end before at their own time; returns how many end then."""
        table = tables.subscriber_keys
        ends_later = or_(table.c.ends_at.is_(None), table.c.ends_at > ends_at)
        ended = update(table).where(table.c.subscriber_id == subscriber_id, ends_later)
        return self._connection.execute(ended.values(ends_at=ends_at)).rowcount

    def add_subscriber_usage(self, day: date, usage: Mapping[str, Usage]) -> None:
        """Count what was asked for on a day, by key; of keys that nobody knows nothing is kept."""
        table = tables.subscriber_usage
        owners = {key.key: key.subscriber_id for key in self.subscriber_keys()}
        for key, more in usage.items():
            if key not in owners:
                continue
            asked_at = {"last_asked_at": more.last_asked_at}
            counted = {
                "fetched": table.c.fetched + more.fetched,
                "unchanged": table.c.unchanged + more.unchanged,
            }
            row = {"subscriber_id": owners[key], "day": day}
            of_day = update(table).filter_by(**row)
            if not self._connection.execute(of_day.values(**counted, **asked_at)).rowcount:
                first = {"fetched": more.fetched, "unchanged": more.unchanged} | asked_at
                self._connection.execute(insert(table).values(**row, **first))
