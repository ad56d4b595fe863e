"""What the desk makes of a story now: who leads it, where it belongs, from when until when it may be shown.

The answer depends on the story's entries, the configuration and ``now``, never on the order in which the
entries arrived. What was promised at first publication is passed on unchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from aggregator.config.model import Config, Override, Partner
from aggregator.editorial.chain import true_origin
from aggregator.editorial.facets import facets_of
from aggregator.editorial.fit import headline_of
from aggregator.editorial.terms import Allowance, Permission, allowance, appeared_at, permission
from aggregator.editorial.topics import topics_of
from aggregator.model.facet import Facet
from aggregator.model.hosts import is_within
from aggregator.model.story import Published, Settlement, StoredEntry, Story

# Published ids are made with it: it never changes.
ID_NAMESPACE = UUID("5b0c7f3e-6d0a-5c38-9a53-3f1d2c0e8a47")
HELD_REFUSAL = "held: its source brought far more news at once than usual, see aggregator release"
# Shorter than this share of the longest text of the story, an entry is but an excerpt of it.
COMPLETE = 0.6
_LICENCES = ("full", "excerpt", "headline")
# Raise it when stories are to be settled otherwise; what words and places say is noticed without.
SETTLE_VERSION = 1
_DATA = (
    ("aggregator.editorial", "topics.toml"),
    ("aggregator.editorial", "names.yaml"),
    ("aggregator.model", "gazetteer.tsv"),
)
BACKLOG_REFUSAL = "older than fetch.first_poll_max_age when its source was first polled"


@dataclass(frozen=True, slots=True)
class _Contender:
    """An entry that may lead the story, with what the terms say of it."""

    stored: StoredEntry
    partner: Partner | None
    permission: Permission
    began_at: datetime  # when its partner published the article: the earliest date of any of its entries
    credits_another: (
        bool  # a copy that says so: its text credits another of our partners, or is another site's
    )
    at_home: bool  # its address is its own partner's
    is_polled: bool  # its source is in feeds.yaml, so it hears of corrections
    is_incumbent: bool  # of the partner whose entry readers were last given

    is_incomplete: bool  # an excerpt, or far shorter than another entry of the story

    @property
    def standing(self) -> tuple[bool, bool, int, bool, datetime]:
        """Sorts the origin first, then by licence, completeness and age: what counts between partners."""
        licence = _LICENCES.index(allowance(self.partner).content)
        return self.credits_another, not self.at_home, licence, self.is_incomplete, self.began_at


@cache
def settled_by() -> str:
    """Another value when the same stories would be settled otherwise: our rules, or the lists that they go by."""
    lists = b"".join(files(room).joinpath(name).read_bytes() for room, name in _DATA)
    return f"{SETTLE_VERSION}-{hashlib.sha256(lists).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class _Sorting:
    """Where a story belongs; ``title`` is the editor's headline, '' where there is none, ``instead_of`` the partner's
    that the editor saw.
    """

    topics: tuple[str, ...]
    facets: tuple[Facet, ...]
    title: str
    instead_of: str


def settle(story: Story, config: Config, now: datetime, override: Override | None = None) -> Settlement:
    """Choose the lead and say whether, since when and until when the story is shown.

    Refused, embargoed and new stories outside their contract get ``refusal``; what readers were last given
    (``shown_hash``, ``shown_at``, ``updated_at``) then stays. A published story stays with its partner when a
    contract ends, and is no backlog any more; what is nothing but backlog is sorted into nothing. What is held of a
    flood counts as if it were not there. ``override`` is an editor's word on the story.
    """
    free = tuple(stored for stored in story.entries if not stored.held)
    is_held = not free
    story = replace(story, entries=free or story.entries)
    contenders = _ranked(story, _contenders(story, config, now))
    reconsider_at = min((at for one in contenders for at in _openings(one, now)), default=None)
    chosen = [one for one in contenders if not _refusal(one, now)]
    if is_held or not chosen or (story.published is None and _is_backlog(contenders)):
        refusal = HELD_REFUSAL if is_held else _refusal(contenders[0], now) or BACKLOG_REFUSAL
        kept = _Sorting(story.topics, story.facets, story.override_title, story.overridden_title)
        if refusal != BACKLOG_REFUSAL:  # most of what a new source brings, and nobody asks where it belongs
            sorting = _sorted(story, contenders[0].stored, config, override)
            kept = replace(kept, topics=sorting.topics, facets=sorting.facets)
        refused = _refused(story, contenders[0].stored, kept, refusal, reconsider_at)
        return replace(refused, refused_at=story.refused_at or now) if story.published else refused
    lead = chosen[0]
    sorting = _sorted(story, lead.stored, config, override)
    published = story.published or _first_publication(lead, now)
    return Settlement(
        story_id=story.story_id,
        lead_entry_id=lead.stored.entry_id,
        shown_hash=lead.stored.content_hash,
        shown_at=max(stored.changed_at for stored in story.entries),
        topics=sorting.topics,
        facets=sorting.facets,
        override_title=sorting.title,
        overridden_title=sorting.instead_of,
        published=published,
        updated_at=_updated_at(
            story, published, lead, _Headlines.of(story, lead.stored, sorting, config), now
        ),
        visible_until=lead.permission.not_after,
        reconsider_at=reconsider_at,
    )


def _contenders(story: Story, config: Config, now: datetime) -> list[_Contender]:
    shown = next((stored for stored in story.entries if stored.entry_id == story.shown_entry_id), None)
    incumbent_id = shown.partner_id if shown and story.published else None
    began_at = began_at_of(story)
    longest = max(len(stored.text) for stored in story.entries)
    contenders = []
    for stored in story.entries:
        partner = config.find_partner(stored.partner_id)
        began = began_at[stored.partner_id]
        host = urlsplit(stored.canonical_url or stored.entry.url).hostname or ""
        contenders.append(
            _Contender(
                stored,
                partner,
                permission(partner, stored.entry, began, now, config.site.timezone),
                began,
                credits_another=_credits_another(stored, partner, config.partners),
                at_home=partner is not None and is_within(host, partner.domains),
                is_polled=config.find_source(stored.source_id) is not None,
                is_incumbent=stored.partner_id == incumbent_id,
                is_incomplete=stored.facts.is_partial or len(stored.text) < COMPLETE * longest,
            )
        )
    return contenders


def began_at_of(story: Story) -> dict[str, datetime]:
    """When each partner published the article: the earliest date of any of its entries."""
    began_at: dict[str, datetime] = {}
    for stored in story.entries:
        own = appeared_at(stored.entry, stored.first_seen_at)
        began_at[stored.partner_id] = min(began_at.get(stored.partner_id, own), own)
    return began_at


def _credits_another(stored: StoredEntry, partner: Partner | None, partners: Sequence[Partner]) -> bool:
    if true_origin(stored.provenance, partner) is not None:
        return True
    credited = stored.provenance.host if stored.provenance else ""
    if not credited:
        return False
    others = [domain for other in partners if other.id != stored.partner_id for domain in other.domains]
    return is_within(credited, others)


def _ranked(story: Story, contenders: Sequence[_Contender]) -> list[_Contender]:
    """Best first: the origin's partner, then by licence, completeness and age; of one partner its latest word.

    One partner's entries are one article in several of its feeds: a correction may come through any of them, and
    decides nothing between partners. What a new source brought along as backlog leads a published story only
    when nobody else can.
    """
    standing: dict[str, tuple[bool, bool, int, bool, datetime]] = {}
    for one in contenders:
        partner_id = one.stored.partner_id
        standing[partner_id] = min(standing.get(partner_id, one.standing), one.standing)

    def rank(one: _Contender) -> tuple[object, ...]:
        stored = one.stored
        comes_too_late = story.published is not None and stored.backlog and not one.is_incumbent
        return (
            comes_too_late,
            standing[stored.partner_id],
            stored.partner_id,
            not one.is_polled,
            not stored.text,
            one.is_incomplete,
            -stored.changed_at.timestamp(),
            stored.source_id,
            stored.entry_id,
        )

    return sorted(contenders, key=rank)


def _is_backlog(contenders: Sequence[_Contender]) -> bool:
    """Whether nothing but backlog could be published of it, now or later."""
    return all(one.stored.backlog for one in contenders if not one.permission.refusal)


def _embargo(one: _Contender, now: datetime) -> datetime | None:
    """The end of an embargo that still holds."""
    not_before = one.permission.not_before
    return not_before if not_before and not_before > now else None


def _openings(one: _Contender, now: datetime) -> list[datetime]:
    """The moments still to come that could let this entry lead."""
    if one.permission.refusal:
        return []
    return [at for at in (_embargo(one, now), one.permission.opens_at) if at is not None]


def _refusal(one: _Contender, now: datetime) -> str:
    """Why this entry cannot lead now; '' when it can."""
    if one.permission.refusal:
        return one.permission.refusal
    if (until := _embargo(one, now)) is not None:
        return f"embargo until {until.isoformat(timespec='minutes')}"
    if one.is_incumbent:
        return ""
    if one.permission.new_refusal:
        return one.permission.new_refusal
    expired = one.permission.not_after is not None and one.permission.not_after <= now
    return "older than its terms' expires_after" if expired else ""


def _refused(
    story: Story, best: StoredEntry, sorting: _Sorting, refusal: str, reconsider_at: datetime | None
) -> Settlement:
    return Settlement(
        story_id=story.story_id,
        lead_entry_id=story.shown_entry_id or best.entry_id,
        shown_hash=story.shown_hash,
        shown_at=story.shown_at,
        topics=sorting.topics,
        facets=sorting.facets,
        override_title=sorting.title,
        overridden_title=sorting.instead_of,
        published=story.published,
        updated_at=story.updated_at,
        visible_until=story.visible_until,
        reconsider_at=reconsider_at,
        refusal=refusal,
    )


def _first_publication(lead: _Contender, now: datetime) -> Published:
    stored = lead.stored
    partner_url = lead.partner.url if lead.partner else ""
    return Published(
        id=f"urn:uuid:{uuid5(ID_NAMESPACE, f'{stored.source_id} {stored.key}')}",
        url=stored.entry.url or stored.canonical_url or partner_url,
        published_at=lead.began_at,
        first_published_at=now,
    )


def _updated_at(
    story: Story, published: Published, lead: _Contender, headlines: _Headlines, now: datetime
) -> datetime:
    """Moves only when readers get another text because an entry came or was revised, or an editor gave it another
    headline.

    Any other edit of feeds.yaml may change what they get too, but is not news: the lead has not changed since.
    """
    if story.published is None or story.updated_at is None or story.shown_at is None:
        claimed_at = lead.stored.entry.updated_at
        believable = claimed_at is not None and claimed_at <= lead.stored.first_seen_at
        return (
            max(published.published_at, claimed_at) if claimed_at and believable else published.published_at
        )
    has_changed = lead.stored.changed_at > story.shown_at and _reads_otherwise(
        story.shown_hash, lead.stored.content_hash, allowance(lead.partner), is_titled=headlines.is_partners
    )
    if has_changed or headlines.are_others:
        return max(now, story.updated_at + timedelta(seconds=1))  # feeds count seconds, clocks are set back
    return story.updated_at


@dataclass(frozen=True, slots=True)
class _Headlines:
    """Whether an editor gave the story another headline than readers have (or took one back), and whose it is now."""

    are_others: bool
    is_partners: bool

    @classmethod
    def of(cls, story: Story, lead: StoredEntry, sorting: _Sorting, config: Config) -> _Headlines:
        partners = headline_of(lead, config)
        are_others = (sorting.title or partners) != (story.override_title or partners)
        return cls(are_others, not sorting.title)


def _reads_otherwise(was: str, now_is: str, allowed: Allowance, *, is_titled: bool) -> bool:
    """Whether a part differs that the terms show, the headline if it is the partner's. An upgrade (another hash
    version) is not news.
    """
    version_was, _, parts_were = was.partition(":")
    version, _, parts = now_is.partition(":")
    shown = (
        is_titled,
        allowed.content != "headline",
        allowed.images,
    )  # title, text, image: as content_hash has them
    pairs = zip(parts_were.split("."), parts.split("."), shown, strict=True)
    return version == version_was and any(a != b for a, b, is_shown in pairs if is_shown)


def _sorted(story: Story, lead: StoredEntry, config: Config, override: Override | None) -> _Sorting:
    title = (override.title if override else None) or ""
    if override and override.topics is not None:
        # In the configuration's order, as they are without an editor's word.
        topics = tuple(topic.id for topic in config.topics if topic.id in override.topics)
    else:
        topics = topics_of(lead.entry, lead.text, source_topics(story, config), config.topics)
    is_as_before = bool(title) and title == story.override_title
    instead_of = story.overridden_title if is_as_before else headline_of(lead, config) if title else ""
    return _Sorting(topics, facets_of(lead, config.site.language), title, instead_of)


def source_topics(story: Story, config: Config) -> dict[str, str]:
    """Topics for which the sources of the story's entries stand, each with one of these sources."""
    sources = config.sources_among({stored.source_id for stored in story.entries})
    return {topic: source.id for source in sources for topic in source.topics}
