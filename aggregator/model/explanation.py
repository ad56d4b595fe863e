"""Why a story is where it is: everything the desk knows of one story, in words that people read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from aggregator.model.reading import Cut, Doubt


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """Words of two versions in a row: in both, only in the earlier, or only in the later one."""

    kind: Literal["kept", "gone", "new"]
    words: str


# Changed words with a few that were kept on either side.
Passage = tuple[DiffPiece, ...]


@dataclass(frozen=True, slots=True)
class ExplainedCopy:
    """One entry of the story. ``similarity`` is the share of words in common with what is shown, None for itself.

    ``standing`` says in words what keeps the entry back by itself, '' where nothing does.
    """

    entry_id: int
    source_id: str
    partner: str
    title: str
    address: str
    published_at: datetime | None  # by its own date
    first_seen_at: datetime
    revised_at: datetime | None
    is_shown: bool
    reason: str
    similarity: float | None
    credits: str
    standing: str


@dataclass(frozen=True, slots=True)
class ExplainedWord:
    """A word that speaks for a topic, and what it weighs here."""

    words: str
    weight: float
    is_in_headline: bool


@dataclass(frozen=True, slots=True)
class ExplainedTopic:
    """A topic for which anything speaks. ``rules`` of feeds.yaml put the story there whatever it weighs, and a weight
    that is ``enough`` does.
    """

    topic: str
    weight: float
    enough: float
    is_in: bool
    rules: tuple[str, ...]
    channels: tuple[str, ...]
    words: tuple[ExplainedWord, ...]


@dataclass(frozen=True, slots=True)
class ExplainedFacet:
    """A facet and what it is told by."""

    kind: str
    code: str
    label: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ExplainedChange:
    """What an entry said until ``replaced_at`` and then said otherwise. ``note`` where the texts are not compared."""

    source_id: str
    replaced_at: datetime
    headline: tuple[Passage, ...]
    text: tuple[Passage, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a story stands in a feed that is published: ``place`` counts from 1."""

    output_id: str
    place: int
    of: int


@dataclass(frozen=True, slots=True)
class RelatedHeadline:
    """Another article on the same event."""

    story_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it; ``standing`` is ``published`` or says why the story stands in no feed.

    ``override`` is an editor's word in feeds.yaml, '' for
    none; ``credit`` the credit line that readers see.
    """

    at: datetime
    timezone: str  # that times are shown in
    story_id: int
    id: str
    url: str
    headline: str
    standing: str
    published_at: datetime | None
    first_published_at: datetime | None
    updated_at: datetime | None
    visible_until: datetime | None
    override: str
    copies: tuple[ExplainedCopy, ...]
    credit: str
    terms: tuple[str, ...]
    topics: tuple[ExplainedTopic, ...]
    facets: tuple[ExplainedFacet, ...]
    cuts: tuple[Cut, ...]
    doubts: tuple[Doubt, ...]
    changes: tuple[ExplainedChange, ...]
    outputs: tuple[Placement, ...]
    related: tuple[RelatedHeadline, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; times in ISO 8601, UTC."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), default=datetime.isoformat))
        return plain
