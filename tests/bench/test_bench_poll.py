"""bench/poll.py on a few feeds: every system does its rounds, and what they cost is told and judged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from clients import toolbox
from poll import AIMS, PSS_MB, Row, missed_aims, with_ratios
from poll_press import ENTRIES, Press, print_feed
from poll_server import SCENARIOS, Partners
from poll_usage import measured, tree
from required import skip_unless_required

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
BUSY = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
# A child that works and is waited for, then work of its own; then it waits to be ended.
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])\n{BUSY}\nprint(); sys.stdin.read()"


@pytest.fixture
def press(tmp_path: Path) -> Press:
    press = Press(tmp_path, 41, NOW)
    for feed in (0, 1, 20, 40):
        print_feed(press, feed)
    return press


def ids(path: Path) -> list[str]:
    return [entry.id for entry in feedparser.parse(path.read_bytes()).entries]


@pytest.mark.parametrize(("feed", "new"), [(0, 1), (20, 2), (40, 3)])
def test_a_second_edition_has_new_entries_at_the_top_and_as_many_fewer_at_the_end(
    press: Press, feed: int, new: int
) -> None:
    first, second = ids(press.path(feed, 1)), ids(press.path(feed, 2))
    assert press.new_in_second(feed) == new
    assert len(set(first)) == len(set(second)) == ENTRIES
    assert second[new:] == first[:-new]
    assert not {*second[:new]} & {*first}


def test_a_feed_is_as_large_as_it_is_said_to_be_and_no_two_are_alike(press: Press) -> None:
    documents = [press.path(feed, 1).read_bytes() for feed in (0, 1)]
    assert all(230_000 < len(document) < 270_000 for document in documents)
    assert not {*ids(press.path(0, 1))} & {*ids(press.path(1, 1))}
    assert press.new_in_second(1) == 0
    assert not press.path(1, 2).exists()


@pytest.mark.parametrize(
    ("scenario", "feed", "headers", "status"),
    [
        ("all_304", 0, {}, 200),
        ("all_304", 0, {b"if-none-match": b'"0-1"'}, 304),
        ("all_304", 0, {b"if-none-match": b'"1-1"'}, 200),
        ("all_304", 0, {b"if-modified-since": b"Mon, 23 Nov 2026 06:00:00 GMT"}, 304),
        ("identical", 0, {b"if-none-match": b'"0-1"'}, 200),
        ("changed_5pct", 0, {b"if-none-match": b'"0-1"'}, 200),
        ("changed_5pct", 1, {b"if-none-match": b'"1-1"'}, 304),
        ("all_304", 41, {}, 404),
    ],
)
def test_the_server_answers_as_the_scenario_has_it(
    press: Press, scenario: str, feed: int, headers: dict[bytes, bytes], status: int
) -> None:
    answered, _, body = Partners(press, scenario).answer(feed, headers)
    assert answered == status
    assert bool(body) == (status == 200)


def test_what_children_used_that_have_ended_counts() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with measured(process.pid) as usage:
            process.stdout.readline()
        assert tree(os.getpid()).count(process.pid) == 1
        process.send_signal(signal.SIGTERM)
    assert 0.6 < usage.cpu_s < 1.5
    assert 3 < usage.pss_mb < 60


def row(system: str, scenario: str, cpu_s: float, pss_mb: float = 100.0) -> Row:
    return Row(system, scenario, 200, cpu_s, cpu_s, pss_mb, 5 * cpu_s)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_aim_is_met_or_missed(scenario: str) -> None:
    met, missed = (row("ours", scenario, 100 / (AIMS[scenario] * share)) for share in (1.01, 0.99))
    reader = row("reader", scenario, 100)
    assert missed_aims(with_ratios([met, reader])) == []
    assert len(missed_aims(with_ratios([missed, reader]))) == 1
    assert missed_aims(with_ratios([missed])) == []
    assert len(missed_aims([replace(met, pss_mb=PSS_MB)])) == 1
    assert missed_aims([met, row("ours+stored", scenario, met.cpu_s * 1.19)]) == []
    assert len(missed_aims([met, row("ours+stored", scenario, met.cpu_s * 1.21)])) == 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_system_does_every_round() -> None:
    if not toolbox.PYTHON.exists():
        skip_unless_required("AGGREGATOR_REQUIRE_CLIENTS", "reader is missing: make clients installs it")
    command = [sys.executable, "bench/poll.py", "--feeds", "2", "--stored", "2000", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode in (0, 1), done.stderr  # so few feeds show no aim
    rows = json.loads(done.stdout)
    assert [(one["system"], one["scenario"]) for one in rows] == [
        (system, scenario) for system in ("ours", "reader", "bare", "ours+stored") for scenario in SCENARIOS
    ]
    for one in rows:
        assert one["cpu_s"] > 0
        assert one["ratio_to_reader"] > 0
        assert one["per_feed_ms"] == pytest.approx(500 * one["cpu_s"], abs=0.5)
