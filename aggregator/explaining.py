"""Why a story is where it is: what ``aggregator explain`` prints and the page for ops shows.

Nothing is kept for it but the reason for which each entry joined: the rest is asked of the rules again, so what is
explained is what the rules of now make of the story.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from zoneinfo import ZoneInfo

from aggregator.config.model import Config, Override, Partner
from aggregator.editorial.attribution import credit_text
from aggregator.editorial.facets import found_facets, label_of
from aggregator.editorial.fit import credit_of, headline_of
from aggregator.editorial.plain_text import plain_text
from aggregator.editorial.review import Reviewer
from aggregator.editorial.settle import began_at_of, source_topics
from aggregator.editorial.similarity import resemblance
from aggregator.editorial.terms import allowance, permission
from aggregator.editorial.topics import SortedTopic, sort_into_topics
from aggregator.editorial.word_diff import word_diff
from aggregator.intake.identity import canonical_url
from aggregator.model.entry import Entry, Provenance, Version
from aggregator.model.explanation import (
    ExplainedChange,
    ExplainedCopy,
    ExplainedFacet,
    ExplainedTopic,
    ExplainedWord,
    Explanation,
    Placement,
    RelatedHeadline,
)
from aggregator.model.story import StoredEntry, Story
from aggregator.overriding import outdated, overrides_by_story
from aggregator.store.reads import ReadTx
from aggregator.store.store import Store
from aggregator.subscribing import outputs_in_force

CHANGES_SHOWN = 20
COPIES_SHOWN = 50
# Markup that is longer is not read again only to be compared.
COMPARED_CHARS = 100_000
_SHOWN_AS = {
    "full": "in full",
    "excerpt": "as an excerpt of {words} words",
    "headline": "as headline and link only",
}


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the database has about a story."""

    story: Story
    versions: Mapping[int, Sequence[Version]]
    outputs: tuple[Placement, ...]
    related: tuple[RelatedHeadline, ...]
    override: Override | None


def explain_story(config: Config, store: Store, ref: str, now: datetime) -> Explanation:
    """Everything about the story that ``ref`` names (published id, address or number).

    Raises UnknownStoryError and StoreError.
    """
    with store.read() as tx:
        story = tx.find_story(ref, canonical_url(ref))
        kept = _Kept(
            story,
            tx.versions_of([stored.entry_id for stored in story.entries]),
            tuple(_placements(tx, config, story, now)),
            tuple(RelatedHeadline(one.story_id, one.title) for one in tx.related_stories(story.story_id)),
            overrides_by_story(config, tx).get(story.story_id),
        )
    return _explained(config, kept, now)


def _placements(tx: ReadTx, config: Config, story: Story, now: datetime) -> Iterator[Placement]:
    """Where the documents have it, which are what partners get; not where it ought to stand."""
    if story.published is None:
        return
    named: set[str] = set()
    for output in outputs_in_force(config, tx, now):
        shown = tx.shown(output.id)
        # A subscriber has one feed, at several addresses while an old one lasts.
        if story.story_id in shown and output.name not in named:
            named.add(output.name)
            yield Placement(output.name, list(shown).index(story.story_id) + 1, len(shown))


def _explained(config: Config, kept: _Kept, now: datetime) -> Explanation:
    story = kept.story
    lead = lead_of(story)
    partner = config.find_partner(lead.partner_id)
    override = kept.override
    published = story.published
    return Explanation(
        at=now,
        timezone=config.site.timezone,
        story_id=story.story_id,
        id=published.id if published else "",
        url=published.url if published else lead.address,
        headline=story.override_title or headline_of(lead, config),
        standing=_standing(story, now),
        published_at=published.published_at if published else None,
        first_published_at=published.first_published_at if published else None,
        updated_at=story.updated_at,
        visible_until=story.visible_until,
        override=_override_in_words(override) + outdated(story, config),
        copies=tuple(_copies(config, story, lead, now)),
        credit=credit_text(credit_of(story, lead, partner, config)) if partner else "",
        terms=tuple(_terms(config, story, partner, lead, now)),
        topics=tuple(_topics(config, story, lead, override)),
        facets=tuple(
            ExplainedFacet(one.facet.kind, one.facet.code, label_of(one.facet), one.evidence)
            for one in found_facets(lead, config.site.language)
        ),
        cuts=lead.facts.cuts,
        doubts=Reviewer(config).doubts_of(lead),
        changes=tuple(_changes(config, story, kept.versions)),
        outputs=kept.outputs,
        related=kept.related,
    )


def lead_of(story: Story) -> StoredEntry:
    """What readers are given; of a story that was never settled the first entry."""
    shown = (stored for stored in story.entries if stored.entry_id == story.shown_entry_id)
    return next(shown, story.entries[0])


def _standing(story: Story, now: datetime) -> str:
    if story.hidden_at is not None:
        return f"hidden: {story.hidden_reason}"
    if story.refusal:
        return story.refusal
    if story.published is None:
        return "not looked at yet: the next publish decides"
    if story.visible_until is not None and story.visible_until <= now:
        return "older than its terms' expires_after"
    return "published"


def _override_in_words(override: Override | None) -> str:
    if override is None:
        return ""
    parts = [f'headline "{override.title}"'] if override.title else []
    if override.topics is not None:
        parts.append(f"topics {', '.join(override.topics) or 'none'}")
    return f"overrides of feeds.yaml, {override.story}: {' and '.join(parts) or 'says nothing'}"


