"""What a contract allows, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from editorial_desk.editorial_samples import NOW, PUBLISHED_AT, SEEN_AT, entry, partner, terms

from aggregator.config.model import Partner
from aggregator.editorial.terms import (
    Allowance,
    Permission,
    allowance,
    appeared_at,
    permission,
)


def permitted(now: datetime = NOW, *, fields: dict[str, Any] | None = None, **more: Any) -> Permission:
    return permission(
        partner(terms=terms(**more)), entry(**(fields or {})), PUBLISHED_AT, now, "Asia/Jakarta"
    )


def test_no_partner_is_a_refusal_and_no_terms_are_none() -> None:
    assert (
        permission(None, entry(), SEEN_AT, NOW, "Asia/Jakarta").refusal
        == "its partner is no longer in feeds.yaml"
    )
    assert permission(partner(), entry(), SEEN_AT, NOW, "Asia/Jakarta") == Permission()


@pytest.mark.parametrize(
    "more, fields, refusal",
    [
        ({"exclude_categories": ("Advertorial",)}, {"categories": ("Ekonomi", " ADVERTORIAL")}, "category"),
        ({"exclude_categories": ("Advertorial",)}, {"categories": ("Advertorial Plus",)}, ""),
        ({"exclude_authors": ("ANTARA*",)}, {"authors": ("Antara News",)}, "author"),
        ({"exclude_authors": ("ANTARA*",)}, {"authors": ("Nusantara",)}, ""),
        ({}, {}, ""),
    ],
)
def test_excluded_categories_and_authors(more: dict[str, Any], fields: dict[str, Any], refusal: str) -> None:
    found = permitted(fields=fields, **more).refusal
    assert found == "" if not refusal else f"exclude {refusal}" in found


@pytest.mark.parametrize(
    "now, allowed",
    [
        (datetime(2022, 2, 28, 16, 59, tzinfo=UTC), False),
        (datetime(2022, 2, 28, 17, 0, tzinfo=UTC), True),  # midnight in Jakarta
        (datetime(2022, 3, 31, 16, 59, tzinfo=UTC), True),
        (datetime(2022, 3, 31, 17, 0, tzinfo=UTC), False),
    ],
)
def test_contract_days_bound_new_publication_only(now: datetime, allowed: bool) -> None:
    found = permitted(now, valid_from=date(2022, 3, 1), valid_until=date(2022, 3, 31))
    assert (found.new_refusal == "") is allowed
    assert found.refusal == ""


@pytest.mark.parametrize(
    "timezone, opens_at",
    [
        ("Asia/Jakarta", datetime(2022, 3, 8, 17, 0, tzinfo=UTC)),
        ("Asia/Jayapura", datetime(2022, 3, 8, 15, 0, tzinfo=UTC)),
    ],
)
def test_a_contract_opens_at_midnight_of_its_first_day(timezone: str, opens_at: datetime) -> None:
    one = partner(terms=terms(valid_from=date(2022, 3, 9)))
    before, after = (permission(one, entry(), PUBLISHED_AT, now, timezone) for now in (NOW, opens_at))
    assert (before.opens_at, bool(before.new_refusal)) == (opens_at, True)
    assert (after.opens_at, after.new_refusal) == (None, "")


def test_embargo_and_expiry_count_from_the_partners_date() -> None:
    found = permitted(embargo=timedelta(hours=2), expires_after=timedelta(days=30))
    assert found.not_before == PUBLISHED_AT + timedelta(hours=2)
    assert found.not_after == PUBLISHED_AT + timedelta(days=30)
    assert (permitted().not_before, permitted().not_after) == (None, None)


@pytest.mark.parametrize(
    "published_at, expected",
    [(None, SEEN_AT), (PUBLISHED_AT, PUBLISHED_AT), (SEEN_AT + timedelta(days=1), SEEN_AT)],
    ids=["undated", "dated", "moved later by the partner"],
)
def test_an_entry_appeared_no_later_than_it_was_seen(
    published_at: datetime | None, expected: datetime
) -> None:
    assert appeared_at(entry(published_at=published_at), SEEN_AT) == expected


@pytest.mark.parametrize(
    "more, expected",
    [
        ({}, Allowance("full", 60, True)),
        ({"content": "excerpt", "excerpt_words": 30, "images": "none"}, Allowance("excerpt", 30, False)),
    ],
)
def test_allowance(more: dict[str, Any], expected: Allowance) -> None:
    one = partner(terms=terms(**more))
    assert allowance(one) == expected


@pytest.mark.parametrize("nobody", [None, partner()], ids=["removed", "no terms"])
def test_without_terms_headline_and_link(nobody: Partner | None) -> None:
    assert allowance(nobody) == Allowance("headline", 0, False)
