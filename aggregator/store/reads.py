"""What is asked of the database: a few statements per method; lists of values go in bounded chunks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Text, and_, bindparam, func, select, type_coerce

from aggregator.model.alert import Alert
from aggregator.model.document import Document, OutputState
from aggregator.model.html import SafeHtml
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceState
from aggregator.model.standing import UNREAD, Standing, Stood
from aggregator.model.status import VisitRecord
from aggregator.store import rows, tables
from aggregator.store.archive_reads import ArchiveReadTx
from aggregator.store.chunks import OF_SOURCES, chunks
from aggregator.store.follower_reads import FollowerReadTx
from aggregator.store.known import KnownTx
from aggregator.store.listing import ListingTx
from aggregator.store.subscriber_reads import SubscriberReadTx
from aggregator.store.subscription_reads import SubscriptionReadTx
from aggregator.store.versions import VersionTx
from aggregator.store.withdrawals import WithdrawalTx

# Longer than any host is let rest: such a moment was set by a clock that was ahead.
LONGEST_REST = timedelta(days=1)
# Made once: each visit or publication asks, and to make a statement costs as much as to run it.
_DOCUMENT = select(tables.documents).where(tables.documents.c.path == bindparam("path"))
_META = select(tables.meta.c.value).where(tables.meta.c.key == bindparam("key"))
_STATES = select(tables.sources).where(tables.sources.c.source_id.in_(OF_SOURCES))
_RHYTHMS = select(tables.rhythms).where(tables.rhythms.c.source_id.in_(OF_SOURCES))


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is. ``pending`` stories wait to be settled: now, or at a moment that is known."""

    entries: int
    stories: int
    published: int
    hidden: int
    pending: int


def host_rests(now: datetime) -> ColumnElement[bool]:
    """Of a row of ``hosts``: whether it asked us to wait for longer than ``now``."""
    until_at = tables.hosts.c.rests_until_at
    return and_(until_at > now, until_at <= now + LONGEST_REST)


