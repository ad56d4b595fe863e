"""What is known of entries: those that a new one may be, or may be a copy of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from aggregator.model.entry import Candidate, KnownEntry, RawEntry, Replaced
from aggregator.store import rows, tables
from aggregator.store.alike import most_alike
from aggregator.store.chunks import chunks
from aggregator.store.rungs import identity_rungs, telling_rungs


class KnownTx:
    """The part of a transaction that reads what candidates are compared with."""

    _connection: Connection

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
