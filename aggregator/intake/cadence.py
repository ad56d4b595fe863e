"""When a source is polled next."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Literal

# ``every: auto``, until the source's own rhythm is learnt.
AUTO_EVERY = timedelta(minutes=15)
# Sources that were once polled together drift apart by up to this part of their interval.
_JITTER = 0.1


def interval(every: Literal["auto"] | timedelta) -> timedelta:
    """The interval that ``sources[].every`` asks for."""
    return AUTO_EVERY if every == "auto" else every


def next_poll_at(source_id: str, every: timedelta, now: datetime) -> datetime:
    """The moment of the next poll after one that ends now: at most ``every`` later, at least nine tenths of it.

    The jitter is a digest of the source and the moment: no two sources have the same, and none depends on chance.
    """
    digest = hashlib.sha256(f"{source_id} {now.isoformat()}".encode()).digest()
    return now + every * (1 - _JITTER * int.from_bytes(digest[:4]) / 2**32)
