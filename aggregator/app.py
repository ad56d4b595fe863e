"""Composition root: configuration and two addresses become an App that jobs can work with."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar
from weakref import WeakValueDictionary

from aggregator import __version__
from aggregator.config.model import Config
from aggregator.editorial.prepare import HASH_VERSION
from aggregator.editorial.sanitize import POLICY_VERSION
from aggregator.editorial.settle import settled_by
from aggregator.engine.group_commit import GroupCommit
from aggregator.engine.heap import keep_small
from aggregator.engine.kept import Kept
from aggregator.engine.pool import WorkerPool
from aggregator.errors import DatabaseAddressError
from aggregator.gating import gated
from aggregator.model.document import Document
from aggregator.model.problem import Problem
from aggregator.model.story import PrintStory
from aggregator.net.fetch import SPACING_S, Net, user_agent
from aggregator.outputs.item import KEPT
from aggregator.outputs.pack import PackCache
from aggregator.outputs.render import RENDER_VERSION, render_directory
from aggregator.outputs.select import outputs_of
from aggregator.store.public import PublicDirectory
from aggregator.store.reads import ReadTx
from aggregator.store.store import Store
from aggregator.store.writes import WriteTx

T = TypeVar("T")
Item = TypeVar("Item")

# feedparser needs about 0.1 s for a large honest feed; what takes longer than the last of these is an attack or damage.
QUICK_DEADLINE_S = 2.0
WORKER_DEADLINE_S = 10.0
# Who may keep a worker: first readings, feeds that took longer than the quick deadline or failed before, and what is
# left always for cleaning what is published next. So nobody who hangs keeps the others waiting.
QUICK_READERS = 2
SLOW_READERS = 1
WORKERS = QUICK_READERS + SLOW_READERS + 1
WORKER_MEMORY_BYTES = 1_000_000_000
# Packing lets go of Python's lock, so that documents are made meanwhile.
PACKERS = 2
PRELOADED = ("aggregator.reading",)
# Begins the ids of the demo's sources.
DEMO_PREFIX = "demo-"


def publish_key(config: Config) -> str:
    """Changes when anything that decides what is published changes, in the file or in our code.

    Subscribers decide of their own outputs only, and not of what stories are.
    """
    decides = config.model_dump_json(exclude={"fetch", "keep", "alerts", "subscribers"})
    versions = f"{RENDER_VERSION} {POLICY_VERSION} {HASH_VERSION} {settled_by()}"
    return hashlib.sha256(f"{versions} {decides}".encode()).hexdigest()


@dataclass(frozen=True)
class App:
    """Everything a job needs. ``clock`` gives aware UTC; tests pass their own."""

    config: Config
    store: Store
    public: PublicDirectory
    net: Net
    pool: WorkerPool
    clock: Callable[[], datetime]
    packs: PackCache
    prints: Kept[PrintStory]  # stories fit to print, by what they are made of
    quick_readers: asyncio.Semaphore
    slow_readers: asyncio.Semaphore
    _turns: WeakValueDictionary[str, asyncio.Lock]
    _commits: GroupCommit[WriteTx]
    _store_thread: ThreadPoolExecutor
    _print_thread: ThreadPoolExecutor

    @cached_property
    def publish_key(self) -> str:
        """That of the configuration in force."""
        return publish_key(self.config)

    @cached_property
    def directory(self) -> tuple[tuple[Document, ...], list[Problem]]:
        """The index page and the list of all outputs: they follow from the configuration alone. With it what the gate
        kept back of them.
        """
        return gated(render_directory(outputs_of(self.config), self.config))

    def turn(self, source_id: str) -> asyncio.Lock:
        """Held by whoever works on what a source brought; those who wait for it come in the order they asked."""
        return self._turns.setdefault(source_id, asyncio.Lock())

    async def in_store_thread(self, function: Callable[..., T], *args: object) -> T:
        """Run blocking work on the database without holding up the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._store_thread, function, *args)

    async def in_print_thread(self, function: Callable[..., T], *args: object) -> T:
        """Run work that makes and writes documents without holding up the event loop or the database."""
        return await asyncio.get_running_loop().run_in_executor(self._print_thread, function, *args)

    async def read(self, work: Callable[[ReadTx], T]) -> T:
        """What ``work`` reads in one transaction, without holding up the event loop. Raises StoreError."""
        return await self.in_store_thread(self._read, work)

    def _read(self, work: Callable[[ReadTx], T]) -> T:
        with self.store.read() as tx:
            return work(tx)

    async def write(self, work: Callable[[WriteTx], T]) -> T:
        """What ``work`` returns, once it is committed, perhaps together with other visits' work.

        It may be called twice and must do nothing but read and write in the transaction. Raises StoreError.
        """
        return await self._commits.run(work)

    async def write_together(self, work: Callable[[WriteTx, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """As write(), of work that is done at once for all who ask for it in one transaction. Raises StoreError."""
        return await self._commits.run_together(work, item)


def utc_now() -> datetime:
    """The only clock of the program."""
    return datetime.now(UTC)


@contextmanager
def open_store(
    database: str, config: Config, *, must_exist: bool = False, public: Path | None = None
) -> Iterator[Store]:
    """Open the database, migrating it to this version; an SQLite file is made unless it ``must_exist``.

    Raises StoreError when it cannot be used, holds the demo's news while ``config`` names real sources, or is new
    while ``public`` holds what another one published.
    """
    with closing(Store(database)) as store:
        if must_exist and store.is_missing:
            raise DatabaseAddressError(f"there is no database at {database}: name another, or poll first")
        if store.is_missing:
            _refuse_lost_identity(store, public)
        store.migrate()
        _refuse_lost_identity(store, public)
        refuse_mixed_news(store, config)
        yield store


@asynccontextmanager
async def open_app(
    config: Config,
    database: str,
    public: Path,
    clock: Callable[[], datetime] = utc_now,
    *,
    must_exist: bool = False,
    spacing_s: float = SPACING_S,
) -> AsyncIterator[App]:
    """Open the database, the network and the workers; close them in the end. Raises StoreError.

    ``spacing_s`` lies between two polite requests to one host.
    """
    keep_small()
    with (
        open_store(database, config, must_exist=must_exist, public=public) as store,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="store") as store_thread,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="print") as print_thread,
        ThreadPoolExecutor(max_workers=PACKERS, thread_name_prefix="pack") as packers,
    ):
        pool = WorkerPool(WORKERS, WORKER_DEADLINE_S, WORKER_MEMORY_BYTES, preload=PRELOADED)
        packs = PackCache(lambda work: packers.submit(work).result)
        in_store_thread = partial(asyncio.get_running_loop().run_in_executor, store_thread)
        async with pool, open_net(config, spacing_s) as net:
            yield App(
                config=config,
                store=store,
                public=PublicDirectory(public, packs.variants_of),
                net=net,
                pool=pool,
                clock=clock,
                packs=packs,
                prints=Kept(KEPT),
                quick_readers=asyncio.Semaphore(QUICK_READERS),
                slow_readers=asyncio.Semaphore(SLOW_READERS),
                _turns=WeakValueDictionary(),
                _commits=GroupCommit(store.write, in_store_thread),
                _store_thread=store_thread,
                _print_thread=print_thread,
            )


def open_net(config: Config, spacing_s: float = SPACING_S) -> Net:
    """The network as the configuration allows it; to be entered with ``async with``."""
    agent = user_agent(__version__, config.site.feeds_url, config.site.contact)
    return Net(config.fetch, agent, spacing_s=spacing_s)


def _refuse_lost_identity(store: Store, public: Path | None) -> None:
    """A mistyped address must not begin a desk anew over published feeds: ids and dates would move, and what was
    hidden would be back.
    """
    if public is None or not any((public / "feeds").glob("*.json")):
        return
    if not store.is_missing:
        with store.read() as tx:
            if tx.document_versions():
                return
    raise DatabaseAddressError(
        f"the database {store.name} is new or empty, but {public} holds what another one published: name that one "
        "with --database, restore a backup, or move the folder away to begin anew"
    )


def refuse_mixed_news(store: Store, config: Config) -> None:
    """The demo's invented news and real news never stand in one database, whichever came first.

    Raises DatabaseAddressError.
    """
    with store.read() as tx:
        names = {*tx.source_states(), *(source.id for source in config.sources)}
    invented = {name for name in names if name.startswith(DEMO_PREFIX)}
    if invented and invented != names:
        raise DatabaseAddressError(
            f"demo news ({min(invented)}) and real news ({min(names - invented)}) must not meet: "
            "name another database with --database or AGGREGATOR_DATABASE, or with --config the file it is of"
        )
