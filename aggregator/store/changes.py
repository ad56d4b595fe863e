"""What every kind of write needs: rows put, changed and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, and_, insert, update

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
