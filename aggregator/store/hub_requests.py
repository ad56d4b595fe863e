"""What was asked of our hub: kept until it is verified, so that a restart loses none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import delete, func, insert, select, true, update

from aggregator.model.follower import Claim, HubRequest, PendingRequest
from aggregator.store import rows, tables
from aggregator.store.chunks import chunks
from aggregator.store.claims import ClaimTx, Line, line_of
from aggregator.store.follower_reads import IS_FRESH, is_within
from aggregator.store.rows import AnyRow

_TABLE = tables.hub_requests


class HubRequestTx(ClaimTx):
    """The part of a transaction that keeps requests to our hub, and denials that are to be told."""

    def put_hub_request(self, path: str, host: str, asked: HubRequest, now: datetime) -> None:
        """Keep a request in place of an older one of that callback for that document: its answer does not count."""
        key = {"path": path, "callback": asked.callback}
        self._drop(path, asked.callback)
        values = {
            "topic": asked.topic,
            "host": host,
            "mode": asked.mode,
            "secret": asked.secret,
            "reason": asked.reason,
            "lease_s": asked.lease_s,
            "asked_at": now,
            "due_at": now,
        }
        self._connection.execute(insert(_TABLE).values(**key, **values))

    def make_room(self, domain: str, of_domain: int, in_all: int) -> None:
        """Forget requests whose callbacks were asked in vain, the most often first, where more wait than these numbers:
        at the hosts of the domain, and in all.
        """
        for which, number in ((is_within(_TABLE.c.host, domain), of_domain), (true(), in_all)):
            waiting = self._connection.scalar(select(func.count()).select_from(_TABLE).where(which)) or 0
            if waiting > number:
                in_vain = select(_TABLE.c.request_id).where(which, _TABLE.c.tries > 0)
                first = in_vain.order_by(_TABLE.c.tries.desc(), _TABLE.c.request_id).limit(waiting - number)
                self._connection.execute(delete(_TABLE).where(_TABLE.c.request_id.in_(first)))

    def claim_hub_requests(
        self, now: datetime, claim: Claim, limit: int, *, fresh: bool
    ) -> tuple[PendingRequest, ...]:
        """Take at most ``limit`` requests on that are due, of those that are ``fresh`` or of the others."""
        found: list[AnyRow] = []
        for some in chunks(self._claimed(_line(fresh), now, claim, limit)):
            found += self._connection.execute(select(_TABLE).where(_TABLE.c.request_id.in_(some))).all()
        return tuple(rows.pending_request(row) for row in found)

    def end_hub_request(self, request_id: int) -> bool:
        """Forget a request; False when a newer one took its place meanwhile."""
        ended = delete(_TABLE).where(_TABLE.c.request_id == request_id)
        return self._connection.execute(ended).rowcount > 0

    def postpone_hub_request(self, request_id: int, tries: int, again_at: datetime) -> None:
        """Ask again at that moment, after so many tries that failed."""
        values = {"due_at": again_at, "tries": tries, "claimed_by": ""}
        self._connection.execute(update(_TABLE).where(_TABLE.c.request_id == request_id).values(**values))

    def _drop(self, path: str, callback: str) -> None:
        of_them = (_TABLE.c.path == path, _TABLE.c.callback == callback)
        self._connection.execute(delete(_TABLE).where(*of_them))

    def _put_denial(self, follower: AnyRow, reason: str, now: datetime) -> None:
        denied = HubRequest("denied", follower.topic, follower.callback, reason=reason)
        self.put_hub_request(follower.path, follower.host, denied, now)

    def _deny_requests(self, topics: Collection[str], reason: str, now: datetime) -> None:
        """Tell those who wait for verification the same; who wants to follow no longer has what they want."""
        of_them = _TABLE.c.topic.in_(topics)
        self._connection.execute(delete(_TABLE).where(of_them, _TABLE.c.mode == "unsubscribe"))
        waiting = select(_TABLE).where(of_them, _TABLE.c.mode == "subscribe")
        for row in self._connection.execute(waiting).all():
            self._put_denial(row, reason, now)


@cache
def _line(fresh: bool) -> Line:
    return line_of(_TABLE, IS_FRESH if fresh else ~IS_FRESH)
