"""Real and hostile documents from the shared folder, which is no part of the repository: skipped where it is absent."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import astuple
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from aggregator.engine.pool import WorkerPool
from aggregator.errors import NotAFeedError, ParseError, RefusedDocumentError, WorkerTimeoutError
from aggregator.intake.document import read_document
from aggregator.intake.identity import identify_all
from aggregator.model.entry import Entry, ParsedFeed, SitemapIndex

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[3] / "shared"))
FEEDS, HOSTILE = SHARED / "data" / "feeds", SHARED / "data" / "hostile"
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


def strings(entry: Entry) -> list[str]:
    """Every string of an entry, its lists and its image."""
    values = [
        *astuple(entry),
        *entry.authors,
        *entry.categories,
        *(astuple(entry.image) if entry.image else ()),
    ]
    return [value for value in values if isinstance(value, str)]


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


REFUSED = {"X01", "X05", "X06", "X08", "X10", "X11", "X15", "X20", "X23", "E18", "E20", "E21"}
NOT_A_FEED = {"X31", "X43"}
TITLES = {
    "X41": ["Article good1", "Article good2"],
    "X42": ["Article good1", "Article good2"],
    "E03": ["café 你", "Article good1"],
    "E06": ["café", "Article good1"],
    "E25": ["Новости", "Article good1"],
    "S04": ["Article good1", "Article good2"],
    "S37": ["A", "B"],
    "T01": ["Invoice gpj.exe end", "Article good1"],
    "T17": ["AT&T wins", "Article good1"],
    "T18": ["Hi", "Article good1"],
    "T19": ["A B", "Article good1"],
    "T20": ["", "Article good1"],
}
PUBLISHED = {
    "S13": None,
    "S16": None,
    "S21": None,
    "S22": "2026-01-05T14:00:00+00:00",
    "S24": "2026-01-05T10:00:00+00:00",
}
SLOW = {"S62", "X32"}  # 20,000 entries and 20 MB of text take about as long as the deadline: read or killed
HOSTILE_CASES = [
    row
    for row in rows(HOSTILE / "index.tsv")
    if row["file"].startswith(("xml/", "enc/", "feed/", "text/"))
    or (row["file"].startswith("gen:") and row["id"][0] in "XS")
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(1, DEADLINE_S, 600_000_000, preload=["aggregator.intake.document"]) as workers:
        yield workers


def hostile_body(file: str) -> bytes:
    if not file.startswith("gen:"):
        return (HOSTILE / file).read_bytes()
    return subprocess.run(
        [sys.executable, HOSTILE / "gen.py", file[4:]], capture_output=True, check=True
    ).stdout


@pytest.mark.skipif(not HOSTILE_CASES, reason="no shared data")
@pytest.mark.parametrize("row", HOSTILE_CASES, ids=lambda row: row["id"])
@pytest.mark.asyncio(loop_scope="module")
async def test_hostile_documents_are_read_refused_or_killed(row: dict[str, str], pool: WorkerPool) -> None:
    case = row["id"]
    content_type = json.loads(row["delivery"])["headers"]["Content-Type"]
    job = pool.run(reading(hostile_body(row["file"]), content_type))
    if case in REFUSED | NOT_A_FEED:
        with pytest.raises(RefusedDocumentError if case in REFUSED else NotAFeedError):
            await job
        return
    try:
        feed = await job
    except WorkerTimeoutError:
        assert case in SLOW
        return
    assert isinstance(feed, ParsedFeed)
    assert [entry.title for entry in feed.entries] == TITLES.get(
        case, [entry.title for entry in feed.entries]
    )
    assert feed.entries
    for entry in feed.entries:
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))
        for text in strings(entry):
            text.encode()
            assert not any(character < " " and character not in "\t\n\r" for character in text)
    if case in PUBLISHED:
        moment = feed.entries[0].published_at
        assert (moment and moment.isoformat()) == PUBLISHED[case]


def rss(inside: str) -> bytes:
    return f"<rss version='2.0'><channel><item><title>t</title>{inside}</item></channel></rss>".encode()


HANGS = {
    "newlines before the root": b"\n" * 80_000 + rss(""),
    "author": rss(f"<author>{'a' * 200_000}</author>"),
    "attributes": rss(f"<a {' '.join(f'a{n}=1' for n in range(100_000))}/>"),
    "categories": rss("".join(f"<category>{n}</category>" for n in range(50_000))),
}


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
