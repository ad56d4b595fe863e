"""The page for ops: everything is on it, in the site's time, and nothing on it is markup from outside."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from lxml import html as lxml_html
from web_desk import STATUS

from aggregator.model.health import Check, Readiness
from aggregator.model.reading import Cut, Doubt
from aggregator.model.receipt import FollowerStatus
from aggregator.model.review import Finding
from aggregator.model.span import span
from aggregator.model.status import DeskStatus, HiddenStory, SourceStatus, SubscriberStatus, VisitRecord
from aggregator.model.subscriber import Usage
from aggregator.web.ops import bars, moment, render_ops

NOW = STATUS.at
READY = Readiness((Check("database", True, "answers in 1 ms"), Check("disk", False, "3 MB left on public/")))
HOSTILE = "</title><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>\0javascript:alert(1)"
SOURCE = SourceStatus(
    "promedia-jambi",
    "trouble",
    "the partner's server answered 503 (3 times in a row)",
    last_polled_at=NOW - timedelta(minutes=4),
    last_success_at=NOW - timedelta(hours=3),
    last_new_at=NOW - timedelta(days=3),
    failures_in_a_row=3,
    entries_in_feed=20,
    notes=("2 entries without a link were left out",),
    every_s=900,
    planned_why="96 entries a day",
    rhythm="96 entries a day, 40% of them from 08:00 to 12:00",
    held=7,
    next_poll_at=NOW + timedelta(minutes=11),
    visits=(
        VisitRecord(NOW - timedelta(minutes=4), "failed", 1.25, problem="answered 503"),
        VisitRecord(NOW - timedelta(minutes=19), "read", 0.31, entries=20, new=7, copies=5, revised=9),
    ),
    entries_per_day=tuple((date(2026, 11, 10) + timedelta(days=n), n) for n in range(14)),
)
DOUBTFUL = Finding(
    story_id=77,
    source_id="promedia-jambi",
    title="Judul dari jauh",
    address="https://jauh.example/a",
    first_seen_at=NOW - timedelta(hours=2),
    standing="published",
    cuts=(Cut("dateline", "JAMBI -"),),
    doubts=(
        Doubt("origin", "its origin jauh.example is no partner of ours"),
        Doubt("pasted-in", "AlAMerika exander"),
    ),
)
FULL = replace(
    STATUS,
    sources=(SOURCE, SourceStatus("quiet", "waiting", "never polled yet")),
    entries=12_345,
    stories=9_876,
    published=8_000,
    refused=(("category excluded", 17),),
    hidden=(HiddenStory("urn:uuid:1", "Judul rahasia", "asked by the partner"),),
    warnings=("promedia: licence L ended on 2026-11-01; nothing new is published",),
    config_refused_at=NOW - timedelta(minutes=2),
    config_problems=(
        "feeds.yaml:14:5: sources[2].every: expected a duration",
        "feeds.yaml:20:1: unknown key",
    ),
    doubtful=41,
    doubtful_stories=(DOUBTFUL,),
    subscribers=(
        SubscriberStatus(
            "kabar-muaro", "Kabar Muaro", "over", "its last day was 2026-11-01", None, Usage(31, 4_159)
        ),
    ),
    follower_numbers=(("current", 41), ("failing", 1)),
    followers=(
        FollowerStatus(
            document="feeds/all.atom",
            host="kabar.example",
            fingerprint="1f3a09c2",
            is_hub=False,
            state="failing",
            words="tried 3 times in vain, again in 10 min",
            since_at=NOW - timedelta(days=2),
            lease_until_at=NOW + timedelta(days=8),
            held_at=NOW - timedelta(hours=1),
            delivered_at=NOW - timedelta(hours=1),
            tries=3,
            due_at=NOW + timedelta(minutes=10),
            problem="it answered 500",
        ),
    ),
)


async def shown(status: DeskStatus | None = FULL, trouble: str = "") -> str:
    return await render_ops(status, READY, trouble)


def found(page: str, path: str) -> list[Any]:
    """What an XPath finds on the page, in the page's order."""
    return cast(list[Any], lxml_html.document_fromstring(page).xpath(path))


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", " ".join(found(page, "//text()[not(parent::style)]")))


async def test_everything_is_on_the_page() -> None:
    words = words_of(await shown())
    for expected in (
        "Not ready",
        "disk failing",
        "3 MB left on public/",
        "feeds.yaml is refused; the last good one is in force",
        "sources[2].every: expected a duration",
        "feeds.yaml:20:1: unknown key",
        "12,345 entries make 9,876 stories, 8,000 of them",
        "Told of news by WebSub: 41 current, 1 failing",
        "feeds/all.atom kabar.example (1f3a09c2) failing: tried 3 times in vain, again in 10 min",
        "In trouble: promedia-jambi",
        "the partner's server answered 503 (3 times in a row)",
        "Last polled 13:26:00 4 min ago",
        "Next poll 13:41:00 in 11 min",
        "Polled about every 15 min, 96 entries a day",
        "Publishes 96 entries a day, 40% of them from 08:00 to 12:00",
        "Held entries 7",
        "Last new entry 20 Nov 13:30:00 3 days ago",
        "Failures in a row 3",
        "2 entries without a link were left out",
        "Entries per day since 10 Nov, 91 in all",
        "The last 2 visits to promedia-jambi",
        "failed 1.25 s 0 0 0 0 answered 503",
        "read 0.31 s 20 7 5 9",
        "Published stories of the last week: 41.",
        "aggregator review --doubts",
        "Judul dari jauh promedia-jambi 11:30:00 2 h ago "
        "origin: its origin jauh.example is no partner of ours; pasted-in: AlAMerika exander 77",
        "category excluded 17",
        "Judul rahasia asked by the partner urn:uuid:1",
        "licence L ended on 2026-11-01",
        "Kabar Muaro (kabar-muaro) over: its last day was 2026-11-01 31 4159",
        "Times are those of Asia/Jakarta (WIB)",
        "never polled yet",
    ):
        assert expected in words, expected


