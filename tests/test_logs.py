"""Logs never stop work: not on a full disk, not into a pipe that nobody reads."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from aggregator.logs import configure_logs

WRITES = """
import structlog
from aggregator.logs import configure_logs
configure_logs(verbose=True)
for number in range(3):
    structlog.get_logger().info("line", number=number)
try:
    raise ValueError("whole")
except ValueError:
    structlog.get_logger().exception("internal error")
print("went on")
"""


class FullDisk(io.TextIOBase):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_under_the_log_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", FullDisk())
    configure_logs(verbose=True)
    try:
        structlog.get_logger().info("line")
        structlog.get_logger().exception("internal error")
    finally:
        structlog.reset_defaults()


def test_a_pipe_that_nobody_reads_stops_nobody() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", WRITES], stdout=subprocess.PIPE, stderr=writer, timeout=30, check=False
    )
    os.close(writer)
    assert done.stdout.decode().strip() == "went on"


def test_the_journal_is_told_how_grave_a_line_is(tmp_path: Path) -> None:
    with (tmp_path / "journal").open("w+") as journal:
        found = os.fstat(journal.fileno())
        environ = os.environ | {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}
        subprocess.run(
            [sys.executable, "-c", WRITES],
            stdout=subprocess.DEVNULL,
            stderr=journal,
            env=environ,
            timeout=30,
            check=True,
        )
        journal.seek(0)
        lines = journal.read().splitlines()
    assert [line[:3] for line in lines] == ["<6>", "<6>", "<6>", "<3>"]
    assert json.loads(lines[3][3:])["event"] == "internal error"
