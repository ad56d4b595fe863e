"""bench/publish.py on a small desk: a story makes those documents anew that contain it, and no others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "documents"),
    # The combined output and the topic's, with pages; three formats for each of those that take the topic.
    [((), 4 + 4 + 2 * 3), (("--everything",), 4 + 4 + 6 * 3)],
    ids=["one topic each", "everything"],
)
def test_only_what_contains_a_story_is_made_anew(more: tuple[str, ...], documents: int) -> None:
    sizes = ["--subscribers", "6", "--topics", "3", "--stories", "30", "--rounds", "1"]
    command = [sys.executable, "bench/publish.py", *sizes, *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    made = f"documents made for a story: [{documents}], those that contain it: {documents}"
    assert made in done.stdout.splitlines(), done.stdout + done.stderr
