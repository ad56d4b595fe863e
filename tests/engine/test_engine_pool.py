"""Real processes, really killed. Jobs stand in the standard library or below: workers import this module."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from aggregator.engine.pool import WorkerPool
from aggregator.errors import NotAFeedError, WorkerDiedError, WorkerError, WorkerTimeoutError

DEADLINE_S = 1.0
MEMORY_BYTES = 400_000_000
HANG = (re.match, r"(a|aa)+$", "a" * 60 + "b")  # holds the interpreter lock and looks at no signal handler


class UnpicklableError(Exception):
    def __init__(self, message: str, needed: int) -> None:
        super().__init__(message)


def refuse() -> None:
    raise NotAFeedError("an HTML page, not a feed")


def fail_unpicklably() -> None:
    raise UnpicklableError("odd", 1)


def open_descriptors() -> list[str]:
    return [str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.exists()]


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(1, DEADLINE_S, MEMORY_BYTES) as workers:
        await workers.run(os.getpid)
        yield workers


async def test_a_worker_is_kept_warm(pool: WorkerPool) -> None:
    assert await pool.run(os.getpid) == await pool.run(os.getpid) != os.getpid()


# Prints for each module whether the garbage collector of a worker looks at it: frozen objects are not listed.
LOOKED_AT = """
import asyncio
from aggregator.engine.pool import WorkerPool
async def main():
    async with WorkerPool(1, 5.0, 400_000_000, preload=["aggregator.model.story"]) as pool:
        for module in "aggregator.model.story", "colorsys":
            words = "(lambda module: any(one is module for one in __import__('gc').get_objects()))"
            print(await pool.run(eval, f"{words}(__import__({module!r}, fromlist=['*']))"))
asyncio.run(main())
"""


def test_what_was_preloaded_is_left_alone_by_the_collector_so_that_workers_share_it() -> None:
    done = subprocess.run([sys.executable, "-c", LOOKED_AT], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]


async def test_a_hanging_job_is_killed_and_the_next_one_works(pool: WorkerPool) -> None:
    started_at = time.monotonic()
    with pytest.raises(WorkerTimeoutError, match="killed after 1 s"):
        await pool.run(*HANG)
    assert time.monotonic() - started_at < DEADLINE_S + 1
    assert await pool.run(os.getpid) > 0


async def test_the_deadline_does_not_count_the_queue(pool: WorkerPool) -> None:
    jobs = [pool.run(time.sleep, 0.6 * DEADLINE_S) for _ in range(3)]
    assert await asyncio.gather(*jobs) == [None] * 3


async def test_two_workers_work_at_once() -> None:
    async with WorkerPool(2, DEADLINE_S, MEMORY_BYTES) as pool:
        await asyncio.gather(pool.run(time.sleep, 0.1), pool.run(time.sleep, 0.1))
        started_at = time.monotonic()
        hung, slept = await asyncio.gather(pool.run(*HANG), pool.run(time.sleep, 0.8), return_exceptions=True)
        assert isinstance(hung, WorkerTimeoutError)
        assert slept is None
        assert time.monotonic() - started_at < DEADLINE_S + 0.7


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ((os._exit, 3), "exit status 3"),
        ((signal.raise_signal, signal.SIGKILL), "signal SIGKILL"),
        ((bytearray, 2 * MEMORY_BYTES), "more than 400 MB of memory needed"),
    ],
)
async def test_a_dying_worker_is_reported_and_replaced(
    pool: WorkerPool, job: tuple[Callable[..., object], object], message: str
) -> None:
    function, argument = job
    with pytest.raises(WorkerDiedError, match=message):
        await pool.run(function, argument)
    assert await pool.run(os.getpid) > 0


async def test_errors_of_the_job_pass_through(pool: WorkerPool) -> None:
    with pytest.raises(NotAFeedError, match="an HTML page, not a feed"):
        await pool.run(refuse)
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 1, 0)
    with pytest.raises(WorkerError, match="UnpicklableError: odd"):
        await pool.run(fail_unpicklably)
    assert await pool.run(abs, -1) == 1


async def test_workers_killed_while_idle_are_replaced(pool: WorkerPool) -> None:
    os.kill(await pool.run(os.getpid), signal.SIGKILL)
    await asyncio.sleep(0.3)
    assert await pool.run(abs, -1) == 1


async def test_cancelling_kills_the_job(pool: WorkerPool) -> None:
    worker = await pool.run(os.getpid)
    job = asyncio.create_task(pool.run(*HANG))
    await asyncio.sleep(0.3)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert await pool.run(os.getpid) != worker


async def test_closing_leaves_no_worker_even_when_all_hang() -> None:
    pool = WorkerPool(2, 30.0, MEMORY_BYTES)
    jobs = [asyncio.create_task(pool.run(*HANG)) for _ in range(3)]  # the third has to wait
    await asyncio.sleep(0.5)
    assert len(multiprocessing.active_children()) == 2
    await pool.close()
    assert multiprocessing.active_children() == []
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    assert multiprocessing.active_children() == []
    with pytest.raises(WorkerError, match="dismissed"):
        await pool.run(abs, -1)


async def test_workers_inherit_no_sockets(pool: WorkerPool) -> None:
    with socket.create_server(("127.0.0.1", 0)):
        os.kill(await pool.run(os.getpid), signal.SIGKILL)
        await asyncio.sleep(0.3)
        assert not [target for target in await pool.run(open_descriptors) if target.startswith("socket:")]


PARENT = """
    import asyncio, os, re, signal, sys
    from aggregator.engine.pool import WorkerPool

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what it starts with &

    async def main():
        pool = WorkerPool(2, 60, 400_000_000)
        workers = set()
        while len(workers) < 2:
            workers |= set(await asyncio.gather(pool.run(os.getpid), pool.run(os.getpid)))
        print(*workers, flush=True)
        if sys.argv[1] == "hanging":
            await asyncio.gather(*[pool.run(re.match, r"(a|aa)+$", "a" * 60 + "b") for _ in range(2)])
        await asyncio.sleep(60 if sys.argv[1] == "idle" else 0)

    if __name__ == "__main__":
        asyncio.run(main())
"""


def is_alive(pid: int) -> bool:
    """Whether a process exists and has not ended (a zombie that nobody collected has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> set[int]:
    """All processes below ``pid``, the fork server and Python's resource tracker among them."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text(encoding="ascii").split()):
            found |= {child} | descendants(child)
    return found


@pytest.mark.parametrize(
    ("doing", "signal_number"),
    [
        ("hanging", signal.SIGKILL),
        ("idle", signal.SIGKILL),
        ("idle", signal.SIGTERM),
        ("hanging", signal.SIGINT),
        ("ending", None),
    ],
)
def test_no_process_outlives_its_parent(
    tmp_path: Path, doing: str, signal_number: signal.Signals | None
) -> None:
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT), encoding="utf-8")
    root = str(Path(__file__).parents[2])
    parent = subprocess.Popen(
        [sys.executable, str(script), doing],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert parent.stdout is not None
    workers = {int(word) for word in parent.stdout.readline().split()}
    family = descendants(parent.pid) if signal_number else workers
    assert len(workers) == 2
    if signal_number:
        assert workers < family
        time.sleep(0.2)
        parent.send_signal(signal_number)
    parent.communicate(timeout=20)
    give_up_at = time.monotonic() + 5
    while any(map(is_alive, family)) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert [pid for pid in family if is_alive(pid)] == []
