"""Real documents from the shared folder, which is no part of the repository: skipped where it is absent."""

from __future__ import annotations

import csv
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from aggregator.engine.pool import WorkerPool
from aggregator.errors import ParseError, WorkerTimeoutError
from aggregator.intake.document import read_document
from aggregator.intake.identity import identify_all
from aggregator.model.entry import ParsedFeed, SitemapIndex
from aggregator.model.fetch import Fetched, Validators
from aggregator.model.standing import Standing
from aggregator.reading import ReadFeed, read_feed

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[3] / "shared"))
FEEDS = SHARED / "data" / "feeds"
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DEADLINE_S = 2.0


def rows(index: Path) -> list[dict[str, str]]:
    if not index.exists():
        return []
    with index.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def reading(body: bytes, content_type: str) -> partial[ParsedFeed | SitemapIndex]:
    """A call of read_document that can travel to a worker."""
    where = "http://partner.test/feed"
    return partial(read_document, body, url=where, content_type=content_type, timezone="UTC", now=NOW)


REAL_FEEDS = rows(FEEDS / "index.tsv")


@pytest.mark.skipif(not REAL_FEEDS, reason="no shared data")
@pytest.mark.parametrize("row", REAL_FEEDS, ids=lambda row: row["file"][:8])
def test_every_entry_of_a_real_feed_is_taken(row: dict[str, str]) -> None:
    feed = reading((FEEDS / row["file"]).read_bytes(), "application/xml")()
    assert isinstance(feed, ParsedFeed)
    assert (feed.format, len(feed.entries)) == (row["format"], int(row["entries"]))
    keys = {identity.key for identity in identify_all(feed.entries)}
    assert len(keys) == len({(entry.guid, entry.url, entry.title, entry.html) for entry in feed.entries})
    assert all(entry.url == "" or entry.url.startswith(("http://", "https://")) for entry in feed.entries)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(1, DEADLINE_S, 600_000_000, preload=["aggregator.intake.document"]) as workers:
        yield workers


def rss(inside: str) -> bytes:
    return f"<rss version='2.0'><channel><item><title>t</title>{inside}</item></channel></rss>".encode()


HANGS = {
    "newlines before the root": b"\n" * 80_000 + rss(""),
    "author": rss(f"<author>{'a' * 200_000}</author>"),
    "attributes": rss(f"<a {' '.join(f'a{n}=1' for n in range(100_000))}/>"),
    "categories": rss("".join(f"<category>{n}</category>" for n in range(50_000))),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("newlines before the root", None),
        ("author", WorkerTimeoutError),
        ("attributes", ParseError),
        ("categories", WorkerTimeoutError),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_hangs_feedparser_costs_at_most_the_deadline(
    name: str, error: type[Exception] | None, pool: WorkerPool
) -> None:
    job = pool.run(reading(HANGS[name], ""))
    if error is None:
        feed = await job
        assert isinstance(feed, ParsedFeed)
        assert [entry.title for entry in feed.entries] == ["t"]
    else:
        with pytest.raises(error):
            await job
    sound = await pool.run(reading(b"<rss version='2.0'><channel><title>next</title></channel></rss>", ""))
    assert isinstance(sound, ParsedFeed)
    assert sound.title == "next"


# --- read in part -------------------------------------------------------------------------------------------------

_RULES = Standing("aturan uji")
_SCRAPS = [
    b"<item>",
    b"</item>",
    b"<entry/>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"&",
    b"<",
    b'"',
    b"<url>",
    b"{",
]


def _read(body: bytes, before: Standing = _RULES) -> ReadFeed:
    return read_feed((Fetched("http://partner.test/feed", body, "", Validators()),), "UTC", NOW, (), before)


def _merged(part: ReadFeed, original: ReadFeed) -> Counter[object]:
    """What was read, and what was read of the same entries before."""
    known = dict(zip(original.stood, original.candidates, strict=True))
    return Counter([*part.candidates, *(known[one] for one in part.standing.entries)])


def _said(read: ReadFeed) -> tuple[object, ...]:
    """What a document says beside its entries."""
    return read.feed, read.hints, read.links, set(read.problems)


def _damaged(body: bytes, by: random.Random) -> bytes:
    for _ in range(by.randint(1, 3)):
        start = by.randint(0, len(body))
        end = min(len(body), start + by.choice([0, 1, 5, 200, 2000]))
        body = body[:start] + by.choice([b"", body[start:end] * 2, *_SCRAPS]) + body[end:]
    return body


@pytest.mark.slow
@pytest.mark.skipif(not REAL_FEEDS, reason="no shared data")
@pytest.mark.parametrize("row", REAL_FEEDS, ids=lambda row: row["file"][:8])
def test_each_entry_of_a_real_feed_alone_is_read_as_among_all_others(row: dict[str, str]) -> None:
    body = (FEEDS / row["file"]).read_bytes()
    whole = _read(body)
    remembered = [one for one in whole.stood if one is not None] if whole.standing.envelope else []
    for new in remembered:
        before = replace(whole.standing, entries=tuple(one for one in remembered if one is not new))
        part = _read(body, before)
        assert _merged(part, whole) == Counter(whole.candidates)
        assert new in part.stood
        assert len(part.standing.entries) >= len(before.entries) - 1
        assert _said(part) == _said(whole)


@pytest.mark.slow
@pytest.mark.skipif(not REAL_FEEDS, reason="no shared data")
@pytest.mark.parametrize("row", REAL_FEEDS, ids=lambda row: row["file"][:8])
def test_a_damaged_feed_read_in_part_says_what_it_says_whole(row: dict[str, str]) -> None:
    body = (FEEDS / row["file"]).read_bytes()
    original = _read(body)
    before = replace(original.standing, entries=tuple(one for one in original.stood if one is not None))
    by = random.Random(row["file"])
    for _ in range(3):
        damaged = _damaged(body, by)
        try:
            whole = _read(damaged)
        except ParseError:
            with pytest.raises(ParseError):
                _read(damaged, before)
            continue
        part = _read(damaged, before)
        assert _merged(part, original) == Counter(whole.candidates)
        assert _said(part) == _said(whole)


@pytest.mark.skipif(not REAL_FEEDS, reason="no shared data")
def test_most_real_feeds_can_be_read_in_part() -> None:
    cut = sum(bool(_read((FEEDS / row["file"]).read_bytes()).standing.envelope) for row in REAL_FEEDS)
    assert cut >= len(REAL_FEEDS) * 2 / 3