def _copies(config: Config, story: Story, lead: StoredEntry, now: datetime) -> Iterator[ExplainedCopy]:
    """What is shown first, then in the order in which they came."""
    began_at = began_at_of(story)
    first = min(story.entries, key=lambda one: (one.first_seen_at, one.entry_id))
    ordered = sorted(story.entries, key=lambda one: (one is not lead, one.first_seen_at, one.entry_id))
    for stored in ordered[:COPIES_SHOWN]:
        partner = config.find_partner(stored.partner_id)
        is_revised = stored.changed_at > stored.first_seen_at
        yield ExplainedCopy(
            entry_id=stored.entry_id,
            source_id=stored.source_id,
            partner=partner.name if partner else stored.partner_id,
            title=stored.entry.title,
            address=stored.address,
            published_at=stored.entry.published_at,
            first_seen_at=stored.first_seen_at,
            revised_at=stored.changed_at if is_revised else None,
            is_shown=stored is lead,
            reason=stored.reason or ("" if stored is first else "from before reasons were kept"),
            similarity=None if stored is lead else resemblance(lead.text, stored.text).overlap,
            credits=_credits(stored.provenance),
            standing=_kept_back(config, partner, stored, began_at, now),
        )


def _credits(credit: Provenance | None) -> str:
    if credit is None:
        return ""
    through = f" through {credit.network or credit.partner}" if credit.network or credit.partner else ""
    article = f' "{credit.title}"' if credit.title else ""
    return f"{credit.host}{article}{through} ({credit.form})"


def _kept_back(
    config: Config,
    partner: Partner | None,
    stored: StoredEntry,
    began_at: Mapping[str, datetime],
    now: datetime,
) -> str:
    """Why this entry could not lead the story."""
    if stored.held:
        return "held: its source brought far more news at once than usual"
    allowed = permission(partner, stored.entry, began_at[stored.partner_id], now, config.site.timezone)
    return allowed.refusal or ("older than fetch.first_poll_max_age" if stored.backlog else "")


def _terms(
    config: Config, story: Story, partner: Partner | None, lead: StoredEntry, now: datetime
) -> Iterator[str]:
    """What the contract of the shown entry's partner makes of it, a sentence a line."""
    if partner is None:
        yield "its partner is no longer in feeds.yaml: nothing new of it is published"
        return
    allowed = allowance(partner)
    how = _SHOWN_AS[allowed.content].format(words=allowed.excerpt_words)
    pictures = "pictures are linked" if allowed.images else "without pictures"
    if partner.terms is None:
        yield f"{partner.name} has no terms: shown {how}, {pictures}"
        return
    until = f" until {partner.terms.valid_until}" if partner.terms.valid_until else ""
    yield f"{partner.terms.licence} of {partner.name}, since {partner.terms.valid_from}{until}: shown {how}, {pictures}"
    zone = ZoneInfo(config.site.timezone)
    began_at = began_at_of(story)[lead.partner_id]
    found = permission(partner, lead.entry, began_at, now, config.site.timezone)
    yield from filter(None, (found.refusal, found.new_refusal))
    for words, at in (("embargo until", found.not_before), ("leaves the feeds", found.not_after)):
        if at is not None:
            yield f"{words} {at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _topics(
    config: Config, story: Story, lead: StoredEntry, override: Override | None
) -> Iterator[ExplainedTopic]:
    """Those of an editor's word first, whatever speaks for them; then all for which anything does."""
    found = sort_into_topics(lead.entry, lead.text, source_topics(story, config), config.topics)
    given = override.topics if override else None
    by_id = {one.topic: one for one in found}
    for topic in given or ():
        nothing = SortedTopic(topic, 0.0, 0.0, (), (), ())
        yield _topic(by_id.pop(topic, nothing), ("an editor's word",), is_in=True)
    for one in by_id.values():
        if given is None:
            yield _topic(one, one.rules, is_in=one.is_in)
        else:
            yield _topic(one, ("not by an editor's word",), is_in=False)


def _topic(found: SortedTopic, rules: tuple[str, ...], *, is_in: bool) -> ExplainedTopic:
    return ExplainedTopic(
        topic=found.topic,
        weight=found.weight,
        enough=found.enough,
        is_in=is_in,
        rules=rules,
        channels=found.channels,
        words=tuple(ExplainedWord(one.words, one.weight, one.is_in_title) for one in found.mentions),
    )


def _changes(
    config: Config, story: Story, versions: Mapping[int, Sequence[Version]]
) -> Iterator[ExplainedChange]:
    """The latest first, whichever entry it was."""
    found = [
        (version.replaced_at, stored, version, after)
        for stored in story.entries
        for version, after in _followed(stored, versions.get(stored.entry_id, ()))
    ]
    for _, stored, version, after in sorted(found, key=itemgetter(0), reverse=True)[:CHANGES_SHOWN]:
        yield _change(config, stored, version, after)


def _followed(stored: StoredEntry, versions: Sequence[Version]) -> Iterator[tuple[Version, Entry]]:
    """Each version, newest first, with what came in its place."""
    after = stored.entry
    for version in versions:
        yield version, after
        after = version.raw


def _change(config: Config, stored: StoredEntry, version: Version, after: Entry) -> ExplainedChange:
    partner = config.find_partner(stored.partner_id)
    before = version.raw
    bodies = [one.html or one.summary_html for one in (before, after)]
    headline = word_diff(before.title, after.title)
    if max(map(len, bodies)) > COMPARED_CHARS:
        return ExplainedChange(stored.source_id, version.replaced_at, headline, (), "too long to compare")
    texts = [plain_text(body, partner.cut_rules if partner else ()) for body in bodies]
    text = word_diff(*texts)
    note = "" if headline or text else "the same words: another picture, or signs and spaces"
    return ExplainedChange(stored.source_id, version.replaced_at, headline, text, note)
