"""An editor's word on single stories, found by what the stories are known under."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from aggregator.config.model import Override
from aggregator.model.story import Story


class Overrides:
    """``overrides`` of feeds.yaml.

    ``canonical_url`` gives an address the form in which the store keeps it, '' for what is none.
    """

    def __init__(self, overrides: Sequence[Override], canonical_url: Callable[[str], str]) -> None:
        self._by_name: dict[str, Override] = {}
        for override in reversed(overrides):  # of two the first is meant
            self._by_name |= dict.fromkeys(_names(override.story, canonical_url), override)

    def of(self, story: Story) -> Override | None:
        """What was said of the story: under its published id, or else under an address of any of its entries."""
        known_as = []
        if story.published:
            known_as += [story.published.id, story.published.url]
        for stored in story.entries:
            known_as += [stored.canonical_url, stored.entry.url]
        return next((self._by_name[name] for name in known_as if name in self._by_name), None)


def _names(ref: str, canonical_url: Callable[[str], str]) -> Iterator[str]:
    yield ref
    try:
        yield UUID(ref).urn  # also without urn:uuid:
    except ValueError:
        if address := canonical_url(ref):
            yield address
