"""Subscribers' addresses and how much they are used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SubscriberKey:
    """What nobody can guess of a subscriber's address. From ``ends_at`` on (None: no end) the address answers 410."""

    subscriber_id: str
    key: str  # 32 characters of base32 in lower case
    made_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a subscriber's feed is answered, until when (None: no end), and how many stories stand there."""

    url: str
    ends_at: datetime | None
    stories: int


@dataclass(frozen=True, slots=True)
class Usage:
    """How often documents were asked for: sent in full, and answered "not modified"; and when last."""

    fetched: int = 0
    unchanged: int = 0
    last_asked_at: datetime | None = None
