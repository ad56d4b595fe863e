"""What is kept of those who follow our documents, and of what is delivered to them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import and_, case, delete, func, insert, literal, select, update

from aggregator.model.follower import Claim, Delivery, PendingRequest
from aggregator.store import rows, tables
from aggregator.store.chunks import chunks
from aggregator.store.claims import Line, line_of
from aggregator.store.follower_reads import HAS_FILES, IS_OWED
from aggregator.store.hub_requests import HubRequestTx
from aggregator.store.rows import AnyRow

_TABLE = tables.followers


class FollowerTx(HubRequestTx):
    """The part of a transaction that keeps followers."""

    # --- news ---

    def queue_news(self, paths: Collection[str]) -> None:
        """Count one more news for all who follow these documents. They are due when ``let_deliver`` says so; who is
        tried again at a moment that is known is not tried before.
        """
        for some in chunks(paths):
            news = {
                "wanted": _TABLE.c.wanted + 1,
                "tries": case((_TABLE.c.due_at.is_(None), 0), else_=_TABLE.c.tries),
            }
            self._connection.execute(update(_TABLE).where(_TABLE.c.path.in_(some)).values(**news))

    def add_hub(self, hub_url: str, host: str, topics: dict[str, str], now: datetime) -> None:
        """Let another's hub be told of news in these documents: their addresses, by path."""
        of_hub = (_TABLE.c.callback == hub_url, _TABLE.c.is_hub)
        known = set(self._connection.scalars(select(_TABLE.c.path).where(*of_hub)))
        for path in sorted(topics.keys() - known):
            values = {"topic": topics[path], "host": host, "is_hub": True, "secret": "", "since_at": now}
            values |= {"lease_until_at": None}
            self._put(_TABLE, {"path": path, "callback": hub_url}, values)

    def let_deliver(self, now: datetime) -> None:
        """The files of all documents are as their rows are: what is new may be delivered. Who was given up rests until
        there is more news.
        """
        values = {
            "filed": _TABLE.c.wanted,
            "due_at": func.coalesce(_TABLE.c.due_at, literal(now, _TABLE.c.due_at.type)),
        }
        self._connection.execute(update(_TABLE).where(~HAS_FILES).values(**values))

    # --- deliveries ---

    def claim_deliveries(
        self, now: datetime, claim: Claim, limit: int, *, suspects: bool
    ) -> tuple[Delivery, ...]:
        """Take at most ``limit`` due deliveries on, each with the newest document as it is stored now.

        ``suspects`` are those whose last try failed: asked for apart, since they may hold a place for a long time.
        """
        found: list[AnyRow] = []
        for some in chunks(self._claimed(_line(suspects), now, claim, limit)):
            found += self._connection.execute(select(_TABLE).where(_TABLE.c.follower_id.in_(some))).all()
        documents = {}
        for path in {row.path for row in found}:
            read = select(tables.documents).where(tables.documents.c.path == path)
            documents[path] = self._connection.execute(read).one()
        return tuple(rows.delivery(row, documents[row.path]) for row in found)

    def delivered(self, delivery: Delivery, now: datetime) -> None:
        """They took it. What became new meanwhile is due at once."""
        of_it = _TABLE.c.follower_id == delivery.follower_id
        values = {
            "sent": delivery.wanted,
            "due_at": case((_TABLE.c.wanted > delivery.wanted, literal(now, _TABLE.c.due_at.type))),
            "claimed_by": "",
            "tries": 0,
            "problem": "",
            "failing_since_at": None,
            "given_up_at": None,
            "delivered_at": now,
            "held_etag": delivery.document.etag,
            "held_at": delivery.changed_at,
        }
        self._connection.execute(update(_TABLE).where(of_it).values(**values))

    def not_delivered(
        self, delivery: Delivery, problem: str, again_at: datetime | None, now: datetime
    ) -> None:
        """They did not take it, and are tried again at ``again_at``; None: not with this, but with what became new
        meanwhile, or will.
        """
        of_it = _TABLE.c.follower_id == delivery.follower_id
        at = literal(now, _TABLE.c.failing_since_at.type)
        failed = {
            "claimed_by": "",
            "tries": delivery.tries + 1,
            "problem": problem,
            "due_at": again_at,
            "failing_since_at": func.coalesce(_TABLE.c.failing_since_at, at),
        }
        if again_at is None:
            failed["given_up_at"] = func.coalesce(_TABLE.c.given_up_at, at)
        self._connection.execute(update(_TABLE).where(of_it).values(**failed))
        if again_at is None:
            has_more = and_(of_it, _TABLE.c.wanted > delivery.wanted)
            self._connection.execute(update(_TABLE).where(has_more).values(tries=0, due_at=now))

    def end_follower(self, follower_id: int) -> None:
        """They do not follow any more."""
        self._connection.execute(delete(_TABLE).where(_TABLE.c.follower_id == follower_id))

    # --- who follows ---

    def follow(self, request: PendingRequest, lease_until_at: datetime, now: datetime) -> None:
        """Let somebody follow who was verified, with the secret of this request, or none. Renewed, what they hold and
        what they are owed stays.
        """
        asked = request.asked
        key = {"path": request.path, "callback": asked.callback}
        values = {"topic": asked.topic, "secret": asked.secret, "lease_until_at": lease_until_at}
        values |= {"host": request.host, "is_hub": False}
        if not self._change(_TABLE, key, values):
            self._connection.execute(insert(_TABLE).values(**key, **values, since_at=now))

    def unfollow(self, path: str, callback: str) -> None:
        """Let somebody follow no longer who asked for that."""
        of_them = (_TABLE.c.path == path, _TABLE.c.callback == callback)
        self._connection.execute(delete(_TABLE).where(*of_them, ~_TABLE.c.is_hub))

    def end_leases(self, now: datetime) -> None:
        """Forget all followers whose lease has ended."""
        self._connection.execute(delete(_TABLE).where(_TABLE.c.lease_until_at <= now))

    def end_following(self, topics: Collection[str], reason: str, now: datetime) -> None:
        """Let nobody follow what stood at these addresses any more, nor ask for it; each is to be told why once."""
        for some in chunks(topics):
            of_them = and_(_TABLE.c.topic.in_(some), ~_TABLE.c.is_hub)
            for row in self._connection.execute(select(_TABLE).where(of_them)).all():
                self._put_denial(row, reason, now)
            self._connection.execute(delete(_TABLE).where(of_them))
            self._deny_requests(some, reason, now)

    def forget_hubs(self, pinged: Collection[tuple[str, str]]) -> None:
        """Tell these hubs of others no more of news in these documents."""
        for path, hub_url in pinged:
            of_it = (_TABLE.c.path == path, _TABLE.c.callback == hub_url)
            self._connection.execute(delete(_TABLE).where(*of_it, _TABLE.c.is_hub))

    def free_claims(self, holder: str, now: datetime) -> None:
        """What ``holder`` took on is due again: it was ended before it could keep what came of that."""
        for table in (_TABLE, tables.hub_requests):
            held = update(table).where(table.c.claimed_by == holder)
            self._connection.execute(held.values(due_at=now, claimed_by=""))


@cache
def _line(suspects: bool) -> Line:
    """Those who lack news: ``suspects`` are those whose last try failed."""
    has_document = _TABLE.c.path.in_(select(tables.documents.c.path))
    return line_of(_TABLE, and_(IS_OWED, (_TABLE.c.problem != "") == suspects, has_document))
