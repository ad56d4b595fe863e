"""Lists of stories, for people: which there are of what is asked for, and a few words of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    SQLColumnExpression,
    exists,
    func,
    select,
    union_all,
)

from aggregator.model.listing import ListedStory, RelatedStory, StoryList, StoryQuery
from aggregator.store import tables
from aggregator.store.chunks import chunks
from aggregator.store.labels import labels_of
from aggregator.store.search import Phrase, search_terms, stories_with

_STORIES, _ENTRIES = tables.stories.c, tables.entries.c
_OF_STORY = _ENTRIES.story_id == _STORIES.story_id


class ListingTx:
    """The part of a transaction that lists stories."""

    _connection: Connection

    def list_stories(self, query: StoryQuery, limit: int) -> StoryList:
        """The newest ``limit`` (one at least) of the stories that were asked for; no texts are read.

        Newest by first publication, or where that never was by first sight. What this transaction itself added is not
        found by ``search``; words that are none (only signs) are found nowhere.
        """
        terms = search_terms(query.search)
        if query.search and not terms:
            return StoryList((), 0)
        asked = list(self._asked(query, terms))
        published = select(_STORIES.story_id, _STORIES.first_published_at.label("listed_at"))
        published = published.where(_STORIES.first_published_at.is_not(None), *asked)
        if query.since is not None:
            published = published.where(_STORIES.first_published_at > query.since)
        listed = union_all(published, _unpublished(query, asked)).subquery()
        first = (
            select(listed.c.story_id, func.count().over())
            .order_by(listed.c.listed_at.desc(), listed.c.story_id.desc())
            .limit(limit)
        )
        found = self._connection.execute(first).all()
        stories = self._listed([story_id for story_id, _ in found])
        return StoryList(tuple(stories[story_id] for story_id, _ in found), found[0][1] if found else 0)

    def related_stories(self, story_id: int) -> tuple[RelatedStory, ...]:
        """Stories of other articles on the same event, by number."""
        others = select(tables.relations.c.other_id).where(tables.relations.c.story_id == story_id)
        found = self._listed(list(self._connection.scalars(others)))
        return tuple(RelatedStory(one, found[one].published_id, found[one].title) for one in sorted(found))

    def related_ids(self, story_ids: Collection[int]) -> dict[str, frozenset[str]]:
        """Which of these published stories tell of the same event as others of them: published ids by published id."""
        one, other = tables.stories.alias(), tables.stories.alias()
        pairs = tables.relations.c
        found: defaultdict[str, set[str]] = defaultdict(set)
        for some in chunks(story_ids):
            query = (
                select(one.c.published_id, other.c.published_id, other.c.story_id)
                .join_from(tables.relations, one, one.c.story_id == pairs.story_id)
                .join(other, other.c.story_id == pairs.other_id)
                .where(pairs.story_id.in_(some))
            )
            for its_id, others_id, other_id in self._connection.execute(query):
                if other_id in story_ids:
                    found[its_id].add(others_id)
        return {its_id: frozenset(others) for its_id, others in found.items()}

    def _asked(self, query: StoryQuery, terms: Collection[Phrase]) -> Iterator[ColumnElement[bool]]:
        """Of a row of ``stories``, all but the time."""
        topics = tables.story_topics.c
        if query.topic:
            yield exists().where(topics.story_id == _STORIES.story_id, topics.topic == query.topic)
        if query.partner:
            yield exists().where(_OF_STORY, _ENTRIES.partner_id == query.partner)
        if terms:
            yield _STORIES.story_id.in_(stories_with(self._connection, terms))

    def _listed(self, story_ids: Collection[int]) -> dict[int, ListedStory]:
        """By number."""
        found = {}
        for some in chunks(story_ids):
            labels = labels_of(self._connection, some)
            for row in self._connection.execute(_FEW_WORDS.where(_STORIES.story_id.in_(some))):
                found[row.story_id] = _story(row, labels[row.story_id].topics)
        return found


def _unpublished(query: StoryQuery, asked: Collection[ColumnElement[bool]]) -> Select[Any]:
    """Those that never were, with when they were first seen."""
    seen = tables.entries.alias("seen").c
    first_seen_at = func.min(seen.first_seen_at)
    found = (
        select(_STORIES.story_id, first_seen_at)
        .where(seen.story_id == _STORIES.story_id, _STORIES.first_published_at.is_(None), *asked)
        .group_by(_STORIES.story_id)
    )
    if query.since is None:
        return found
    # Said twice: an index answers the first, and leaves few to the second.
    seen_since = select(_ENTRIES.story_id).where(_ENTRIES.first_seen_at > query.since)
    return found.where(_STORIES.story_id.in_(seen_since)).having(first_seen_at > query.since)


def _of_its_entries(what: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    return select(what).where(_OF_STORY).correlate(tables.stories).scalar_subquery()


# Where nothing was ever shown: the entry that came first.
_LEAD = tables.entries.alias("lead")
_LEAD_ID = func.coalesce(_STORIES.shown_entry_id, _of_its_entries(func.min(_ENTRIES.entry_id)))
_FEW_WORDS = select(
    *(_STORIES.story_id, _STORIES.published_id, _STORIES.override_title, _STORIES.first_published_at),
    *(_STORIES.visible_until, _STORIES.refusal, _STORIES.hidden_at, _STORIES.hidden_reason),
    *(_LEAD.c.title, _LEAD.c.partner_id, _LEAD.c.source_id),
    _of_its_entries(func.count(_ENTRIES.entry_id)).label("entries"),
    _of_its_entries(func.min(_ENTRIES.first_seen_at)).label("first_seen_at"),
).select_from(tables.stories.outerjoin(_LEAD, _LEAD.c.entry_id == _LEAD_ID))


def _story(row: Any, topics: tuple[str, ...]) -> ListedStory:
    return ListedStory(
        story_id=row.story_id,
        published_id=row.published_id or "",
        title=row.override_title or row.title or "",
        partner_id=row.partner_id or "",
        source_id=row.source_id or "",
        copies=max(row.entries - 1, 0),
        topics=topics,
        first_seen_at=row.first_seen_at,
        first_published_at=row.first_published_at,
        visible_until=row.visible_until,
        refusal=row.refusal,
        hidden_at=row.hidden_at,
        hidden_reason=row.hidden_reason,
    )
