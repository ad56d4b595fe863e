"""Rows into the values of the model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from aggregator.model.alert import Alert
from aggregator.model.archive import ArchivePage
from aggregator.model.document import Document, OutputState
from aggregator.model.entry import Identity, KnownEntry, Replaced
from aggregator.model.fetch import Validators
from aggregator.model.follower import Delivery, Follower, HubRequest, PendingRequest
from aggregator.model.review import ReviewedEntry
from aggregator.model.source import FeedMeta, Habit, Move, SourceState, Way
from aggregator.model.status import VisitRecord
from aggregator.model.story import Published, StoredEntry, Story, Withdrawn
from aggregator.model.subscription import HubOffer
from aggregator.store.labels import Labels

# Columns are read by name, which the type checker cannot follow.
AnyRow = Row[*tuple[Any, ...]]


def source_state(row: AnyRow) -> SourceState:
    """From a row of ``sources``."""
    return SourceState(
        source_id=row.source_id,
        url=row.url,
        partner_id=row.partner_id,
        began_at=row.began_at,
        every_s=row.every_s,
        next_poll_at=row.next_poll_at,
        validators=Validators(row.etag, row.last_modified),
        body_hash=row.body_hash,
        feed=FeedMeta(row.feed_title, row.feed_site_url, row.feed_id, row.feed_language),
        last_polled_at=row.last_polled_at,
        last_success_at=row.last_success_at,
        last_new_at=row.last_new_at,
        failures_in_a_row=row.failures_in_a_row,
        entries_in_feed=row.entries_in_feed,
        problem=row.problem,
        notes=row.notes,
        retired_at=row.retired_at,
        way=Way(row.way_url, row.way_kind, row.way_found_at) if row.way_url else None,
        sought_at=row.sought_at,
        guid_trouble=row.guid_trouble,
        hints=row.hints,
        move=Move(row.moved_from, row.moved_to, row.moved_since_at) if row.moved_to else None,
        asked_whole_at=row.asked_whole_at,
        planned_s=row.planned_s,
        planned_why=row.planned_why,
        gone_count=row.gone_count,
        gone_at=row.gone_at,
        flooded_at=row.flooded_at,
        lost_at=row.lost_at,
        habit=Habit(row.newest_at, row.quiet_at, row.weekly),
        offer=HubOffer(row.hub, row.self_url),
        wanted=row.wanted,
        pushed_at=row.pushed_at,
    )


def visit_record(row: AnyRow) -> VisitRecord:
    """From a row of ``visits``."""
    return VisitRecord(
        visited_at=row.visited_at,
        outcome=row.outcome,
        took_s=row.took_s,
        entries=row.entries,
        new=row.new,
        copies=row.copies,
        revised=row.revised,
        problem=row.problem,
    )


def known_entry(row: AnyRow, replaced: Sequence[Replaced]) -> KnownEntry:
    """From a row of ``entries`` and what it was before."""
    return KnownEntry(
        entry_id=row.entry_id,
        story_id=row.story_id,
        source_id=row.source_id,
        partner_id=row.partner_id,
        identity=Identity(row.guid, row.article_id, row.canonical_url, row.content),
        earlier=row.earlier,
        title=row.title,
        text=row.text,
        content_hash=row.content_hash,
        categories=row.categories,
        authors=row.authors,
        marks=row.marks,
        provenance=row.provenance,
        is_published=row.published_id is not None,
        feed_hash=row.feed_hash,
        replaced=tuple(replaced),
    )


def stored_entry(row: AnyRow) -> StoredEntry:
    """From a row of ``entries``."""
    return StoredEntry(
        entry_id=row.entry_id,
        source_id=row.source_id,
        partner_id=row.partner_id,
        key=row.key,
        entry=row.raw,
        text=row.text,
        content_hash=row.content_hash,
        canonical_url=row.canonical_url,
        provenance=row.provenance,
        backlog=row.backlog,
        held=row.held,
        facts=row.facts,
        first_seen_at=row.first_seen_at,
        changed_at=row.revised_at or row.first_seen_at,
        reason=row.reason,
    )


def reviewed_entry(row: AnyRow) -> ReviewedEntry:
    """From a row of ``entries`` and its story, with the columns that a review needs."""
    return ReviewedEntry(
        story_id=row.story_id,
        source_id=row.source_id,
        partner_id=row.partner_id,
        title=row.title,
        address=row.canonical_url or row.raw.url,
        first_seen_at=row.first_seen_at,
        facts=row.facts,
        provenance=row.provenance,
        is_shown=bool(row.is_shown),
        is_copy=row.shown_entry_id not in (None, row.entry_id),
        refusal=f"hidden: {row.hidden_reason}" if row.hidden_at else row.refusal,
    )


def story(row: AnyRow, entries: Sequence[StoredEntry], labels: Labels) -> Story:
    """From a row of ``stories`` and what belongs to it."""
    published = None
    if row.published_id is not None:
        published = Published(row.published_id, row.published_url, row.published_at, row.first_published_at)
    return Story(
        story_id=row.story_id,
        entries=tuple(entries),
        published=published,
        shown_entry_id=row.shown_entry_id,
        shown_hash=row.shown_hash,
        shown_at=row.shown_at,
        updated_at=row.updated_at,
        visible_until=row.visible_until,
        refusal=row.refusal,
        refused_at=row.refused_at,
        topics=labels.topics,
        facets=labels.facets,
        override_title=row.override_title,
        overridden_title=row.overridden_title,
        hidden_at=row.hidden_at,
        hidden_reason=row.hidden_reason,
    )


def withdrawn(row: AnyRow, labels: Labels, now: datetime) -> Withdrawn:
    """From a row of ``stories`` that may not be shown, with its shown entry's partner, and what belongs to it."""
    expired_at = row.visible_until if row.visible_until and row.visible_until <= now else None
    reasons_at = [moment for moment in (row.hidden_at, row.refused_at, expired_at) if moment is not None]
    return Withdrawn(
        story_id=row.story_id,
        id=row.published_id,
        first_published_at=row.first_published_at,
        # Where it is not kept since when a story is refused, it is said by what does not move either.
        withdrawn_at=min(reasons_at, default=row.updated_at),
        reason=row.hidden_reason if row.hidden_at else "",
        topics=labels.topics,
        shown_partner_id=row.partner_id or "",
        facets=labels.facets,
    )


