"""Trouble that ops are told of, and who was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# Of ``Alert.subject``: not a source, but the whole of it.
THE_DESK = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """One state of trouble: of a source (``subject`` is its id), of followers, or of the desk.

    ``known_to`` are the channels (webhook, email) that were told that it began and not yet that it is over.
    ``words`` say what it is and what ops can do; once it has ended, how it ended, where that is not plain.
    """

    subject: str
    kind: str  # as of model.flag, of alerting for the desk, of receipts for followers
    words: str
    since_at: datetime
    known_to: tuple[str, ...] = ()
    ended_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        """There is one for each kind of trouble of each subject."""
        return self.subject, self.kind
