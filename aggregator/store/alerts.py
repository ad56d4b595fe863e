"""What ops were, or are to be, told."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, delete

from aggregator.model.alert import Alert
from aggregator.store import tables
from aggregator.store.changes import ChangeTx


class AlertTx(ChangeTx):
    """The part of a transaction that keeps alerts."""

    def put_alerts(self, alerts: Iterable[Alert]) -> None:
        """Keep each in place of the one with its key."""
        for alert in alerts:
            values = {
                "words": alert.words,
                "since_at": alert.since_at,
                "known_to": alert.known_to,
                "ended_at": alert.ended_at,
            }
            self._put(tables.alerts, {"subject": alert.subject, "kind": alert.kind}, values)

    def forget_alerts(self, alerts: Iterable[Alert]) -> None:
        """Forget what stands under their keys."""
        table = tables.alerts.c
        for alert in alerts:
            self._connection.execute(
                delete(tables.alerts).where(and_(table.subject == alert.subject, table.kind == alert.kind))
            )
