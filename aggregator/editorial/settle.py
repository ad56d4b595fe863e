"""What the desk makes of a story now: who leads it, where it belongs, from when until when it may be shown.

The answer depends on the story's entries, the configuration and ``now``, never on the order in which the
entries arrived. What was promised at first publication is passed on unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from aggregator.config.model import Config, Partner
from aggregator.editorial.terms import Permission, appeared_at, partner_of, permission
from aggregator.editorial.topics import topics_of
from aggregator.model.story import Published, Settlement, StoredEntry, Story

# Published ids are made with it: it never changes.
ID_NAMESPACE = UUID("5b0c7f3e-6d0a-5c38-9a53-3f1d2c0e8a47")
BACKLOG_REFUSAL = "older than fetch.first_poll_max_age when its source was first polled"


@dataclass(frozen=True, slots=True)
class _Contender:
    """An entry that may lead the story, with what the terms say of it."""

    stored: StoredEntry
    partner: Partner | None
    permission: Permission
    credits_another: bool  # its text credits another of our partners: a copy that says so
    at_home: bool  # its address is its own partner's

    @property
    def rank(self) -> tuple[bool, bool, datetime, str, int]:
        """Sorts the origin first, then the earliest."""
        began_at = appeared_at(self.stored.entry, self.stored.first_seen_at)
        return self.credits_another, not self.at_home, began_at, self.stored.source_id, self.stored.entry_id


def settle(story: Story, config: Config, now: datetime) -> Settlement:
    """Choose the lead and say whether, since when and until when the story is shown.

    Refused, embargoed and new stories outside their contract get ``refusal``; what readers were last given
    (``shown_hash``, ``updated_at``) then stays. A published story stays with its entry when a contract ends.
    """
    contenders = sorted(
        (_contender(stored, config, now) for stored in story.entries), key=lambda one: one.rank
    )
    topics = _topics(story, contenders[0].stored, config)
    reconsider_at = min((at for one in contenders if (at := _embargo(one, now)) is not None), default=None)
    chosen = [one for one in contenders if not _refusal(one, story, now)]
    if not chosen or all(one.stored.backlog for one in contenders if not one.permission.refusal):
        refusal = _refusal(contenders[0], story, now) or BACKLOG_REFUSAL
        return _refused(story, contenders[0].stored, topics, refusal, reconsider_at)
    lead = chosen[0]
    published = story.published or _first_publication(lead, now)
    return Settlement(
        story_id=story.story_id,
        lead_entry_id=lead.stored.entry_id,
        shown_hash=lead.stored.content_hash,
        topics=_topics(story, lead.stored, config),
        published=published,
        updated_at=_updated_at(story, published, lead.stored, now),
        visible_until=lead.permission.not_after,
        reconsider_at=reconsider_at,
    )


def _contender(stored: StoredEntry, config: Config, now: datetime) -> _Contender:
    partner = partner_of(config.partners, stored.partner_id)
    credited = stored.provenance.host if stored.provenance else ""
    others = [
        domain for other in config.partners if other.id != stored.partner_id for domain in other.domains
    ]
    host = urlsplit(stored.canonical_url or stored.entry.url).hostname or ""
    return _Contender(
        stored,
        partner,
        permission(partner, stored.entry, stored.first_seen_at, now, config.site.timezone),
        credits_another=_within(credited, others),
        at_home=partner is not None and _within(host, partner.domains),
    )


def _within(host: str, domains: Sequence[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _embargo(one: _Contender, now: datetime) -> datetime | None:
    """The end of an embargo that still holds and whose end would matter."""
    not_before = one.permission.not_before
    return not_before if not_before and not_before > now and not one.permission.refusal else None


def _refusal(one: _Contender, story: Story, now: datetime) -> str:
    """Why this entry cannot lead now; '' when it can."""
    if one.permission.refusal:
        return one.permission.refusal
    if (until := _embargo(one, now)) is not None:
        return f"embargo until {until.isoformat(timespec='minutes')}"
    if story.published and one.stored.entry_id == story.shown_entry_id:
        return ""
    if one.permission.new_refusal:
        return one.permission.new_refusal
    expired = one.permission.not_after is not None and one.permission.not_after <= now
    return "older than its terms' expires_after" if expired else ""


def _refused(
    story: Story, best: StoredEntry, topics: tuple[str, ...], refusal: str, reconsider_at: datetime | None
) -> Settlement:
    return Settlement(
        story_id=story.story_id,
        lead_entry_id=story.shown_entry_id or best.entry_id,
        shown_hash=story.shown_hash,
        topics=topics,
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
        published_at=appeared_at(stored.entry, stored.first_seen_at),
        first_published_at=now,
    )


def _updated_at(story: Story, published: Published, lead: StoredEntry, now: datetime) -> datetime:
    """Moves only when readers get another text: an upgrade (another hash version) is not news."""
    if story.published is None or story.updated_at is None:
        claimed_at = lead.entry.updated_at
        believable = claimed_at is not None and claimed_at <= lead.first_seen_at
        return (
            max(published.published_at, claimed_at) if claimed_at and believable else published.published_at
        )
    same_version = lead.content_hash.split(":")[0] == story.shown_hash.split(":")[0]
    if same_version and lead.content_hash != story.shown_hash:
        return max(now, story.updated_at)
    return story.updated_at


def _topics(story: Story, lead: StoredEntry, config: Config) -> tuple[str, ...]:
    """The lead's topics, and those that the sources of its copies stand for."""
    source_ids = {stored.source_id for stored in story.entries}
    source_topics = {topic for source in config.sources if source.id in source_ids for topic in source.topics}
    return topics_of(lead.entry, lead.text, source_topics, config.topics)
