"""What an editor reviews: what the desk cut out of entries, and what a person should look at."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from aggregator.model.entry import Provenance
from aggregator.model.reading import Cut, Doubt, Facts


@dataclass(frozen=True, slots=True)
class ReviewedEntry:
    """A stored entry as far as it is reviewed; none of its texts."""

    story_id: int
    source_id: str
    partner_id: str
    title: str
    address: str
    first_seen_at: datetime
    facts: Facts
    provenance: Provenance | None
    is_shown: bool  # it is what readers get of its story now
    is_copy: bool = False  # another entry is, or was, what readers get
    refusal: str = ""  # why its story stands in no feed, '' where it does or nobody said


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry with something to review; every text is one line that any terminal can show.

    ``standing`` is ``published``, or says in words why readers do not get the entry.
    """

    story_id: int
    source_id: str
    title: str
    address: str
    first_seen_at: datetime
    standing: str
    cuts: tuple[Cut, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What was found in ``entries`` entries: ``findings`` are the first of ``found``, the counts are of them all."""

    entries: int
    found: int
    findings: tuple[Finding, ...]
    cuts: tuple[tuple[str, int], ...]  # by rule, most first
    doubts: tuple[tuple[str, int], ...]  # by kind, most first

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; times in ISO 8601, UTC."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), default=datetime.isoformat))
        return plain | {"cuts": dict(self.cuts), "doubts": dict(self.doubts)}
