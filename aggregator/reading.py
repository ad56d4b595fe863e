"""What worker processes do with a partner's bytes: read a feed, and make a body safe to print.

It runs in ``engine.pool`` because partners' documents can hang or exhaust whatever reads them. It stands in a module of
its own because workers import it and nothing else of the program: with the database and network libraries a new worker
would need more than a second before its first job (tests/chain/test_chain_workers.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.editorial.prepare import prepare
from aggregator.editorial.sanitize import sanitize
from aggregator.intake.identity import identify_all
from aggregator.intake.parse import parse_feed
from aggregator.model.entry import Candidate
from aggregator.model.fetch import Fetched
from aggregator.model.html import SafeHtml
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


def safe_body(html: str, base_url: str, images: bool) -> SafeHtml:
    """An entry's body as it may be printed; without pictures when the terms say so."""
    return sanitize(html, base_url, images=images)
