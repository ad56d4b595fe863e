"""What must hold when a hardship is over: everything published, once, in its last revision, and nothing left lying."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from service_ledger import items_of
from service_press import Press, story_of
from service_process import OUTPUTS, Service

from aggregator.model.document import EVERYTHING
from aggregator.store.store import Store

PATHS = (
    *(f"feeds/{output}.{format}" for output in OUTPUTS for format in ("rss", "atom", "json")),
    "feeds.opml",
    "index.html",
)


def shown_headlines(desk: Service, output: str = "all") -> dict[int, str]:
    """Story -> headline in the served JSON Feed; {} while there is none."""
    status, body = desk.get(f"feeds/{output}.json")
    return {item.story: item.title for item in items_of("all.json", body)} if status == 200 else {}


def is_up_to_date(desk: Service, press: Press, at_s: float) -> bool:
    """Whether everything that was published in the 10 s before that moment is shown, or left again for newer news."""
    shown = shown_headlines(desk)
    oldest_s = min(map(press.published_s, shown), default=0.0)
    awaited = {
        story for story in press.headlines(at_s) if press.published_s(story) > max(at_s - 10, oldest_s)
    }
    return len(shown) > 0 and awaited <= shown.keys()


def stored_headlines(database: Path) -> dict[int, tuple[str, str]]:
    """Story -> (id, headline of the entry that leads it), of every published story. Fails where one is there twice."""
    store = Store(f"sqlite:///{database}")
    try:
        with store.read() as tx:
            stories = tx.stories(EVERYTHING, datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC), 1_000_000)
    finally:
        store.close()
    found: dict[int, tuple[str, str]] = {}
    for story in stories:
        titles = {entry.entry_id: entry.entry.title for entry in story.entries}
        assert story.published is not None
        assert story.shown_entry_id is not None
        numbers = {story_of(int(entry.canonical_url.split("/")[-2])) for entry in story.entries}
        assert len(numbers) == 1, f"one story of several articles: {titles}"
        number = numbers.pop()
        assert number not in found, f"article {number} was published twice: {found[number]}, {titles}"
        found[number] = (story.published.id, titles[story.shown_entry_id])
    return found


def assert_database_is_whole(database: Path) -> None:
    connection = sqlite3.connect(database)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        connection.close()


def assert_nothing_is_left_lying(public: Path) -> None:
    """No temporary file, and every document is there."""
    assert [path for path in public.rglob(".*") if path.suffix != ".lock" and path.name != ".lock"] == []
    for path in PATHS:
        items_of(path, (public / path).read_bytes())
