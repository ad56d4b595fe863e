"""What is read of entries that an editor reviews: few columns of many rows, never their texts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, null, or_, select

from aggregator.model.review import ReviewedEntry
from aggregator.store import rows, tables


class ReviewTx:
    """The part of a transaction that reads what is reviewed."""

    _connection: Connection

    def entries_for_review(
        self, since: datetime, now: datetime, *, source_id: str = "", shown_only: bool = False
    ) -> Iterator[ReviewedEntry]:
        """Entries first seen after ``since``, newest first; to be taken while the transaction lasts.

        ``source_id`` asks for one source's, ``shown_only`` for those that readers get now.
        """
        entries, stories = tables.entries.c, tables.stories.c
        is_shown = and_(
            stories.shown_entry_id == entries.entry_id,
            stories.published_id.is_not(None),
            stories.refusal == "",
            stories.hidden_at.is_(None),
            or_(stories.visible_until.is_(None), stories.visible_until > now),
        )
        # Without a canonical address its own stands in what came, which is long and hardly ever needed.
        raw = case((entries.canonical_url == "", entries.raw), else_=null())
        of_entry = (entries.entry_id, entries.story_id, entries.source_id, entries.partner_id, entries.title)
        of_text = (
            entries.canonical_url,
            raw.label("raw"),
            entries.first_seen_at,
            entries.facts,
            entries.provenance,
        )
        of_story = (is_shown.label("is_shown"), stories.shown_entry_id, stories.refusal, stories.hidden_at)
        query = (
            select(*of_entry, *of_text, *of_story, stories.hidden_reason)
            .select_from(tables.entries.join(tables.stories, stories.story_id == entries.story_id))
            .where(entries.first_seen_at > since, *([is_shown] if shown_only else []))
            .order_by(entries.first_seen_at.desc(), entries.entry_id.desc())
        )
        if source_id:
            # As an expression, lest SQLite go by the source's index, and so through all that it ever brought.
            query = query.where(func.coalesce(entries.source_id, "") == source_id)
        for row in self._connection.execute(query, execution_options={"yield_per": 500}):
            yield rows.reviewed_entry(row)
