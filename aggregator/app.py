"""Composition root: configuration and two addresses become an App that jobs can work with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from aggregator import __version__
from aggregator.config.model import Config
from aggregator.engine.pool import WorkerPool
from aggregator.errors import DatabaseAddressError
from aggregator.net.fetch import Net, user_agent
from aggregator.store.public import PublicDirectory
from aggregator.store.store import Store

T = TypeVar("T")

WORKERS = 2
# feedparser needs about 0.1 s for a large honest feed; what takes longer than this is an attack or damage.
WORKER_DEADLINE_S = 10.0
WORKER_MEMORY_BYTES = 1_000_000_000
PRELOADED = ("aggregator.reading",)
# Begins the ids of the demo's sources.
DEMO_PREFIX = "demo-"


@dataclass(frozen=True)
class App:
    """Everything a job needs. ``clock`` gives aware UTC; tests pass their own."""

    config: Config
    store: Store
    public: PublicDirectory
    net: Net
    pool: WorkerPool
    clock: Callable[[], datetime]
    _store_thread: ThreadPoolExecutor

    async def in_store_thread(self, function: Callable[..., T], *args: object) -> T:
        """Run blocking work on the database without holding up the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._store_thread, function, *args)


def utc_now() -> datetime:
    """The only clock of the program."""
    return datetime.now(UTC)


@contextmanager
def open_store(database: str, config: Config, *, must_exist: bool = False) -> Iterator[Store]:
    """Open the database, migrating it to this version; an SQLite file is made unless it ``must_exist``.

    Raises StoreError when it cannot be used, or holds the demo's news while ``config`` names real sources.
    """
    store = Store(database)
    try:
        if must_exist and store.is_missing:
            raise DatabaseAddressError(f"there is no database at {database}: name another, or poll first")
        store.migrate()
        _refuse_mixed_news(store, config)
        yield store
    finally:
        store.close()


@asynccontextmanager
async def open_app(
    config: Config,
    database: str,
    public: Path,
    clock: Callable[[], datetime] = utc_now,
    *,
    must_exist: bool = False,
) -> AsyncIterator[App]:
    """Open the database, the network and the workers; close them in the end. Raises StoreError."""
    agent = user_agent(__version__, config.site.feeds_url, config.site.contact)
    with (
        open_store(database, config, must_exist=must_exist) as store,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="store") as thread,
    ):
        pool = WorkerPool(WORKERS, WORKER_DEADLINE_S, WORKER_MEMORY_BYTES, preload=PRELOADED)
        async with pool, Net(config.fetch, agent) as net:
            yield App(config, store, PublicDirectory(public), net, pool, clock, thread)


def _refuse_mixed_news(store: Store, config: Config) -> None:
    """The demo's invented news and real news never stand in one database, whichever came first."""
    with store.read() as tx:
        names = {*tx.source_states(), *(source.id for source in config.sources)}
    invented = {name for name in names if name.startswith(DEMO_PREFIX)}
    if invented and invented != names:
        raise DatabaseAddressError(
            f"demo news ({min(invented)}) and real news ({min(names - invented)}) must not meet: "
            "name another database with --database or AGGREGATOR_DATABASE"
        )
