from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.dates import parse_date

NOW = datetime(2026, 11, 23, 6, 0, 30, 999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 05 Jan 2026 10:00:00 GMT", "2026-01-05T10:00:00"),
        ("Mon, 05 Jan 2026 10:00:00 +0700", "2026-01-05T03:00:00"),
        ("Mon, 5 Jan 26 10:00 EDT", "2026-01-05T14:00:00"),
        ("Mon, 05 Jan 2026 10:00:00 -0000 (UTC)", "2026-01-05T10:00:00"),
        ("05 Jan 2026 15:51 WIB", "2026-01-05T08:51:00"),
        ("05 Jan 2026 15:51:00 WITA", "2026-01-05T07:51:00"),
        ("05 Jan 2026 15:51 WIT", "2026-01-05T06:51:00"),
        ("05 Jan 2026 15:51 GMT+7", "2026-01-05T08:51:00"),
        ("Minggu, 5 Okt 2025 15:51 WIB", "2025-10-05T08:51:00"),
        ("Selasa, 05 Agustus 2025 - 15:51", None),
        ("Sel, 5 Agu 2025 15:51:02", "2025-08-05T08:51:02"),
        ("Jum'at, 1 Mei 2026 pukul 07.30 WIB", "2026-05-01T00:30:00"),
        ("31 Desember 2025", "2025-12-30T17:00:00"),
        ("Agt 5, 2025 3:51 PM", "2025-08-05T08:51:00"),
        ("January 5, 2026 12:00 am", "2026-01-04T17:00:00"),
        ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00"),
        ("2026-01-05T10:00:00.123+07:00", "2026-01-05T03:00:00"),
        ("2026-01-05T10:00:00", "2026-01-05T03:00:00"),
        ("2026-01-05 10:00", "2026-01-05T03:00:00"),
        ("2026-01-05", "2026-01-04T17:00:00"),
        ("  2026-06-30T23:59:60Z \n", "2026-06-30T23:59:59"),
        ("Mon, 05 Jan 2026 10:00:00 XYZ", "2026-01-05T03:00:00"),
        ("Mo, 05 Jan 2026 10:00:00 +0100", "2026-01-05T09:00:00"),
        ("Mon, 32 Jan 2026 25:61:61 GMT", None),
        ("Mon, 05 Jan 2026 10:00:00 +9999", None),
        ("0001-01-01T00:00:00Z", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("1704067200", None),
        ("kemarin", None),
        ("", None),
        ("Fri, 01 Jan 2100 00:00:00 GMT", None),
    ],
)
def test_dates_of_partners(text: str, expected: str | None) -> None:
    moment = parse_date(text, "Asia/Jakarta", NOW)
    assert moment == (expected and datetime.fromisoformat(expected).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (timedelta(hours=-1), NOW - timedelta(hours=1)),
        (timedelta(hours=23), NOW),
        (timedelta(hours=25), None),
    ],
)
def test_the_near_future_is_now(ahead: timedelta, expected: datetime | None) -> None:
    moment = parse_date((NOW + ahead).isoformat(), "UTC", NOW)
    assert moment == (expected and expected.replace(microsecond=0))


def test_feedparsers_reading_is_the_last_resort_but_not_for_numbers() -> None:
    guess = time.gmtime(1_767_606_000)
    assert parse_date("20260105T094000Z", "UTC", NOW, guess) == datetime(2026, 1, 5, 9, 40, tzinfo=UTC)
    assert parse_date("1767606000", "UTC", NOW, guess) is None
    assert parse_date("Mon, 05 Jan 2026 10:00:00 +9999", "UTC", NOW, guess) is None
    assert parse_date("05 Jan 2026 10:00", "Asia/Tokyo", NOW, guess) == datetime(2026, 1, 5, 1, tzinfo=UTC)


@given(st.text(max_size=60) | st.from_regex(r"[0-9A-Za-z ,.:+\-]{1,40}", fullmatch=True))
def test_any_text_is_a_date_in_utc_or_none(text: str) -> None:
    moment = parse_date(text, "Asia/Jakarta", NOW)
    assert moment is None or (moment.tzinfo is UTC and moment.microsecond == 0 and moment <= NOW)
