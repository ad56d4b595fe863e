"""Sources: what the file defines, when each is polled next and by whom, what its visits brought.

The state is the queue: a source is due when its moment has come and nobody holds a lease on it. Writers are
serialised (engine.py), so that looking first and then taking is safe on either database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import (
    ColumnElement,
    Delete,
    Update,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from aggregator.model.fetch import Hints
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceDefinition, SourceState, Visit
from aggregator.model.standing import Standing
from aggregator.store import rows, tables
from aggregator.store.changes import ChangeTx, as_key, as_new
from aggregator.store.chunks import OF_SOURCES, chunks
from aggregator.store.reads import host_rests

LONGEST_LEASE = timedelta(minutes=15)
# Visits to one host begin this far apart, a little less than a tick of the service, whoever makes them.
SPACING = timedelta(milliseconds=900)
# Visits kept of each source, for people.
VISITS_KEPT = 20


@dataclass(frozen=True, slots=True)
class Lessee:
    """Who claims: a name that only one living process has, and the sources that it is at.

    A lease under this name on any other source was left by a process that died, or by a write that failed.
    """

    name: str
    at_work_on: frozenset[str]
    leased_until: datetime


class SourceTx(ChangeTx):
    """What is changed about sources."""

    def sync_sources(self, definitions: Collection[SourceDefinition], now: datetime) -> None:
        """Make the sources of the configuration known; those no longer in it are retired, not forgotten.

        At another address, and back from retirement, a source begins anew: what its old document left behind
        (validators, hash) says nothing of the new one. Under another partner its entries are that partner's.
        """
        table = tables.sources
        known = {row.source_id: row for row in self._connection.execute(select(table))}
        for one in sorted(definitions, key=lambda one: one.source_id):
            row = known.pop(one.source_id, None)
            schedule: dict[str, Any] = {"every_s": one.every_s, "next_poll_at": _scheduled_at(one, row, now)}
            if row is None:
                values = {
                    "url": one.url,
                    "host": _host(one.url),
                    "partner_id": one.partner_id,
                    "began_at": now,
                }
                self._connection.execute(insert(table).values(source_id=one.source_id, **values, **schedule))
                continue
            changes = {name: value for name, value in schedule.items() if getattr(row, name) != value}
            if row.partner_id != one.partner_id:
                self._move_entries(one)
                changes["partner_id"] = one.partner_id
            if row.url != one.url or row.retired_at is not None:
                changes |= {"etag": "", "last_modified": "", "body_hash": "", "retired_at": None}
                changes |= {"url": one.url, "began_at": now}
                changes |= {"way_url": "", "way_kind": "", "way_found_at": None, "sought_at": None}
                changes |= {"guid_trouble": 0, "gone_count": 0, "gone_at": None}
                changes |= {"asked_whole_at": None, "hints": Hints(), "failures_in_a_row": 0}
                changes |= {"flooded_at": None, "lost_at": None, "quiet_at": None, "newest_at": None}
                for learnt in (tables.rhythms, tables.standings):
                    self._connection.execute(delete(learnt).where(learnt.c.source_id == one.source_id))
                changes |= {"moved_from": "", "moved_to": "", "moved_since_at": None}
                changes |= {"hub": "", "self_url": ""}
            if row.host != _host(one.url):
                changes["host"] = _host(one.url)
            if changes:
                self._put(table, {"source_id": one.source_id}, changes)
        self._retire([source_id for source_id, row in known.items() if row.retired_at is None], now)

    def _move_entries(self, one: SourceDefinition) -> None:
        entries = tables.entries
        moved = update(entries).where(entries.c.source_id == one.source_id)
        self._connection.execute(moved.values(partner_id=one.partner_id))

    def _retire(self, source_ids: Collection[str], now: datetime) -> None:
        for source_id in source_ids:
            self._put(tables.sources, {"source_id": source_id}, {"retired_at": now, "next_poll_at": None})

    # --- leases ---

    def claim_due(
        self, now: datetime, lessee: Lessee, limit: int, per_host: int, *, suspects: bool
    ) -> tuple[SourceState, ...]:
        """Lease at most ``limit`` due sources, longest due first, so that at most ``per_host`` are at one host, where
        the next one begins ``SPACING`` later. Hosts that rest are left alone.

        ``suspects`` are those whose last visit failed: asked for apart, since they may hold a place for a long time.
        """
        if limit <= 0:
            return ()
        table = tables.sources
        is_free = _is_free(now, lessee)
        hosts = tables.hosts.c
        resting = select(hosts.host).where(
            or_(
                host_rests(now),
                and_(hosts.next_turn_at > now, hosts.next_turn_at <= now + SPACING),
            )
        )
        busy = (
            select(table.c.host, func.count().label("number"))
            .where(or_(table.c.source_id.in_(lessee.at_work_on), and_(table.c.leased_until > now, ~is_free)))
            .group_by(table.c.host)
            .subquery()
        )
        order = (table.c.next_poll_at, table.c.source_id)
        due = (
            select(
                *(table.c.source_id, table.c.host, table.c.next_poll_at),
                func.row_number().over(partition_by=table.c.host, order_by=order).label("place"),
            )
            .where(table.c.next_poll_at <= now, is_free, (table.c.failures_in_a_row > 0) == suspects)
            .where(table.c.host.not_in(resting))
            .subquery()
        )
        found = self._connection.scalars(
            select(due.c.source_id)
            .outerjoin(busy, busy.c.host == due.c.host)
            .where(due.c.place == 1, func.coalesce(busy.c.number, 0) < per_host)
            .order_by(due.c.next_poll_at, due.c.source_id)
            .limit(limit)
        )
        return self._lease(list(found), lessee, now + SPACING)

    def _lease(
        self, source_ids: Sequence[str], lessee: Lessee, next_turn_at: datetime
    ) -> tuple[SourceState, ...]:
        table = tables.sources
        states: dict[str, SourceState] = {}
        for some in chunks(source_ids):
            taken = update(table).where(table.c.source_id.in_(some))
            self._connection.execute(taken.values(leased_until=lessee.leased_until, lease_holder=lessee.name))
            found = self._connection.execute(select(table).where(table.c.source_id.in_(some))).all()
            states |= {row.source_id: rows.source_state(row) for row in found}
            self._take_turns([row.host for row in found], next_turn_at)
        return tuple(states[source_id] for source_id in source_ids)

    def _take_turns(self, hosts: Collection[str], next_turn_at: datetime) -> None:
        table = tables.hosts
        known = set(self._connection.scalars(select(table.c.host).where(table.c.host.in_(hosts))))
        self._connection.execute(
            update(table).where(table.c.host.in_(known)).values(next_turn_at=next_turn_at)
        )
        if new := sorted(set(hosts) - known):
            self._connection.execute(
                insert(table), [{"host": host, "next_turn_at": next_turn_at} for host in new]
            )

    def shift_schedule(self, by: timedelta, now: datetime) -> None:
        """The clock was stepped ``by`` so much and now says ``now``: let everybody wait as long as before.

        Moments that the new clock has set already stay: after a step back they belong to visits that are not
        in the future, after a step forward they lie beyond what the old clock could have set.
        """
        table = tables.sources
        columns = (
            *(table.c.source_id, table.c.every_s, table.c.planned_s),
            *(table.c.last_polled_at, table.c.next_poll_at),
        )
        for row in self._connection.execute(select(*columns).where(table.c.next_poll_at.is_not(None))).all():
            longest = timedelta(seconds=2 * max(row.every_s, row.planned_s))
            if by < timedelta(0):
                is_of_old_clock = row.last_polled_at is not None and row.last_polled_at > now
            else:
                is_of_old_clock = row.next_poll_at <= now - by + longest
            moved_at = row.next_poll_at + by if is_of_old_clock else row.next_poll_at
            # Nobody would have set more: it was set by a clock that was ahead, for a source never polled since.
            values = {"next_poll_at": min(moved_at, now + longest)}
            if values["next_poll_at"] != row.next_poll_at:
                self._put(table, {"source_id": row.source_id}, values)

    # --- visits ---

    def put_rhythm(self, source_id: str, rhythm: Rhythm) -> None:
        """Keep what was learnt of a source."""
        self._put(tables.rhythms, {"source_id": source_id}, {"rhythm": rhythm})

    def put_standing(self, source_id: str, standing: Standing) -> None:
        """Keep what stood in the source's document; of UNREAD nothing."""
        if not standing.envelope:
            table = tables.standings
            self._connection.execute(delete(table).where(table.c.source_id == source_id))
            return
        numbers = tuple(chain.from_iterable(standing.entries))
        values = {"rules": standing.rules, "envelope": standing.envelope, "entries": numbers}
        self._put(tables.standings, {"source_id": source_id}, values)

    def record_visits(self, visits: Sequence[Visit]) -> None:
        """Keep what one visit to each of several sources that are known brought and let go of the leases; what a visit
        leaves None stays as it was.
        """
        alike: dict[_Kind, list[dict[str, Any]]] = defaultdict(list)
        for visit in visits:
            values = _values(visit)
            kind = _Kind(frozenset(values), visit.outcome == "failed")
            alike[kind].append(
                {_SOURCE: visit.source_id} | {as_new(name): one for name, one in values.items()}
            )
        for kind, rows_of_kind in alike.items():
            self._connection.execute(_recording(kind), rows_of_kind)
        self._keep_history(visits)

    def record_visit(self, visit: Visit) -> None:
        """The same of one visit, whose source may be new."""
        self._ensure_source(visit.source_id)
        self.record_visits([visit])

    def record_push(self, visit: Visit) -> None:
        """Keep what a push brought: it tells neither what the whole document holds nor how its address is."""
        values = _learnt_values(replace(visit, entries_in_feed=None))
        if visit.new or visit.copies or visit.revised:
            values |= {"pushed_at": visit.visited_at}
        if values:
            self._put(tables.sources, {"source_id": visit.source_id}, values)
        self._keep_history([visit])

    def postpone(self, source_id: str, until_at: datetime) -> None:
        """Nobody was asked: let go of the lease, and try then."""
        values = {"next_poll_at": until_at, "leased_until": None, "lease_holder": ""}
        is_polled = tables.sources.c.next_poll_at.is_not(None)
        of_source = tables.sources.c.source_id == source_id
        self._connection.execute(update(tables.sources).where(of_source, is_polled).values(**values))

    def let_hosts_rest(self, rests_s: Mapping[str, float], now: datetime) -> None:
        """Keep for all who poll which hosts asked us to wait, for how many more seconds; the longest counts."""
        if not rests_s:
            return
        known = self.resting_hosts(now)
        for host, left_s in rests_s.items():
            if left_s > known.get(host, 0.0):
                self._put(tables.hosts, {"host": host}, {"rests_until_at": now + timedelta(seconds=left_s)})

    def _keep_history(self, visits: Sequence[Visit]) -> None:
        """Of each source the last visits."""
        table = tables.visits
        made = [
            {
                "source_id": visit.source_id,
                "visited_at": visit.visited_at,
                "outcome": visit.outcome,
                "took_s": visit.took_s,
                "entries": visit.entries_in_feed or 0,
                "new": visit.new,
                "copies": visit.copies,
                "revised": visit.revised,
                "problem": visit.problem,
            }
            for visit in visits
        ]
        self._connection.execute(insert(table), made)
        for some in chunks([visit.source_id for visit in visits]):
            self._connection.execute(_forgetting_visits(), {OF_SOURCES.key: some})

    def _ensure_source(self, source_id: str) -> None:
        key = tables.sources.c.source_id
        if self._connection.scalar(select(key).where(key == source_id)) is None:
            self._connection.execute(insert(tables.sources).values(source_id=source_id))


