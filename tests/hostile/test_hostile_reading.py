"""Hostile documents of xml, encoding, semantics and text, each alone in a worker: read, refused or killed in time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import astuple
from datetime import UTC, datetime
from functools import partial

import pytest
import pytest_asyncio
from hostile_cases import CATEGORIES, FOLDER, Case, cases, needs_cases

from aggregator.engine.pool import WorkerPool
from aggregator.errors import NotAFeedError, RefusedDocumentError, WorkerTimeoutError
from aggregator.intake.document import read_document
from aggregator.model.characters import HARMFUL
from aggregator.model.entry import Entry, ParsedFeed, SitemapIndex

pytestmark = needs_cases
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ALL = {case_id: case for category in CATEGORIES for case_id, case in cases(category).items()}

REFUSED = {"X01", "X05", "X06", "X08", "X10", "X11", "X15", "X20", "X23", "E18", "E20", "E21"}
NOT_A_FEED = {"X31", "X43"}
SLOW = {"X32"}  # 20 MB of text may take as long as the deadline: read or killed
TITLES = {
    "X38": ["Article good1", "Article good2"],
    "X41": ["Article good1", "Article good2"],
    "X42": ["Article good1", "Article good2"],
    "E03": ["café 你", "Article good1"],
    "E06": ["café", "Article good1"],
    "E22": ["café", "Article good1"],
    "E25": ["Новости", "Article good1"],
    "E27": ["😀👨‍👩‍👧 ok"],
    "S04": ["Article good1", "Article good2"],
    "S37": ["A", "B"],
    "T01": ["Invoice gpj.exe end", "Article good1"],
    "T04": ['=HYPERLINK("http://evil.test","x")', "Article good1"],
    "T10": ["›31mred]0;pwn", "Article good1"],
    "T17": ["AT&T wins", "Article good1"],
    "T18": ["Hi", "Article good1"],
    "T19": ["A B", "Article good1"],
    "T20": ["", "Article good1"],
}
PUBLISHED = {  # of the first entry; None: first seen
    "S13": None,
    "S16": None,
    "S17": None,
    "S21": None,
    "S22": "2026-01-05T14:00:00+00:00",
    "S24": "2026-01-05T10:00:00+00:00",
    "S26": "2026-06-30T23:59:59+00:00",
    "S27": "2026-01-05T10:00:00+00:00",
    "S28": "2026-01-05T09:00:00+00:00",
}
FLAGGED = {"X41", "X42", "E09", "E10", "E15", "E22", "E23", "S04", "S13", "S16", "S17", "S21"}


def reading(body: bytes, content_type: str) -> partial[ParsedFeed | SitemapIndex]:
    """A call of read_document that can travel to a worker."""
    where = "http://partner.test/feed"
    return partial(read_document, body, url=where, content_type=content_type, timezone="UTC", now=NOW)


def strings(entry: Entry) -> list[str]:
    """Every string of an entry, its lists and its image."""
    lists = [*entry.authors, *entry.categories, *(astuple(entry.image) if entry.image else ())]
    return [value for value in (*astuple(entry), *lists) if isinstance(value, str)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(1, 10.0, 512_000_000, preload=["aggregator.intake.document"]) as workers:
        yield workers


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case_id, marks=[pytest.mark.slow] if case_id in SLOW else [])
        for case_id, case in ALL.items()
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_hostile_document_is_read_refused_or_killed(case: Case, pool: WorkerPool) -> None:
    job = pool.run(reading(case.body, case.content_type))
    if case.case_id in REFUSED | NOT_A_FEED:
        with pytest.raises(RefusedDocumentError if case.case_id in REFUSED else NotAFeedError):
            await job
        return
    try:
        feed = await job
    except WorkerTimeoutError:
        assert case.case_id in SLOW
        return
    assert isinstance(feed, ParsedFeed)
    titles = [entry.title for entry in feed.entries]
    assert titles
    assert titles == TITLES.get(case.case_id, titles)
    for entry in feed.entries:
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))
        assert not [text for text in strings(entry) if HARMFUL.search(text)]
        assert not [text for text in (entry.title, *entry.authors, *entry.categories) if "\n" in text]
    if case.case_id in PUBLISHED:
        moment = feed.entries[0].published_at
        assert (moment and moment.isoformat()) == PUBLISHED[case.case_id]
    if case.case_id in FLAGGED:
        assert feed.problems


WATCHED = """
import json, sys
from datetime import UTC, datetime
from aggregator.intake.document import read_document
from aggregator.errors import ParseError
seen = []
watching = False
def watch(event, arguments):
    if watching and (event.startswith("socket.") or event in ("open", "subprocess.Popen", "os.system")):
        seen.append([event, str(arguments[0])])
sys.addaudithook(watch)
for path in sys.argv[1:]:
    body = open(path, "rb").read()
    watching = True
    try:
        read_document(body, url="http://partner.test/f", content_type="", timezone="UTC", now=datetime.now(UTC))
    except ParseError:
        pass
    watching = False
print(json.dumps([one for one in seen if not one[1].endswith((".py", ".pyc", ".so", ".json", "timezone"))]))
"""


def test_reading_opens_no_connection_and_no_file() -> None:
    paths = [str(FOLDER / case.file) for case in ALL.values() if not case.file.startswith("gen:")]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *paths], capture_output=True, check=True, text=True, timeout=100
    )
    opened = [name for event, name in json.loads(done.stdout) if event != "open" or "zoneinfo" not in name]
    assert opened == []


@pytest.mark.parametrize("machine_zone", ["Asia/Tokyo", "America/New_York"])
def test_a_date_does_not_depend_on_the_zone_of_the_machine(machine_zone: str) -> None:
    program = (
        "import sys; from datetime import UTC, datetime; from aggregator.intake.document import read_document\n"
        "feed = read_document(open(sys.argv[1], 'rb').read(), url='http://p.test/', content_type='',"
        " timezone='UTC', now=datetime(2026, 11, 23, tzinfo=UTC))\n"
        "print([str(entry.published_at) for entry in feed.entries])"
    )
    path = FOLDER / ALL["S24"].file
    done = subprocess.run(
        [sys.executable, "-c", program, path],
        env=os.environ | {"TZ": machine_zone},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.strip() == str(["2026-01-05 10:00:00+00:00"] * 2)
