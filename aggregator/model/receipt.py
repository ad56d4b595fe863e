"""Who has what of us: followers of our hub, and receipts of one story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Has = Literal["newest", "earlier", "nothing", "unknown"]
FollowerState = Literal["current", "owed", "failing", "given-up", "new"]


@dataclass(frozen=True, slots=True)
class FollowerStatus:
    """One follower of a document of ours. ``state``: current (holds the newest version), owed (is to be told), failing
    (the last try failed), given-up (until there is more news), new (has been told nothing yet).

    ``words`` say it to a person. ``document`` names a subscriber's without its address, and of a callback only its
    ``host`` and ``fingerprint`` are told. ``held_at``: since when the document is as the follower has it.
    """

    document: str
    host: str
    fingerprint: str  # of the callback; see follower.fingerprint_of
    is_hub: bool  # another's hub, which is told of news and gets no documents
    state: FollowerState
    words: str
    since_at: datetime
    lease_until_at: datetime | None
    held_at: datetime | None
    delivered_at: datetime | None
    tries: int
    due_at: datetime | None
    problem: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What somebody has of a story. ``has``: newest, earlier (not what was changed or withdrawn last), nothing, or
    unknown (it stands in the feed no more).

    ``at`` is when they were last told, or last asked; None: never.
    """

    who: str  # "follower kabar.example (1f3a09c2)", "subscriber warta-tebo"
    document: str
    has: Has
    at: datetime | None
