"""bench/matching.py on a small store: it finds the copies that it invents, and takes no day of a column for one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from invented_news import article

ROOT = Path(__file__).parents[2]


def test_the_same_number_is_the_same_article_in_every_process() -> None:
    program = "from invented_news import article; print(article(12345).text)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT / "bench")
    assert done.stdout.rstrip("\n") == article(12345).text


@pytest.mark.slow
def test_copies_are_found_and_days_of_a_column_are_not() -> None:
    command = [sys.executable, "bench/matching.py", "--stories", "100", "200", "--entries", "10"]
    done = subprocess.run(
        [*command, "--popular", "50"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if "ms" in line]
    found = {row[0]: int(row[-1]) for row in rows}
    assert found == {"100": 3, "200": 3, "50 alike beside them": 0}, (
        done.stderr
    )  # of 60 entries, one in twenty
