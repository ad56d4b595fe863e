"""What is read of stories that left documents, or should not have."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from aggregator.model.document import Shown
from aggregator.model.story import Story, Withdrawn
from aggregator.store import rows, tables
from aggregator.store.chunks import chunks
from aggregator.store.labels import Labels, labels_of
from aggregator.store.story_reads import StoryReadTx


class WithdrawalTx(StoryReadTx):
    """The part of a transaction that looks after what was shown before."""

    def shown(self, output_id: str) -> dict[int, Shown]:
        """The stories that the last good documents of an output show, by number and in their order, each in the version
        that stands there; none for one that has no documents. Those of ``OutputState.owed`` may show older ones.
        """
        table = tables.outputs
        found: tuple[Shown, ...] | None = self._connection.scalar(
            select(table.c.shown).where(table.c.output_id == output_id)
        )
        return {one.story_id: one for one in found or ()}

    def stories_numbered(self, story_ids: Collection[int]) -> tuple[Story, ...]:
        """Those of these stories that there are."""
        table = tables.stories
        return tuple(
            story
            for some in chunks(set(story_ids))
            for story in self._load(select(table).where(table.c.story_id.in_(some)))
        )

    def withdrawn_stories(self, since: datetime, now: datetime) -> tuple[Withdrawn, ...]:
        """Stories first published after ``since`` that may not be shown now, newest first publication first."""
        return self._withdrawn(tables.stories.c.first_published_at > since, now)

    def withdrawn_of(self, story_ids: Collection[int], now: datetime) -> tuple[Withdrawn, ...]:
        """Those of these stories, as many as one statement takes, that were published and may not be shown now."""
        of_these = tables.stories.c.story_id.in_(story_ids)
        return self._withdrawn(and_(of_these, tables.stories.c.published_id.is_not(None)), now)

    def _withdrawn(self, which: ColumnElement[bool], now: datetime) -> tuple[Withdrawn, ...]:
        table, entries = tables.stories, tables.entries
        may_not = or_(table.c.hidden_at.is_not(None), table.c.refusal != "", table.c.visible_until <= now)
        newest = (table.c.first_published_at.desc(), table.c.published_at.desc(), table.c.story_id.desc())
        shown: Any = entries.c.entry_id == table.c.shown_entry_id
        found = self._connection.execute(
            select(table, entries.c.partner_id)
            .outerjoin(entries, shown)
            .where(which, may_not)
            .order_by(*newest)
        ).all()
        labels: dict[int, Labels] = {}
        for some in chunks([row.story_id for row in found]):
            labels |= labels_of(self._connection, some)
        return tuple(rows.withdrawn(row, labels[row.story_id], now) for row in found)
