"""What a round of polling costs, for us and in the same run for others that do part of our work.

    .venv/bin/python bench/poll.py [--feeds 200] [--scenario NAME ...] [--system NAME ...] [--stored M] [--json]

Serves generated feeds (``poll_press.py``) on loopback and has each system poll all of them once for every scenario, one
after the other on one database: ``cold`` (the database is empty), ``all_304`` (nothing is new, and the server says so),
``identical`` (nothing is new, but the server sends all of it again), ``changed_5pct`` (one feed in twenty has one to
three new entries, the others are as they were). Systems: ``ours``, with dedupe, storage and publishing
(``poll_ours.py``); ``reader``, from PyPI; ``bare``, a loop around feedparser and SQLite (``poll_reference.py``). With
``--stored`` also ``ours+stored``, whose database holds so many entries of other sources before it begins.

Counted are all processes of the system, from the beginning of the round to its end; neither the server nor the start
(imports, making the database), which is told apart. ``ratio_to_reader``: how many times less CPU than reader.
Exit status 1: an aim is missed (``AIMS``, ``PSS_MB``, ``STORED_RATIO``). ``make clients`` installs reader.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import yaml
from clients import toolbox
from poll_ours import config_of
from poll_press import ENTRIES, Press
from poll_server import SCENARIOS, Server, server
from poll_stored import fill, with_others
from poll_usage import Usage, measured, tree_cpu_s

from aggregator.logs import configure_logs

# How many times less CPU than reader; times 1.0 what a database that holds much may cost; memory of all processes.
AIMS = {"cold": 1.8, "all_304": 4.0, "identical": 40.0, "changed_5pct": 5.0}
STORED_RATIO = 1.2
PSS_MB = 250.0
OURS, STORED, READER, BARE = "ours", "ours+stored", "reader", "bare"
BENCH = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One system's round of one scenario."""

    system: str
    scenario: str
    feeds: int
    cpu_s: float
    wall_s: float
    pss_mb: float
    per_feed_ms: float  # of CPU
    ratio_to_reader: float | None = None  # None where reader was not asked


@dataclass
class System:
    """A running system, which does a round for each line that it is sent."""

    name: str
    process: subprocess.Popen[str]
    database: Path

    def one_round(self) -> Usage:
        """Raises RuntimeError when something went wrong in it."""
        assert self.process.stdin is not None and self.process.stdout is not None
        with measured(self.process.pid) as usage:
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        problems = json.loads(answer or f'["it ended with {self.process.wait()}"]')
        if problems:
            raise RuntimeError(f"{self.name}: {len(problems)} problems: {'; '.join(problems[:3])}")
        return usage

    def entries(self) -> int:
        """What it holds; each of the systems keeps them in a table of this name."""
        with closing(sqlite3.connect(self.database)) as connection:
            number: int = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
        return number


@contextmanager
def system(name: str, folder: Path, partners: Server, feeds: int, stored: int) -> Iterator[System]:
    """Started and ready, with an empty database or, where asked, a full one."""
    folder.mkdir()
    database = folder / "desk.db"
    if name in (OURS, STORED):
        raw = config_of(partners, feeds)
        if stored:  # both know the same partners, and differ in what is stored of them
            raw = with_others(raw)
        if name == STORED:
            asyncio.run(fill(folder, raw, stored))
        (folder / "feeds.yaml").write_text(yaml.safe_dump(raw, sort_keys=False), "utf-8")
        command = [sys.executable, "-c", "import poll_ours; poll_ours.main()", str(folder)]
    else:
        (folder / "feeds.txt").write_text("\n".join(map(partners.url, range(feeds))), "utf-8")
        command = [str(toolbox.PYTHON), str(BENCH / "poll_reference.py"), name, str(folder)]
    environ = os.environ | {"PYTHONPATH": f"{BENCH.parent}{os.pathsep}{BENCH}"}
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environ
        ) as process,
    ):
        assert process.stdin is not None and process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{name} did not start: {(folder / 'log').read_text()[-2000:]}")
        print(f"{name} started, {tree_cpu_s(process.pid):.2f} s CPU", file=sys.stderr, flush=True)
        try:
            yield System(name, process, database)
        finally:
            process.stdin.close()
            process.terminate()  # also in the middle of a round that is of no use any more; its workers end with it