async def test_a_page_about_nothing() -> None:
    words = words_of(await shown(STATUS))
    assert "Sources" in words
    for heading in (
        "Warnings",
        "Hidden stories",
        "Subscribers",
        "Stories in no feed",
        "refused",
        "In trouble",
        "to look at",
    ):
        assert heading not in words


async def test_a_page_without_a_status_says_why() -> None:
    words = words_of(await shown(None, "the database is locked"))
    assert "No status could be read: the database is locked" in words
    assert "disk failing" in words


async def test_nothing_shown_becomes_markup() -> None:
    everywhere = replace(
        FULL,
        sources=(
            replace(
                SOURCE,
                words=HOSTILE,
                notes=(HOSTILE,),
                visits=(VisitRecord(NOW, HOSTILE, 1.0, problem=HOSTILE),),
            ),
        ),
        refused=((HOSTILE, 1),),
        hidden=(HiddenStory(HOSTILE, HOSTILE, HOSTILE),),
        warnings=(HOSTILE,),
        config_problems=(HOSTILE,),
        doubtful_stories=(
            replace(DOUBTFUL, source_id=HOSTILE, title=HOSTILE, doubts=(Doubt(HOSTILE, HOSTILE),)),
        ),
    )
    page = await shown(everywhere)
    assert not found(page, "//script | //img | //@*[starts-with(name(), 'on')]")
    assert not found(
        page, "//link | //@src | //@srcset | //meta[@http-equiv]"
    )  # nothing is loaded or reloaded
    own = {"status.json", "stories", "story?story=77"}
    assert {link for link in found(page, "//@href") if not link.startswith("#")} == own
    assert page.count("&lt;script&gt;") == 14


async def test_the_page_can_be_walked_without_eyes() -> None:
    page = await shown()
    assert found(page, "/html/@lang") == ["en"]
    assert [len(found(page, f"//{tag}")) for tag in ("h1", "main", "header")] == [1, 1, 1]
    assert set(found(page, "//th/@scope")) == {"col"}
    assert found(page, "//svg/@aria-label")[0].startswith("10 Nov: 0; 11 Nov: 1; ")
    ids = found(page, "//@id")
    assert len(ids) == len(set(ids))
    assert set(found(page, "//@aria-labelledby")) <= set(ids)
    for at in found(page, "//time/@datetime"):
        assert datetime.fromisoformat(at).utcoffset() == timedelta(hours=7)


async def test_five_hundred_sources_do_not_hold_the_loop() -> None:
    status = replace(FULL, sources=tuple(replace(SOURCE, id=f"source-{n}") for n in range(500)))
    rendering = asyncio.create_task(shown(status))
    turns = 0
    while not rendering.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert (await rendering).count("<article") == 500
    assert turns >= 5  # rendered in the loop, there would be one


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (59.6, "60 s"),
        (99, "99 s"),
        (100, "2 min"),
        (900, "15 min"),
        (5999, "100 min"),
        (7200, "2 h"),
        (172_800, "2 days"),
        (864_000, "10 days"),
    ],
)
def test_spans(seconds: float, expected: str) -> None:
    assert span(seconds) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 23, 6, 29, tzinfo=UTC), ("13:29:00", "60 s ago")),
        (datetime(2026, 11, 23, 6, 30, tzinfo=UTC), ("13:30:00", "0 s ago")),
        (datetime(2026, 11, 22, 18, 30, tzinfo=UTC), ("01:30:00", "12 h ago")),  # the same day in Jakarta
        (datetime(2026, 11, 22, 16, 30, tzinfo=UTC), ("22 Nov 23:30:00", "14 h ago")),
        (datetime(2026, 11, 23, 17, 30, tzinfo=UTC), ("24 Nov 00:30:00", "in 11 h")),
    ],
)
def test_moments(at: datetime, expected: tuple[str, str]) -> None:
    shown_at = moment(at, NOW, ZoneInfo("Asia/Jakarta"))
    assert (shown_at.clock, shown_at.distance) == expected


@pytest.mark.parametrize(
    ("counts", "heights"),
    [((), []), ((0, 0), [0, 0]), ((1,), [36]), ((0, 1, 1000), [0, 1, 36]), ((5, 10), [18, 36])],
)
def test_bars(counts: tuple[int, ...], heights: list[int]) -> None:
    chart = bars(tuple((date(2026, 11, 1 + n), count) for n, count in enumerate(counts)))
    assert [bar.height for bar in chart] == heights
    assert all(bar.y + bar.height == 36 for bar in chart)
