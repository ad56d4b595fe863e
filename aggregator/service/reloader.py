"""Edits of feeds.yaml, taken up while the service runs: a valid one is applied, any other is refused and shown."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from aggregator import jobs
from aggregator.app import App, open_net, refuse_mixed_news
from aggregator.config.file import ConfigFile, LoadedConfig
from aggregator.errors import ConfigError, DatabaseAddressError
from aggregator.service.inforce import InForce, remember_config
from aggregator.service.live import Live
from aggregator.status import CONFIG_REFUSED, lost_outputs
from aggregator.web.metrics import Metrics

log = structlog.get_logger()

# Visits that began under the old rules end within fetch.deadline and a little.
OLD_NET_MARGIN_S = 60.0
# Another command with another file may have told the database otherwise.
SYNC_EVERY_S = 60.0


class Reloader:
    """Puts edits of the file in force. ``hold`` keeps publishing out meanwhile, ``on_applied`` is called after each."""

    def __init__(
        self,
        live: Live,
        file: ConfigFile | None,
        in_force: InForce,
        metrics: Metrics,
        hold: Callable[[], asyncio.Lock],
        on_applied: Callable[[], None],
    ) -> None:
        self._live = live
        self._file = file
        self._metrics = metrics
        self._hold = hold
        self._on_applied = on_applied
        self._text = in_force.loaded.text
        self._refused = in_force.refused.lines() if in_force.refused else ()
        self._has_edit = False  # that was not decided upon yet
        self._synced_s: float | None = (
            None  # when the database last heard of the sources; None: it must hear now
        )
        self._closing: set[asyncio.Task[None]] = set()

    async def tend(self) -> None:
        """At each tick: take up an edit, and tell the database what is in force. Raises StoreError."""
        now_s = time.monotonic()
        if self._file is not None and (self._has_edit or self._file.has_changed(now_s)):
            self._has_edit = True
            await self._take_up(self._file)
            self._has_edit = False
        if self._synced_s is None:
            async with self._hold():
                await self._tell()
            self._on_applied()
        elif now_s - self._synced_s > SYNC_EVERY_S:
            await jobs.sync_sources(self._live.app)
            self._synced_s = now_s

    async def _take_up(self, file: ConfigFile) -> None:
        app = self._live.app
        try:
            loaded = await asyncio.to_thread(file.load)
            await app.in_store_thread(refuse_mixed_news, app.store, loaded.config)
        except (ConfigError, DatabaseAddressError) as error:
            self._refused = error.lines() if isinstance(error, ConfigError) else (str(error),)
            log.warning("feeds.yaml refused; the last good one stays", problems=self._refused)
            self._synced_s = None
            return
        if self._refused and loaded.config == app.config:
            log.info("feeds.yaml is right again, and as it was")
        self._refused = ()
        self._text = loaded.text
        self._synced_s = None
        if loaded.config != app.config:
            # Not in the middle of a publish: it would meet sources whose partners it does not know.
            async with self._hold():
                self._live.app = await self._app_with(app, loaded)
                await self._tell()
            self._on_applied()
            log.info("feeds.yaml applied", sources=len(loaded.config.sources))
            await app.in_store_thread(_warn_of_lost_outputs, self._live.app)

    async def _app_with(self, app: App, loaded: LoadedConfig) -> App:
        new, old = loaded.config, app.config
        if (new.fetch, new.site.feeds_url, new.site.contact) == (
            old.fetch,
            old.site.feeds_url,
            old.site.contact,
        ):
            return replace(app, config=new)
        net = await open_net(new).__aenter__()
        closing = asyncio.create_task(self._close_later(app))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        return replace(app, config=new, net=net)

    async def _close_later(self, app: App) -> None:
        await asyncio.sleep(app.config.fetch.deadline.total_seconds() + OLD_NET_MARGIN_S)
        await app.net.__aexit__(None, None, None)

    async def _tell(self) -> None:
        app = self._live.app
        self._metrics.config_refused(bool(self._refused))
        await jobs.sync_sources(app)
        if self._refused:
            told = json.dumps({"at": app.clock().isoformat(), "problems": self._refused})
            await app.write(lambda tx: tx.set_meta(CONFIG_REFUSED, told))
        else:
            await app.write(lambda tx: remember_config(tx, self._text))
        self._synced_s = time.monotonic()


def _warn_of_lost_outputs(app: App) -> None:
    with app.store.read() as tx:
        for words in lost_outputs(app.config, tx.output_states().keys()):
            log.warning("an address is lost", problem=words)
