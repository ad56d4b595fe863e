"""Publishing while the service runs: soon after news, at the moments that are known, and when others changed rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import chain
from urllib.parse import urljoin

import structlog

from aggregator import jobs
from aggregator.app import App
from aggregator.archiving import follow
from aggregator.config.model import Config
from aggregator.errors import StoreError
from aggregator.model.archive import ArchivePage
from aggregator.model.document import Document, Packed
from aggregator.model.report import PublishReport
from aggregator.outputs.channel import link_header
from aggregator.outputs.render import document_paths, moved_paths
from aggregator.service.live import Live
from aggregator.status import PUBLISH_TROUBLE
from aggregator.subscribing import outputs_in_force, without_ended
from aggregator.web.metrics import Metrics
from aggregator.web.shelf import Shelf

log = structlog.get_logger()

# Visits that end together are published together; news after a calm at once.
GATHER_S = 0.1
CALM_S = 0.3
# A publish that failed, or kept something back, is tried again after so long even without news.
RETRY_S = 5.0
KEPT_BACK_RETRY_S = 60.0
# Files that somebody removed or damaged are found at the latest after so long.
REPAIR_EVERY_S = 3600.0


class Publisher:
    """Makes documents, and keeps the shelf that the server serves from. ``on_published`` is called when they stand."""

    def __init__(self, live: Live, metrics: Metrics, on_published: Callable[[], None]) -> None:
        self._live = live
        self._metrics = metrics
        self._on_published = on_published
        self._wanted = asyncio.Event()
        self._news_s: float | None = None  # when the oldest unpublished news was committed
        self._retry_at_s = 0.0  # when what failed or was kept back is tried again
        self._is_ending = False
        self._ended_s = -CALM_S  # when it was published last
        self._repaired_s: float | None = None  # None: the next publish compares every file with its row
        self._pages: frozenset[ArchivePage] = frozenset()  # changed lately, and standing in our folder
        self.packed: dict[str, Packed] = {}  # what the shelf shows, by path
        # Held from the commit of rows until their files stand and the shelf shows them. Were the shelf ahead of the
        # files, a kill would let readers who are then served from files go back in time.
        self._shelving = asyncio.Lock()
        self._shelved_config: Config | None = None
        self.shelf = Shelf(())
        self.trouble = ""  # why the last publish failed, in words
        self._told_trouble: str | None = None  # what the database has of it; None: of a service before us

    def news(self) -> None:
        """Something was committed that readers should see."""
        if self._news_s is None:
            self._news_s = self._clock_s()
        self._wanted.set()

    async def wake(self) -> None:
        """Before anything is served: let files and shelf show the rows, which a kill may have left ahead of them.

        Raises StoreError when the database cannot be read. A disk that is full is no reason not to serve.
        """
        async with self._shelving:
            try:
                await jobs.repair(self._live.app)
            except StoreError as error:
                self._failed(str(error))
            await self._shelve()

    async def run(self) -> None:
        """Publish whenever that is wanted, until ``end`` is called; then once more."""
        while not self._is_ending:
            await self._wanted.wait()
            if self._clock_s() - self._ended_s < CALM_S:
                await asyncio.sleep(GATHER_S)
            await self.publish()
            self._ended_s = self._clock_s()

    def end(self) -> None:
        """Let ``run`` return. A publish that is under way is not broken off: files would be left behind rows."""
        self._is_ending = True
        self._wanted.set()

    def held(self) -> asyncio.Lock:
        """While it is held nothing is published: for changing what a publish takes for granted."""
        return self._shelving

    async def publish(self) -> None:
        """Publish once. Whatever goes wrong is kept as ``trouble`` and tried again by ``tend``."""
        self._wanted.clear()
        news_s, self._news_s = self._news_s, None
        started_s = self._clock_s()
        try:
            # Before the lock: what another process hides meanwhile is to leave the shelf at once.
            await jobs.read_anew_after_edit(self._live.app)
            async with self._shelving:
                report = await jobs.publish(self._live.app, repair=self._repaired_s is None)
                await self._shelve()
        except StoreError as error:
            self._failed(str(error))
        except Exception as error:  # a bug met while publishing must not end the service; it is logged whole
            log.exception("internal error")
            self._failed(f"internal error ({type(error).__name__}); the log has the details")
        else:
            self._on_published()
            self._succeeded(report, self._clock_s() - started_s)
            if news_s is not None:
                self._metrics.lagged(self._clock_s() - news_s)

    async def tend(self) -> None:
        """At each tick: notice what is due by time or was changed by another process. Raises StoreError."""
        now_s = self._clock_s()
        may_retry = now_s >= self._retry_at_s
        await self._tell_trouble()
        if self._repaired_s is not None and now_s - self._repaired_s > REPAIR_EVERY_S:
            self._publish_whole()
        elif self.trouble:
            if may_retry:
                self._publish_whole()
        elif await jobs.is_publish_due(self._live.app, try_again=may_retry):
            self._wanted.set()
        if not self._shelving.locked():
            async with self._shelving:
                if await self._shelve():
                    self._publish_whole()  # another process wrote rows, perhaps beside another public folder
                self._pages = await follow(self._live.app, self._pages)

    async def _tell_trouble(self) -> None:
        """So that ``status`` says it too."""
        if self.trouble != self._told_trouble:
            words = self.trouble
            await self._live.app.write(lambda tx: tx.set_meta(PUBLISH_TROUBLE, words))
            self._told_trouble = words

    def _publish_whole(self) -> None:
        """Let the next publish compare every file with its row."""
        self._repaired_s = None
        self._wanted.set()

    async def _shelve(self) -> bool:
        """Bring the shelf in line with the rows, whoever wrote them; whether rows had changed. Raises StoreError."""
        app = self._live.app
        changed, removed, gone = await app.in_store_thread(_rows_since, app, self.packed)
        if not changed and not removed and self._shelved_config is app.config:
            return False
        packed = dict(self.packed)
        for document, changed_at in changed:
            packed[document.path] = await app.in_print_thread(app.packs.pack, document, changed_at)
        for path in removed:
            del packed[path]
        app.packs.forget(removed)
        self.packed = packed
        self.shelf = Shelf(
            packed.values(),
            moved=_moved(app.config),
            gone=gone,
            folder=app.public.path,
            links_of=partial(link_header, config=app.config),
        )
        self._shelved_config = app.config
        return bool(changed or removed)

    def _failed(self, words: str) -> None:
        self._metrics.store_failed()
        if words != self.trouble:
            log.error("not published", problem=words)
        self.trouble = words
        self._repaired_s = None
        self._retry_at_s = self._clock_s() + RETRY_S

    def _succeeded(self, report: PublishReport, took_s: float) -> None:
        self.trouble = ""
        now_s = self._clock_s()
        if self._repaired_s is None:
            self._repaired_s = now_s
        self._retry_at_s = now_s + KEPT_BACK_RETRY_S if report.problems else 0.0
        self._metrics.published(took_s, len(report.files), len(report.problems))

    @staticmethod
    def _clock_s() -> float:
        return asyncio.get_running_loop().time()


def _rows_since(
    app: App, packed: dict[str, Packed]
) -> tuple[list[tuple[Document, datetime]], list[str], frozenset[str]]:
    """Documents that differ from the packed ones with their times, paths that are gone, and addresses to call gone."""
    with app.store.read() as tx:
        outputs = outputs_in_force(app.config, tx, app.clock())
        # What has ended is not served any more, although only a publish takes it away, and that may fail.
        versions = without_ended(tx.document_versions(), outputs)
        changed = [
            (document, changed_at)
            for path, (etag, changed_at) in versions.items()
            if (path not in packed or packed[path].document.etag != etag) and (document := tx.document(path))
        ]
        known = tx.output_states().keys()
    removed = [path for path in packed if path not in versions]
    live = {output.id for output in outputs}
    moved = {retired.id for retired in app.config.outputs.retired if retired.moved_to}
    retired = {retired.id for retired in app.config.outputs.retired}
    gone = chain.from_iterable(map(document_paths, (known | retired) - live - moved))
    return changed, removed, frozenset(gone)


def _moved(config: Config) -> dict[str, str]:
    """Retired addresses, each with the absolute address that took its place."""
    return {path: urljoin(config.site.feeds_url, new) for path, new in moved_paths(config).items()}
