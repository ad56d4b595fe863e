"""What is read of followers of our documents, and of what was asked of our hub."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
    union,
)

from aggregator.model.follower import Follower, PendingRequest
from aggregator.store import rows, tables

# Nothing waits for longer: such a moment was set by a clock that was ahead.
LONGEST_WAIT = timedelta(days=1)
# Of a follower: the files of what is new stand.
HAS_FILES = tables.followers.c.filed == tables.followers.c.wanted
# Of a request: it was not asked yet. A denial is never fresh: nobody waits for it.
IS_FRESH = and_(tables.hub_requests.c.tries == 0, tables.hub_requests.c.mode != "denied")
# The moment at which a statement that was made once is asked; ``moments`` gives it.
_NOW: BindParameter[datetime] = bindparam("now", type_=tables.followers.c.due_at.type)
_FARTHEST_AT: BindParameter[datetime] = bindparam("farthest_at", type_=tables.followers.c.due_at.type)
# Of a follower: they lack news, and have a lease. Nobody is given a document of which readers find an older file.
IS_OWED = and_(
    tables.followers.c.wanted > tables.followers.c.sent,
    HAS_FILES,
    or_(tables.followers.c.lease_until_at.is_(None), tables.followers.c.lease_until_at > _NOW),
)


def moments(now: datetime) -> dict[str, Any]:
    """What statements with ``is_due`` or ``IS_OWED`` in them are to be given."""
    return {_NOW.key: now, _FARTHEST_AT.key: now + LONGEST_WAIT}


def is_due(table: Table) -> ColumnElement[bool]:
    """Of a row with ``due_at``: whether its moment has come."""
    return or_(table.c.due_at <= _NOW, table.c.due_at > _FARTHEST_AT)


def is_within(host: ColumnElement[str], domain: str) -> ColumnElement[bool]:
    """Whether a host is of a domain, as ``model.hosts.domain_of`` tells them."""
    if domain == ":":
        return host.contains(":")
    return or_(host == domain, host.endswith(f".{domain}", autoescape=True))


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many followers, and requests that were not asked yet, there are: of one domain, and in all."""

    followers_of_domain: int
    followers: int
    requests_of_domain: int
    requests: int


class FollowerReadTx:
    """The part of a transaction that reads of followers."""

    _connection: Connection

    def followers(self) -> tuple[Follower, ...]:
        """All that are told what is new, by document, the oldest first."""
        table = tables.followers
        found = select(table).order_by(table.c.path, table.c.since_at, table.c.follower_id)
        return tuple(rows.follower(row) for row in self._connection.execute(found))

    def failing_followers(self) -> tuple[Follower, ...]:
        """Those who did not take what they were sent last, the longest failing first."""
        table = tables.followers
        failing = select(table).where(table.c.failing_since_at.is_not(None))
        found = failing.order_by(table.c.failing_since_at, table.c.follower_id)
        return tuple(rows.follower(row) for row in self._connection.execute(found))

    def hub_requests(self) -> tuple[PendingRequest, ...]:
        """All that wait to be verified or told, the oldest first."""
        table = tables.hub_requests
        found = self._connection.execute(select(table).order_by(table.c.request_id))
        return tuple(rows.pending_request(row) for row in found)

    def is_follower(self, path: str, callback: str) -> bool:
        """Whether somebody follows a document with that callback."""
        table = tables.followers
        of_them = (table.c.path == path, table.c.callback == callback)
        return self._connection.scalar(select(table.c.follower_id).where(*of_them)) is not None

    def crowd(self, domain: str) -> Crowd:
        """How many there are at the hosts of a domain, and in all."""
        numbers = []
        for table, counted in (
            (tables.followers, true()),
            (tables.hub_requests, IS_FRESH),
        ):
            every = select(func.count()).select_from(table).where(counted)
            numbers += [self._connection.scalar(every.where(is_within(table.c.host, domain))) or 0]
            numbers += [self._connection.scalar(every) or 0]
        return Crowd(*numbers)

    def has_due_push(self, now: datetime) -> bool:
        """Whether something is to be delivered, verified or told."""
        asked = moments(now)
        return any(self._connection.scalar(due, asked) for due in _due_pushes())

    def followed_topics(self) -> frozenset[str]:
        """The documents that somebody follows, or wants to follow: their addresses as those wrote them."""
        followers, requests = tables.followers.c, tables.hub_requests.c
        followed = select(followers.topic).where(~followers.is_hub)
        wanted = select(requests.topic).where(requests.mode != "denied")
        return frozenset(self._connection.scalars(union(followed, wanted)))

    def has_ended_lease(self, now: datetime) -> bool:
        """Whether some follower's lease has ended."""
        ended = exists().where(tables.followers.c.lease_until_at <= now)
        return bool(self._connection.scalar(select(ended)))

    def pinged(self) -> frozenset[tuple[str, str]]:
        """The documents of which another's hub is told that there is news, each with that hub's address."""
        table = tables.followers
        found = self._connection.execute(select(table.c.path, table.c.callback).where(table.c.is_hub))
        return frozenset((row.path, row.callback) for row in found)


@cache
def _due_pushes() -> tuple[Select[bool], ...]:
    delivery = and_(is_due(tables.followers), IS_OWED)
    return tuple(select(exists().where(which)) for which in (delivery, is_due(tables.hub_requests)))
