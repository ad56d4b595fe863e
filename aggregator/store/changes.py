"""What every kind of write needs: rows put, changed and counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, Update, and_, bindparam, insert, select, update

from aggregator.store.reads import ReadTx


def as_new(name: str) -> str:
    """What the new value of a column is called in a statement, where its own name means the column."""
    return f"new_{name}"


def as_key(name: str) -> str:
    """What the value is called by which a statement finds its row."""
    return f"of_{name}"


class ChangeTx(ReadTx):
    """One transaction that reads and writes; the statements that all tables share."""

    def _inserted(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:
        """The numbers of the rows made, in their order."""
        if not rows:
            return ()
        made = insert(table).returning(*table.primary_key.columns, sort_by_parameter_order=True)
        return self._connection.scalars(made, rows).all()

    def _put(self, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Change the row with that key, or make it. Keys and values are plain, keys never None."""
        if not self._change(table, key, values):
            self._connection.execute(insert(table), [{**key, **values}])

    def _change(self, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
        """Whether there was such a row. As for ``_put``."""
        of_it = {as_key(name): value for name, value in key.items()}
        new = {as_new(name): value for name, value in values.items()}
        return self._connection.execute(_changing(table, *key, names=tuple(values)), of_it | new).rowcount > 0

    def _add_missing(self, table: Table, entry_id: int, marks: Collection[int]) -> None:
        """Let an entry be found by these rungs or marks too."""
        mark, owner = table.primary_key.columns
        there = set(self._connection.scalars(select(mark).where(mark.in_(set(marks)), owner == entry_id)))
        self._add_marks(table, {entry_id: set(marks) - there})

    def _add_marks(self, table: Table, marks: Mapping[int, Collection[int]]) -> None:
        """Rungs or marks that are not there yet, by entry."""
        mark, owner = table.primary_key.columns
        rows = [
            {mark.name: value, owner.name: entry_id}
            for entry_id, values in marks.items()
            for value in sorted(values)
        ]
        if rows:
            self._connection.execute(insert(table), rows)


@lru_cache(maxsize=256)
def _changing(table: Table, *key: str, names: tuple[str, ...]) -> Update:
    """The statement that gives the row with a key other values; to make it costs as much as to run it."""
    which = and_(*(table.c[name] == bindparam(as_key(name)) for name in key))
    return update(table).where(which).values({name: bindparam(as_new(name)) for name in names})
