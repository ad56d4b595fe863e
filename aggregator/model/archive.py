"""Archive pages as the store knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """One page; which stories stand in it never changes.

    ``key`` and ``partners`` say by which edits of feeds.yaml it must be made again, ``updated_at`` is the newest change
    that it ever showed; ``touched`` counts changes of its stories; ``etag`` is '' until it was made.
    """

    output_id: str
    number: int
    key: str = ""
    partners: tuple[str, ...] = ()
    updated_at: datetime | None = None
    touched: int = 0
    etag: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArchiveChange:
    """What becomes of an output's archive with its next documents.

    ``closing`` are the stories of each page that begins and ends then; ``before_it`` are those that are to stand in no
    page: the archive begins with what these documents show.
    """

    closing: tuple[tuple[int, ...], ...] = ()
    before_it: tuple[int, ...] = ()


NO_CHANGE = ArchiveChange()