# --- what a visit leaves behind -----------------------------------------------------------------------------------


class _Kind(NamedTuple):
    """Which columns a visit sets."""

    names: frozenset[str]
    has_failed: bool


_SOURCE = as_key("source_id")


@lru_cache(maxsize=32)
def _recording(kind: _Kind) -> Update:
    """The statement that records visits of a kind; to make it costs as much as to run it."""
    sources = tables.sources.c
    values: dict[str, Any] = {name: bindparam(as_new(name)) for name in sorted(kind.names)}
    if kind.has_failed:
        values["failures_in_a_row"] = sources.failures_in_a_row + 1
    if "next_poll_at" in values:
        # A source that was disabled or retired meanwhile stays so; one that was gone, and answers a visit by hand, is
        # back.
        is_back = false() if kind.has_failed else sources.gone_at.is_not(None)
        is_polled = or_(sources.next_poll_at.is_not(None), is_back)
        planned_at = bindparam(as_new("next_poll_at"), type_=sources.next_poll_at.type)
        values["next_poll_at"] = case((is_polled, planned_at), else_=None)
    return update(tables.sources).where(sources.source_id == bindparam(_SOURCE)).values(**values)


@cache
def _forgetting_visits() -> Delete:
    """The statement that keeps the last visits to each of some sources, and no others."""
    visits = tables.visits.c
    place = func.row_number().over(partition_by=visits.source_id, order_by=visits.visit_id.desc())
    placed = select(visits.visit_id, place.label("place")).where(visits.source_id.in_(OF_SOURCES)).subquery()
    too_old = select(placed.c.visit_id).where(placed.c.place > VISITS_KEPT)
    return delete(tables.visits).where(visits.visit_id.in_(too_old))


