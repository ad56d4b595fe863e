"""Which story each of an editor's words in feeds.yaml is about."""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.config.model import Config, Override
from aggregator.intake.identity import canonical_url
from aggregator.store.reads import ReadTx


def overrides_by_story(config: Config, tx: ReadTx) -> dict[int, Override]:
    """By story's number; of two about one story the first in the file counts. Raises StoreError."""
    found: dict[int, Override] = {}
    for override, story_id in _resolved(config, tx):
        if story_id is not None:
            found.setdefault(story_id, override)
    return found


def idle_overrides(config: Config, tx: ReadTx) -> list[str]:
    """What is wrong with overrides as far as only the database can tell, in words. Raises StoreError."""
    found = []
    first: dict[int, int] = {}
    for index, (override, story_id) in enumerate(_resolved(config, tx)):
        if story_id is None:
            words = f"no story has the id or address {override.story}"
        elif story_id in first:
            words = f"overrides[{first[story_id]}] is about the same story, {story_id}; make one of them"
        else:
            first[story_id] = index
            continue
        found.append(f"overrides[{index}] does nothing: {words}")
    return found


def _resolved(config: Config, tx: ReadTx) -> Iterator[tuple[Override, int | None]]:
    return ((one, tx.story_id_of(one.story, canonical_url(one.story))) for one in config.overrides)
