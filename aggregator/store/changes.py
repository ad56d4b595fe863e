"""What every kind of write needs: rows put, changed and counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, and_, insert, select, update

from aggregator.store.reads import ReadTx


class ChangeTx(ReadTx):
    """One transaction that reads and writes; the statements that all tables share."""

    def _inserted(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:
        """The numbers of the rows made, in their order."""
        if not rows:
            return ()
        made = insert(table).returning(*table.primary_key.columns, sort_by_parameter_order=True)
        return self._connection.scalars(made, rows).all()

    def _put(self, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Change the row with that key, or make it."""
        if not self._change(table, key, values):
            self._connection.execute(insert(table).values(**key, **values))

    def _change(self, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
        which = and_(*(table.c[name] == value for name, value in key.items()))
        return self._connection.execute(update(table).where(which).values(**values)).rowcount > 0

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
