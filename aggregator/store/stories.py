"""What is kept of stories: settled, promised, merged, related, hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, delete, func, insert, or_, select, update

from aggregator.model.story import Published, Settlement
from aggregator.store import tables
from aggregator.store.changes import ChangeTx
from aggregator.store.labels import labels_of
from aggregator.store.rungs import url_rung
from aggregator.store.tables import DUE_NOW_AT


class StoryTx(ChangeTx):
    """The part of a transaction that keeps stories."""

    def settle(self, settlement: Settlement) -> None:
        """Keep what the desk made of a story. What was promised at first publication is never changed."""
        table = tables.stories
        values: dict[str, Any] = {
            "settle_due_at": settlement.reconsider_at,
            "shown_entry_id": settlement.lead_entry_id,
            "shown_hash": settlement.shown_hash,
            "shown_at": settlement.shown_at,
            "updated_at": settlement.updated_at,
            "visible_until": settlement.visible_until,
            "refusal": settlement.refusal,
            "refused_at": settlement.refused_at,
            "override_title": settlement.override_title,
            "overridden_title": settlement.overridden_title,
        }
        self._update_stories(table.c.story_id == settlement.story_id, **values)
        if settlement.published is not None:
            self._promise(settlement.story_id, settlement.lead_entry_id, settlement.published)
        # Most stories are settled several times and stay where they are.
        labels = labels_of(self._connection, [settlement.story_id])[settlement.story_id]
        if labels.topics != settlement.topics:
            topics = [{"position": at, "topic": topic} for at, topic in enumerate(settlement.topics)]
            self._relabel(tables.story_topics, settlement.story_id, topics, had_any=bool(labels.topics))
        if set(labels.facets) != set(settlement.facets):
            facets = [{"kind": one.kind, "code": one.code} for one in dict.fromkeys(settlement.facets)]
            self._relabel(tables.story_facets, settlement.story_id, facets, had_any=bool(labels.facets))

    def _relabel(
        self, table: Table, story_id: int, rows: Sequence[Mapping[str, Any]], *, had_any: bool
    ) -> None:
        """Replace the rows of a story in a table of labels."""
        if had_any:
            self._connection.execute(delete(table).where(table.c.story_id == story_id))
        if rows:
            self._connection.execute(insert(table), [{"story_id": story_id, **row} for row in rows])

    def _promise(self, story_id: int, lead_entry_id: int, published: Published) -> None:
        table = tables.stories
        self._update_stories(
            and_(table.c.story_id == story_id, table.c.published_id.is_(None)),
            published_id=published.id,
            published_url=published.url,
            published_at=published.published_at,
            first_published_at=published.first_published_at,
        )
        if published.url:
            self._add_missing(tables.rungs, lead_entry_id, {url_rung(published.url)})

    def mark_unsettled(self, since: datetime) -> None:
        """Let everything that was first published after ``since`` be settled anew, and what is unpublished but has
        an entry first seen after ``since``: a changed rule must not make old news of months ago new.
        """
        first_published_at = tables.stories.c.first_published_at
        seen_since = select(tables.entries.c.story_id).where(tables.entries.c.first_seen_at > since)
        unpublished = and_(first_published_at.is_(None), tables.stories.c.story_id.in_(seen_since))
        self._update_stories(or_(unpublished, first_published_at > since), settle_due_at=DUE_NOW_AT)

    def hide(self, story_id: int, reason: str, now: datetime) -> None:
        """Take a story out of every output, whatever later polls bring."""
        self._update_stories(
            tables.stories.c.story_id == story_id,
            hidden_at=now,
            hidden_reason=reason,
            settle_due_at=DUE_NOW_AT,
        )

    def unhide(self, story_id: int) -> None:
        """Undo ``hide``."""
        self._update_stories(
            tables.stories.c.story_id == story_id, hidden_at=None, hidden_reason="", settle_due_at=DUE_NOW_AT
        )

    def _update_stories(self, which: Any, **values: Any) -> None:
        self._connection.execute(update(tables.stories).where(which).values(**values))

    def _merge(self, story_id: int, merged: Collection[int], source_id: str) -> None:
        """Unpublished stories become one with ``story_id``, to which their relations pass; what was published or hidden
        meanwhile stays apart. Entries that began a story but do not begin this one say from now on why they are in it:
        ``source_id`` brought a copy of both.
        """
        table, entries = tables.stories, tables.entries
        free = select(table.c.story_id).where(
            table.c.story_id.in_(set(merged) - {story_id}),
            table.c.published_id.is_(None),
            table.c.hidden_at.is_(None),
        )
        ids = list(self._connection.scalars(free)) if merged else []
        if ids:
            first = func.min(entries.c.entry_id)
            began = select(first).where(entries.c.story_id.in_([story_id, *ids])).group_by(entries.c.story_id)
            later = list(self._connection.scalars(began.order_by(first)))[1:]
            reason = f"brought together by a copy of both, from {source_id}"
            unexplained = and_(entries.c.entry_id.in_(later), entries.c.reason == "")
            self._connection.execute(update(entries).where(unexplained).values(reason=reason))
            of_both = update(entries).where(entries.c.story_id.in_(ids))
            self._connection.execute(of_both.values(story_id=story_id))
            of_merged = tables.relations.c.story_id.in_(ids)
            others = set(self._connection.scalars(select(tables.relations.c.other_id).where(of_merged)))
            self._relate(story_id, others - set(ids))
            self._connection.execute(delete(table).where(table.c.story_id.in_(ids)))

    def _relate(self, story_id: int, others: Collection[int]) -> None:
        """Note stories of other articles on the same event, both ways round."""
        table = tables.relations
        others = set(others) - {story_id}
        known = self._connection.scalars(select(table.c.other_id).where(table.c.story_id == story_id))
        there = select(tables.stories.c.story_id).where(tables.stories.c.story_id.in_(others))
        missing = set(self._connection.scalars(there)) - set(known) if others else set()
        rows = [
            {"story_id": a, "other_id": b}
            for other in sorted(missing)
            for a, b in ((story_id, other), (other, story_id))
        ]
        if rows:
            self._connection.execute(insert(table), rows)
