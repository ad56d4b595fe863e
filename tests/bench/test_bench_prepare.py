"""bench/prepare.py on one feed: it names what it measured, and reading is a part of preparing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_each_work_is_measured_beside_feedparser() -> None:
    command = [sys.executable, "bench/prepare.py", "--feeds", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    ratios = {row["work"]: row["ratio"] for row in json.loads(done.stdout)}
    assert list(ratios) == ["feedparser", "identity", "read", "prepare"]
    assert ratios["feedparser"] == 1.0 and ratios["identity"] > 0
    assert 0 < ratios["read"] < ratios["prepare"]