def _values(visit: Visit) -> dict[str, Any]:
    return {
        "last_polled_at": visit.visited_at,
        "problem": visit.problem,
        "notes": visit.notes,
        "leased_until": None,
        "lease_holder": "",
        **_outcome_values(visit),
        **_schedule_values(visit),
        **_learnt_values(visit),
    }


def _outcome_values(visit: Visit) -> dict[str, Any]:
    if visit.outcome == "failed":
        return {"gone_count": visit.gone_count}
    move = visit.move
    return {
        "failures_in_a_row": 0,
        "last_success_at": visit.visited_at,
        "gone_count": 0,
        "gone_at": None,
        "moved_from": move.asked if move else "",
        "moved_to": move.to if move else "",
        "moved_since_at": move.since_at if move else None,
    }


def _schedule_values(visit: Visit) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if visit.planned_s is not None:
        values |= {"planned_s": visit.planned_s, "planned_why": visit.planned_why}
    if visit.gone_at is not None:
        return values | {"next_poll_at": None}
    if visit.next_poll_at is None:
        return values
    return values | {"next_poll_at": visit.next_poll_at}


def _learnt_values(visit: Visit) -> dict[str, Any]:
    kept = (
        *("guid_trouble", "hints", "asked_whole_at", "gone_at", "flooded_at", "lost_at"),
        *("sought_at", "body_hash", "entries_in_feed"),
    )
    values = {name: value for name in kept if (value := getattr(visit, name)) is not None}
    if visit.validators is not None:
        values |= {"etag": visit.validators.etag, "last_modified": visit.validators.last_modified}
    if visit.offer is not None:
        values |= {"hub": visit.offer.hub, "self_url": visit.offer.self_url}
    if visit.way is not None:
        way = visit.way
        values |= {"way_url": way.url, "way_kind": way.kind, "way_found_at": way.found_at}
    if visit.habit is not None:
        habit = visit.habit
        values |= {"newest_at": habit.newest_at, "quiet_at": habit.quiet_at, "weekly": habit.weekly}
    if visit.feed is not None:
        values |= {
            "feed_title": visit.feed.title,
            "feed_site_url": visit.feed.site_url,
            "feed_id": visit.feed.feed_id,
            "feed_language": visit.feed.language,
        }
    return values


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _scheduled_at(one: SourceDefinition, row: rows.AnyRow | None, now: datetime) -> datetime | None:
    """When a source is polled next under its definition; a moment that nobody would have set is not believed."""
    if not one.is_polled:
        return None
    if row is None or row.url != one.url:
        return now
    if row.gone_at is not None:
        return None
    if row.next_poll_at is None:
        return now
    every = timedelta(seconds=one.every_s)
    planned_at: datetime = row.next_poll_at
    if row.every_s != one.every_s and not row.failures_in_a_row:  # who fails may have asked us to wait
        return min(planned_at, max(now, (row.last_polled_at or now) + every))
    # More was set by a clock that was ahead.
    return min(planned_at, now + 2 * max(every, timedelta(seconds=row.planned_s)))


def _is_free(now: datetime, lessee: Lessee) -> ColumnElement[bool]:
    table = tables.sources
    return and_(
        table.c.source_id.not_in(lessee.at_work_on),
        or_(
            table.c.leased_until.is_(None),
            table.c.leased_until <= now,
            table.c.leased_until > now + LONGEST_LEASE,  # given by a clock that was ahead
            table.c.lease_holder == lessee.name,
        ),
    )
