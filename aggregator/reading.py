"""What a worker process does with a partner's bytes: intake, then the editorial reading, and no database.

It runs in ``engine.pool`` because partners' documents can hang or exhaust whatever reads them; it stands in a module
of its own because workers import it, and nothing else of the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.editorial.prepare import prepare
from aggregator.intake.identity import identify_all
from aggregator.intake.parse import parse_feed
from aggregator.model.entry import Candidate
from aggregator.model.fetch import Fetched
from aggregator.model.problem import Problem
from aggregator.model.source import FeedMeta


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """A document read to the end: its entries as candidates, in document order."""

    feed: FeedMeta
    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...]


def read_feed(fetched: Fetched, timezone: str, now: datetime) -> ReadFeed:
    """Parse, identify and prepare every entry. Raises ParseError."""
    parsed = parse_feed(
        fetched.body, url=fetched.url, content_type=fetched.content_type, timezone=timezone, now=now
    )
    identities = identify_all(parsed.entries)
    return ReadFeed(
        feed=FeedMeta(parsed.title, parsed.url, parsed.feed_id, parsed.language),
        candidates=tuple(map(prepare, parsed.entries, identities)),
        problems=parsed.problems,
    )
