"""The tick goes on whatever the wall clock does. The clock here is a value; APScheduler's own is stepped in
tests/service/test_service_clock.py, for a whole process."""

from __future__ import annotations

import asyncio
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.engine.supervisor import Supervisor
from aggregator.engine.ticker import SteadyClock, Ticker, _FromNow

TICK_S = 0.02


class SteppedClock:
    """The real clock, and what was added to it."""

    def __init__(self) -> None:
        self.added = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.added


async def test_ticks_come_and_those_that_wait_become_one() -> None:
    async with Ticker(TICK_S, SteppedClock()) as ticker:
        for _ in range(3):
            assert await asyncio.wait_for(ticker.next(), 2) == timedelta(0)
        await asyncio.sleep(20 * TICK_S)
        ticks, until_s = 0, time.monotonic() + 3 * TICK_S
        while time.monotonic() < until_s:
            await asyncio.wait_for(ticker.next(), 2)
            ticks += 1
        assert ticks <= 6, "those that were missed are not made up for"


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(days=1)])
async def test_a_step_is_told_once_and_by_how_much(by: timedelta) -> None:
    clock = SteppedClock()
    async with Ticker(TICK_S, clock) as ticker:
        await ticker.next()
        clock.added = by
        assert abs(await ticker.next() - by) < timedelta(seconds=1)
        assert await ticker.next() == timedelta(0)


@pytest.mark.parametrize(
    ("walls", "steady_s"),
    [
        ((0,), 0),
        ((0, 10, 20, 30), 30),
        ((0, 11, 20, 31), 30),  # read a moment apart, or slewed
        ((0, 86_410, 86_420, 86_430), 20),
        ((0, 10, 86_420, 30), 0),  # ahead for a moment
        ((0, 10, -3_580, -3_570), 10),
    ],
)
def test_a_clock_is_steady_since_nobody_set_it(walls: tuple[int, ...], steady_s: float) -> None:
    clock, began_at = SteadyClock(), datetime(2026, 11, 23, tzinfo=UTC)
    told = [
        clock.steady_s(began_at + timedelta(seconds=wall), 500.0 + 10 * n) for n, wall in enumerate(walls)
    ]
    assert told[-1] == steady_s


async def test_a_job_that_was_planned_by_a_clock_ahead_is_armed_anew() -> None:
    """What a clock set back by an hour does to APScheduler: the next run lies an hour in the future."""
    async with Ticker(TICK_S, SteppedClock()) as ticker:
        await ticker.next()
        ticker._job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))
        await asyncio.sleep(TICK_S)
        ticker._due.clear()
        await asyncio.wait_for(ticker.next(), 2)


def test_decades_at_once_cost_one_step() -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    assert _FromNow(1.0).get_next_fire_time(datetime(1970, 1, 1, tzinfo=UTC), now) == now + timedelta(
        seconds=1
    )


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_the_supervisor_is_told(tmp_path: Path, kind: str) -> None:
    address = str(tmp_path / "notify") if kind == "path" else f"@aggregator-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address.replace("@", "\0", 1) if kind == "abstract" else address)
        listening.settimeout(2)
        supervisor = Supervisor({"NOTIFY_SOCKET": address})
        supervisor.ready()
        supervisor.alive()
        supervisor.stopping()
        assert [listening.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": "/nonexistent/notify"}])
def test_nobody_listening_is_no_trouble(environ: dict[str, str]) -> None:
    Supervisor(environ).ready()
