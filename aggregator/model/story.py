"""Stories: decided, settled, and fit to print."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from aggregator.model.entry import Candidate, Entry, Identity, Image, Provenance
from aggregator.model.facet import Facet, FacetKind
from aggregator.model.html import SafeHtml
from aggregator.model.reading import Facts


class Verdict(StrEnum):
    """What a candidate is, compared with what is stored."""

    NEW = "new"  # the first entry of a new story
    COPY = "copy"  # a new entry of a story we have
    REVISED = "revised"  # a known entry whose cleaned title, text or lead image changed
    NOTED = "noted"  # a known entry of the same text, with other labels or another guid or address
    SAME = "same"  # a known entry, nothing to store
    ADOPTED = (
        "adopted"  # a known entry that reads otherwise only because our rules do: shown anew, but no news
    )
    HELD = "held"  # a known entry in a version that comes and goes: taken up once it has stood for a while
    LOOP = "loop"  # what left this desk and came back


@dataclass(frozen=True, slots=True)
class Decision:
    """One candidate's verdict.

    ``entry_id`` is set for all but NEW, COPY and LOOP; ``identities`` for REVISED, ADOPTED and NOTED: all that the
    entry is known by from now on, the current one first. ``keeps_text`` marks a REVISED whose candidate brought no
    text: headline and labels are its, text and picture stay. A COPY joins ``story_id``, or where that is None the
    story of the NEW candidate of the same batch whose key is ``copy_of``; stories of ``merges``, all unpublished,
    turn out to be the same one. ``related`` are stories of other articles on the same event. ``backlog`` marks what a
    new source brought along and is too old to be published, ``held`` what came in a flood and waits for ops.
    """

    verdict: Verdict
    candidate: Candidate
    entry_id: int | None = None
    story_id: int | None = None
    copy_of: str = ""
    merges: tuple[int, ...] = ()
    related: tuple[int, ...] = ()
    identities: tuple[Identity, ...] = ()
    backlog: bool = False
    held: bool = False
    keeps_text: bool = False
    reason: str = ""  # why it is known or a copy: 'article id', 'similarity 0.93', ...


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as the store holds it."""

    entry_id: int
    source_id: str
    partner_id: str
    key: str
    entry: Entry
    text: str
    content_hash: str
    canonical_url: str
    provenance: Provenance | None
    backlog: bool
    first_seen_at: datetime
    changed_at: datetime  # when it was revised last, or first seen
    held: bool = False  # came in a flood, and waits for ops
    facts: Facts = field(default_factory=Facts)
    reason: str = ""  # why it joined its story; '' for the story's first, and where it was not kept yet

    @property
    def address(self) -> str:
        """Where the article stands; '' when the partner did not say."""
        return self.canonical_url or self.entry.url


@dataclass(frozen=True, slots=True)
class Published:
    """What was promised to importers when a story was first published: none of it ever moves."""

    id: str  # urn:uuid:...
    url: str
    published_at: datetime
    first_published_at: datetime  # when it first left this desk; orders the outputs


@dataclass(frozen=True, slots=True)
class Story:
    """One article with all its entries, as loaded from the store.

    ``shown_entry_id`` and ``shown_hash`` are the version that readers were last given; ``shown_at`` is the newest
    change of any entry that the desk knew of then. ``published`` is None until the story is first published.
    """

    story_id: int
    entries: tuple[StoredEntry, ...]
    published: Published | None = None
    shown_entry_id: int | None = None
    shown_hash: str = ""
    shown_at: datetime | None = None
    updated_at: datetime | None = None
    visible_until: datetime | None = None
    refusal: str = ""  # why it may not be shown, as last settled
    refused_at: datetime | None = None  # since when, for one that was published
    topics: tuple[str, ...] = ()
    facets: tuple[Facet, ...] = ()
    override_title: str = ""  # an editor's headline, as last settled
    overridden_title: str = ""  # the partner's headline that the editor saw when giving another
    hidden_at: datetime | None = None
    hidden_reason: str = ""

    @property
    def shown_partner_id(self) -> str:
        """Whose entry readers are given; '' for a story that was never settled."""
        shown = (stored for stored in self.entries if stored.entry_id == self.shown_entry_id)
        return next((stored.partner_id for stored in shown), "")


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the desk makes of a story now: who leads, where it belongs, from when until when it may be shown.

    ``published`` is None until the story is first published. While ``refusal`` is not '' the story stands in no
    output, whether it was published before or not. ``reconsider_at`` is the moment that could change the answer
    without any new entry (an embargo's end, a contract's first day), None when none could.
    """

    story_id: int
    lead_entry_id: int
    shown_hash: str
    shown_at: datetime | None
    topics: tuple[str, ...]
    published: Published | None
    updated_at: datetime | None
    visible_until: datetime | None = None
    reconsider_at: datetime | None = None
    refusal: str = ""
    facets: tuple[Facet, ...] = ()
    override_title: str = ""
    overridden_title: str = ""
    refused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A published story that may not be shown any more: hidden, refused by its terms, or expired.

    Documents say so in its place. ``withdrawn_at`` does not move while it is; ``reason`` is an editor's, for readers.
    """

    story_id: int
    id: str
    first_published_at: datetime
    withdrawn_at: datetime
    reason: str = ""
    topics: tuple[str, ...] = ()
    shown_partner_id: str = ""
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A topic or a facet as outputs carry it; ``kind`` is '' for a topic, ``iptc`` a Media Topic where it has one."""

    id: str
    title: str
    iptc: str = ""
    kind: FacetKind | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a story was taken from, for machines: RSS ``<source>``, ``atom:source``."""

    title: str
    site_url: str
    feed_url: str
    feed_id: str


@dataclass(frozen=True, slots=True)
class RelatedLink:
    """Another article on the same event that stands in the same document; ``site_url`` as of a ``PrintStory``."""

    id: str
    url: str
    title: str
    site_url: str = ""


@dataclass(frozen=True, slots=True)
class PrintStory:
    """A story fit to print: nothing in it needs another look before it is rendered.

    ``content`` already ends (or begins) with the credit line, and so does ``excerpt``, what outputs show that give no
    full text. ``summary`` is plain text, '' when the terms allow headline and link only. ``picture`` is the image as
    markup, ``site_url`` the story's address on our own site, '' where it has none.
    """

    id: str
    url: str
    title: str
    published_at: datetime
    updated_at: datetime
    authors: tuple[str, ...]
    categories: tuple[Category, ...]
    summary: str
    content: SafeHtml
    origin: Origin
    via_url: str  # the original article: link rel=via
    image: Image | None = None
    language: str = ""
    excerpt: SafeHtml | None = None
    picture: SafeHtml | None = None
    site_url: str = ""
    related: tuple[RelatedLink, ...] = ()
