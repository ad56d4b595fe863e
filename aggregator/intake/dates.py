"""The dates that partners write, in English and Indonesian, with and without a zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januari", "feb february februari pebruari", "mar march maret", "apr april",
            "may mei", "jun june juni", "jul july juli", "aug august agu agt ags agustus",
            "sep sept september",
            "oct october okt oktober", "nov november nop nopember", "dec december des desember",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
# RFC 822, section 5.1, the zones of Indonesia, and those that feeds of the world use most.
_ZONE_HOURS = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wib": 7, "wita": 8, "wit": 9, "wet": 0, "cet": 1, "cest": 2,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "sgt": 8,
    "myt": 8, "jst": 9, "aest": 10, "aedt": 11,
}  # fmt: skip
_OLDEST = datetime(1995, 1, 1, tzinfo=UTC)
_TOLERANCE = timedelta(days=1)

_TIME = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?"
)
_ZONE = r"(?P<zone>[a-z]{1,5})?\s*(?P<offset>[+-]\d{1,2}:?(?:\d{2})?)?(?:\s*\([^()]*\))?"
_ISO_8601 = re.compile(
    rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})(?:(?:t|\s+){_TIME}\s*{_ZONE})?"
)
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})[\s-]+(?P<name>[a-z]+)\.?,?[\s-]+(?P<year>\d{4}|\d{2})"
    rf"(?:,?\s+(?:pukul\s+)?{_TIME}\s*{_ZONE})?"
)
_MONTH_FIRST = re.compile(
    rf"(?P<name>[a-z]+)\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?:,?\s+{_TIME}\s*{_ZONE})?"
)
_WEEKDAY = re.compile(r"([a-z']+)([.,\s]+)")


def parse_date(
    text: str, zone_name: str, now: datetime, fallback: Sequence[int] | None = None
) -> datetime | None:
    """The moment that a partner's date string means, as aware UTC in whole seconds; None where it means none.

    RFC 822 (with the names of Indonesian zones, months and days) and ISO 8601 are read here; a time without
    a zone is in ``zone_name``. ``fallback`` is feedparser's own reading in UTC, for all other forms. Dates
    before 1995, bare numbers and dates more than a day after ``now`` are no dates; less than a day after it
    they are ``now``.
    """
    line = " ".join(text.lower().split())[:100]
    if match := _form(line):
        moment = _moment(match, ZoneInfo(zone_name))
    else:
        moment = None if fallback is None or line.isdigit() else _of_struct(fallback)
    if moment is None or moment < _OLDEST or moment > now + _TOLERANCE:
        return None
    return min(moment, now.astimezone(UTC)).replace(microsecond=0)


def _form(line: str) -> re.Match[str] | None:
    """The parts of a date in one of the three forms; None where none fits or the month is unknown."""
    if (word := _WEEKDAY.match(line)) and (word[1] not in _MONTHS or "," in word[2]):
        line = line[word.end() :]
    for form in (_ISO_8601, _DAY_FIRST, _MONTH_FIRST):
        if match := form.fullmatch(line):
            return match if match.groupdict().get("name", "jan") in _MONTHS else None
    return None


def _moment(match: re.Match[str], zone: tzinfo) -> datetime | None:
    """The moment that the parts make; None where there is no such day, time or offset."""
    parts = match.groupdict()
    month = _MONTHS[parts["name"]] if "name" in parts else int(parts["month"])
    year = int(parts["year"])
    if len(parts["year"]) == 2:  # RFC 2822, section 4.3
        year += 2000 if year < 50 else 1900
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or 0)
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"] == "p" else 0)
    second = min(int(parts["second"] or 0), 59)  # a leap second
    try:
        local = datetime(year, month, int(parts["day"]), hour, minute, second, tzinfo=_zone(parts, zone))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(parts: dict[str, str | None], zone: tzinfo) -> tzinfo:
    """The stated offset ('GMT+7' is one), else the stated name, else the source's own. Raises ValueError."""
    if offset := parts["offset"]:
        digits = offset[1:].replace(":", "")
        hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
        if hours > 14 or minutes > 59:
            raise ValueError("no such offset")
        size = timedelta(hours=hours, minutes=minutes)
        return timezone(-size if offset[0] == "-" else size)
    hours_east = _ZONE_HOURS.get(parts["zone"] or "")
    return zone if hours_east is None else timezone(timedelta(hours=hours_east))


def _of_struct(parsed: Sequence[int]) -> datetime | None:
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
