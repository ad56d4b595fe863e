"""Entries: as received, and prepared for the decision whether they are news to us."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model.fetch import Hints
from aggregator.model.problem import Problem
from aggregator.model.reading import Facts
from aggregator.model.standing import Stood
from aggregator.model.subscription import HubLinks


@dataclass(frozen=True, slots=True)
class Image:
    """The lead image. Sizes are None where the partner did not state them."""

    url: str
    media_type: str = ""
    length_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    alt: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a source as received; ``html`` is the fullest body there is and is never trusted.

    ``title``, ``authors`` and ``categories`` are plain text on one line, free of control characters.
    ``url`` is absolute http(s) or ''. ``base_url`` resolves relative addresses in ``html``. ``source_url`` is where the
    feed says that the entry was taken from, '' where it does not.
    Dates are None where the partner gave none that makes sense.
    """

    guid: str
    url: str
    title: str
    html: str
    summary_html: str = ""
    base_url: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    image: Image | None = None
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed read from bytes. ``problems`` are entries passed over and damage that was read around.

    ``seen`` are entries that stood in it before and were not read again. Where ``envelope`` is not '', ``stood`` tells
    of each entry what it will be known again by, None of one with problems; otherwise the next document is to be read
    whole.
    """

    format: str  # feedparser's version word: rss20, atom10, rss10, ...; json1, json1.1, sitemap
    title: str
    url: str
    feed_id: str
    language: str
    updated_at: datetime | None
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    hints: Hints = field(default_factory=Hints)
    links: HubLinks = field(default_factory=HubLinks)
    envelope: str = ""
    stood: tuple[Stood | None, ...] = ()
    seen: tuple[Stood, ...] = ()


@dataclass(frozen=True, slots=True)
class SitemapChild:
    """A sitemap that an index names; ``changed_at`` is None where the index does not say."""

    url: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SitemapIndex:
    """A list of sitemaps (https://www.sitemaps.org/protocol.html#index), in its own order."""

    children: tuple[SitemapChild, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """The rungs by which an entry is known again, strongest first; '' where a rung is missing or worthless.

    A guid or address that stands on two entries of one document identifies neither and is left ''.
    """

    guid: str
    article_id: str  # host + '#' + the partner's article number
    canonical_url: str
    content: str  # hash of title and text: the last resort

    @property
    def key(self) -> str:
        """The strongest rung with its kind: what a new entry is stored and published under."""
        for kind in ("guid", "article_id", "canonical_url"):
            if value := getattr(self, kind):
                return f"{kind}:{value}"
        return f"content:{self.content}"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Whom an entry's own text credits; '' where it does not say.

    ``form``: ``quoted`` (a mere reference: dikutip dari ...), ``carried`` (the same of the article itself, with its
    headline there, as what ends it), ``reposted`` (Artikel ini telah tayang di ...), ``source`` (Sumber: ..., or the
    publisher named beside who signed). All but ``quoted`` say where the article comes from.
    """

    host: str
    title: str
    network: str = ""  # as in (jaringan media X, partner Y): host or name
    partner: str = ""
    form: str = "quoted"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry with everything the decision needs, made without a database."""

    entry: Entry
    identity: Identity
    text: str  # without markup and boilerplate, one paragraph a line
    content_hash: str  # '<version>:<title>.<text>.<image>', a digest of each
    marks: tuple[int, ...]  # signed 64 bit; what copies of it share, () when too short to resemble anything
    name_marks: tuple[int, ...] = ()  # the same for reports of one event
    provenance: Provenance | None = None
    facts: Facts = field(default_factory=Facts)
    feed_hash: str = ""  # of what the feed gave, where the text is the article page's

    @property
    def all_marks(self) -> tuple[int, ...]:
        """What it is found by once it is stored."""
        return *self.marks, *self.name_marks


@dataclass(frozen=True, slots=True)
class RawEntry:
    """What a partner sent of a stored entry, and the hash of what was read in it."""

    entry_id: int
    entry: Entry
    content_hash: str


@dataclass(frozen=True, slots=True)
class Reread:
    """A stored entry read again after the rules changed by which entries are compared.

    ``content_hash_was`` tells the version that was read: one that was revised meanwhile has another.
    """

    entry_id: int
    content_hash_was: str
    text: str
    content_hash: str
    marks: tuple[int, ...]
    provenance: Provenance | None
    facts: Facts

    @classmethod
    def of(cls, entry_id: int, content_hash_was: str, read: Candidate) -> Reread:
        """The stored entry as ``read`` has it."""
        return cls(
            entry_id,
            content_hash_was,
            read.text,
            read.content_hash,
            read.all_marks,
            read.provenance,
            read.facts,
        )


@dataclass(frozen=True, slots=True)
class Replaced:
    """A version that an entry had before it was revised."""

    content_hash: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """The same with what the partner had sent."""

    replaced_at: datetime
    content_hash: str
    raw: Entry


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """A stored entry that a candidate may be, or may be a copy of.

    ``identity`` is what the entry was last seen as; ``earlier`` are the identities that it had before, the
    latest first: partners change addresses and guids of articles that they have published.
    """

    entry_id: int
    story_id: int
    source_id: str
    partner_id: str
    identity: Identity
    earlier: tuple[Identity, ...]
    title: str
    text: str
    content_hash: str
    categories: tuple[str, ...]
    authors: tuple[str, ...]
    marks: tuple[int, ...] = ()
    provenance: Provenance | None = None
    is_published: bool = False  # its story: then it is merged into no other
    feed_hash: str = ""
    replaced: tuple[Replaced, ...] = ()  # its last versions before this one, the latest first

    @classmethod
    def of(
        cls, candidate: Candidate, *, entry_id: int, story_id: int, source_id: str, partner_id: str
    ) -> KnownEntry:
        """A candidate as if it were stored already."""
        return cls(
            entry_id=entry_id,
            story_id=story_id,
            source_id=source_id,
            partner_id=partner_id,
            identity=candidate.identity,
            earlier=(),
            title=candidate.entry.title,
            text=candidate.text,
            content_hash=candidate.content_hash,
            categories=candidate.entry.categories,
            authors=candidate.entry.authors,
            marks=candidate.all_marks,
            provenance=candidate.provenance,
        )

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Everything by which it may be known again."""
        return self.identity, *self.earlier
