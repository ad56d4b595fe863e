"""Work of the hub that is taken on by one at a time: deliveries and requests, claimed by moving ``due_at`` ahead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Table, bindparam, func, select, update

from aggregator.model.follower import Claim
from aggregator.store.changes import ChangeTx
from aggregator.store.chunks import chunks
from aggregator.store.follower_reads import is_due, moments


@dataclass(frozen=True, slots=True)
class Line:
    """The statement that finds numbers and hosts of a table's rows, in the order in which they are to be taken on."""

    table: Table
    rows: Select[int, str]


class ClaimTx(ChangeTx):
    """The part of a transaction that takes work on. Tables need due_at, claimed_by, callback and host."""

    def _claimed(self, line: Line, now: datetime, claim: Claim, limit: int) -> list[int]:
        """The numbers of at most ``limit`` rows, the first in the line, which nobody else takes meanwhile."""
        if limit <= 0:
            return []
        full = [host for host, number in claim.at_hosts.items() if number >= claim.per_host]
        asked = {"callbacks": list(claim.callbacks), "full_hosts": full, "per_host": claim.per_host}
        taken: list[int] = []
        at_hosts = Counter(claim.at_hosts)
        for row in self._connection.execute(line.rows, asked | moments(now)):
            if at_hosts[row.host] < claim.per_host and len(taken) < limit:
                taken.append(row.number)
                at_hosts[row.host] += 1
        (key,) = line.table.primary_key
        for some in chunks(taken):
            until = {"due_at": claim.until_at, "claimed_by": claim.holder}
            self._connection.execute(update(line.table).where(key.in_(some)).values(**until))
        return taken


def line_of(table: Table, which: ColumnElement[bool]) -> Line:
    """Rows that are due, the longest due first. To be made once: that costs more than to ask it.

    One of each callback, and of each host only as many as it has room for: so none waits behind one that hangs.
    """
    (key,) = table.primary_key
    longest_due = (table.c.due_at, key)
    of_callback = func.row_number().over(partition_by=table.c.callback, order_by=longest_due)
    is_idle = table.c.callback.not_in(bindparam("callbacks", expanding=True))
    due = (
        select(key, table.c.host, table.c.due_at, of_callback.label("of_callback"))
        .where(is_due(table), is_idle, which)
        .subquery()
    )
    of_host = func.row_number().over(partition_by=due.c.host, order_by=(due.c.due_at, due.c[key.name]))
    first = select(due, of_host.label("of_host")).where(due.c.of_callback == 1).subquery()
    has_room = first.c.host.not_in(bindparam("full_hosts", expanding=True))
    rows = (
        select(first.c[key.name].label("number"), first.c.host)
        .where(first.c.of_host <= bindparam("per_host"), has_room)
        .order_by(first.c.due_at, first.c[key.name])
    )
    return Line(table, rows)
