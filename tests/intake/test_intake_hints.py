"""What feeds say of when there can be news, and what says nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hostile_cases import cases, needs_cases

from aggregator.intake.document import read_document
from aggregator.intake.hints import hints_of
from aggregator.model.entry import ParsedFeed
from aggregator.model.fetch import FRESH_AT_MOST_S, Hints

NOW = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
ITEM = "<item><title>Judul</title><ttl>5</ttl><link>https://a.example/1</link></item>"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOUR_S, DAY_S = 3600.0, 86_400.0


def read(head: str, behind: str = "") -> Hints:
    text = f'<rss version="2.0" {SY}><channel><title>Koran</title>{head}{ITEM}{behind}</channel></rss>'
    return read_hints(text.encode())


def read_hints(body: bytes) -> Hints:
    feed = read_document(body, url="https://a.example/", content_type="", timezone="Asia/Jakarta", now=NOW)
    assert isinstance(feed, ParsedFeed)
    return feed.hints


def updated(period: str, frequency: str = "", generator: str = "") -> str:
    times = f"<sy:updateFrequency>{frequency}</sy:updateFrequency>" if frequency else ""
    made_by = f"<generator>{generator}</generator>" if generator else ""
    return f"{made_by}<sy:updatePeriod>{period}</sy:updatePeriod>{times}"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", Hints()),
        ("<ttl>90</ttl>", Hints(90 * 60)),
        ("<ttl> 90 </ttl>", Hints(90 * 60)),
        ("<ttl>0</ttl>", Hints()),
        ("<ttl>-60</ttl>", Hints()),
        ("<ttl>1.5</ttl>", Hints()),
        ("<ttl>satu jam</ttl>", Hints()),
        ("<ttl>99999999999999</ttl>", Hints(FRESH_AT_MOST_S)),
        (f"<ttl>{'9' * 5000}</ttl>", Hints(FRESH_AT_MOST_S)),
        (updated("hourly"), Hints(HOUR_S)),
        (updated("hourly", "4"), Hints(900)),
        (updated(" Daily ", "2"), Hints(DAY_S / 2)),
        (updated("weekly"), Hints(7 * DAY_S)),
        (updated("yearly"), Hints(FRESH_AT_MOST_S)),
        (updated("daily", "0"), Hints(DAY_S)),
        (updated("daily", "-2"), Hints(DAY_S)),
        (updated("kadang-kadang"), Hints()),
        (updated("hourly", "1", "https://wordpress.org/?v=6.8"), Hints()),
        (updated("daily", "1", "https://wordpress.org/?v=6.8"), Hints(DAY_S)),
        (updated("hourly") + "<ttl>180</ttl>", Hints(3 * HOUR_S)),
    ],
)
def test_for_how_long_there_is_no_news(head: str, expected: Hints) -> None:
    assert read(head) == expected


def hours(*numbers: object) -> str:
    return f"<skipHours>{''.join(f'<hour>{number}</hour>' for number in numbers)}</skipHours>"


def days(*names: str) -> str:
    return f"<skipDays>{''.join(f'<day>{name}</day>' for name in names)}</skipDays>"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (hours(0, 23, 4), Hints(0, (0, 4, 23))),
        (hours(" 01 ", 1), Hints(0, (1,))),
        (hours("0" * 1500), Hints(0, (0,))),
        (hours(24), Hints(0, (0,))),
        (hours(25, -1, "siang", "", "9" * 5000), Hints()),
        (hours(*range(24)), Hints()),
        (days("Sunday", "saturday"), Hints(0, (), (5, 6))),
        (days("Minggu"), Hints()),
        (days(*DAYS), Hints()),
        (hours(3) + days("Monday"), Hints(0, (3,), (0,))),
        (f"<!-- {hours(3)} -->", Hints()),
        (f"<!-- {hours(3)}", Hints()),
        (hours(3).replace("</skipHours>", ""), Hints()),
        ("<skipHours/>", Hints()),
        ("<hour>3</hour>", Hints()),
    ],
)
def test_when_there_is_no_news(head: str, expected: Hints) -> None:
    assert hints_of({}, f"<rss><channel>{head}{ITEM}") == expected


def test_only_the_feed_itself_is_asked() -> None:
    """A ttl of an entry, and skipHours quoted in one, say nothing."""
    assert read("", f"<item><title>{hours(3)}</title></item>") == Hints()


@pytest.mark.parametrize(
    "body",
    [
        b'{"version": "https://jsonfeed.org/version/1.1", "ttl": 60, "items": [{"id": "1", "url": "/1"}]}',
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>a</title><id>a</id></feed>',
        b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>/1</loc></url></urlset>',
    ],
    ids=["JSON Feed", "Atom", "sitemap"],
)
def test_other_formats_say_nothing(body: bytes) -> None:
    assert read_hints(body) == Hints()


@pytest.mark.parametrize("part", ["<skipHours>", "<skipHours><hour>", "<!--", "<skipDays "])
def test_a_hostile_head_takes_no_time(part: str) -> None:
    started_s = time.process_time()
    hints_of({}, part * 100_000)
    assert time.process_time() - started_s < 1


@needs_cases
def test_hostile_case_s58() -> None:
    case = cases("semantics")["S58"]
    assert read_hints(case.body) == Hints(FRESH_AT_MOST_S, (0,))
