"""How the desk is, as commands and pages show it; ``aggregator.status`` makes these values."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from aggregator.model.flag import Flag
from aggregator.model.receipt import FollowerStatus
from aggregator.model.review import Finding
from aggregator.model.subscriber import Usage


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """One finished visit to a source, as history keeps it. ``problem`` is '' when it went well."""

    visited_at: datetime
    outcome: str  # unchanged | read | failed | pushed
    took_s: float
    entries: int = 0  # in the document
    new: int = 0
    copies: int = 0
    revised: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """``state`` is one of well, trouble, waiting, disabled, retired; ``words`` says it to a person.

    ``flags`` are states of trouble that alerts tell of too; ``rhythm`` says when it publishes, and ``planned_why``
    why the next poll is when it is.
    """

    id: str
    state: str
    words: str
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    failures_in_a_row: int = 0
    entries_in_feed: int = 0
    notes: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    held: int = 0  # entries that wait for aggregator release
    held_titles: tuple[str, ...] = ()  # of the newest of them
    every_s: float = 0.0  # the interval from the last poll to the next, before jitter
    planned_why: str = ""
    rhythm: str = ""
    push: str = ""  # whether its hub tells us what is new, in one sentence; '' where none does
    next_poll_at: datetime | None = None
    visits: tuple[VisitRecord, ...] = ()  # the last ones, newest first
    entries_per_day: tuple[tuple[date, int], ...] = ()  # in site.timezone, oldest first, zeros too


@dataclass(frozen=True, slots=True)
class HiddenStory:
    """``id`` is the published id, or the story's number when it was never published; both name it to ``unhide``."""

    id: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class SubscriberStatus:
    """``state`` is one of answered, waiting, over, revoked; ``words`` say it to a person. Usage is of seven days."""

    id: str
    name: str
    state: str
    words: str
    valid_until: date | None
    usage: Usage


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """Sources in the file's order, retired ones last; ``warnings`` concern contracts and publishing."""

    at: datetime
    timezone: str
    sources: tuple[SourceStatus, ...]
    entries: int
    stories: int
    published: int
    refused: tuple[tuple[str, int], ...]  # why stories of the last days stand in no output, and how many
    hidden: tuple[HiddenStory, ...]
    warnings: tuple[str, ...]
    # While feeds.yaml as it now stands is refused: since when, and every mistake. The last good one is in force.
    config_refused_at: datetime | None = None
    config_problems: tuple[str, ...] = ()
    # Published stories of the last days that a person should look at, and the newest of them.
    doubtful: int = 0
    doubtful_stories: tuple[Finding, ...] = ()
    subscribers: tuple[SubscriberStatus, ...] = ()
    follower_numbers: tuple[tuple[str, int], ...] = ()  # of our hub, by their states
    followers: tuple[FollowerStatus, ...] = ()  # the first of them, those in trouble before the others

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; times in ISO 8601, UTC."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), default=lambda at: at.isoformat()))
        return plain
