"""What stories are sorted into: topics in their order, and facets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Connection, literal, select, union_all

from aggregator.model.facet import Facet
from aggregator.store import tables
from aggregator.store.chunks import OF_STORIES


@dataclass(frozen=True, slots=True)
class Labels:
    """Of one story. ``facets`` are ordered by kind and code."""

    topics: tuple[str, ...]
    facets: tuple[Facet, ...]


def labels_of(connection: Connection, story_ids: Collection[int]) -> dict[int, Labels]:
    """The labels of each of these stories, of which there are not too many for one statement."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for story_id, *label in connection.execute(_LABELS, {OF_STORIES.key: list(story_ids)}):
        found[story_id].append(tuple(label))
    return {story_id: _labels(sorted(found[story_id])) for story_id in story_ids}


def _labels(rows: Collection[tuple[Any, ...]]) -> Labels:
    return Labels(
        tuple(code for _, kind, code in rows if not kind),
        tuple(Facet(kind, code) for _, kind, code in rows if kind),
    )


def _both() -> CompoundSelect[Any]:
    """Once, because each story that is settled asks: to build it takes longer than to answer it."""
    topics, facets = tables.story_topics.c, tables.story_facets.c
    return union_all(
        select(topics.story_id, topics.position, literal("").label("kind"), topics.topic).where(
            topics.story_id.in_(OF_STORIES)
        ),
        select(facets.story_id, literal(0), facets.kind, facets.code).where(facets.story_id.in_(OF_STORIES)),
    )


_LABELS = _both()
