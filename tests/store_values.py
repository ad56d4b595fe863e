"""Values for the store's tests: candidates and decisions with nothing in them that the test does not name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model.entry import Candidate, Entry, Identity
from aggregator.model.story import Decision, Published, Settlement, Verdict

NOW = datetime(2026, 3, 1, 3, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


def candidate(
    name: str, *, guid: str | None = None, url: str = "", marks: tuple[int, ...] = (), **parts: Any
) -> Candidate:
    """An entry whose guid, title and text derive from ``name``."""
    parts = {"article_id": "", "text": f"text of {name}", "content_hash": f"1:{name}", **parts}
    return Candidate(
        entry=Entry(guid=guid or name, url=url, title=f"title of {name}", html=f"<p>text of {name}</p>"),
        identity=Identity(name if guid is None else guid, parts["article_id"], url, f"content of {name}"),
        text=parts["text"],
        content_hash=parts["content_hash"],
        marks=marks,
    )


def new(of: Candidate, **parts: Any) -> Decision:
    """The first entry of a new story."""
    return Decision(Verdict.NEW, of, **parts)


def copy(of: Candidate, **parts: Any) -> Decision:
    """One more entry of a story."""
    return Decision(Verdict.COPY, of, **parts)


def settlement(story_id: int, *, first_published_at: datetime | None = None, **parts: Any) -> Settlement:
    """What the desk made of a story; published when ``first_published_at`` is given."""
    published = None
    if first_published_at is not None:
        published = Published(
            id=f"urn:uuid:00000000-0000-4000-8000-{story_id:012d}",
            url=f"https://partner.example/{story_id}",
            published_at=first_published_at - HOUR,
            first_published_at=first_published_at,
        )
    values: dict[str, Any] = {
        "lead_entry_id": story_id,
        "shown_hash": "1:hash",
        "shown_at": first_published_at,
        "topics": (),
        "updated_at": first_published_at,
    }
    return Settlement(story_id=story_id, published=published, **values | parts)
