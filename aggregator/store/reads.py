"""What is asked of the database: a few statements per method; lists of values go in bounded chunks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Text, and_, func, or_, select, type_coerce

from aggregator.errors import UnknownStoryError
from aggregator.model.alert import Alert
from aggregator.model.document import Document, OutputState, Where
from aggregator.model.entry import Candidate, KnownEntry, RawEntry, Replaced
from aggregator.model.html import SafeHtml
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceState
from aggregator.model.status import VisitRecord
from aggregator.model.story import StoredEntry, Story
from aggregator.store import rows, tables
from aggregator.store.alike import most_alike
from aggregator.store.rungs import digest, identity_rungs, telling_rungs, url_rung
from aggregator.store.versions import VersionTx

T = TypeVar("T")

# Far below what either database takes, large enough that a poll needs a handful of statements.
CHUNK = 500
LARGEST_STORY_ID = 2**31 - 1
# Longer than any host is let rest: such a moment was set by a clock that was ahead.
LONGEST_REST = timedelta(days=1)


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


def chunks(values: Collection[T]) -> Iterator[list[T]]:
    """The values in lists that fit into one statement."""
    whole = list(values)
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]


class ReadTx(VersionTx):
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
        table = tables.rhythms
        found = self._connection.scalar(select(table.c.rhythm).where(table.c.source_id == source_id))
        return Rhythm() if found is None else found

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

    def source_state(self, source_id: str) -> SourceState | None:
        """One source, None when it was never known."""
        row = self._connection.execute(
            select(tables.sources).where(tables.sources.c.source_id == source_id)
        ).one_or_none()
        return None if row is None else rows.source_state(row)

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

    # --- entries ---

    def known(
        self, source_id: str, candidates: Sequence[Candidate], related_since: datetime | None = None
    ) -> tuple[KnownEntry, ...]:
        """Stored entries that some candidate may be, or may be a copy of, oldest first.

        They share a rung of identity with a candidate (guid and content only within the source, article id
        and canonical URL across all), or they share a mark with one that has a rung never seen before: of those,
        per candidate, the ALIKE_PER_CANDIDATE with the most marks in common. Reports of the same event are sought by
        their names among what was first seen after ``related_since``.
        """
        owners = self._owners_of_rungs(source_id, candidates)
        strangers = [one for one in candidates if not telling_rungs(source_id, one.identity) <= owners.keys()]
        wanted = set().union(*owners.values()) | most_alike(
            self._connection, [one.marks for one in strangers]
        )
        if related_since is not None:
            wanted |= self._of_like_names(strangers, related_since)
        table, stories = tables.entries, tables.stories
        columns = (
            *(table.c.entry_id, table.c.story_id, table.c.source_id, table.c.partner_id, table.c.guid),
            *(table.c.article_id, table.c.canonical_url, table.c.content, table.c.earlier, table.c.title),
            *(table.c.text, table.c.content_hash, table.c.categories, table.c.authors, table.c.feed_hash),
            *(table.c.marks, table.c.provenance, stories.c.published_id),
        )
        entries_of_stories = table.join(stories, stories.c.story_id == table.c.story_id)
        replaced = self._replaced(wanted)
        return tuple(
            rows.known_entry(row, replaced[row.entry_id])
            for some in chunks(sorted(wanted))
            for row in self._connection.execute(
                select(*columns)
                .select_from(entries_of_stories)
                .where(table.c.entry_id.in_(some))
                .order_by(table.c.entry_id)
            )
        )

    def published_ids(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of ``ids`` under which a story of ours was published."""
        published_id = tables.stories.c.published_id
        return frozenset(
            found
            for some in chunks({one for one in ids if one.startswith("urn:uuid:")})
            for found in self._connection.scalars(select(published_id).where(published_id.in_(some)))
        )

    def _replaced(self, entry_ids: Collection[int]) -> dict[int, list[Replaced]]:
        """The versions kept of these entries, the latest first."""
        found: dict[int, list[Replaced]] = defaultdict(list)
        table = tables.revisions
        columns = (table.c.entry_id, table.c.content_hash, table.c.replaced_at)
        for some in chunks(entry_ids):
            query = select(*columns).where(table.c.entry_id.in_(some)).order_by(table.c.revision_id.desc())
            for row in self._connection.execute(query):
                found[row.entry_id].append(Replaced(row.content_hash, row.replaced_at))
        return found

    def raw_entries(self, entry_ids: Collection[int]) -> tuple[RawEntry, ...]:
        """What partners sent of these entries, in any order."""
        columns = (tables.entries.c.entry_id, tables.entries.c.raw, tables.entries.c.content_hash)
        return tuple(
            RawEntry(*row)
            for some in chunks(entry_ids)
            for row in self._connection.execute(select(*columns).where(columns[0].in_(some)))
        )

    def _owners_of_rungs(self, source_id: str, candidates: Sequence[Candidate]) -> dict[int, set[int]]:
        """The candidates' rungs that are stored, each with the entries that have it."""
        rungs = {rung for candidate in candidates for rung in identity_rungs(source_id, candidate.identity)}
        owners: dict[int, set[int]] = defaultdict(set)
        for some in chunks(rungs):
            for rung, entry_id in self._connection.execute(
                select(tables.rungs).where(tables.rungs.c.rung.in_(some))
            ):
                owners[rung].add(entry_id)
        return owners

    def _of_like_names(self, candidates: Sequence[Candidate], since: datetime) -> set[int]:
        entries = tables.entries.c
        seen = select(entries.entry_id).where(entries.first_seen_at >= since).order_by(entries.first_seen_at)
        first = self._connection.scalar(seen.limit(1))
        return (
            set()
            if first is None
            else most_alike(self._connection, [one.name_marks for one in candidates], first)
        )

    # --- stories ---

    def unsettled(self, now: datetime, limit: int = 1_000_000) -> tuple[Story, ...]:
        """At most ``limit`` stories that changed (by number), or whose moment to be reconsidered has come."""
        due = tables.stories.c.settle_due_at <= now
        # In the order of the index: by number alone, SQLite would rather read the whole table than sort.
        order = (tables.stories.c.settle_due_at, tables.stories.c.story_id)
        return self._load(select(tables.stories).where(due).order_by(*order).limit(limit))

    def has_unsettled(self, now: datetime) -> bool:
        """Whether ``unsettled`` would bring any."""
        due = select(tables.stories.c.story_id).where(tables.stories.c.settle_due_at <= now)
        return self._connection.scalar(due.limit(1)) is not None

    def stories(self, where: Where, since: datetime, now: datetime, limit: int) -> tuple[Story, ...]:
        """What an output may show now, newest first publication first: at most ``limit`` stories.

        Published after ``since``, as ``where`` asks, not hidden, not refused, not expired.
        """
        table = tables.stories
        query = select(table).where(
            table.c.first_published_at > since,
            table.c.hidden_at.is_(None),
            table.c.refusal == "",
            or_(table.c.visible_until.is_(None), table.c.visible_until > now),
        )
        if where.topics:
            sorted_into = tables.story_topics
            query = query.where(
                select(sorted_into.c.story_id)
                .where(sorted_into.c.story_id == table.c.story_id, sorted_into.c.topic.in_(where.topics))
                .exists()
            )
        newest = (table.c.first_published_at.desc(), table.c.published_at.desc(), table.c.story_id.desc())
        return self._load(query.order_by(*newest).limit(limit))

    def hidden_stories(self) -> tuple[Story, ...]:
        """What editors have taken out, latest first."""
        hidden_at = tables.stories.c.hidden_at
        return self._load(
            select(tables.stories)
            .where(hidden_at.is_not(None))
            .order_by(hidden_at.desc(), tables.stories.c.story_id.desc())
        )

    def find_story(self, ref: str, canonical_url: str) -> Story:
        """The story an editor means: by published id (with or without ``urn:uuid:``), number or address.

        ``canonical_url`` is the canonical form of ``ref``, '' when it has none. Of several stories at one
        address the one published last is meant. Raises UnknownStoryError.
        """
        table = tables.stories
        found = self._load(
            select(table)
            .where(_meant_by(ref.strip(), canonical_url))
            .order_by(
                table.c.published_id.is_(None), table.c.first_published_at.desc(), table.c.story_id.desc()
            )
            .limit(1)
        )
        if not found:
            raise UnknownStoryError(f"no story has the id or address {ref}")
        return found[0]

    def _load(self, query: Any) -> tuple[Story, ...]:
        """The stories of a query over ``stories``, in its order, with their entries and topics."""
        found: list[Row[Any]] = list(self._connection.execute(query))
        entries: dict[int, list[StoredEntry]] = defaultdict(list)
        topics: dict[int, list[str]] = defaultdict(list)
        for some in chunks([row.story_id for row in found]):
            for row in self._connection.execute(
                select(tables.entries)
                .where(tables.entries.c.story_id.in_(some))
                .order_by(tables.entries.c.entry_id)
            ):
                entries[row.story_id].append(rows.stored_entry(row))
            for row in self._connection.execute(
                select(tables.story_topics)
                .where(tables.story_topics.c.story_id.in_(some))
                .order_by(tables.story_topics.c.position)
            ):
                topics[row.story_id].append(row.topic)
        return tuple(rows.story(row, entries[row.story_id], topics[row.story_id]) for row in found)

    # --- documents and the rest ---

    def documents(self) -> tuple[Document, ...]:
        """Every document, by path."""
        found = self._connection.execute(select(tables.documents).order_by(tables.documents.c.path))
        return tuple(rows.document(row) for row in found)

    def document(self, path: str) -> Document | None:
        """One document, None when there is none at that path."""
        row = self._connection.execute(
            select(tables.documents).where(tables.documents.c.path == path)
        ).one_or_none()
        return None if row is None else rows.document(row)

    def document_versions(self) -> dict[str, tuple[str, datetime]]:
        """ETag and time of the last change of every document, by path; no bodies are read."""
        table = tables.documents
        found = self._connection.execute(select(table.c.path, table.c.etag, table.c.changed_at))
        return {row.path: (row.etag, row.changed_at) for row in found}

    def output_states(self) -> dict[str, OutputState]:
        """Every output ever touched or rendered, by id."""
        found = self._connection.execute(select(tables.outputs))
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
        return self._connection.scalar(select(tables.meta.c.value).where(tables.meta.c.key == key))

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


def _meant_by(ref: str, canonical_url: str) -> ColumnElement[bool]:
    if (
        ref.isascii()
        and ref.isdigit()
        and len(ref) <= len(str(LARGEST_STORY_ID))
        and int(ref) <= LARGEST_STORY_ID
    ):
        return tables.stories.c.story_id == int(ref)
    try:
        return tables.stories.c.published_id == UUID(ref).urn
    except ValueError:
        pass
    addresses = [url_rung(ref)]
    if canonical_url:
        addresses.append(digest("canonical_url", canonical_url))
    return tables.stories.c.story_id.in_(
        select(tables.entries.c.story_id)
        .join(tables.rungs, tables.rungs.c.entry_id == tables.entries.c.entry_id)
        .where(tables.rungs.c.rung.in_(addresses))
    )
