"""The dates that partners write, in English and Indonesian, with and without a zone.

Own forms and not dateparser: of 120 lines like those of tests/intake/test_intake_dates.py its version 1.5.0 reads 84
as they are meant, takes "2026" and "14:30" for dates where a date must be certain, and needs 200 times as long (18 ms
each).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januari", "feb peb february februari pebruari", "mar march maret", "apr april",
            "may mei", "jun june juni", "jul july juli", "aug august agu agt ags agust agustus",
            "sep sept september",
            "oct october okt oktober", "nov november nop nopember", "dec december des desember",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
# RFC 822, section 5.1, the zones of Indonesia, and those that feeds of the world use most.
_ZONE_HOURS = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wib": 7, "wita": 8, "wit": 9, "wet": 0, "west": 1, "bst": 1,
    "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "ist": 5.5, "ict": 7, "sgt": 8, "myt": 8, "hkt": 8, "pht": 8,
    "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
# Behind a time of twelve hours or of twenty-four: the hours that Indonesians call so.
_HOURS_OF = {
    "dini hari": range(6), "pagi": range(12), "siang": range(10, 16), "sore": range(15, 20),
    "petang": range(15, 20), "malam": (*range(18, 24), *range(5)),
}  # fmt: skip
_UNITS_S = {
    name: size
    for size, names in (
        (1, "detik second seconds sec secs"),
        (60, "menit mnt minute minutes min mins"),
        (3_600, "jam hour hours hr hrs"),
        (86_400, "hari day days"),
        (7 * 86_400, "minggu pekan week weeks"),
        (30 * 86_400, "bulan month months"),
        (365 * 86_400, "tahun year years"),
    )
    for name in names.split()
}
_DAYS_AGO = {"today": 0, "hari ini": 0, "yesterday": 1, "kemarin": 1}
_OLDEST = datetime(1995, 1, 1, tzinfo=UTC)
_TOLERANCE = timedelta(days=1)

_TIME = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    rf"(?:\s*(?:(?P<half>[ap])\.?m\b\.?|(?P<part>{'|'.join(_HOURS_OF)})\b))?"
)
# An unknown name is no zone, so that this is no date, unless an offset tells what it means.
_ZONE = (
    rf"(?:(?P<zone>{'|'.join(_ZONE_HOURS)})\b|[a-z]{{1,5}}(?=\s*[+-]\d))?"
    r"\s*(?P<offset>[+-]\d{1,2}:?(?:\d{2})?)?(?:\s*\([^()]*\))?"
)
_AT = r"(?:t|[,;]\s*|\s+)(?:(?:pukul|pkl|jam|at)\b[.:]?\s*)?"
_DAY_NAME_YEAR = r"(?P<day>\d{1,2})[\s/-]+(?P<name>[a-z]+)\.?,?[\s/-]+(?P<year>\d{4}|\d{2})"
_NAME_DAY = r"(?P<name>[a-z]+)\.?\s+(?P<day>\d{1,2})"
_NUMBERS = r"(?P<day>\d{1,2})(?P<sign>[/.-])(?P<month>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # ISO 8601, extended and basic
        rf"(?P<year>\d{{4}})(?P<sign>[-/.])(?P<month>\d{{1,2}})(?P=sign)(?P<day>\d{{1,2}})(?:{_AT}{_TIME}\s*{_ZONE})?",
        r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
        rf"(?:[t\s]?(?P<hour>\d{{2}}):?(?P<minute>\d{{2}})(?::?(?P<second>\d{{2}})(?:[.,]\d+)?)?\s*{_ZONE})?",
        rf"(?P<year>\d{{4}})-?w(?P<week>\d{{2}})-?(?P<weekday>[1-7])(?:{_AT}{_TIME}\s*{_ZONE})?",
        # RFC 822 and what people write
        rf"{_DAY_NAME_YEAR}(?:{_AT}{_TIME}\s*{_ZONE})?",
        rf"{_NAME_DAY},?\s+(?P<year>\d{{4}})(?:{_AT}{_TIME}\s*{_ZONE})?",
        rf"{_NAME_DAY}\s+{_TIME}\s*{_ZONE}\s+(?P<year>\d{{4}})",  # C's asctime
        rf"{_NUMBERS}(?:{_AT}{_TIME}\s*{_ZONE})?",
        rf"{_TIME}\s*{_ZONE}[,\s]\s*{_DAY_NAME_YEAR}",
        rf"{_TIME}\s*{_ZONE}[,\s]\s*{_NUMBERS}",
    )
)
_WEEKDAY = re.compile(r"([a-z']+)([.,\s]+)")
_SEPARATOR = re.compile(r"\s*[|•·–—]\s*|\s-\s|\s*/\s+")
_BRACKETED_DATE = re.compile(r"\((\d[^()]*)\)")
_LABEL = re.compile(r"[a-z][a-z ]*:\s*(?=\S)|(?:sekitar|about|ca\.)\s+")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")

_COUNT = rf"(?:(?P<count>\d{{1,3}}|an?|setengah)\s*|se)(?P<unit>{'|'.join(_UNITS_S)})"
_ONE_COUNT = re.compile(_COUNT)
_AGO = re.compile(
    rf"(?P<counts>(?:{re.sub(r'[?]P<[a-z]+>', '?:', _COUNT)},?\s+)+)(?:(?:yang|yg)\s+)?(?:lalu|ago)"
)
_JUST_NOW = re.compile(
    r"baru saja|barusan|just now"
    r"|(?:beberapa|a few) (?:saat|detik|menit|seconds|minutes|moments)(?: (?:yang|yg))? (?:lalu|ago)"
)
_DAY_WORD = re.compile(rf"(?P<word>{'|'.join(_DAYS_AGO)})(?:{_AT}{_TIME}\s*{_ZONE})?")


def parse_date(
    text: str, zone_name: str, now: datetime, fallback: Sequence[int] | None = None
) -> datetime | None:
    """The moment that a partner's date string means, as aware UTC in whole seconds; None where it means none.

    Read here are ISO 8601, RFC 822, the forms that Indonesians write (day first, names of days and months, WIB,
    WITA and WIT), and ages ("2 jam lalu"), which count from ``now``; a time without a zone is in ``zone_name``.
    ``fallback`` is feedparser's own reading in UTC, for all other forms. Dates before 1995, bare numbers
    (20261126 is a date, 1795678200 might be anything) and dates more than a day after ``now`` are no dates;
    less than a day after it they are ``now``.
    """
    line = _line(text)
    zone = ZoneInfo(zone_name)
    if moment := _age(line, zone, now):
        pass
    elif match := _form(line):
        moment = _moment(match, zone)
    elif fallback is not None and not line.isdigit():
        moment = _of_struct(fallback)
    if moment is None or moment < _OLDEST or moment > now + _TOLERANCE:
        return None
    return min(moment, now.astimezone(UTC)).replace(microsecond=0)


def _line(text: str) -> str:
    """The text in lower case on one line, without what only sets dates off: bars, brackets, labels."""
    line = " ".join(text[:200].lower().replace("’", "'").replace("\u2212", "-").split())
    line = _SEPARATOR.sub(" ", _BRACKETED_DATE.sub(r" \1 ", line))
    line = _ORDINAL.sub("", " ".join(line.split()))
    return line[label.end() :] if (label := _LABEL.match(line)) else line


def _age(line: str, zone: tzinfo, now: datetime) -> datetime | None:
    """The moment that lies as long before ``now`` as the line says; None where it says no such thing."""
    if _JUST_NOW.fullmatch(line):
        return now.astimezone(UTC)
    if ago := _AGO.fullmatch(line):
        size_s = sum(
            _count_of(one["count"]) * _UNITS_S[one["unit"]] for one in _ONE_COUNT.finditer(ago["counts"])
        )
        return now.astimezone(UTC) - timedelta(seconds=size_s)
    if not (match := _DAY_WORD.fullmatch(line)):
        return None
    try:
        day = now.astimezone(_zone(match.groupdict(), zone)).date()
    except ValueError:
        return None
    return _moment(match, zone, day - timedelta(days=_DAYS_AGO[match["word"]]))


def _count_of(word: str | None) -> float:
    if word == "setengah":
        return 0.5
    return int(word) if word and word.isdigit() else 1


def _form(line: str) -> re.Match[str] | None:
    """The parts of a date in one of the forms; None where none fits or the month is unknown."""
    if (word := _WEEKDAY.match(line)) and (word[1] not in _MONTHS or "," in word[2]):
        line = line[word.end() :]
    for form in _FORMS:
        if (match := form.fullmatch(line)) and match.groupdict().get("name", "jan") in _MONTHS:
            return match
    return None


def _moment(match: re.Match[str], zone: tzinfo, day: date | None = None) -> datetime | None:
    """The moment that the parts make; None where there is no such day, time or offset."""
    parts = match.groupdict()
    minute, second = int(parts["minute"] or 0), min(int(parts["second"] or 0), 59)  # a leap second
    try:
        hour = _hour(parts)
        is_day_end = (hour, minute, second) == (24, 0, 0)  # ISO 8601
        midnight = datetime.combine(day or _day(parts), datetime.min.time(), _zone(parts, zone))
        local = midnight.replace(hour=0 if is_day_end else hour, minute=minute, second=second)
        return (local + timedelta(days=is_day_end)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _hour(parts: dict[str, str | None]) -> int:
    """The hour of twenty-four. Raises ValueError where the part of the day has no such hour."""
    hour = int(parts["hour"] or 0)
    if parts.get("half"):
        return hour % 12 + (12 if parts["half"] == "p" else 0)
    if not (part := parts.get("part")):
        return hour
    for meant in (hour, (hour + 12) % 24) if hour <= 12 else (hour,):
        if meant in _HOURS_OF[part]:
            return meant
    raise ValueError(f"no such hour: {hour} {part}")


def _day(parts: dict[str, str | None]) -> date:
    """The calendar day. Raises ValueError where there is no such day."""
    written = parts["year"] or ""
    year = int(written)
    if len(written) == 2:  # RFC 2822, section 4.3
        year += 2000 if year < 50 else 1900
    if parts.get("week"):
        return date.fromisocalendar(year, int(parts["week"] or 0), int(parts["weekday"] or 0))
    name = parts.get("name")
    month = _MONTHS[name] if name else int(parts["month"] or 0)
    return date(year, month, int(parts["day"] or 0))


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
