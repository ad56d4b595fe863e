from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.dates import parse_date

NOW = datetime(2026, 11, 23, 6, 0, 30, 999, tzinfo=UTC)


# What a partner wrote, and the moment in UTC for a source in Jakarta; None: no date. It is Monday, 13:00 WIB.
DATES = """
Mon, 05 Jan 2026 10:00:00 GMT               = 2026-01-05T10:00:00
Mon, 05 Jan 2026 10:00:00 +0700             = 2026-01-05T03:00:00
Mon, 05 Jan 2026 10:00:00 +07:00            = 2026-01-05T03:00:00
Mon, 05 Jan 2026 10:00:00 Z                 = 2026-01-05T10:00:00
Mon, 05 Jan 2026 10:00:00 UT                = 2026-01-05T10:00:00
Mon, 5 Jan 26 10:00 EDT                     = 2026-01-05T14:00:00
Mon, 05 Jan 26 10:00:00 GMT                 = 2026-01-05T10:00:00
Mon, 05 Jan 1998 10:00:00 PST               = 1998-01-05T18:00:00
Mon, 05 Jan 98 10:00:00 GMT                 = 1998-01-05T10:00:00
Mon, 05 Jan 2026 10:00:00 -0000 (UTC)       = 2026-01-05T10:00:00
Mon, 05 Jan 2026 10:00:00 CEST              = 2026-01-05T08:00:00
Mon, 05 Jan 2026 10:00:00 XYZ               = None
Mon, 05 Jan 2026 10:00:00                   = 2026-01-05T03:00:00
05 Jan 2026 10:00                           = 2026-01-05T03:00:00
Mo, 05 Jan 2026 10:00:00 +0100              = 2026-01-05T09:00:00
Monday, 05-Jan-26 10:00:00 GMT              = 2026-01-05T10:00:00
Mon Jan  5 10:00:00 2026                    = 2026-01-05T03:00:00
Mon Jan 05 10:00:00 WIB 2026                = 2026-01-05T03:00:00
Mon Jan 05 2026 10:00:00 GMT+0700 (Western Indonesia Time) = 2026-01-05T03:00:00
Tue, 30 Jun 2026 23:59:60 GMT               = 2026-06-30T23:59:59
2026-01-05T10:00:00Z                        = 2026-01-05T10:00:00
2026-01-05t10:00:00z                        = 2026-01-05T10:00:00
2026-01-05T10:00Z                           = 2026-01-05T10:00:00
2026-01-05T10:00:00.123+07:00               = 2026-01-05T03:00:00
2026-01-05T10:00:00,123456789+07:00         = 2026-01-05T03:00:00
2026-01-05T10:00:00+0700                    = 2026-01-05T03:00:00
2026-01-05T10:00:00+07                      = 2026-01-05T03:00:00
2026-01-05T10:00:00-03:30                   = 2026-01-05T13:30:00
2026-01-05T10:00:00                         = 2026-01-05T03:00:00
2026-01-05T24:00:00Z                        = 2026-01-06T00:00:00
2026-06-30T23:59:60Z                        = 2026-06-30T23:59:59
2026-01-05 10:00                            = 2026-01-05T03:00:00
2026-01-05 10:00:00 +0700                   = 2026-01-05T03:00:00
2026-01-05 10:00:00 UTC                     = 2026-01-05T10:00:00
2026-01-05 10:00:00.0                       = 2026-01-05T03:00:00
2026-01-05                                  = 2026-01-04T17:00:00
2026/01/05 10:00 WIB                        = 2026-01-05T03:00:00
2026-1-5 7:05                               = 2026-01-05T00:05:00
20260105T100000Z                            = 2026-01-05T10:00:00
20260105T1000+0700                          = 2026-01-05T03:00:00
20260105100000                              = 2026-01-05T03:00:00
20260105                                    = 2026-01-04T17:00:00
2026-W02-1T10:00:00Z                        = 2026-01-05T10:00:00
2026-W02-1                                  = 2026-01-04T17:00:00
2026W021                                    = 2026-01-04T17:00:00
05 Jan 2026 15:51 WIB                       = 2026-01-05T08:51:00
05 Jan 2026 15:51:00 WITA                   = 2026-01-05T07:51:00
05 Jan 2026 15:51 WIT                       = 2026-01-05T06:51:00
05 Jan 2026 15:51 GMT+7                     = 2026-01-05T08:51:00
05 Jan 2026 15:51 UTC+07:00                 = 2026-01-05T08:51:00
05 Jan 2026 15:51 (WIB)                     = 2026-01-05T08:51:00
Minggu, 5 Okt 2025 15:51 WIB                = 2025-10-05T08:51:00
Minggu, 9 Agu 2026 pukul 07:05 WITA         = 2026-08-08T23:05:00
Minggu 9 Agustus 2026 pkl. 07.05            = 2026-08-09T00:05:00
Rabu, 18 November 2026 | 14:30 WIB          = 2026-11-18T07:30:00
Rabu, 18 November 2026, 14:30 WIB           = 2026-11-18T07:30:00
Rabu, 18 November 2026 – 14.30 WIB          = 2026-11-18T07:30:00
Rabu (18/11/2026)                           = 2026-11-17T17:00:00
Rabu (18/11/2026) 14:30 WIB                 = 2026-11-18T07:30:00
Rabu, 18/11/2026 14:30 WIB                  = 2026-11-18T07:30:00
Selasa, 05 Agustus 2025 - 15:51             = 2025-08-05T08:51:00
Sel, 5 Agu 2025 15:51:02                    = 2025-08-05T08:51:02
Jum'at, 1 Mei 2026 pukul 07.30 WIB          = 2026-05-01T00:30:00
Jum’at, 1 Mei 2026                          = 2026-04-30T17:00:00
Jumat, 13 Nop 2026 jam 08:00                = 2026-11-13T01:00:00
Kam, 12 Pebruari 2026 08:00                 = 2026-02-12T01:00:00
Kamis, 10 Des 2025 23.59 WIT                = 2025-12-10T14:59:00
31 Desember 2025                            = 2025-12-30T17:00:00
18/11/2026 14.30 WIB                        = 2026-11-18T07:30:00
18/11/2026 14:30:59                         = 2026-11-18T07:30:59
18-11-2026                                  = 2026-11-17T17:00:00
18.11.2026 14:30                            = 2026-11-18T07:30:00
5/1/2026                                    = 2026-01-04T17:00:00
05/01/26 10:00                              = 2026-01-05T03:00:00
14:30 WIB, 18 November 2026                 = 2026-11-18T07:30:00
14.30, 18/11/2026                           = 2026-11-18T07:30:00
Diterbitkan: Rabu, 18 Nov 2026 14:30 WIB    = 2026-11-18T07:30:00
Agt 5, 2025 3:51 PM                         = 2025-08-05T08:51:00
January 5, 2026 12:00 am                    = 2026-01-04T17:00:00
Monday, January 5th, 2026 at 3:51 p.m.      = 2026-01-05T08:51:00
5th January 2026                            = 2026-01-04T17:00:00
20 Nov 2026 07:15 pagi                      = 2026-11-20T00:15:00
20 Nov 2026 12:15 pagi                      = 2026-11-19T17:15:00
20 Nov 2026 10.15 siang WIB                 = 2026-11-20T03:15:00
20 Nov 2026 12:15 siang                     = 2026-11-20T05:15:00
20 Nov 2026 02:15 siang                     = 2026-11-20T07:15:00
20 Nov 2026 05:15 sore WITA                 = 2026-11-20T09:15:00
20 Nov 2026, 17.15 petang                   = 2026-11-20T10:15:00
20 Nov 2026 07:15 malam                     = 2026-11-20T12:15:00
20 Nov 2026 19:15 malam                     = 2026-11-20T12:15:00
20 Nov 2026 12:15 malam                     = 2026-11-19T17:15:00
20 Nov 2026 01:15 dini hari                 = 2026-11-19T18:15:00
kemarin pukul 07.15 malam WIB               = 2026-11-22T12:15:00
07.15 malam WIB, 20 November 2026           = 2026-11-20T12:15:00
20 Nov 2026 13:15 malam                     = None
20 Nov 2026 05:15 siang                     = None
20 Nov 2026 19:15 pagi                      = None
Fri, 20 Nov 2026 07:15:00 IST               = 2026-11-20T01:45:00
Fri, 20 Nov 2026 07:15:00 XYZ +0700         = 2026-11-20T00:15:00
20 Nov 2026 07:15 lalu                      = None
2026-11-20T07:15:00 abc                     = None
2 jam lalu                                  = 2026-11-23T04:00:30
5 menit yang lalu                           = 2026-11-23T05:55:30
30 detik lalu                               = 2026-11-23T06:00:00
sejam lalu                                  = 2026-11-23T05:00:30
setengah jam lalu                           = 2026-11-23T05:30:30
1 jam 30 menit yang lalu                    = 2026-11-23T04:30:30
3 hari yang lalu                            = 2026-11-20T06:00:30
2 pekan lalu                                = 2026-11-09T06:00:30
sekitar 2 jam lalu                          = 2026-11-23T04:00:30
an hour ago                                 = 2026-11-23T05:00:30
2 hours ago                                 = 2026-11-23T04:00:30
baru saja                                   = 2026-11-23T06:00:30
Beberapa menit yang lalu                    = 2026-11-23T06:00:30
kemarin 14:30 WIB                           = 2026-11-22T07:30:00
Kemarin, pukul 14.30 WITA                   = 2026-11-22T06:30:00
kemarin                                     = 2026-11-21T17:00:00
Hari ini, 12:30 WIB                         = 2026-11-23T05:30:00
yesterday at 2:30 pm                        = 2026-11-22T07:30:00
Mon, 32 Jan 2026 25:61:61 GMT               = None
Mon, 05 Jan 2026 10:00:00 +9999             = None
Mon, 30 Feb 2026 10:00:00 GMT               = None
05 Foo 2026 10:00                           = None
2026-13-05T10:00:00Z                        = None
2026-W60-1                                  = None
11/18/2026 14:30                            = None
20269905                                    = None
0001-01-01T00:00:00Z                        = None
Thu, 01 Jan 1970 00:00:00 GMT               = None
Fri, 31 Dec 1993 00:00:00 GMT               = None
Fri, 01 Jan 2100 00:00:00 GMT               = None
1704067200                                  = None
1704067200000                               = None
1704067200.5                                = None
999 tahun lalu                              = None
kemarin 25:00                               = None
minggu lalu                                 = None
2026                                        = None
14:30                                       = None
entahlah                                    = None
"""


