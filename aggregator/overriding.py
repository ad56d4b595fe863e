"""Which story each of an editor's words in feeds.yaml is about, and whether it still holds."""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.config.model import Config, Override
from aggregator.editorial.fit import headline_of, lead_of
from aggregator.intake.identity import canonical_url
from aggregator.model.story import Story
from aggregator.store.reads import ReadTx


def overrides_by_story(config: Config, tx: ReadTx) -> dict[int, Override]:
    """By story's number; of two about one story the first in the file counts. Raises StoreError."""
    found: dict[int, Override] = {}
    for override, story_id in _resolved(config, tx):
        if story_id is not None:
            found.setdefault(story_id, override)
    return found


def override_warnings(config: Config, tx: ReadTx) -> list[str]:
    """What is wrong with overrides as far as only the database can tell, in words. Raises StoreError.

    They mean no story, or the same as another; or the partner has given its article another headline since.
    """
    found = []
    first: dict[int, int] = {}
    for index, (override, story_id) in enumerate(_resolved(config, tx)):
        if story_id is None:
            words = f" does nothing: no story has the id or address {override.story}"
        elif story_id in first:
            words = f" does nothing: overrides[{first[story_id]}] is about the same story, {story_id}; make one of them"
        else:
            first[story_id] = index
            words = outdated(tx.find_story(str(story_id), ""), config)
        if words:
            found.append(f"overrides[{index}]{words}")
    return found


def outdated(story: Story, config: Config) -> str:
    """What the partner's headline is by now under an editor's, in words; '' where it is as the editor saw it.

    A correction of the headline would not arrive otherwise.
    """
    if not story.overridden_title:
        return ""
    partners = headline_of(lead_of(story), config)
    if partners == story.overridden_title:
        return ""
    return f": the partner's headline is {partners!r} now, was {story.overridden_title!r}: does yours still hold?"


def _resolved(config: Config, tx: ReadTx) -> Iterator[tuple[Override, int | None]]:
    return ((one, tx.story_id_of(one.story, canonical_url(one.story))) for one in config.overrides)
