"""The wall clock is stepped, or summer time begins or ends: polling goes on, calmly, and readers see nothing.

Needs libfaketime (Debian's package faketime); AGGREGATOR_REQUIRE_FAKETIME=1 forbids to skip where it is missing.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from required import skip_unless_required
from service_checks import PATHS, shown_headlines
from service_partners import Partners, partners
from service_press import Press
from service_process import Service, partners_config, service

SOURCES = 8
EVERY_S = 4
CALM_S = 4 * EVERY_S  # how long polling is watched, before the step and after it
UNTIL_CHANGE = timedelta(seconds=CALM_S + 35)  # a slow start fits in
LIBRARY = "faketime/libfaketimeMT.so.1"

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SPRING = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)  # in Berlin 02:00 becomes 03:00
AUTUMN = datetime(2027, 10, 31, 1, 0, tzinfo=UTC)  # in Berlin 03:00 becomes 02:00


class Clock:
    """The wall clock of the processes started with ``environ``; the monotonic clock stays as it is."""

    def __init__(self, folder: Path, library: Path, zone: str) -> None:
        self._file = folder / "clock"
        self._offset = timedelta()
        self.step(timedelta())
        self.environ = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",  # the file is read once a second: at each look took 20 s of a start
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": os.pathsep.join(
                (str(Path(__file__).parent / "faked"), str(Path(__file__).parents[2]))
            ),
            "TZ": zone,
        }

    def step(self, by: timedelta) -> None:
        self._offset += by
        new = self._file.with_name("clock.new")
        new.write_text(f"{self._offset.total_seconds():+f}")
        new.replace(self._file)  # in one step: it is read at any moment

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset


@pytest.fixture
def library() -> Path:
    found = sorted(Path("/usr/lib").glob(f"*/{LIBRARY}"))
    if not found:
        reason = f"{LIBRARY} is not installed (Debian's package faketime)"
        skip_unless_required("AGGREGATOR_REQUIRE_FAKETIME", reason)
    return found[0]


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.xdist_group("machine")
@pytest.mark.parametrize("step", [-HOUR, DAY], ids=["an hour back", "a day on"])
def test_a_stepped_clock_neither_stops_nor_hurries_polling(
    tmp_path: Path, library: Path, step: timedelta
) -> None:
    clock = Clock(tmp_path, library, "Asia/Jakarta")
    watch(tmp_path, clock, lambda: clock.step(step))


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.xdist_group("machine")
@pytest.mark.parametrize("change_at", [SPRING, AUTUMN], ids=["to summer time", "from summer time"])
def test_summer_time_begins_and_ends_unnoticed(tmp_path: Path, library: Path, change_at: datetime) -> None:
    clock = Clock(tmp_path, library, "Europe/Berlin")
    clock.step(change_at - UNTIL_CHANGE - clock.now())
    watch(tmp_path, clock, lambda: time.sleep((change_at - clock.now()).total_seconds()))


def watch(folder: Path, clock: Clock, let_it_happen: Callable[[], None]) -> None:
    """Poll partners that publish nothing new, before and after the clock changes."""
    press = Press(SOURCES, clock.now(), publish_every_s=0.1, until_s=0.5)
    with (
        partners(press) as server,
        service(folder, partners_config(server, 100), EVERY_S, environ=clock.environ) as desk,
    ):
        desk.start()
        truth = press.headlines(1)
        desk.wait_for(lambda: desk.is_ready() and shown_headlines(desk) == truth, 40, "the first documents")
        calm_from_s = time.monotonic()
        time.sleep(CALM_S)
        documents = {path: desk.get(path) for path in PATHS}
        let_it_happen()
        changed_s = time.monotonic()
        time.sleep(CALM_S)
        watched_until_s = time.monotonic()
        assert {path: desk.get(path) for path in PATHS} == documents
        assert desk.is_ready(), desk.get("readyz")[1]
        assert abs(told_time(desk) - clock.now()) < timedelta(seconds=3), (
            "the service's clock was not changed"
        )
        check_rhythm(server, calm_from_s, changed_s, watched_until_s)
        assert desk.terminate() == 0


def told_time(desk: Service) -> datetime:
    """What the service says that the time is."""
    with urlopen(f"http://127.0.0.1:{desk.port}/healthz", timeout=10) as answer:
        return parsedate_to_datetime(answer.headers["Date"])


def check_rhythm(server: Partners, calm_from_s: float, changed_s: float, until_s: float) -> None:
    requests = server.requests()
    calm = [at_s for _, at_s in requests if calm_from_s <= at_s < calm_from_s + CALM_S]
    after = [(partner, at_s - changed_s) for partner, at_s in requests if changed_s <= at_s < until_s]
    first_s = dict(reversed(after))
    assert sorted(first_s) == list(range(SOURCES)), (
        f"some sources are no longer polled, only {sorted(first_s)}"
    )
    latest_s = max(first_s.values())
    print(f"{len(calm)} requests before, {len(after)} after; the last source came {latest_s:.1f} s after")
    assert latest_s <= 2 * EVERY_S
    at_once = Counter(partner for partner, at_s in after if at_s < EVERY_S)
    assert max(at_once.values(), default=0) <= 2, f"a burst: {at_once}"
    assert len(calm) / 2 <= len(after) <= 2 * len(calm)
