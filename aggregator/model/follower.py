"""Followers of our hub: what they ask of it, and what is delivered to them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aggregator.model.document import Document

Mode = Literal["subscribe", "unsubscribe", "denied"]


def fingerprint_of(callback: str) -> str:
    """By which people tell the callbacks of one host apart, without being told them: 8 hexadecimal digits."""
    return hashlib.sha256(callback.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class HubRequest:
    """What somebody asks of our hub, or what they are to be told of it (``denied``, with a ``reason``).

    ``topic`` and ``callback`` are addresses exactly as they were sent. Callbacks and secrets are nobody's business.
    """

    mode: Mode
    topic: str
    callback: str = field(repr=False)
    secret: str = field(default="", repr=False)  # '': deliveries are not signed
    lease_s: int = 0  # granted, once verified
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request that waits for verification, or a denial that is to be told; ``path`` is the document's."""

    request_id: int
    path: str
    host: str  # of the callback
    asked: HubRequest
    asked_at: datetime
    tries: int  # that failed

    @property
    def is_fresh(self) -> bool:
        """Somebody waits for it to be asked the first time: not for a denial, nor once it was asked in vain."""
        return self.tries == 0 and self.asked.mode != "denied"


@dataclass(frozen=True, slots=True)
class Follower:
    """Whom we tell what is new in the document at ``path``, which they follow at the address ``topic``. ``is_hub``:
    another's hub, which is only told that it is.

    ``wanted`` counts news, ``sent`` is its value that they took last. ``due_at`` is when they are tried (again), None
    when there is nothing to deliver, they were given up until the next news, or the files are not replaced yet.
    ``tries`` failed since they took something, or since there was more news for one who was given up. They have failed
    since ``failing_since_at`` and were first given up at ``given_up_at``; None once they took something.
    ``held_etag`` names the document that they took last, which was as it was since ``held_at``.
    """

    path: str
    topic: str = field(repr=False)
    callback: str = field(repr=False)
    host: str
    is_hub: bool
    is_signed: bool
    since_at: datetime
    lease_until_at: datetime | None
    wanted: int
    sent: int
    due_at: datetime | None
    tries: int
    problem: str
    failing_since_at: datetime | None
    given_up_at: datetime | None
    delivered_at: datetime | None
    held_etag: str
    held_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The newest document for one follower, who then holds all news up to ``wanted``.

    ``changed_at`` is when the document became what it is.
    """

    follower_id: int
    callback: str = field(repr=False)
    host: str
    is_hub: bool
    secret: str = field(repr=False)
    wanted: int
    tries: int
    is_suspect: bool  # the last try failed
    document: Document = field(repr=False)
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Who takes work on, and until when nobody else does. ``callbacks`` are busy: none of them is asked twice at once.

    ``at_hosts`` counts what is under way by host, where no more than ``per_host`` may be.
    """

    holder: str
    until_at: datetime
    callbacks: frozenset[str]
    at_hosts: Mapping[str, int]
    per_host: int