@pytest.mark.parametrize("line", DATES.strip().splitlines())
def test_dates_of_partners(line: str) -> None:
    text, _, expected = line.rpartition(" = ")
    moment = parse_date(text, "Asia/Jakarta", NOW)
    assert str(moment and moment.replace(tzinfo=None).isoformat()) == expected


@pytest.mark.parametrize("text", ["", "   ", "\n\t", " 2026-01-05T10:00:00Z\n "])
def test_space_around_a_date_is_nothing(text: str) -> None:
    moment = parse_date(text, "Asia/Jakarta", NOW)
    assert moment == (datetime(2026, 1, 5, 10, tzinfo=UTC) if text.strip() else None)


@pytest.mark.parametrize(
    ("zone_name", "hour"), [("Asia/Jakarta", 3), ("Asia/Makassar", 2), ("Asia/Jayapura", 1), ("UTC", 10)]
)
def test_a_date_without_a_zone_is_in_that_of_its_source(zone_name: str, hour: int) -> None:
    for text in ("2026-01-05T10:00:00", "Senin, 5 Januari 2026 10.00", "05/01/2026 10:00"):
        assert parse_date(text, zone_name, NOW) == datetime(2026, 1, 5, hour, tzinfo=UTC)


def test_yesterday_is_counted_in_the_zone_that_is_stated() -> None:
    evening = datetime(
        2026, 11, 22, 15, 30, tzinfo=UTC
    )  # 22:30 on the 22nd in Jakarta, 00:30 on the 23rd in Jayapura
    assert parse_date("kemarin 10:00 WIB", "UTC", evening) == datetime(2026, 11, 21, 3, tzinfo=UTC)
    assert parse_date("kemarin 10:00 WIT", "UTC", evening) == datetime(2026, 11, 22, 1, tzinfo=UTC)


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
    assert parse_date("5 styczeń 2026, 9:40", "UTC", NOW, guess) == datetime(2026, 1, 5, 9, 40, tzinfo=UTC)
    assert parse_date("1767606000", "UTC", NOW, guess) is None
    assert parse_date("Mon, 05 Jan 2026 10:00:00 +9999", "UTC", NOW, guess) is None
    assert parse_date("05 Jan 2026 10:00", "Asia/Tokyo", NOW, guess) == datetime(2026, 1, 5, 1, tzinfo=UTC)


@given(st.text(max_size=60) | st.from_regex(r"[0-9A-Za-z ,.:+\-]{1,40}", fullmatch=True))
def test_any_text_is_a_date_in_utc_or_none(text: str) -> None:
    moment = parse_date(text, "Asia/Jakarta", NOW)
    assert moment is None or (moment.tzinfo is UTC and moment.microsecond == 0 and moment <= NOW)
