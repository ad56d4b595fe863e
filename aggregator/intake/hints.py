"""What a feed says of when there can be news: ttl, skipHours, skipDays, and RSS's syndication module.

https://www.rssboard.org/rss-specification#ltttlgtSubelementOfLtchannelgt, https://www.rssboard.org/skip-hours-days,
https://web.resource.org/rss/1.0/modules/syndication/. What makes no sense says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aggregator.model.fetch import FRESH_AT_MOST_S, Hints

_HEAD_CHARACTERS = 50_000
_FIRST_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>/]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SKIPPED = re.compile(r"<skip(Hours|Days)(?:\s[^<>]*)?>(.{0,2000}?)</skip\1\s*>", re.DOTALL | re.IGNORECASE)
_LISTED = re.compile(r"<(?:hour|day)(?:\s[^<>]*)?>\s*(\w+)\s*</", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+")
_HOUR_S = 3600.0
_DAY_S = 24 * _HOUR_S
_PERIODS_S = {
    "hourly": _HOUR_S,
    "daily": _DAY_S,
    "weekly": 7 * _DAY_S,
    "monthly": 30 * _DAY_S,
    "yearly": 365 * _DAY_S,
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def hints_of(head: Mapping[str, Any], text: str) -> Hints:
    """The hints of a feed: ``head`` as feedparser gives it, ``text`` the document, since feedparser keeps no lists."""
    hours, days = _skipped(text)
    fresh_s = max(_ttl_s(head), _period_s(head))
    return Hints(min(fresh_s, FRESH_AT_MOST_S), hours, days)


def _ttl_s(head: Mapping[str, Any]) -> float:
    return 60 * _number(head.get("ttl"))


def _period_s(head: Mapping[str, Any]) -> float:
    """The time between two updates. WordPress says "hourly" of every site, whatever its rhythm: that is no hint."""
    period = str(head.get("sy_updateperiod") or "").strip().lower()
    frequency = max(1.0, _number(head.get("sy_updatefrequency")))
    if period == "hourly" and frequency == 1 and "wordpress" in str(head.get("generator") or "").lower():
        return 0.0
    return _PERIODS_S.get(period, 0.0) / frequency


def _skipped(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Hours and days on which the feed is not read; a list of all of them is none."""
    head = text[:_HEAD_CHARACTERS]
    first = _FIRST_ENTRY.search(head)
    head = _COMMENT.sub("", head[: first.start()] if first else head)
    hours: set[int] = set()
    days: set[int] = set()
    for match in _SKIPPED.finditer(head):
        for word in _LISTED.findall(match[2]):
            if match[1].lower() == "days" and word.lower() in _DAYS:
                days.add(_DAYS.index(word.lower()))
            elif match[1].lower() == "hours" and _NUMBER.fullmatch(word) and float(word) <= 24:
                hours.add(int(float(word)) % 24)  # RSS 0.91 counts from 1 to 24
    return _unless_all(hours, 24), _unless_all(days, 7)


def _unless_all(skipped: set[int], number: int) -> tuple[int, ...]:
    return tuple(sorted(skipped)) if len(skipped) < number else ()


def _number(stated: object) -> float:
    """A whole number that is not negative; 0 for anything else."""
    text = str(stated or "").strip()
    return float(text) if _NUMBER.fullmatch(text) else 0.0
