"""``read_newsboat.py URL...``: what newsboat keeps in its cache of what it reads there, as JSON."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_COLUMNS = "guid, title, url, pubDate, author, content, enclosure_url, enclosure_type"


def read(url: str, folder: Path) -> list[dict[str, Any]]:
    """Asks newsboat for one feed, with a cache of its own, and looks into it."""
    cache, urls, config = folder / "cache.db", folder / "urls", folder / "config"
    urls.write_text(f"{url}\n")
    config.write_text("auto-reload no\n")
    files = ("-c", str(cache), "-u", str(urls), "-C", str(config))
    subprocess.run(
        ["newsboat", *files, "-x", "reload"],
        check=True,
        env={**os.environ, "HOME": str(folder)},
        capture_output=True,
    )
    with closing(sqlite3.connect(cache)) as database:
        rows = database.execute(f"SELECT {_COLUMNS} FROM rss_item WHERE feedurl = ?", (url,)).fetchall()
    return [_entry(*row) for row in rows]


def _entry(
    guid: str, title: str, url: str, at_s: int, author: str, content: str, *enclosure: str
) -> dict[str, Any]:
    return {
        "id": guid,
        "title": title,
        "link": url,
        "date": datetime.fromtimestamp(at_s, UTC).isoformat(),
        "author": [author],
        "category": None,
        "content": content,
        "enclosure": [[*enclosure, None]] if enclosure[0] else [],
        "source": None,
    }


def version() -> str:
    words = subprocess.run(["newsboat", "--version"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"\d+(\.\d+)+", words)
    return found[0] if found else ""


if __name__ == "__main__":
    feeds = {}
    for address in sys.argv[1:]:
        with TemporaryDirectory() as home:
            feeds[address] = read(address, Path(home))
    json.dump({"version": version(), "feeds": feeds}, sys.stdout)
