"""What is read of subscribers: their keys, and how much their feeds are used."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select

from aggregator.model.subscriber import SubscriberKey, Usage
from aggregator.store import tables


class SubscriberReadTx:
    """The part of a transaction that reads of subscribers."""

    _connection: Connection

    def subscriber_keys(self) -> tuple[SubscriberKey, ...]:
        """Every key ever made, by subscriber, the oldest first."""
        table = tables.subscriber_keys
        found = select(table).order_by(table.c.subscriber_id, table.c.made_at, table.c.key)
        return tuple(
            SubscriberKey(row.subscriber_id, row.key, row.made_at, row.ends_at)
            for row in self._connection.execute(found)
        )

    def subscriber_usage(self, since: date) -> dict[str, Usage]:
        """How much each subscriber's feeds were used from that day on; those of whom nothing is known are not named."""
        table = tables.subscriber_usage
        summed = (
            func.sum(table.c.fetched).label("fetched"),
            func.sum(table.c.unchanged).label("unchanged"),
            func.max(table.c.last_asked_at).label("last_asked_at"),
        )
        found = select(table.c.subscriber_id, *summed).where(table.c.day >= since)
        return {
            row.subscriber_id: Usage(row.fetched, row.unchanged, row.last_asked_at)
            for row in self._connection.execute(found.group_by(table.c.subscriber_id))
        }
