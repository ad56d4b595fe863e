"""What bench/poll.py compares us with: a round of reader's (PyPI) or of a bare loop for each line on standard input.

    python bench/poll_reference.py reader|bare FOLDER    feeds.txt stands there; the database is to be desk.db

Runs in the clients' own environment (bench/clients/toolbox.py), not in ours.
"""

from __future__ import annotations

import importlib
import json
import sqlite3
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

Round = Callable[[], list[str]]

_BARE = """
CREATE TABLE feeds (url TEXT PRIMARY KEY, etag TEXT NOT NULL DEFAULT '');
CREATE TABLE entries (
    feed TEXT, id TEXT, title TEXT, link TEXT, published TEXT, summary TEXT, content TEXT, PRIMARY KEY (feed, id)
);
"""


def reader_rounds(urls: Sequence[str], database: Path) -> Round:
    """``update_feeds`` of a reader with its defaults."""
    reader = importlib.import_module("reader").make_reader(str(database))
    for url in urls:
        reader.add_feed(url)

    def one_round() -> list[str]:
        reader.update_feeds(scheduled=False)  # all, not only those that its schedule has now
        return [f"{feed.url}: {feed.last_exception}" for feed in reader.get_feeds() if feed.last_exception]

    return one_round


def bare_rounds(urls: Sequence[str], database: Path) -> Round:
    """The least that anybody writes: conditional requests, feedparser with its defaults, a transaction a feed."""
    feedparser = importlib.import_module("feedparser")
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(_BARE)
    with connection:
        connection.executemany("INSERT INTO feeds (url) VALUES (?)", [(url,) for url in urls])

    def one_round() -> list[str]:
        for url, etag in connection.execute("SELECT url, etag FROM feeds").fetchall():
            if (answer := _fetch(url, etag)) is not None:
                body, etag_now = answer
                with connection:
                    _store(connection, url, feedparser.parse(BytesIO(body)))
                    connection.execute("UPDATE feeds SET etag = ? WHERE url = ?", (etag_now, url))
        return []

    return one_round


def _fetch(url: str, etag: str) -> tuple[bytes, str] | None:
    """Body and ETag; None where it is as it was. Raises HTTPError and URLError."""
    request = urllib.request.Request(url, headers={"If-None-Match": etag} if etag else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read(), answer.headers["ETag"]
    except urllib.error.HTTPError as error:
        if error.code == 304:
            return None
        raise


def _store(connection: sqlite3.Connection, url: str, parsed: Any) -> None:
    rows = [
        (url, one.id, one.title, one.link, one.published, one.summary, one.content[0].value)
        for one in parsed.entries
    ]
    connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def main() -> None:
    system, folder = sys.argv[1], Path(sys.argv[2])
    urls = (folder / "feeds.txt").read_text("utf-8").split()
    one_round = {"reader": reader_rounds, "bare": bare_rounds}[system](urls, folder / "desk.db")
    print("ready", flush=True)
    while sys.stdin.readline():
        print(json.dumps(one_round()), flush=True)


if __name__ == "__main__":
    main()
