"""Addresses that have moved for good: which one is asked, and when a document is asked for whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.model.source import Move

# Permanent redirects are set up by mistake, and by networks that show a page of their own, and taken back.
ADOPTED_AFTER = timedelta(days=7)
# A server that answers "not modified" for ever is found out after so long.
WHOLE_EVERY = timedelta(days=8)


def address_in_use(asked: str, move: Move | None, now: datetime) -> str:
    """Where ``asked`` is read: there, or where it has moved for good.

    From http to https that counts at once, for any other target after a week.
    """
    if move is None or move.asked != asked:
        return asked
    is_adopted = now - move.since_at >= ADOPTED_AFTER or _is_same_over_tls(asked, move.to)
    return move.to if is_adopted else asked


def other_address(asked: str, move: Move | None, used: str) -> str:
    """Where else to look when nothing is left at ``used``: the other end of the move, '' where none is known."""
    if move is None or move.asked != asked:
        return ""
    return move.to if used == asked else asked


def move_after(asked: str, known: Move | None, used: str, moved_to: str, now: datetime) -> Move | None:
    """How ``asked`` has moved, as is known after ``used`` was read, which itself has moved to ``moved_to`` ('': not).

    Since when does not change while both ends stay the same.
    """
    is_of_asked = known is not None and known.asked == asked
    if used != asked and not moved_to:
        return known if is_of_asked else None
    if moved_to in ("", asked):
        return None
    if known is not None and is_of_asked and known.to == moved_to:
        return known
    return Move(asked, moved_to, now)


def is_due_whole(asked_whole_at: datetime | None, now: datetime) -> bool:
    """Whether the document is to be asked for without validators. A moment far ahead is of a clock that was ahead."""
    return asked_whole_at is None or abs(now - asked_whole_at) >= WHOLE_EVERY


def are_of_one_host(one: str, other: str) -> bool:
    """Whether what one address gave may be shown to the other."""
    return urlsplit(one).hostname == urlsplit(other).hostname


def _is_same_over_tls(plain: str, target: str) -> bool:
    before, after = urlsplit(plain), urlsplit(target)
    if (before.scheme, after.scheme) != ("http", "https") or before.hostname != after.hostname:
        return False
    return (before.path or "/", before.query) == (after.path or "/", after.query)
