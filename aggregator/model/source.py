"""The state of a source: what the last visits brought. Its definition lives in feeds.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model.fetch import Hints, Validators
from aggregator.model.subscription import HubOffer


@dataclass(frozen=True, slots=True)
class FeedMeta:
    """What the source's document says of itself; credited in outputs."""

    title: str = ""
    site_url: str = ""
    feed_id: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """The way in that was found for a source whose address is a home page or a sitemap index."""

    url: str
    kind: str  # feed | sitemap | index: of sitemaps, whose newest are chosen anew at each visit
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """The address ``asked`` answers with permanent redirects to ``to``, without a break since ``since_at``."""

    asked: str
    to: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Habit:
    """What is kept of a source's rhythm beside it, so that nobody has to read the whole to know who is quiet.

    ``newest_at`` is when its newest entry was published; ``quiet_at`` from when on it counts as quiet if nothing comes,
    None while too little is known; ``weekly`` how many entries a week are usual, 0 while too little is known.
    """

    newest_at: datetime | None = None
    quiet_at: datetime | None = None
    weekly: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceDefinition:
    """What the store keeps of a source's definition, to notice when the file gives it another."""

    source_id: str
    url: str
    partner_id: str
    every_s: float = 0.0  # the interval between polls, before jitter
    is_polled: bool = True


@dataclass(frozen=True, slots=True)
class SourceState:
    """``problem`` is '' while the source is well, else one sentence for ops.

    ``began_at`` is when the source was first known at its present address, or came back from retirement.
    """

    source_id: str
    validators: Validators = field(default_factory=Validators)
    body_hash: str = ""
    feed: FeedMeta = field(default_factory=FeedMeta)
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    failures_in_a_row: int = 0
    entries_in_feed: int = 0
    problem: str = ""
    notes: tuple[str, ...] = ()  # damage that was read around, entries passed over
    retired_at: datetime | None = None
    began_at: datetime | None = None
    url: str = ""
    partner_id: str = ""
    every_s: float = 0.0
    next_poll_at: datetime | None = None
    way: Way | None = None  # None: the source is read at its own address
    sought_at: datetime | None = None  # when a way in was sought last, found or not
    guid_trouble: int = (
        0  # how often of late its guids named nothing: from a certain point on they are given up
    )
    hints: Hints = field(default_factory=Hints)  # of the document that was read last
    move: Move | None = None
    asked_whole_at: datetime | None = None  # when the document was last asked for without validators
    planned_s: float = 0.0  # from the last visit to the next one, before jitter
    planned_why: str = ""
    gone_count: int = 0  # visits in a row that were answered 410
    gone_at: datetime | None = (
        None  # withdrawn (410) again and again, and asked no more until its address is changed
    )
    flooded_at: datetime | None = None  # since then what is new is held until ops release it
    habit: Habit = Habit()
    lost_at: datetime | None = (
        None  # when a visit last found no entry that it knew: some may have been missed
    )
    offer: HubOffer = field(default_factory=HubOffer)  # of the document that was read last
    wanted: int = 0  # how often a poll was asked for beside its schedule
    pushed_at: datetime | None = None  # when a push last brought something


@dataclass(frozen=True, slots=True)
class Visit:
    """One finished visit to a source, to be recorded. None leaves the stored value as it is."""

    source_id: str
    visited_at: datetime
    outcome: str  # unchanged | read | failed | pushed
    validators: Validators | None = None
    body_hash: str | None = None
    feed: FeedMeta | None = None
    entries_in_feed: int | None = None
    new: int = 0
    copies: int = 0
    revised: int = 0
    took_s: float = 0.0
    next_poll_at: datetime | None = None
    way: Way | None = None
    sought_at: datetime | None = None
    guid_trouble: int | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()
    fresh_s: float = 0.0  # how long the answer stays true by its own word
    hints: Hints | None = None
    move: Move | None = None  # a visit that did not fail knows: None says that it has not moved
    asked_whole_at: datetime | None = None
    planned_s: float | None = None
    planned_why: str = ""
    gone_count: int = 0
    gone_at: datetime | None = None
    flooded_at: datetime | None = None
    lost_at: datetime | None = None
    habit: Habit | None = None
    offer: HubOffer | None = None
