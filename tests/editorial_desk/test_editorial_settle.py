"""Who leads, since when, until when, and what never moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from editorial_desk.editorial_samples import (
    ARTICLE,
    COPY_URL,
    CREDITS_ORIGIN,
    HEADLINE,
    INDONESIA_DAILY,
    NOW,
    ORIGIN_URL,
    PIKIRAN_RAKYAT,
    PUBLISHED_AT,
    SEEN_AT,
    config,
    source,
    stored,
    story,
    terms,
)

from aggregator.editorial.settle import BACKLOG_REFUSAL, settle
from aggregator.model.entry import Provenance
from aggregator.model.reading import Facts
from aggregator.model.story import Published, Settlement, StoredEntry, Story

ORIGIN = stored(1)
EARLIER_AT = SEEN_AT - timedelta(hours=2)
CREDITS_OTHER = Provenance("indonesiadaily.co.id", "")
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
        shown_at=settlement.shown_at,
        updated_at=settlement.updated_at,
        visible_until=settlement.visible_until,
    )


def with_entry(story: Story, **more: Any) -> Story:
    return replace(story, entries=(replace(story.entries[0], **more), *story.entries[1:]))


@pytest.mark.parametrize("entries", list(permutations([ORIGIN, COPY])))
def test_the_origin_leads_though_the_copy_is_dated_earlier(entries: tuple[StoredEntry, ...]) -> None:
    settled = settle(story(*entries), config(), NOW)
    assert (settled.lead_entry_id, settled.shown_hash, settled.refusal) == (1, ORIGIN.content_hash, "")
    assert settled.published is not None
    assert settled.published.url == ORIGIN_URL


@pytest.mark.parametrize(
    "better, worse",
    [
        pytest.param(
            {}, {"canonical_url": COPY_URL, "first_seen_at": EARLIER_AT}, id="at home before elsewhere"
        ),
        pytest.param(
            {"of_entry": {"published_at": PUBLISHED_AT}},
            {"of_entry": {"published_at": SEEN_AT}},
            id="earliest",
        ),
        pytest.param({}, {"first_seen_at": EARLIER_AT, "provenance": CREDITS_OTHER}, id="uncredited"),
    ],
)
def test_the_order_of_leads_between_partners(better: dict[str, Any], worse: dict[str, Any]) -> None:
    first = stored(9, source_id="indonesia-daily", **better)
    second = stored(3, **worse)
    assert settle(story(second, first), config(), NOW).lead_entry_id == 9


@pytest.mark.parametrize(
    "better, worse, allowing",
    [
        pytest.param({}, {"first_seen_at": EARLIER_AT}, with_terms(content="excerpt"), id="by licence"),
        pytest.param({}, {"first_seen_at": EARLIER_AT, "text": ARTICLE[:200]}, config(), id="by length"),
        pytest.param(
            {}, {"first_seen_at": EARLIER_AT, "facts": Facts(is_partial=True)}, config(), id="by completeness"
        ),
        pytest.param(
            {}, {"provenance": Provenance("kompas.com", HEADLINE)}, config(), id="no carrier of others"
        ),
    ],
)
def test_who_has_more_leads_though_it_came_later(
    better: dict[str, Any], worse: dict[str, Any], allowing: Any
) -> None:
    full = INDONESIA_DAILY.model_copy(update={"terms": terms()})
    allowing = allowing.model_copy(update={"partners": (allowing.partners[0], full)})
    first = stored(9, source_id="indonesia-daily", **better)
    second = stored(3, **worse)
    assert settle(story(second, first), allowing, NOW).lead_entry_id == 9


def test_a_better_copy_takes_over_and_no_promise_moves() -> None:
    teaser = stored(3, text=ARTICLE[:200], facts=Facts(is_partial=True))
    first = story(teaser)
    out = after(first, settle(first, config(), NOW))
    whole = replace(stored(9, source_id="indonesia-daily"), first_seen_at=NOW, changed_at=NOW)
    later = settle(replace(out, entries=(teaser, whole)), config(), NOW + timedelta(hours=1))
    assert (later.lead_entry_id, later.published) == (9, out.published)


IN_SECTION = stored(3, source_id="pr-politik", partner_id="pikiran-rakyat", canonical_url=ORIGIN_URL)
BOTH_SOURCES = config(sources=(source("pikiran-rakyat"), source("pr-politik", partner="pikiran-rakyat")))


@pytest.mark.parametrize(
    "allowing, changed_at, lead",
    [
        pytest.param(BOTH_SOURCES, {1: SEEN_AT, 3: NOW}, 3, id="the one changed last"),
        pytest.param(BOTH_SOURCES, {1: NOW, 3: SEEN_AT}, 1, id="whichever source it is of"),
        pytest.param(config(), {1: SEEN_AT, 3: NOW}, 1, id="but first of a source that is polled"),
    ],
)
def test_of_one_partner_the_latest_word_leads(
    allowing: Any, changed_at: dict[int, datetime], lead: int
) -> None:
    entries = [replace(one, changed_at=changed_at[one.entry_id]) for one in (ORIGIN, IN_SECTION)]
    assert settle(story(*entries), allowing, NOW).lead_entry_id == lead


def test_a_correction_through_another_source_reaches_readers_and_promises_stay() -> None:
    first = story(ORIGIN, COPY)
    out = after(first, settle(first, BOTH_SOURCES, NOW))
    corrected = stored(
        3,
        source_id="pr-politik",
        partner_id="pikiran-rakyat",
        changed_at=NOW,
        canonical_url=ORIGIN_URL,
        of_entry={"published_at": NOW},
    )
    later = settle(replace(out, entries=(*out.entries, corrected)), BOTH_SOURCES, NOW + timedelta(hours=1))
    assert (later.lead_entry_id, later.published) == (3, out.published)
    assert later.updated_at == NOW + timedelta(hours=1)


def test_a_partner_counts_embargo_and_expiry_from_its_earliest_entry() -> None:
    again = replace(stored(3, of_entry={"published_at": NOW}), changed_at=NOW)
    settled = settle(story(ORIGIN, again), with_terms(expires_after=timedelta(days=1)), NOW)
    assert settled.published is not None
    assert (settled.lead_entry_id, settled.published.published_at) == (3, PUBLISHED_AT)
    assert settled.visible_until == PUBLISHED_AT + timedelta(days=1)
    embargoed = settle(story(ORIGIN, again), with_terms(embargo=timedelta(hours=4)), NOW)
    assert embargoed.refusal == ""


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
    joined = replace(out, entries=(replace(ORIGIN, changed_at=NOW), COPY))
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


REVISED_AT = NOW + timedelta(minutes=30)
LATER_AT = NOW + timedelta(hours=1)
HEADLINE_ONLY = with_terms(content="headline")
NO_IMAGES = with_terms(images="none")


@pytest.mark.parametrize(
    "content_hash, allowing, moved",
    [
        pytest.param(ORIGIN.content_hash, config(), False, id="unchanged"),
        pytest.param("1:new.text1.image1", config(), True, id="title"),
        pytest.param("1:title1.new.image1", config(), True, id="text"),
        pytest.param("1:title1.text1.new", config(), True, id="image"),
        pytest.param("1:title1.new.image1", with_terms(content="excerpt"), True, id="text of an excerpt"),
        pytest.param("1:new.text1.image1", HEADLINE_ONLY, True, id="title of a headline"),
        pytest.param("1:title1.new.image1", HEADLINE_ONLY, False, id="text that is not shown"),
        pytest.param("1:title1.new.image1", NO_IMAGES, True, id="text without images"),
        pytest.param("1:title1.text1.new", NO_IMAGES, False, id="image that is not shown"),
        pytest.param("2:new.new", config(), False, id="an upgrade is not news"),
    ],
)
def test_updated_moves_with_what_readers_are_shown(content_hash: str, allowing: Any, moved: bool) -> None:
    out = after(story(ORIGIN), settle(story(ORIGIN), allowing, NOW))
    revised = with_entry(out, content_hash=content_hash, changed_at=REVISED_AT)
    later = settle(revised, allowing, LATER_AT)
    assert later.updated_at == (LATER_AT if moved else PUBLISHED_AT)
    assert (later.shown_hash, later.shown_at) == (content_hash, REVISED_AT)


def test_an_edit_of_the_configuration_moves_no_date() -> None:
    whole = story(replace(ORIGIN, changed_at=NOW), replace(COPY, changed_at=NOW))
    out = after(whole, settle(whole, config(), NOW))
    excluded = after(out, settle(out, with_terms(exclude_authors=("*",)), LATER_AT))
    without = after(out, settle(out, config(partners=(INDONESIA_DAILY,)), LATER_AT))
    back = after(without, settle(without, config(), LATER_AT + timedelta(hours=1)))
    assert [one.shown_entry_id for one in (out, excluded, without, back)] == [1, 1, 2, 1]
    assert {one.updated_at for one in (out, excluded, without, back)} == {out.updated_at}


def test_a_correction_made_while_refused_is_news_when_it_is_shown() -> None:
    out = after(story(ORIGIN), settle(story(ORIGIN), config(), NOW))
    revised = with_entry(out, content_hash="1:new.text1.image1", changed_at=REVISED_AT)
    nobody = config(partners=(INDONESIA_DAILY,))
    refused = settle(revised, nobody, REVISED_AT)
    assert (refused.shown_hash, refused.shown_at) == (out.shown_hash, out.shown_at)
    held = replace(revised, shown_hash=refused.shown_hash, shown_at=refused.shown_at)
    assert settle(held, config(), LATER_AT).updated_at == LATER_AT


def test_backlog_is_not_published_but_a_fresh_copy_brings_it_out() -> None:
    old = replace(ORIGIN, backlog=True)
    settled = settle(story(old), config(), NOW)
    assert (settled.published, settled.refusal) == (None, BACKLOG_REFUSAL)
    assert settle(story(old, COPY), config(), NOW).lead_entry_id == 1


BACKLOG_ORIGIN = replace(ORIGIN, backlog=True, changed_at=NOW)


def test_backlog_takes_no_published_story_over() -> None:
    out = after(story(COPY), settle(story(COPY), config(), NOW))
    joined = replace(out, entries=(BACKLOG_ORIGIN, COPY))
    later = settle(joined, config(), NOW + timedelta(hours=1))
    assert (later.lead_entry_id, later.updated_at) == (2, out.updated_at)


@pytest.mark.parametrize("shown, kept", [(1, 1), (2, 1)], ids=["that leads already", "as the last resort"])
def test_a_published_story_outlives_the_fresh_copy_that_brought_it_out(shown: int, kept: int) -> None:
    whole = story(BACKLOG_ORIGIN, COPY)
    out = replace(after(whole, settle(whole, config(), NOW)), shown_entry_id=shown)
    settled = settle(out, config(partners=(PIKIRAN_RAKYAT,)), NOW)
    assert (settled.lead_entry_id, settled.refusal) == (kept, "")


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


def test_a_contract_begins_by_itself() -> None:
    begins_at = datetime(2022, 3, 8, 17, 0, tzinfo=UTC)  # midnight in Jakarta
    waiting = settle(story(ORIGIN), with_terms(valid_from=date(2022, 3, 9)), NOW)
    assert (waiting.published, waiting.reconsider_at) == (None, begins_at)
    begun = settle(story(ORIGIN), with_terms(valid_from=date(2022, 3, 9)), begins_at)
    assert (begun.refusal, begun.reconsider_at) == ("", None)


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
        out.shown_hash,
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
