"""Half an hour of steady work: does the service keep its memory, descriptors and threads?

    .venv/bin/python bench/soak.py [--minutes 30] [--feeds 200] [--every 10]

Partners on loopback publish an article a minute each. Every 10 s the service's processes are measured; what is printed
in the end is the slope after the warm-up, by least squares.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from service_checks import shown_headlines
from service_partners import Partners, partners
from service_press import Press
from service_process import Service, partners_config, service

SAMPLE_S = 10
WARM_UP_S = 300
FIVE_MINUTES = 300 // SAMPLE_S
PUBLISH_EVERY_S = 60
LIMIT = 100
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Sample:
    """The main process, and all of them together. Shared pages of the workers count in proportion."""

    at_s: float
    main_bytes: int
    tree_bytes: int
    descriptors: int
    threads: int
    processes: int
    cpu_s: float
    database_bytes: int


def measure(desk: Service, began_s: float) -> Sample:
    main = Path(f"/proc/{desk.pid}")
    pids = desk.survivors()
    return Sample(
        at_s=time.monotonic() - began_s,
        main_bytes=int((main / "statm").read_text().split()[1]) * _PAGE_BYTES,
        tree_bytes=sum(_proportional_bytes(pid) for pid in pids),
        descriptors=len(list((main / "fd").iterdir())),
        threads=len(list((main / "task").iterdir())),
        processes=len(pids),
        cpu_s=_cpu_s(desk.pid),
        database_bytes=sum(path.stat().st_size for path in desk.database.parent.iterdir()),
    )


def _proportional_bytes(pid: int) -> int:
    """0 when the process has ended meanwhile: workers are replaced now and then."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _cpu_s(pid: int) -> float:
    """Of the process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS_PER_S


def slope_mb_per_10_min(samples: list[Sample], of: str) -> float:
    seconds = [sample.at_s for sample in samples]
    values = [getattr(sample, of) / 1e6 for sample in samples]
    return statistics.linear_regression(seconds, values).slope * 600


def soak(desk: Service, server: Partners, minutes: float) -> tuple[list[Sample], list[float]]:
    """Samples, and how many seconds after its publication each article was first seen in all.json."""
    samples: list[Sample] = []
    lags_s: list[float] = []
    seen: set[int] = set(shown_headlines(desk))
    began_s = next_s = time.monotonic()
    print("    s   main MB   all MB   fds  threads  processes   CPU %   database MB   articles")
    while time.monotonic() < began_s + minutes * 60:
        time.sleep(1)
        now_s = server.now_s()
        for story in shown_headlines(desk).keys() - seen:
            seen.add(story)
            lags_s.append(now_s - server.press.published_s(story))
        if time.monotonic() >= next_s:
            next_s += SAMPLE_S
            samples.append(measure(desk, began_s))
            show(samples, len(seen))
    return samples, lags_s


def show(samples: list[Sample], articles: int) -> None:
    last, before = samples[-1], samples[-2] if len(samples) > 1 else samples[-1]
    share = 100 * (last.cpu_s - before.cpu_s) / ((last.at_s - before.at_s) or 1)
    print(
        f"{last.at_s:5.0f} {last.main_bytes / 1e6:9.2f} {last.tree_bytes / 1e6:8.2f} {last.descriptors:5} "
        f"{last.threads:8} {last.processes:10} {share:7.1f} {last.database_bytes / 1e6:13.2f} {articles:10}",
        flush=True,
    )


def summarise(samples: list[Sample], lags_s: list[float]) -> None:
    steady = [sample for sample in samples if sample.at_s >= WARM_UP_S] or samples
    first, last = steady[0], steady[-1]
    print(f"\nafter {first.at_s:.0f} s of warm-up, over {(last.at_s - first.at_s) / 60:.0f} minutes:")
    for name, words in (("main_bytes", "the main process"), ("tree_bytes", "all processes")):
        print(f"memory of {words}: {slope_mb_per_10_min(steady, name):+.2f} MB per 10 minutes")
    for name in ("descriptors", "threads", "processes"):
        values = [getattr(sample, name) for sample in steady]
        early, late = (statistics.median(some) for some in (values[:FIVE_MINUTES], values[-FIVE_MINUTES:]))
        print(
            f"{name}: {min(values)} to {max(values)}; median of the first 5 minutes {early:g}, of the last {late:g}"
        )
    print(f"CPU of the main process: {100 * (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s):.1f} %")
    print(f"database: {last.database_bytes / 1e6:.1f} MB")
    by_length = sorted(lags_s)
    print(
        f"{len(by_length)} articles published, {statistics.median(by_length):.1f} s after their partners (median), "
        f"{by_length[int(len(by_length) * 0.99)]:.1f} s (p99)"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=30)
    arguments.add_argument("--feeds", type=int, default=200)
    arguments.add_argument("--every", type=float, default=10, help="seconds between two polls of a feed")
    given = arguments.parse_args()
    press = Press(given.feeds, datetime.now(UTC), PUBLISH_EVERY_S)
    with (
        tempfile.TemporaryDirectory() as folder,
        partners(press) as server,
        service(Path(folder), partners_config(server, LIMIT), given.every) as desk,
    ):
        desk.start()
        desk.wait_for(lambda: desk.is_ready() and len(shown_headlines(desk)) > 0, 60, "the start")
        samples, lags_s = soak(desk, server, given.minutes)
        print(f"exit status {desk.terminate()}")
    summarise(samples, lags_s)


if __name__ == "__main__":
    main()
