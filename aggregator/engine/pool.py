"""Worker processes that can be killed: partners' bytes are read there, since that can hang or exhaust memory.

Pebble keeps the processes and kills the ones that overrun; this module adds what a newsroom needs at 3
a.m.: workers that die with their parent, a memory limit, errors in our own words, and a new pool when the
old one broke.
"""

from __future__ import annotations

import asyncio
import fcntl
import multiprocessing
import os
import pickle
import resource
import signal
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, forkserver
from types import TracebackType
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from aggregator.errors import WorkerDiedError, WorkerError, WorkerTimeoutError

T = TypeVar("T")

_JOBS_PER_WORKER = 500  # then a fresh one: a fragmented heap would meet the memory limit some night
_NICENESS = 5  # whoever answers readers goes first
_GRACE_S = 5.0  # for starting a worker and noticing an overrun; see WorkerPool.run


class WorkerPool:
    """A few warm worker processes, each doing one job at a time within ``deadline_s`` and ``memory_bytes``.

    ``memory_bytes`` limits a worker's address space (RLIMIT_AS). ``preload`` names modules that are
    imported once, in the fork server, so that a killed worker's successor is ready in milliseconds. Workers
    inherit no sockets, ignore SIGINT, and die when this process does, however it ends. Use it with ``async
    with``, or call ``close``.
    """

    def __init__(
        self, workers: int, deadline_s: float, memory_bytes: int, *, preload: Sequence[str] = ()
    ) -> None:
        self._workers = workers
        self._deadline_s = deadline_s
        self._memory_bytes = memory_bytes
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["aggregator.engine.pool", *preload, "aggregator.engine.warm"])
        self._free_workers = asyncio.Semaphore(workers)
        self._pool: ProcessPool | None = None
        self._is_closed = False

    async def __aenter__(self) -> Self:
        # It imports what is preloaded while the first documents are being fetched.
        forkserver.ensure_running()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run(self, function: Callable[..., T], *args: Any, deadline_s: float | None = None) -> T:
        """Call a module-level function in a worker; arguments and result are pickled.

        ``deadline_s`` shortens the pool's own. It counts from when a worker starts the job, not from the queue.
        Cancelling kills the worker. Raises WorkerTimeoutError when it was killed at the deadline,
        WorkerDiedError when it ran out of memory or crashed, and what the function itself raises.
        """
        deadline_s = deadline_s or self._deadline_s
        async with self._free_workers:
            pool = await self._usable_pool()
            try:
                # Pebble measures with the wall clock, and forgets a job whose worker died before taking it
                # up: the event loop's clock stands behind it.
                async with asyncio.timeout(deadline_s + _GRACE_S):
                    job = pool.schedule(_call, args=(function, args), timeout=deadline_s)
                    result: T = await asyncio.wrap_future(job)
                    return result
            except TimeoutError as error:
                raise WorkerTimeoutError(f"killed after {deadline_s:g} s") from error
            except ProcessExpired as error:
                raise WorkerDiedError(f"the worker died ({_how_it_ended(error.exitcode)})") from error
            except BrokenProcessPool as error:
                raise WorkerDiedError("the workers died") from error
            except MemoryError as error:
                raise WorkerDiedError(
                    f"more than {self._memory_bytes / 1e6:,.0f} MB of memory needed"
                ) from error

    async def close(self) -> None:
        """Kill running jobs and wait until no worker is left. Nothing can be run afterwards."""
        self._is_closed = True
        await self._discard()

    async def _discard(self) -> None:
        """Stop all processes of the present pool."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            await asyncio.to_thread(pool.join)

    async def _usable_pool(self) -> ProcessPool:
        """The running pool; a new one where there is none or the old one broke (idle workers were killed)."""
        if self._pool is not None and not self._pool.active:
            await self._discard()
        if self._is_closed:
            raise WorkerError("the workers were dismissed")
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=_JOBS_PER_WORKER,
                initializer=_become_worker,
                initargs=(self._memory_bytes,),
                context=self._processes,
            )
        return self._pool


def _become_worker(memory_bytes: int) -> None:
    """Runs in each new worker, before its first job."""
    # Pebble's own handler waits for the interpreter, which a hanging parser never gives back.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    _die_with_parent()


def _die_with_parent() -> None:
    """Have the kernel send SIGIO, which ends a process, when the pipe that the parent holds open is closed.

    A signal, because a thread that watches the pipe would wait for the interpreter lock behind a hanging
    job. Not PR_SET_PDEATHSIG, because a worker's parent in the kernel's eyes is the fork server, which
    outlives its creator as long as there are workers.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        raise WorkerError("a worker needs a parent process")
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if connection.wait([parent.sentinel], timeout=0):
        os._exit(0)  # the parent died before its worker was ready: nobody is left to be told


def _call(function: Callable[..., T], args: Sequence[Any]) -> T:
    """Do a job in the worker. An exception that cannot be pickled would break the pool; its words can."""
    try:
        return function(*args)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        except Exception:  # noqa: BLE001 - whatever pickle says
            raise WorkerError(f"{type(error).__name__}: {error}") from None
        raise


def _how_it_ended(exit_code: int) -> str:
    return f"signal {signal.Signals(-exit_code).name}" if exit_code < 0 else f"exit status {exit_code}"
