"""Stories in lists: few words of many of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoryQuery:
    """Which stories are asked for; '' and None ask for nothing.

    ``partner`` is an id, of any one entry. ``since`` is the moment after which a story was first
    published, or where it never was, first seen. ``search`` are words as a person types them (``search_terms`` in the
    store), which all stand in the headline and text of any one entry.
    """

    topic: str = ""
    partner: str = ""
    since: datetime | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class ListedStory:
    """One story of a list. ``title``, ``partner_id`` and ``source_id`` are of the entry that leads it, or would.

    ``published_id`` is '' for a story that was never published; ``copies`` counts the entries beside the leading one.
    """

    story_id: int
    published_id: str
    title: str
    partner_id: str
    source_id: str
    copies: int
    topics: tuple[str, ...]
    first_seen_at: datetime | None  # None for a story without any entry, which none should be
    first_published_at: datetime | None
    visible_until: datetime | None
    refusal: str
    hidden_at: datetime | None
    hidden_reason: str

    @property
    def listed_at(self) -> datetime | None:
        """What orders the list: when it was first published, or where it never was, first seen."""
        return self.first_published_at or self.first_seen_at

    def kept_back(self, now: datetime) -> str:
        """Why it stands in no output, in words; '' where nothing but an output's own age and length keeps it out."""
        if self.hidden_at is not None:
            return f"hidden: {self.hidden_reason}"
        if self.refusal:
            return self.refusal
        if self.first_published_at is None:
            return "not published yet"
        return "expired" if self.visible_until is not None and self.visible_until <= now else ""


@dataclass(frozen=True, slots=True)
class StoryList:
    """The first of the stories that were asked for; ``found`` is how many there are in all."""

    stories: tuple[ListedStory, ...]
    found: int


@dataclass(frozen=True, slots=True)
class StoryPage:
    """A list as a page shows it at a moment, with the topics and partners that may be asked for, by id."""

    query: StoryQuery
    found: StoryList
    topics: tuple[str, ...]
    partners: tuple[str, ...]
    at: datetime
    timezone: str


@dataclass(frozen=True, slots=True)
class RelatedStory:
    """Another article on the same event; ``published_id`` is '' where it was never published."""

    story_id: int
    published_id: str
    title: str