class ReadTx(
    KnownTx,
    WithdrawalTx,
    ListingTx,
    VersionTx,
    SubscriberReadTx,
    ArchiveReadTx,
    FollowerReadTx,
    SubscriptionReadTx,
):
    """One transaction that reads. Made by ``Store.read``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- sources ---

    def resting_hosts(self, now: datetime) -> dict[str, float]:
        """Hosts that asked us to wait, and for how many more seconds."""
        rows = self._connection.execute(select(tables.hosts).where(host_rests(now)))
        return {row.host: (row.rests_until_at - now).total_seconds() for row in rows}

    def rhythm(self, source_id: str) -> Rhythm:
        """What was learnt of when a source publishes; nothing yet for one that is not known."""
        return self.rhythms_of([source_id])[source_id]

    def standing(self, source_id: str) -> Standing:
        """What stood in a source's document when it was last read; UNREAD where that is not known."""
        row = self._connection.execute(
            select(tables.standings).where(tables.standings.c.source_id == source_id)
        ).one_or_none()
        if row is None:
            return UNREAD
        numbers, width = row.entries, len(Stood._fields)
        entries = (Stood(*numbers[start : start + width]) for start in range(0, len(numbers), width))
        return Standing(row.rules, row.envelope, tuple(entries))

    def rhythms_of(self, source_ids: Collection[str]) -> dict[str, Rhythm]:
        """The same of several sources, by id."""
        found = dict.fromkeys(source_ids, Rhythm())
        for some in chunks(source_ids):
            for row in self._connection.execute(_RHYTHMS, {OF_SOURCES.key: some}):
                found[row.source_id] = row.rhythm
        return found

    def held_counts(self) -> dict[str, int]:
        """How many entries of each source are held, by id; sources without any are not named."""
        table = tables.entries
        found = select(table.c.source_id, func.count().label("number")).where(table.c.held)
        return {
            row.source_id: row.number for row in self._connection.execute(found.group_by(table.c.source_id))
        }

    def held_titles(self, source_id: str, limit: int) -> tuple[str, ...]:
        """Headlines of what is held of a source, newest first."""
        table = tables.entries.c
        found = select(table.title).where(table.source_id == source_id, table.held)
        return tuple(self._connection.scalars(found.order_by(table.entry_id.desc()).limit(limit)))

    def rhythms(self) -> dict[str, Rhythm]:
        """The same of all sources, by id."""
        table = tables.rhythms
        return {row.source_id: row.rhythm for row in self._connection.execute(select(table))}

    def source_states(self) -> dict[str, SourceState]:
        """Every source ever known, by id; retired ones carry ``retired_at``."""
        found = self._connection.execute(select(tables.sources).order_by(tables.sources.c.source_id))
        return {row.source_id: rows.source_state(row) for row in found}

    def states_of(self, source_ids: Collection[str]) -> dict[str, SourceState]:
        """Those of these sources that are known, by id."""
        return {
            row.source_id: rows.source_state(row)
            for some in chunks(source_ids)
            for row in self._connection.execute(_STATES, {OF_SOURCES.key: some})
        }

    def source_state(self, source_id: str) -> SourceState | None:
        """One source, None when it was never known."""
        return self.states_of([source_id]).get(source_id)

    def has_due_source(self, now: datetime) -> bool:
        """Whether some source's moment has come, leased or not, at a host that does not rest."""
        resting = select(tables.hosts.c.host).where(host_rests(now))
        sources = tables.sources.c
        due = select(sources.source_id).where(sources.next_poll_at <= now, sources.host.not_in(resting))
        return self._connection.scalar(due.limit(1)) is not None

    def visits(self) -> dict[str, tuple[VisitRecord, ...]]:
        """The last visits of every source, newest first."""
        found: dict[str, list[VisitRecord]] = defaultdict(list)
        for row in self._connection.execute(select(tables.visits).order_by(tables.visits.c.visit_id.desc())):
            found[row.source_id].append(rows.visit_record(row))
        return {source_id: tuple(visits) for source_id, visits in found.items()}

    def entries_per_hour(self, since: datetime) -> dict[str, Counter[datetime]]:
        """By source: how many of its entries were first seen in each hour (UTC) after ``since``."""
        first_seen_at = tables.entries.c.first_seen_at
        if self._connection.dialect.name == "sqlite":
            hour: ColumnElement[str] = func.substr(type_coerce(first_seen_at, Text), 1, 13)
        else:
            hour = func.to_char(func.timezone("UTC", first_seen_at), "YYYY-MM-DD HH24")
        query = (
            select(tables.entries.c.source_id, hour.label("hour"), func.count())
            .where(first_seen_at > since)
            .group_by(tables.entries.c.source_id, hour)
        )
        found: dict[str, Counter[datetime]] = defaultdict(Counter)
        for source_id, text, number in self._connection.execute(query):
            found[source_id][datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=UTC)] = number
        return found

    # --- documents and the rest ---

    def documents(self) -> tuple[Document, ...]:
        """Every document, by path."""
        found = self._connection.execute(select(tables.documents).order_by(tables.documents.c.path))
        return tuple(rows.document(row) for row in found)

    def document(self, path: str) -> Document | None:
        """One document, None when there is none at that path."""
        row = self._connection.execute(_DOCUMENT, {"path": path}).one_or_none()
        return None if row is None else rows.document(row)

    def document_versions(self) -> dict[str, tuple[str, datetime]]:
        """ETag and time of the last change of every document, by path; no bodies are read."""
        table = tables.documents
        found = self._connection.execute(select(table.c.path, table.c.etag, table.c.changed_at))
        return {row.path: (row.etag, row.changed_at) for row in found}

    def output_states(self) -> dict[str, OutputState]:
        """Every output ever touched or rendered, by id."""
        columns = (column for column in tables.outputs.c if column.name != "shown")
        found = self._connection.execute(select(*columns))
        return {row.output_id: rows.output_state(row) for row in found}

    def safe_html(self, keys: Sequence[str]) -> dict[str, SafeHtml]:
        """What was sanitized before, by key; keys that are not there are left out."""
        table = tables.safe_html
        return {
            row.key: SafeHtml(row.markup)
            for some in chunks(set(keys))
            for row in self._connection.execute(select(table).where(table.c.key.in_(some)))
        }

    def alerts(self) -> tuple[Alert, ...]:
        """All trouble that lasts, or whose end somebody must still be told of, by subject and kind."""
        table = tables.alerts
        found = self._connection.execute(select(table).order_by(table.c.subject, table.c.kind))
        return tuple(rows.alert(row) for row in found)

    def meta(self, key: str) -> str | None:
        """A small fact kept under a name."""
        return self._connection.scalar(_META, {"key": key})

    def refusals(self, since: datetime, limit: int) -> tuple[tuple[str, int], ...]:
        """Why stories with an entry first seen after ``since`` stand in no output: words and number of stories."""
        table = tables.stories
        seen_since = select(tables.entries.c.story_id).where(tables.entries.c.first_seen_at > since)
        query = (
            select(table.c.refusal, func.count())
            .where(table.c.refusal != "", table.c.story_id.in_(seen_since))
            .group_by(table.c.refusal)
            .order_by(func.count().desc(), table.c.refusal)
            .limit(limit)
        )
        return tuple((words, number) for words, number in self._connection.execute(query))

    def counts(self) -> Counts:
        """For status; reads all of ``stories``."""
        table = tables.stories
        row = self._connection.execute(
            select(
                select(func.count()).select_from(tables.entries).scalar_subquery().label("entries"),
                func.count().label("stories"),
                func.count(table.c.published_id).label("published"),
                func.count(table.c.hidden_at).label("hidden"),
                func.count(table.c.settle_due_at).label("pending"),
            ).select_from(table)
        ).one()
        return Counts(*row)
