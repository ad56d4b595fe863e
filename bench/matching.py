"""What it costs to match one new entry against N stored stories, and how many bytes a story takes for it.

    .venv/bin/python bench/matching.py [--stories 1000 10000 100000] [--entries 500] [--popular 10000]

A real SQLite store is filled with invented news (``invented_news.py``); then new entries, one in twenty a copy of a
stored one, are prepared, looked up and decided upon one at a time, as in a visit that brings one. CPU time of this
process. In the end the same for entries of one column that has stood ``--popular`` times in the last three days: they
share nearly all their marks. Exit status 1: above 5 ms an entry (median) or 1 KB a story.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import process_time

from invented_news import Article, article, column

from aggregator.deciding import RELATED_WITHIN
from aggregator.editorial.decide import Poll, decide
from aggregator.editorial.prepare import prepare
from aggregator.intake.identity import identify_all
from aggregator.model.entry import Candidate, Entry
from aggregator.model.story import Decision, Verdict
from aggregator.store.store import Store

MAX_CPU_MS, MAX_BYTES = 5.0, 1024
PARTNERS = 200
A_DAY = 3_300  # stories; 100,000 are a month's
BATCH = 1_000
WARM_UP = 50
BEGAN_AT = datetime(2026, 1, 1, tzinfo=UTC)
# Numbers that no stored article has.
NEW, POPULAR = 10_000_000, 20_000_000


@dataclass(frozen=True, slots=True)
class Costs:
    """Milliseconds of CPU for each entry."""

    prepare_ms: Sequence[float]
    match_ms: Sequence[float]
    copies: int


def candidate(number: int, written: Article) -> Candidate:
    """An entry of the partner that the number falls to."""
    url = f"https://{_partner(number)}.example/berita/{number + 1_000_000}/kabar"
    entry = Entry(guid=url, url=url, title=written.title, html=written.html)
    (identity,) = identify_all([entry])
    return prepare(entry, identity)


def stored(number: int) -> Candidate:
    return candidate(number, article(number))


def popular(number: int) -> Article:
    """A day of the one column, under one headline."""
    return Article("Jadwal Harga Pasar Induk Kota Hari Ini", column(0, number).paragraphs)


def stored_popular(number: int) -> Candidate:
    return candidate(number, popular(number))


def fill(store: Store, candidates: Iterator[Candidate], first: int, now: datetime | None = None) -> None:
    """Store them as new stories, each batch as one partner's, at the pace of a month or all at ``now``."""
    while batch := list(islice(candidates, BATCH)):
        seen_at = now or BEGAN_AT + timedelta(days=first / A_DAY)
        partner = _partner(first // BATCH)
        with store.write() as tx:
            tx.apply(partner, partner, [Decision(Verdict.NEW, one) for one in batch], seen_at)
        first += len(batch)


def measure(store: Store, new: Sequence[tuple[int, Article]], now: datetime) -> Costs:
    """Each entry is matched as the first of its visit; nothing is stored."""
    prepare_ms, match_ms, copies = [], [], 0
    for number, written in new:
        begun_s = process_time()
        one = candidate(number, written)
        prepared_s = process_time()
        partner = _partner(number)
        with store.read() as tx:
            known = tx.known(partner, [one], now - RELATED_WITHIN)
            (decision,) = decide([one], known, Poll(partner, partner, now))
        decided_s = process_time()
        prepare_ms.append((prepared_s - begun_s) * 1000)
        match_ms.append((decided_s - prepared_s) * 1000)
        copies += decision.verdict is Verdict.COPY
    return Costs(prepare_ms[WARM_UP:], match_ms[WARM_UP:], copies)


def bytes_for_matching(file: Path, stories: int) -> float:
    """Of the table ``marks`` with its index, and of the column of the same name, for each story."""
    with closing(sqlite3.connect(file)) as connection:
        (table,) = connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name = 'marks'").fetchone()
        (column,) = connection.execute("SELECT sum(length(marks)) FROM entries").fetchone()
    return float(table + column) / stories


def _partner(number: int) -> str:
    return f"p{number % PARTNERS:03}"


def _shown(name: str, costs: Costs) -> float:
    match_ms, prepare_ms = sorted(costs.match_ms), sorted(costs.prepare_ms)
    p99 = int(len(match_ms) * 0.99)
    print(
        f"| {name} | {statistics.median(match_ms):.2f} ms | {statistics.fmean(match_ms):.2f} ms | "
        f"{match_ms[p99]:.2f} ms | {statistics.median(prepare_ms):.2f} ms | {prepare_ms[p99]:.2f} ms | "
        f"{costs.copies} |",
        flush=True,
    )
    return statistics.median(match_ms)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stories", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--entries", type=int, default=500)
    parser.add_argument("--popular", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(options.processes) as pool:
        file = Path(folder) / "bench.db"
        store = Store(f"sqlite:///{file}")
        store.migrate()
        return _bench(store, file, pool, options)


def _bench(store: Store, file: Path, pool: ProcessPoolExecutor, options: argparse.Namespace) -> int:
    print("| stored stories | match, median | mean | p99 | prepare, median | p99 | copies found |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    medians, filled, now = [], 0, BEGAN_AT
    for stories in sorted(options.stories):
        fill(store, pool.map(stored, range(filled, stories), chunksize=100), filled)
        filled, now = stories, BEGAN_AT + timedelta(days=stories / A_DAY)
        numbers = range(NEW, NEW + WARM_UP + options.entries)
        new = [(number, article(number, copies_of=stories)) for number in numbers]
        medians.append(_shown(f"{stories:,}", measure(store, new, now)))
    growth, taken = medians[-1] / medians[0], bytes_for_matching(file, filled)
    numbers = range(POPULAR, POPULAR + options.popular)
    fill(store, pool.map(stored_popular, numbers, chunksize=100), filled, now)
    new = [
        (number, popular(number)) for number in range(numbers.stop, numbers.stop + WARM_UP + options.entries)
    ]
    medians.append(_shown(f"{options.popular:,} alike beside them", measure(store, new, now)))
    store.close()
    print(f"\ngrowth of the median: {growth:.2f}; {taken:.0f} bytes a story")
    return int(max(medians) > MAX_CPU_MS or taken > MAX_BYTES)


if __name__ == "__main__":
    sys.exit(main())
