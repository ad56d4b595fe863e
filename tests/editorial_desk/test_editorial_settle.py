"""Who leads, since when, until when, and what never moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from editorial_desk.editorial_samples import (
    COPY_URL,
    CREDITS_ORIGIN,
    INDONESIA_DAILY,
    NOW,
    ORIGIN_URL,
    PIKIRAN_RAKYAT,
    PUBLISHED_AT,
    SEEN_AT,
    config,
    stored,
    story,
    terms,
)

from aggregator.editorial.settle import BACKLOG_REFUSAL, settle
from aggregator.model.story import Published, Settlement, StoredEntry, Story

ORIGIN = stored(1)
COPY = stored(
    2,
    source_id="indonesia-daily",
    provenance=CREDITS_ORIGIN,
    of_entry={"url": COPY_URL, "published_at": PUBLISHED_AT - timedelta(minutes=30)},
)


def with_terms(**more: Any) -> Any:
    return config(partners=(PIKIRAN_RAKYAT.model_copy(update={"terms": terms(**more)}), INDONESIA_DAILY))


def after(story: Story, settlement: Settlement) -> Story:
    """The story as the store holds it once settled."""
    return replace(
        story,
        published=settlement.published,
        shown_entry_id=None if settlement.refusal else settlement.lead_entry_id,
        shown_hash=settlement.shown_hash,
        updated_at=settlement.updated_at,
        visible_until=settlement.visible_until,
    )


def with_entry(story: Story, **more: Any) -> Story:
    return replace(story, entries=(replace(story.entries[0], **more), *story.entries[1:]))


@pytest.mark.parametrize("entries", list(permutations([ORIGIN, COPY])))
def test_the_origin_leads_though_the_copy_is_dated_earlier(entries: tuple[StoredEntry, ...]) -> None:
    settled = settle(story(*entries), config(), NOW)
    assert (settled.lead_entry_id, settled.shown_hash, settled.refusal) == (1, "1:1", "")
    assert settled.published is not None
    assert settled.published.url == ORIGIN_URL


@pytest.mark.parametrize(
    "better, worse",
    [
        pytest.param(
            {"canonical_url": COPY_URL}, {"canonical_url": ORIGIN_URL}, id="at home before elsewhere"
        ),
        pytest.param(
            {"of_entry": {"published_at": PUBLISHED_AT}},
            {"of_entry": {"published_at": SEEN_AT}},
            id="earliest",
        ),
        pytest.param(
            {}, {"first_seen_at": SEEN_AT - timedelta(hours=2), "provenance": CREDITS_ORIGIN}, id="uncredited"
        ),
    ],
)
def test_the_order_of_leads(better: dict[str, Any], worse: dict[str, Any]) -> None:
    first = stored(9, source_id="indonesia-daily", **better)
    second = stored(3, source_id="indonesia-daily", **worse)
    assert settle(story(second, first), config(), NOW).lead_entry_id == 9


def test_first_publication_fixes_what_importers_are_promised() -> None:
    settled = settle(story(ORIGIN), config(), NOW)
    assert settled.published == Published(
        id="urn:uuid:39f9335b-a704-5fee-b536-936173f13e62",  # importers know it: it is never another
        url=ORIGIN_URL,
        published_at=PUBLISHED_AT,
        first_published_at=NOW,
    )
    assert settled.updated_at == PUBLISHED_AT
    assert settled.topics == ("internasional",)


def test_what_was_promised_never_moves() -> None:
    first = story(COPY)
    out = after(first, settle(first, config(), NOW))
    joined = replace(out, entries=(ORIGIN, COPY))
    later = settle(joined, config(), NOW + timedelta(hours=1))
    assert later.lead_entry_id == 1
    assert later.published == out.published
    assert later.updated_at == NOW + timedelta(hours=1)
    assert set(later.topics) == {"internasional", "olahraga"}


@pytest.mark.parametrize(
    "published_at, claimed_at, expected",
    [
        (PUBLISHED_AT, None, PUBLISHED_AT),
        (PUBLISHED_AT, PUBLISHED_AT + timedelta(minutes=5), PUBLISHED_AT + timedelta(minutes=5)),
        (PUBLISHED_AT, PUBLISHED_AT - timedelta(days=1), PUBLISHED_AT),
        (PUBLISHED_AT, SEEN_AT + timedelta(minutes=1), PUBLISHED_AT),
        (None, None, SEEN_AT),
        (SEEN_AT + timedelta(days=1), None, SEEN_AT),
    ],
)
def test_updated_at_first_publication(
    published_at: datetime | None, claimed_at: datetime | None, expected: datetime
) -> None:
    one = stored(1, of_entry={"published_at": published_at, "updated_at": claimed_at})
    assert settle(story(one), config(), NOW).updated_at == expected


@pytest.mark.parametrize(
    "content_hash, moved",
    [("1:1", False), ("1:corrected", True), ("2:1", False)],
    ids=["unchanged", "corrected", "an upgrade is not news"],
)
def test_updated_moves_with_the_text_only(content_hash: str, moved: bool) -> None:
    out = after(story(ORIGIN), settle(story(ORIGIN), config(), NOW))
    later = settle(with_entry(out, content_hash=content_hash), config(), NOW + timedelta(hours=1))
    assert later.updated_at == (NOW + timedelta(hours=1) if moved else PUBLISHED_AT)
    assert later.shown_hash == content_hash


def test_backlog_is_not_published_but_a_fresh_copy_brings_it_out() -> None:
    old = replace(ORIGIN, backlog=True)
    settled = settle(story(old), config(), NOW)
    assert (settled.published, settled.refusal) == (None, BACKLOG_REFUSAL)
    assert settle(story(old, COPY), config(), NOW).lead_entry_id == 1


def test_an_embargo_holds_and_is_reconsidered_at_its_end() -> None:
    until = PUBLISHED_AT + timedelta(hours=6)
    settled = settle(story(ORIGIN), with_terms(embargo=timedelta(hours=6)), NOW)
    assert (settled.published, settled.reconsider_at) == (None, until)
    assert settled.refusal.startswith("embargo until")
    opened = settle(story(ORIGIN), with_terms(embargo=timedelta(hours=6)), until)
    assert opened.published is not None
    assert (opened.reconsider_at, opened.refusal) == (None, "")


def test_a_copy_without_embargo_leads_until_the_origin_may() -> None:
    settled = settle(story(ORIGIN, COPY), with_terms(embargo=timedelta(hours=6)), NOW)
    assert (settled.lead_entry_id, settled.reconsider_at) == (2, PUBLISHED_AT + timedelta(hours=6))


@pytest.mark.parametrize("bounds", [{"valid_until": date(2022, 3, 1)}, {"valid_from": date(2023, 1, 1)}])
def test_the_contracts_days_stop_first_publication_only(bounds: dict[str, date]) -> None:
    refused = settle(story(ORIGIN), with_terms(**bounds), NOW)
    assert refused.published is None
    assert refused.refusal.startswith("terms PKS-1")
    out = after(story(ORIGIN), settle(story(ORIGIN), config(), NOW))
    assert settle(out, with_terms(**bounds), NOW).refusal == ""


def test_expiry() -> None:
    allowing = with_terms(expires_after=timedelta(days=30))
    assert settle(story(ORIGIN), allowing, NOW).visible_until == PUBLISHED_AT + timedelta(days=30)
    late = settle(story(ORIGIN), allowing, PUBLISHED_AT + timedelta(days=30))
    assert (late.published, late.refusal) == (None, "older than its terms' expires_after")


def test_a_refusal_leaves_what_readers_were_given() -> None:
    out = after(story(ORIGIN), settle(story(ORIGIN), config(), NOW))
    refused = settle(out, config(partners=(INDONESIA_DAILY,)), NOW + timedelta(hours=1))
    assert refused.refusal == "its partner is no longer in feeds.yaml"
    assert (refused.published, refused.updated_at, refused.shown_hash) == (
        out.published,
        out.updated_at,
        "1:1",
    )
    assert settle(out, config(), NOW + timedelta(hours=2)).updated_at == out.updated_at


def test_an_excluded_origin_leaves_the_lead_to_its_copy() -> None:
    excluded = with_terms(exclude_categories=("Advertorial",))
    origin = stored(1, of_entry={"categories": ("Advertorial",)})
    assert settle(story(origin, COPY), excluded, NOW).lead_entry_id == 2


def test_a_source_missing_from_the_configuration_is_fine() -> None:
    settled = settle(story(ORIGIN), config(sources=()), NOW)
    assert settled.refusal == ""
    assert settled.topics == ("internasional",)
