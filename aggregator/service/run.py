"""``aggregator run``: scheduler, publisher and server in one process, until somebody ends it."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from aggregator.app import App, open_app, utc_now
from aggregator.config.file import ConfigFile
from aggregator.engine.supervisor import Supervisor
from aggregator.engine.ticker import Ticker
from aggregator.errors import AlreadyRunningError, StoreError
from aggregator.service.ending import Ending
from aggregator.service.front import Front
from aggregator.service.inforce import InForce
from aggregator.service.live import Live
from aggregator.service.poller import Poller
from aggregator.service.publisher import Publisher
from aggregator.service.reloader import Reloader
from aggregator.store.public import SERVICE_LOCK, try_lock
from aggregator.web.metrics import Metrics
from aggregator.web.server import serve

log = structlog.get_logger()

TICK_S = 1.0
Step = Callable[[], Coroutine[Any, Any, None]]
# Of the time that ending may take, visits get the greater part.
DRAIN_VISITS_S = 12.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service works and listens."""

    database: str
    public: Path
    host: str
    port: int
    ops_token: str = ""


async def run(
    in_force: InForce,
    file: ConfigFile | None,
    place: Place,
    environ: Mapping[str, str] = os.environ,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Serve, poll and publish until SIGTERM or SIGINT; then drain. ``file`` is watched when there is one.

    A second signal ends the process at once, and so does a drain that takes longer than ``DRAIN_S``: whatever
    is not committed then is done again after the next start. Raises AlreadyRunningError, ServeError, StoreError.
    """
    ending = Ending()
    with _only_service(place.public):
        async with open_app(in_force.loaded.config, place.database, place.public, clock) as app:
            await _run(app, in_force, file, place, Supervisor(environ), ending.asked)
    log.info("ended")


async def _run(
    app: App,
    in_force: InForce,
    file: ConfigFile | None,
    place: Place,
    supervisor: Supervisor,
    asked_to_end: asyncio.Event,
) -> None:
    live, metrics = Live(app), Metrics()
    publisher = Publisher(live, metrics)
    reloader = Reloader(live, file, in_force, metrics, publisher.news)
    async with Ticker(TICK_S, app.clock) as ticker:
        poller = Poller(live, _lessee(place.public), metrics, publisher.news, ticker.wake)
        front = Front(live, poller, publisher, metrics, _folders(app))
        # Before anything else: what was published last is served while the rest wakes up.
        await publisher.wake()
        async with serve(front, metrics, host=place.host, port=place.port, ops_token=place.ops_token) as url:
            log.info("serving", url=url)
            supervisor.ready()
            publishing = asyncio.create_task(publisher.run())
            steps = (reloader.tend, poller.poll_due, publisher.tend, front.count_sources)
            ticking = asyncio.create_task(_tick_for_ever(live, ticker, steps, front, supervisor))
            await asked_to_end.wait()
            log.info("draining")
            supervisor.stopping()
            await _cancelled(ticking)
            await poller.drain(DRAIN_VISITS_S)
            await _cancelled(publishing)
            await publisher.publish()
    await live.app.net.__aexit__(None, None, None)


async def _tick_for_ever(
    live: Live,
    ticker: Ticker,
    steps: tuple[Step, ...],
    front: Front,
    supervisor: Supervisor,
) -> None:
    last_trouble = ""
    while True:
        stepped_by = await ticker.next()
        moves: tuple[Step, ...] = (partial(_move_schedule, live, stepped_by),) if stepped_by else ()
        trouble = ""
        for step in (*moves, *steps):
            supervisor.alive()
            try:
                await step()
            except StoreError as error:
                front.store_failed()
                trouble = str(error)
            except Exception as error:  # a bug met in one step must not end the service; it is logged whole
                log.exception("internal error")
                trouble = f"internal error ({type(error).__name__}); the log has the details"
        if trouble and trouble != last_trouble:
            log.error("tick failed", problem=trouble)
        last_trouble = trouble
        front.ticked(trouble)


async def _move_schedule(live: Live, stepped_by: timedelta) -> None:
    """The wall clock was stepped: everybody goes on waiting as long as before."""
    app = live.app
    log.warning("the clock was stepped", by_s=round(stepped_by.total_seconds(), 1))
    await app.write(lambda tx: tx.shift_schedule(stepped_by, app.clock()))


@contextmanager
def _only_service(public: Path) -> Iterator[None]:
    """One service for one public folder: leases under its name are then nobody else's."""
    lock = try_lock(public / SERVICE_LOCK)
    if lock is None:
        raise AlreadyRunningError(
            f"another aggregator run works on {public}: end it first, or name another folder with --public"
        )
    with lock:
        yield


def _lessee(public: Path) -> str:
    return f"{platform.node()}:{public.resolve()}"


def _folders(app: App) -> dict[str, Path]:
    folders = {"the published files": app.public.path}
    if app.store.folder is not None:
        folders["the database"] = app.store.folder
    return folders


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
