"""What is read of how entries were before, and by which version of the rules they were read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, literal, select, union

from aggregator.model.entry import Version
from aggregator.store import tables
from aggregator.store.chunks import chunks
from aggregator.store.review import ReviewTx


class VersionTx(ReviewTx):
    """The part of a transaction that reads versions."""

    def versions_of(self, entry_ids: Collection[int]) -> dict[int, tuple[Version, ...]]:
        """What these entries were before they were revised, the latest first; only of those that were."""
        table = tables.revisions
        found: dict[int, list[Version]] = defaultdict(list)
        for some in chunks(entry_ids):
            query = select(table).where(table.c.entry_id.in_(some)).order_by(table.c.revision_id.desc())
            for row in self._connection.execute(query):
                found[row.entry_id].append(Version(row.replaced_at, row.content_hash, row.raw))
        return {entry_id: tuple(versions) for entry_id, versions in found.items()}

    def entries_of_other_version(
        self, versions: Mapping[str, str], since: datetime
    ) -> dict[str, tuple[int, ...]]:
        """Numbers of entries that other rules read than those of their partner's version, by partner.

        ``versions`` has one for each partner whose entries are asked for. Only of stories that were first published
        after ``since``, and of what was first seen after it.
        """
        entries, stories = tables.entries, tables.stories
        columns = (entries.c.partner_id, entries.c.entry_id)
        house = Counter(versions.values()).most_common(1)[0][0] if versions else ""
        own = {partner_id: one for partner_id, one in versions.items() if one != house}
        wanted: ColumnElement[str] = (
            case(own, value=entries.c.partner_id, else_=house) if own else literal(house)
        )
        is_other = and_(columns[0].in_(versions), entries.c.content_hash.not_like(wanted + ":%"))
        # Each half by its index; with "or" both databases would walk through everything.
        seen = select(*columns).where(entries.c.first_seen_at > since, is_other)
        of_published = select(*columns).join(stories, stories.c.story_id == entries.c.story_id)
        published = of_published.where(stories.c.first_published_at > since, is_other)
        found: dict[str, list[int]] = defaultdict(list)
        for partner_id, entry_id in self._connection.execute(union(seen, published)):
            found[partner_id].append(entry_id)
        return {partner_id: tuple(sorted(found[partner_id])) for partner_id in sorted(found)}
