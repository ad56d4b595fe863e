"""A database that holds a million entries, in minutes: some go the product's own way, others are made of their rows.

The first entries, of partners that are not polled, are prepared, stored, settled and published as any. Then their rows
are repeated, each time somewhat further back in time (3,300 a day) and with other keys, addresses, guids and marks, so
that nothing that a poll looks up is found there more often than in the first. Archives hold the first ones only.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from invented_news import Article, article

from aggregator import jobs
from aggregator.app import open_app
from aggregator.config.load import parse_config
from aggregator.editorial.prepare import prepare
from aggregator.intake.identity import identify_all
from aggregator.model.entry import Candidate, Entry
from aggregator.model.story import Decision, Verdict
from aggregator.store import search, tables
from aggregator.store.types import UtcDateTime

PARTNERS = 200
FIRST = 1_000  # entries that go the product's own way
A_DAY = 3_300
# Begins their numbers in invented_news: no feed that is polled has such articles.
_NUMBERS = 100_000_000
_PARAGRAPHS = 3
_REPEATED = (
    tables.stories,
    tables.entries,
    tables.story_topics,
    tables.story_facets,
    tables.rungs,
    tables.marks,
)
# Signed integers are XORed without XOR, which SQLite has not.
_OTHERWISE = {
    **dict.fromkeys(("entry_id", "story_id"), "t.{0} + r.{0}"),
    "shown_entry_id": "t.{0} + r.entry_id",
    **dict.fromkeys(("key_digest", "rung", "mark"), "(t.{0} | r.mask) - (t.{0} & r.mask)"),
    "marks": "marks_of(t.{0}, r.mask)",
    **dict.fromkeys(("key", "guid", "canonical_url", "published_id", "published_url"), "t.{0} || '-' || r.n"),
}


def with_others(raw: Mapping[str, Any]) -> dict[str, Any]:
    """feeds.yaml with the partners of what is stored, whose sources are not polled."""
    names = [f"lain{number}" for number in range(PARTNERS)]
    terms = {"licence": "T-2", "valid_from": "2022-01-01", "content": "full", "images": "link"}
    partners = [
        {
            "id": name,
            "name": name.title(),
            "url": f"https://{name}.example/",
            "domains": [f"{name}.example"],
            "terms": dict(terms),
        }
        for name in names
    ]
    sources = [
        {"id": name, "partner": name, "url": f"https://{name}.example/feed/", "enabled": False}
        for name in names
    ]
    more = {"partners": [*raw["partners"], *partners], "sources": [*raw["sources"], *sources]}
    return {**raw, **more}


async def fill(folder: Path, raw: Mapping[str, Any], number: int) -> None:
    """Make ``desk.db`` in the folder with so many entries, and ``public/``. ``raw`` as with_others() gives it."""
    config = parse_config(yaml.safe_dump(dict(raw), sort_keys=False), "feeds.yaml", environ={})
    database = folder / "desk.db"
    async with open_app(config, f"sqlite:///{database}", folder / "public", spacing_s=0) as app:
        await jobs.sync_sources(app)
        for place in range(PARTNERS):
            name = f"lain{place}"
            decisions = [
                Decision(Verdict.NEW, _candidate(name, one))
                for one in range(place, min(FIRST, number), PARTNERS)
            ]
            with app.store.write() as tx:
                tx.apply(name, name, decisions, app.clock())
        await jobs.publish(app)
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        repeat(connection, number // FIRST)


def _candidate(partner: str, number: int) -> Candidate:
    written = article(_NUMBERS + 20 * number)
    short = Article(written.title, written.paragraphs[:_PARAGRAPHS])
    url = f"https://{partner}.example/berita/{number + 1_000_000}/kabar"
    entry = Entry(guid=url, url=url, title=short.title, html=short.html, categories=("Daerah", "Politik"))
    (identity,) = identify_all([entry])
    return prepare(entry, identity)


def repeat(connection: sqlite3.Connection, times: int) -> None:
    """Let everything that is stored stand there so many times, the last time the furthest back."""
    entries, stories = (
        connection.execute(f"SELECT coalesce(max({key}), 0) FROM {table}").fetchone()[0]
        for table, key in (("entries", "entry_id"), ("stories", "story_id"))
    )
    connection.create_function("marks_of", 2, _other_marks, deterministic=True)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000", "foreign_keys = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(
        "CREATE TEMP TABLE repeats (n INTEGER PRIMARY KEY, mask INTEGER, entry_id INTEGER, story_id INTEGER, ago TEXT)"
    )
    connection.executemany(
        "INSERT INTO repeats VALUES (?, ?, ?, ?, ?)",
        [
            (n, _mask(n), n * entries, n * stories, f"-{n * FIRST / A_DAY * 86_400:.0f} seconds")
            for n in range(1, times)
        ],
    )
    for table in _REPEATED:
        _repeat_rows(connection, table, entries, stories)
    connection.execute(
        f"INSERT INTO {search.INDEX} (rowid, title, text) SELECT entry_id, title, text FROM entries "
        "WHERE entry_id > ?",
        (entries,),
    )
    connection.execute("PRAGMA journal_mode = WAL")


def _repeat_rows(connection: sqlite3.Connection, table: sa.Table, entries: int, stories: int) -> None:
    """All of a table's rows, in the order of its key: a million rows in any other take hours."""
    names = ", ".join(column.name for column in table.columns)
    values = ", ".join(_other_value(column) for column in table.columns)
    first, below = ("entry_id", entries) if "entry_id" in table.columns else ("story_id", stories)
    order = ", ".join(str(list(table.columns).index(one) + 1) for one in table.primary_key)
    connection.execute(
        f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.name} t, repeats r "
        f"WHERE t.{first} <= ? ORDER BY {order}",
        (below,),
    )


def _other_value(column: sa.Column[Any]) -> str:
    """What stands in the repeated row, in SQL."""
    if isinstance(column.type, UtcDateTime):
        return f"strftime('%Y-%m-%d %H:%M:%f000', t.{column.name}, r.ago)"
    return _OTHERWISE.get(column.name, "t.{0}").format(column.name)


def _mask(n: int) -> int:
    """64 bits, unlike each other's (the multiplier of Knuth, TAOCP 6.4), signed."""
    return int.from_bytes((n * 0x9E3779B97F4A7C15 % 2**64).to_bytes(8), signed=True)


def _other_marks(packed: bytes, mask: int) -> bytes:
    numbers = struct.unpack(f"<{len(packed) // 8}q", packed)
    return struct.pack(f"<{len(numbers)}q", *(number ^ mask for number in numbers))
