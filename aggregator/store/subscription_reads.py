"""What is read of our subscriptions at partners' hubs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from aggregator.model.subscription import HubOffer, Subscription
from aggregator.store import rows, tables
from aggregator.store.chunks import OF_SOURCES, chunks

COLUMNS = tuple(field.name for field in fields(Subscription))
_TABLE = tables.subscriptions.c
_IN_ORDER = (_TABLE.verified_at.is_(None), _TABLE.verified_at, _TABLE.token)
_OF_SOURCES = select(tables.subscriptions).where(_TABLE.source_id.in_(OF_SOURCES)).order_by(*_IN_ORDER)


class SubscriptionReadTx:
    """The part of a transaction that reads of subscriptions."""

    _connection: Connection

    def subscriptions(self) -> tuple[Subscription, ...]:
        """All that are remembered, by source, the last verified and then those not verified yet last."""
        table = tables.subscriptions
        return tuple(self._subscriptions(select(table).order_by(table.c.source_id)))

    def living_subscriptions(self, asked_since: datetime, now: datetime) -> tuple[Subscription, ...]:
        """As subscriptions(), but of those that ended only what was asked for lately or is to be forgotten."""
        table = tables.subscriptions
        lives = or_(
            *(table.c.state != "ended", table.c.asked_at >= asked_since),
            *(table.c.due_at.is_(None), table.c.due_at <= now),
        )
        return tuple(self._subscriptions(select(table).where(lives).order_by(table.c.source_id)))

    def subscriptions_of(self, source_id: str) -> tuple[Subscription, ...]:
        """Those of one source."""
        return self.subscriptions_of_all([source_id])[source_id]

    def subscriptions_of_all(self, source_ids: Collection[str]) -> dict[str, tuple[Subscription, ...]]:
        """Those of several sources, by source; none where there are none."""
        found: dict[str, tuple[Subscription, ...]] = dict.fromkeys(source_ids, ())
        for some in chunks(source_ids):
            for row in self._connection.execute(_OF_SOURCES, {OF_SOURCES.key: some}):
                found[row.source_id] += (_subscription(row),)
        return found

    def subscription(self, token: str) -> Subscription | None:
        """The one whose callback ends with ``token``."""
        table = tables.subscriptions
        return next(self._subscriptions(select(table).where(table.c.token == token)), None)

    def hub_offers(self) -> dict[str, tuple[str, HubOffer]]:
        """Of sources in use whose document offers a hub: the address that it was read for, and the offer."""
        table = tables.sources
        columns = (table.c.source_id, table.c.url, table.c.hub, table.c.self_url)
        found = select(*columns).where(table.c.hub != "", table.c.retired_at.is_(None))
        return {
            row.source_id: (row.url, HubOffer(row.hub, row.self_url))
            for row in self._connection.execute(found)
        }

    def _subscriptions(self, found: Select[Any]) -> Iterator[Subscription]:
        return map(_subscription, self._connection.execute(found.order_by(*_IN_ORDER)).all())


def _subscription(row: rows.AnyRow) -> Subscription:
    return Subscription(**{name: getattr(row, name) for name in COLUMNS})