def archive_page(row: AnyRow) -> ArchivePage:
    """From a row of ``archive_pages``."""
    return ArchivePage(
        output_id=row.output_id,
        number=row.page,
        key=row.page_key,
        partners=row.partners,
        updated_at=row.updated_at,
        touched=row.touched,
        etag=row.etag,
        changed_at=row.changed_at,
    )


def output_state(row: AnyRow) -> OutputState:
    """From a row of ``outputs``."""
    return OutputState(
        output_id=row.output_id,
        touched=row.touched,
        rendered=row.rendered,
        render_key=row.render_key,
        next_change_at=row.next_change_at,
        updated_at=row.updated_at,
        owed=row.owed,
    )


def alert(row: AnyRow) -> Alert:
    """From a row of ``alerts``."""
    return Alert(row.subject, row.kind, row.words, row.since_at, row.known_to, row.ended_at)


def document(row: AnyRow) -> Document:
    """From a row of ``documents``."""
    return Document(path=row.path, media_type=row.media_type, body=row.body, etag=row.etag)


def follower(row: AnyRow) -> Follower:
    """From a row of ``followers``."""
    return Follower(
        path=row.path,
        topic=row.topic,
        callback=row.callback,
        host=row.host,
        is_hub=row.is_hub,
        is_signed=bool(row.secret),
        since_at=row.since_at,
        lease_until_at=row.lease_until_at,
        wanted=row.wanted,
        sent=row.sent,
        due_at=row.due_at,
        tries=row.tries,
        problem=row.problem,
        failing_since_at=row.failing_since_at,
        given_up_at=row.given_up_at,
        delivered_at=row.delivered_at,
        held_etag=row.held_etag,
        held_at=row.held_at,
    )


def delivery(row: AnyRow, newest: AnyRow) -> Delivery:
    """From a row of ``followers`` and that of its document."""
    return Delivery(
        follower_id=row.follower_id,
        callback=row.callback,
        host=row.host,
        is_hub=row.is_hub,
        secret=row.secret,
        wanted=row.wanted,
        tries=row.tries,
        is_suspect=bool(row.problem),
        document=document(newest),
        changed_at=newest.changed_at,
    )


def pending_request(row: AnyRow) -> PendingRequest:
    """From a row of ``hub_requests``."""
    asked = HubRequest(row.mode, row.topic, row.callback, row.secret, row.lease_s, row.reason)
    return PendingRequest(row.request_id, row.path, row.host, asked, row.asked_at, row.tries)
