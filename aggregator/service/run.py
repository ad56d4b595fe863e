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
from aggregator.engine.heap import Heap, freeze_start
from aggregator.engine.supervisor import Supervisor
from aggregator.engine.ticker import Ticker
from aggregator.errors import AlreadyRunningError, ServiceBrokenError, StoreError
from aggregator.service.alerter import Alerter
from aggregator.service.deliverer import Deliverer
from aggregator.service.ending import Ending
from aggregator.service.front import Front, Parts
from aggregator.service.inforce import InForce
from aggregator.service.live import Live
from aggregator.service.poller import Poller
from aggregator.service.publisher import Publisher
from aggregator.service.reloader import Reloader
from aggregator.service.subscriber import Subscriber
from aggregator.service.usage import UsageCounter
from aggregator.store.public import SERVICE_LOCK, try_lock
from aggregator.web.metrics import Metrics
from aggregator.web.server import serve

log = structlog.get_logger()

TICK_S = 1.0
Step = Callable[[], Coroutine[Any, Any, None]]
# Longer than any wait for a locked or silent database.
TICK_GIVEN_UP_S = 600.0
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
    with _only_service(place.public):
        async with open_app(in_force.loaded.config, place.database, place.public, clock) as app:
            # Not before: a signal during a long migration would only be heard after it.
            ending = Ending()
            await _run(app, in_force, file, place, environ, ending.asked)
    log.info("ended")


async def _run(
    app: App,
    in_force: InForce,
    file: ConfigFile | None,
    place: Place,
    environ: Mapping[str, str],
    asked_to_end: asyncio.Event,
) -> None:
    live, metrics, supervisor = Live(app), Metrics(), Supervisor(environ)
    deliverer = Deliverer(live, _lessee(place.public), metrics)
    publisher = Publisher(live, metrics, deliverer.news)
    reloader = Reloader(live, file, in_force, metrics, publisher.held, publisher.news)
    async with Ticker(TICK_S, app.clock) as ticker:
        poller = Poller(live, _lessee(place.public), metrics, publisher.news, ticker.wake)
        subscriber = Subscriber(live, metrics, publisher.news)
        usage = UsageCounter(live)
        parts = Parts(poller, publisher, subscriber, deliverer, usage)
        front = Front(live, parts, metrics, _folders(app))
        alerter = Alerter(live, environ)
        # Before anything else: what was published last is served while the rest wakes up.
        await publisher.wake()
        async with serve(front, metrics, host=place.host, port=place.port, ops_token=place.ops_token) as url:
            log.info("serving", url=url, database=app.store.name, public=str(app.public.path))
            freeze_start()
            supervisor.ready()
            looks = (front.count_sources, usage.tend, alerter.tend, Heap().tend)
            steps = (reloader.tend, poller.poll_due, publisher.tend, subscriber.tend, *looks)
            publishing = asyncio.create_task(publisher.run())
            delivering = asyncio.create_task(deliverer.run())
            ticking = asyncio.create_task(_tick_for_ever(live, ticker, steps, front))
            heart = asyncio.create_task(_beat(supervisor, front))
            await _until_asked(asked_to_end, publishing, delivering, ticking, heart)
            log.info("draining")
            supervisor.stopping()
            await _cancelled(ticking)
            await asyncio.gather(poller.drain(DRAIN_VISITS_S), subscriber.drain(DRAIN_VISITS_S))
            await alerter.end()
            publisher.end()
            await publishing
            deliverer.end()
            await delivering
            await _trouble_of(usage.keep, front)
            await _cancelled(heart)
    await live.app.net.__aexit__(None, None, None)


async def _until_asked(asked_to_end: asyncio.Event, *work: asyncio.Task[None]) -> None:
    """Work never ends by itself. If it does, the service ends too and is started anew, rather than living on half."""
    asked = asyncio.create_task(asked_to_end.wait())
    done, _ = await asyncio.wait((asked, *work), return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    for task in done - {asked}:
        task.result()
        raise ServiceBrokenError("a part of the service ended by itself")


async def _tick_for_ever(live: Live, ticker: Ticker, steps: tuple[Step, ...], front: Front) -> None:
    last_trouble, unmoved = "", timedelta(0)
    while True:
        unmoved += await ticker.next()
        trouble = ""
        if unmoved:
            trouble = await _trouble_of(partial(_move_schedule, live, unmoved), front)
            unmoved = unmoved if trouble else timedelta(0)
        for step in steps:
            trouble = await _trouble_of(step, front) or trouble
        if trouble and trouble != last_trouble:
            log.error("tick failed", problem=trouble)
        last_trouble = trouble
        front.ticked(trouble)


async def _trouble_of(step: Step, front: Front) -> str:
    """Why a step failed, in words; '' when it did not."""
    try:
        await step()
    except StoreError as error:
        front.store_failed()
        return str(error)
    except Exception as error:  # a bug met in one step must not end the service; it is logged whole
        log.exception("internal error")
        return f"internal error ({type(error).__name__}); the log has the details"
    return ""


async def _beat(supervisor: Supervisor, front: Front) -> None:
    """A hanging loop falls silent at once, and so does one whose ticks no longer end: a restart may help both.

    A database that keeps a tick waiting for a while is no reason: documents are served meanwhile.
    """
    while True:
        if front.tick_age_s < TICK_GIVEN_UP_S:
            supervisor.alive()
        await asyncio.sleep(TICK_S)


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
    """Two machines may have the same name, and folders often do."""
    try:
        machine = Path("/etc/machine-id").read_text("ascii").strip()
    except OSError:
        machine = ""
    return f"{platform.node()}:{machine}:{public.resolve()}"


def _folders(app: App) -> dict[str, Path]:
    folders = {"the published files": app.public.path}
    if app.store.folder is not None:
        folders["the database"] = app.store.folder
    return folders


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
