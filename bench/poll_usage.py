"""What a process and all that it started has used: CPU seconds to the microsecond, and memory."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SAMPLE_S = 0.5
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_GONE = (FileNotFoundError, ProcessLookupError)


@dataclass
class Usage:
    """Of one scenario; filled in when it has ended."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    pss_mb: float = 0.0


@contextmanager
def measured(pid: int) -> Iterator[Usage]:
    """What the process and its descendants use while the block runs; memory at its peak, looked at twice a second."""
    usage, has_ended = Usage(pss_mb=pss_mb(pid)), threading.Event()

    def watch() -> None:
        while not has_ended.wait(SAMPLE_S):
            usage.pss_mb = max(usage.pss_mb, pss_mb(pid))

    watcher = threading.Thread(target=watch)
    cpu_s, began_s = tree_cpu_s(pid), time.perf_counter()
    watcher.start()
    try:
        yield usage
    finally:
        usage.wall_s, usage.cpu_s = time.perf_counter() - began_s, tree_cpu_s(pid) - cpu_s
        has_ended.set()
        watcher.join()
        usage.pss_mb = max(usage.pss_mb, pss_mb(pid))


def tree_cpu_s(pid: int) -> float:
    """User and system time of the process and its descendants, with those that have ended and were waited for."""
    return sum(_cpu_s(one) for one in tree(pid))


def pss_mb(pid: int) -> float:
    """Of all of them; pages that several share count in proportion."""
    return sum(_pss_kb(one) for one in tree(pid)) * 1024 / 1e6


def tree(pid: int) -> list[int]:
    """The process and its descendants."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(path.name)):
            children[int(fields[1])].append(int(path.name))
    found = [pid]
    for one in found:
        found += children[one]
    return found


def _cpu_s(pid: int) -> float:
    """The clock of a living process is exact (clock_getcpuclockid(3)); of its children that ended ticks are kept."""
    fields = _stat(pid)
    if not fields:
        return 0.0
    own, of_ended = (sum(map(int, some)) / _TICKS_PER_S for some in (fields[11:13], fields[13:15]))
    with suppress(OSError):  # it has ended, and nobody has waited for it yet
        own = time.clock_gettime(~pid << 3 | 2)
    return own + of_ended


def _stat(pid: int) -> list[str]:
    """proc(5): the fields of /proc/PID/stat behind the name, which are state, ppid and so on; [] when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except _GONE:
        return []


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except _GONE:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
