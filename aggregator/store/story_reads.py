"""What is read of stories: those to be settled, those that an output shows, and the one that an editor means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, bindparam, exists, or_, select

from aggregator.errors import UnknownStoryError
from aggregator.model.document import Where
from aggregator.model.story import StoredEntry, Story
from aggregator.store import rows, tables
from aggregator.store.chunks import OF_STORIES, chunks
from aggregator.store.labels import Labels, labels_of
from aggregator.store.rungs import digest, url_rung

LARGEST_STORY_ID = 2**31 - 1
# Made once: each publication asks for stories of each of its outputs.
_STORIES = select(tables.stories).where(tables.stories.c.story_id.in_(OF_STORIES))
_ENTRIES = (
    select(tables.entries)
    .where(tables.entries.c.story_id.in_(OF_STORIES))
    .order_by(tables.entries.c.entry_id)
)


class StoryReadTx:
    """The part of a transaction that reads stories."""

    _connection: Connection

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

    def stories(
        self,
        where: Where,
        since: datetime,
        now: datetime,
        limit: int,
        offset: int = 0,
        loaded: dict[int, Story] | None = None,
    ) -> tuple[Story, ...]:
        """What an output may show now, newest first publication first: at most ``limit`` stories behind the first
        ``offset``.

        Published after ``since``, as ``where`` asks, not hidden, not refused, not expired. Of ``where.not_hosts`` the
        database knows nothing: whoever minds them asks on until there is enough. ``loaded`` are stories that were read
        in this transaction already, by number; what is read joins them.
        """
        asked = {"since": since, "now": now, "most": limit, "behind": offset}
        ids = self._connection.scalars(_shown(where), asked).all()
        found = {} if loaded is None else loaded
        for some in chunks([story_id for story_id in ids if story_id not in found]):
            stories = self._load(_STORIES, {OF_STORIES.key: some})
            found.update((story.story_id, story) for story in stories)
        return tuple(found[story_id] for story_id in ids)

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
        story_id = self.story_id_of(ref, canonical_url)
        if story_id is None:
            raise UnknownStoryError(f"no story has the id or address {ref}")
        (found,) = self._load(select(tables.stories).where(tables.stories.c.story_id == story_id))
        return found

    def story_id_of(self, ref: str, canonical_url: str) -> int | None:
        """The number of the story that ``find_story`` finds; None where there is none."""
        table = tables.stories
        return self._connection.scalar(
            select(table.c.story_id)
            .where(_meant_by(ref.strip(), canonical_url))
            .order_by(
                table.c.published_id.is_(None), table.c.first_published_at.desc(), table.c.story_id.desc()
            )
            .limit(1)
        )

    def _load(self, query: Any, asked: Mapping[str, Any] | None = None) -> tuple[Story, ...]:
        """The stories of a query over ``stories``, in its order, with their entries, topics and facets."""
        found: list[Row[Any]] = list(self._connection.execute(query, asked))
        entries: dict[int, list[StoredEntry]] = defaultdict(list)
        labels: dict[int, Labels] = {}
        for some in chunks([row.story_id for row in found]):
            for row in self._connection.execute(_ENTRIES, {OF_STORIES.key: some}):
                entries[row.story_id].append(rows.stored_entry(row))
            labels |= labels_of(self._connection, some)
        return tuple(rows.story(row, entries[row.story_id], labels[row.story_id]) for row in found)


@lru_cache(maxsize=512)
def _shown(where: Where) -> Select[int]:
    """The statement behind ``stories``: each output is asked for at each publication, and to make one costs as much as
    to run it.
    """
    table = tables.stories
    is_visible = table.c.visible_until > bindparam("now", type_=table.c.visible_until.type)
    query = select(table.c.story_id).where(
        table.c.first_published_at > bindparam("since", type_=table.c.first_published_at.type),
        table.c.hidden_at.is_(None),
        table.c.refusal == "",
        or_(table.c.visible_until.is_(None), is_visible),
        *_as_asked(where),
    )
    newest = (table.c.first_published_at.desc(), table.c.published_at.desc(), table.c.story_id.desc())
    most, behind = bindparam("most", type_=Integer), bindparam("behind", type_=Integer)
    return query.order_by(*newest).limit(most).offset(behind)


def _as_asked(where: Where) -> Iterator[ColumnElement[bool]]:
    """What is asked of a row of ``stories`` by ``Where.takes`` and ``not_partners``, as far as anything is."""
    stories, topics, entries, facets = (
        tables.stories.c,
        tables.story_topics.c,
        tables.entries.c,
        tables.story_facets.c,
    )
    if where.topics:
        yield exists().where(topics.story_id == stories.story_id, topics.topic.in_(where.topics))
    if where.partners:
        yield exists().where(
            entries.entry_id == stories.shown_entry_id, entries.partner_id.in_(where.partners)
        )
    if where.not_partners:
        yield ~exists().where(
            entries.story_id == stories.story_id, entries.partner_id.in_(where.not_partners)
        )
    named = (("place", where.places), ("genre", where.genres), ("language", where.languages))
    for kind, codes in named:
        if codes:
            yield exists().where(
                facets.story_id == stories.story_id, facets.kind == kind, facets.code.in_(codes)
            )


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
