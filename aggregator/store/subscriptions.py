"""What is kept of our subscriptions at partners' hubs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import case, delete, update

from aggregator.model.subscription import Subscription
from aggregator.store import tables
from aggregator.store.changes import ChangeTx
from aggregator.store.subscription_reads import COLUMNS


class SubscriptionTx(ChangeTx):
    """The part of a transaction that keeps subscriptions."""

    def put_subscription(self, one: Subscription) -> None:
        """Keep a new subscription, or what has become of one."""
        values = {name: getattr(one, name) for name in COLUMNS if name != "token"}
        self._put(tables.subscriptions, {"token": one.token}, values)

    def forget_subscriptions(self, tokens: Collection[str]) -> None:
        """Nothing is known of them any more."""
        table = tables.subscriptions
        self._connection.execute(delete(table).where(table.c.token.in_(tokens)))

    def listen(self, now: datetime) -> tuple[str, ...]:
        """We listen anew, after a time in which nothing could be pushed to us; returns the sources that may have missed
        something.
        """
        table = tables.subscriptions
        active = update(table).where(table.c.state == "active").values(listens_from_at=now)
        return tuple(self._connection.scalars(active.returning(table.c.source_id)))

    def poll_soon(self, source_ids: Collection[str], at: datetime) -> None:
        """Let sources be polled at ``at`` if nothing else has them polled sooner.

        It is counted too: a visit that is under way may not see what they are to be polled for.
        """
        table = tables.sources
        are_polled = (table.c.source_id.in_(source_ids), table.c.next_poll_at.is_not(None))
        sooner = case((table.c.next_poll_at > at, at), else_=table.c.next_poll_at)
        self._connection.execute(
            update(table).where(*are_polled).values(next_poll_at=sooner, wanted=table.c.wanted + 1)
        )
