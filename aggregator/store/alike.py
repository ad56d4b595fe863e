"""Stored entries that have marks in common with new ones."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Row,
    Select,
    TableValuedAlias,
    and_,
    bindparam,
    column,
    func,
    select,
)

from aggregator.store import tables

ALIKE_PER_CANDIDATE = 20
# A headline that returns each day, or a form that many fill in, gives its marks to thousands of entries.
HOLDERS_PER_MARK = 32


def most_alike(connection: Connection, groups: Sequence[Sequence[int]], first: int = 0) -> set[int]:
    """For each group of marks the entries from number ``first`` on that have most of them, ALIKE_PER_CANDIDATE at most.

    Of each mark only the HOLDERS_PER_MARK newest entries are looked at, so that the cost does not grow with what is
    stored.
    """
    having: dict[int, list[int]] = defaultdict(list)  # mark -> indexes of the groups that have it
    for index, group in enumerate(groups):
        for mark in set(group):
            having[mark].append(index)
    shared: list[Counter[int]] = [Counter() for _ in groups]
    for mark, entry_id in _holders(connection, having, first):
        for index in having[mark]:
            shared[index][entry_id] += 1
    return {entry_id for counter in shared for entry_id in _most_shared(counter)}


def _holders(connection: Connection, marks: Iterable[int], first: int) -> Sequence[Row[int, int]]:
    """Mark and entry, of the newest entries that have each mark."""
    if connection.dialect.name == "sqlite":
        return connection.execute(_IN_SQLITE, {"marks": json.dumps(list(marks)), "first": first}).all()
    return connection.execute(_IN_POSTGRESQL, {"marks": list(marks), "first": first}).all()


def _query(wanted: TableValuedAlias) -> Select[int, int]:
    """``wanted`` holds the marks that are sought, from one parameter, however many they are."""
    table, newer, first = tables.marks.c, tables.marks.alias().c, bindparam("first", type_=BigInteger)
    oldest = (
        select(newer.entry_id)
        .where(newer.mark == wanted.c.value, newer.entry_id >= first)
        .order_by(newer.entry_id.desc())
        .offset(HOLDERS_PER_MARK - 1)
        .limit(1)
        .correlate(wanted)
        .scalar_subquery()
    )
    # One bound: of two, SQLite would walk from the lower one and ask for the other at each step.
    is_wanted = and_(table.mark == wanted.c.value, table.entry_id >= func.coalesce(oldest, first))
    return select(table.mark, table.entry_id).join_from(wanted, tables.marks, is_wanted)


_VALUE = column("value", BigInteger)
_IN_SQLITE = _query(func.json_each(bindparam("marks")).table_valued(_VALUE))
_IN_POSTGRESQL = _query(
    func.unnest(bindparam("marks", type_=ARRAY(BigInteger))).table_valued(_VALUE).render_derived()
)


def _most_shared(shared: Counter[int]) -> list[int]:
    """The entries with the most marks in common; of equals the newest, so that the answer is stable."""
    ranked = sorted(shared, key=lambda entry_id: (shared[entry_id], entry_id), reverse=True)
    return ranked[:ALIKE_PER_CANDIDATE]
