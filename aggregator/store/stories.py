"""What is kept of stories: settled, promised, merged, related, hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, func, insert, or_, select, update

from aggregator.model.story import Published, Settlement
from aggregator.store import tables
from aggregator.store.changes import ChangeTx
from aggregator.store.chunks import chunks
from aggregator.store.labels import labels_of
from aggregator.store.rungs import url_rung
from aggregator.store.tables import DUE_NOW_AT

# Made once, for each of many stories at a time; the values are named as their columns.
_CHANGE_STORY = update(tables.stories).where(tables.stories.c.story_id == bindparam("of_story"))
_PROMISE = _CHANGE_STORY.where(tables.stories.c.published_id.is_(None))


class StoryTx(ChangeTx):
    """The part of a transaction that keeps stories."""

    def settle(self, *settlements: Settlement) -> None:
        """Keep what the desk made of stories. What was promised at first publication is never changed."""
        changes = [
            {
                "of_story": one.story_id,
                "settle_due_at": one.reconsider_at,
                "shown_entry_id": one.lead_entry_id,
                "shown_hash": one.shown_hash,
                "shown_at": one.shown_at,
                "updated_at": one.updated_at,
                "visible_until": one.visible_until,
                "refusal": one.refusal,
                "refused_at": one.refused_at,
                "override_title": one.override_title,
                "overridden_title": one.overridden_title,
            }
            for one in settlements
        ]
        if changes:
            self._connection.execute(_CHANGE_STORY, changes)
        promised = [(one, one.published) for one in settlements if one.published is not None]
        if promised:
            self._promise(promised)
        for some in chunks(settlements):
            self._label(some)

    def _label(self, settlements: Sequence[Settlement]) -> None:
        """Sort stories into topics and facets. Most are settled several times and stay where they are."""
        labels = labels_of(self._connection, [one.story_id for one in settlements])
        moved = [one for one in settlements if labels[one.story_id].topics != one.topics]
        topics = (
            {"story_id": one.story_id, "position": at, "topic": topic}
            for one in moved
            for at, topic in enumerate(one.topics)
        )
        had_any = [one.story_id for one in moved if labels[one.story_id].topics]
        self._relabel(tables.story_topics, had_any, list(topics))
        moved = [one for one in settlements if set(labels[one.story_id].facets) != set(one.facets)]
        facets = (
            {"story_id": one.story_id, "kind": facet.kind, "code": facet.code}
            for one in moved
            for facet in dict.fromkeys(one.facets)
        )
        had_any = [one.story_id for one in moved if labels[one.story_id].facets]
        self._relabel(tables.story_facets, had_any, list(facets))

    def _relabel(self, table: Table, had_any: Collection[int], rows: Sequence[Mapping[str, Any]]) -> None:
        """Replace in a table of labels the rows of stories that had any there."""
        if had_any:
            self._connection.execute(delete(table).where(table.c.story_id.in_(had_any)))
        if rows:
            self._connection.execute(insert(table), rows)

    def _promise(self, promised: Sequence[tuple[Settlement, Published]]) -> None:
        promises = [
            {
                "of_story": one.story_id,
                "published_id": published.id,
                "published_url": published.url,
                "published_at": published.published_at,
                "first_published_at": published.first_published_at,
            }
            for one, published in promised
        ]
        self._connection.execute(_PROMISE, promises)
        addresses = {
            (url_rung(published.url), one.lead_entry_id) for one, published in promised if published.url
        }
        rung, owner = tables.rungs.c.rung, tables.rungs.c.entry_id
        for some in chunks(addresses):
            there = select(rung, owner).where(rung.in_({mark for mark, _ in some}))
            addresses.difference_update(tuple(row) for row in self._connection.execute(there))
        missing: dict[int, set[int]] = {}
        for mark, entry_id in sorted(addresses):
            missing.setdefault(entry_id, set()).add(mark)
        self._add_marks(tables.rungs, missing)

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
