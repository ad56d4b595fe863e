"""Logs never stop work: not on a full disk, not into a pipe that nobody reads."""

from __future__ import annotations

import io
import os
import subprocess
import sys

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