def measure(one: System, press: Press, partners: Server, scenarios: Sequence[str]) -> Iterator[Row]:
    """Every scenario in turn, the first always. Raises RuntimeError when a round was not what it is meant to be."""
    held = one.entries()
    for scenario in SCENARIOS:
        if scenario not in scenarios and scenario != SCENARIOS[0]:
            continue
        partners.begin(scenario)
        usage = one.one_round()
        _check(one.name, scenario, press, partners.begin(scenario), one.entries() - held)
        held = one.entries()
        if scenario in scenarios:
            yield Row(
                system=one.name,
                scenario=scenario,
                feeds=press.feeds,
                cpu_s=round(usage.cpu_s, 3),
                wall_s=round(usage.wall_s, 3),
                pss_mb=round(usage.pss_mb, 1),
                per_feed_ms=round(1_000 * usage.cpu_s / press.feeds, 3),
            )


def _check(name: str, scenario: str, press: Press, answers: dict[int, int], entries: int) -> None:
    """Every feed was asked for once and answered as the scenario has it, and what was new is stored."""
    new = [press.new_in_second(feed) for feed in range(press.feeds)]
    changed = sum(map(bool, new))
    expected = {
        "cold": ({200: press.feeds}, press.feeds * ENTRIES),
        "all_304": ({304: press.feeds}, 0),
        "identical": ({200: press.feeds}, 0),
        "changed_5pct": ({200: changed, 304: press.feeds - changed}, sum(new)),
    }[scenario]
    wanted, found = {status: number for status, number in expected[0].items() if number}, answers
    if (wanted, expected[1]) != (found, entries):
        raise RuntimeError(
            f"{name}, {scenario}: answers {found} and {entries} new entries, expected {wanted} and {expected[1]}"
        )


def with_ratios(rows: Sequence[Row]) -> list[Row]:
    """Each beside what reader needed for the same."""
    of_reader = {row.scenario: row.cpu_s for row in rows if row.system == READER}
    return [
        replace(row, ratio_to_reader=round(of_reader[row.scenario] / row.cpu_s, 2)) if of_reader else row
        for row in rows
    ]


def missed_aims(rows: Sequence[Row]) -> list[str]:
    """In words; where something was not measured, nothing is missed."""
    ours = {row.scenario: row for row in rows if row.system == OURS}
    found = []
    for row in rows:
        if row.system in (OURS, STORED) and row.pss_mb >= PSS_MB:
            found.append(f"{row.system}, {row.scenario}: {row.pss_mb:.0f} MB, not under {PSS_MB:.0f}")
        if row.system == OURS and (row.ratio_to_reader or AIMS[row.scenario]) < AIMS[row.scenario]:
            words = f"{row.ratio_to_reader} times less CPU than reader, not {AIMS[row.scenario]:g}"
            found.append(f"{row.system}, {row.scenario}: {words}")
        if row.system == STORED and row.scenario in ours:
            growth = row.cpu_s / ours[row.scenario].cpu_s
            if growth > STORED_RATIO:
                found.append(f"{row.system}, {row.scenario}: {growth:.2f} times the CPU of an empty database")
    return found


def show(rows: Sequence[Row]) -> None:
    print("| scenario | system | CPU s | wall s | PSS MB | CPU ms a feed | times less CPU than reader |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in sorted(rows, key=lambda row: SCENARIOS.index(row.scenario)):
        ratio = "" if row.ratio_to_reader is None else f"{row.ratio_to_reader:.2f}"
        print(
            f"| {row.scenario} | {row.system} | {row.cpu_s:.2f} | {row.wall_s:.2f} | {row.pss_mb:.0f} | "
            f"{row.per_feed_ms:.2f} | {ratio} |"
        )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--scenario", nargs="+", choices=SCENARIOS, default=SCENARIOS)
    parser.add_argument("--system", nargs="+", choices=(OURS, READER, BARE), default=(OURS, READER, BARE))
    parser.add_argument("--stored", type=int, default=0, help="entries of other sources stored before")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if {READER, BARE} & {*asked.system} and not toolbox.PYTHON.exists():
        parser.error("reader is not installed: run make clients, or give --system ours")
    configure_logs(verbose=False)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # nothing is to be left running
    names = [*asked.system, *([STORED] if asked.stored else [])]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        press = Press(folder, asked.feeds, datetime.now(UTC))
        press.print_all()
        with server(press) as partners:
            for one in names:
                with system(one, folder / one, partners, asked.feeds, asked.stored) as running:
                    rows += measure(running, press, partners, asked.scenario)
    rows = with_ratios(rows)
    if asked.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        show(rows)
    missed = missed_aims(rows)
    for words in missed:
        print(words, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
