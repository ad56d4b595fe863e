"""What a partner's contract allows, checked each time something is published.

Two questions: may this entry be published, and when (``permission``); and how much of it may be shown
(``allowance``). A partner without terms allows headline and link; one that left feeds.yaml allows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from fnmatch import fnmatchcase
from typing import Literal
from zoneinfo import ZoneInfo

from aggregator.config.model import Partner, Terms
from aggregator.model.entry import Entry


@dataclass(frozen=True, slots=True)
class Permission:
    """Refusals are '' or words for ops; ``new_refusal`` stops a first publication only."""

    refusal: str = ""
    new_refusal: str = ""
    opens_at: datetime | None = None  # when the contract begins, while it has not
    not_before: datetime | None = None  # the embargo's end
    not_after: datetime | None = None  # when expires_after has passed


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of an entry may be shown."""

    content: Literal["full", "excerpt", "headline"] = "headline"
    excerpt_words: int = 0
    images: bool = False


def appeared_at(entry: Entry, first_seen_at: datetime) -> datetime:
    """When the partner published the entry: its own date, never later than when we first saw it.

    So a partner that moves the date with each revision neither renews an embargo nor puts off an expiry.
    """
    return min(entry.published_at or first_seen_at, first_seen_at)


def permission(
    partner: Partner | None, entry: Entry, began_at: datetime, now: datetime, timezone: str
) -> Permission:
    """Whether and when an entry may be published. Contract days begin at midnight in ``timezone`` (IANA).

    Embargo and expiry count from ``began_at``: when the partner published the article.
    """
    if partner is None:
        return Permission(refusal="its partner is no longer in feeds.yaml")
    terms = partner.terms
    if terms is None:
        return Permission()
    valid_from_at = datetime.combine(terms.valid_from, time(), ZoneInfo(timezone)).astimezone(UTC)
    return Permission(
        refusal=_excluded(terms, entry),
        new_refusal=_outside_contract(terms, now, timezone),
        opens_at=valid_from_at if now < valid_from_at else None,
        not_before=began_at + terms.embargo if terms.embargo else None,
        not_after=began_at + terms.expires_after if terms.expires_after else None,
    )


def allowance(partner: Partner | None) -> Allowance:
    """How much of this partner's entries may be shown."""
    if partner is None or partner.terms is None:
        return Allowance()
    terms = partner.terms
    return Allowance(terms.content, terms.excerpt_words, terms.images == "link")


def _excluded(terms: Terms, entry: Entry) -> str:
    categories = {category.strip().casefold() for category in terms.exclude_categories}
    for category in entry.categories:
        if category.strip().casefold() in categories:
            return f'terms {terms.licence} exclude category "{category}"'
    for author in entry.authors:
        for pattern in terms.exclude_authors:
            if fnmatchcase(author.strip().casefold(), pattern.casefold()):
                return f'terms {terms.licence} exclude author "{author}"'
    return ""


def _outside_contract(terms: Terms, now: datetime, timezone: str) -> str:
    today = now.astimezone(ZoneInfo(timezone)).date()
    if today < terms.valid_from:
        return f"terms {terms.licence} begin on {terms.valid_from}"
    if terms.valid_until is not None and today > terms.valid_until:
        return f"terms {terms.licence} ended on {terms.valid_until}"
    return ""
