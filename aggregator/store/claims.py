"""Work of the hub that is taken on by one at a time: deliveries and requests, claimed by moving ``due_at`` ahead."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, Table, func, select, update

from aggregator.model.follower import Claim
from aggregator.store.changes import ChangeTx
from aggregator.store.chunks import chunks
from aggregator.store.follower_reads import is_due


class ClaimTx(ChangeTx):
    """The part of a transaction that takes work on. Tables need due_at, claimed_by, callback and host."""

    def _claimed(
        self, table: Table, which: ColumnElement[bool], now: datetime, claim: Claim, limit: int
    ) -> list[int]:
        """The numbers of at most ``limit`` rows, longest due first, of which nobody else takes any meanwhile.

        One of each callback, and of each host only as many as it has room for: so none waits behind one that hangs.
        """
        if limit <= 0:
            return []
        (key,) = table.primary_key.columns
        longest_due = (table.c.due_at, key)
        of_callback = func.row_number().over(partition_by=table.c.callback, order_by=longest_due)
        due = (
            select(key, table.c.host, table.c.due_at, of_callback.label("of_callback"))
            .where(is_due(table, now), table.c.callback.not_in(claim.callbacks), which)
            .subquery()
        )
        of_host = func.row_number().over(partition_by=due.c.host, order_by=(due.c.due_at, due.c[key.name]))
        first = select(due, of_host.label("of_host")).where(due.c.of_callback == 1).subquery()
        full = [host for host, number in claim.at_hosts.items() if number >= claim.per_host]
        found = self._connection.execute(
            select(first.c[key.name].label("number"), first.c.host)
            .where(first.c.of_host <= claim.per_host, first.c.host.not_in(full))
            .order_by(first.c.due_at, first.c[key.name])
        )
        taken: list[int] = []
        at_hosts = Counter(claim.at_hosts)
        for row in found:
            if at_hosts[row.host] < claim.per_host and len(taken) < limit:
                taken.append(row.number)
                at_hosts[row.host] += 1
        for some in chunks(taken):
            until = {"due_at": claim.until_at, "claimed_by": claim.holder}
            self._connection.execute(update(table).where(key.in_(some)).values(**until))
        return taken
