"""``aggregator demo``: the sample partners served on loopback, and the real chain run against them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from aiohttp import web

from aggregator import jobs
from aggregator.app import App, open_app, utc_now
from aggregator.config.load import parse_config
from aggregator.config.model import Config
from aggregator.demo.partners import feed_xml, sample_articles
from aggregator.errors import StoreError
from aggregator.jobs import PublishReport, SourceReport

# By partner; the demo's sources are called demo-<partner>: app.open_store keeps them apart from real ones.
PATHS = {"pikiran-rakyat": "/pikiran-rakyat/rss", "indonesia-daily": "/indonesia-daily/feed/"}


@dataclass(frozen=True, slots=True)
class Played:
    """What one round brought; ``paths`` are the files that a person would open first."""

    reports: tuple[SourceReport, ...]
    published: PublishReport
    public: Path
    paths: tuple[Path, ...]


async def play_once(config: Config | None, database: str | None, public: Path | None) -> Played:
    """One round of the chain. What is not given lives in a new temporary folder, which stays.

    ``config`` lends its site, topics and outputs; partners and sources are always the demo's. Raises StoreError when
    the database or the public folder holds anything but an earlier demo.
    """
    if database is None or public is None:
        folder = Path(tempfile.mkdtemp(prefix="aggregator-demo-"))
        database = database or f"sqlite:///{folder / 'aggregator.db'}"
        public = public or folder / "public"
    async with serve_partners() as base_url, open_app(demo_config(base_url, config), database, public) as app:
        await app.in_store_thread(_refuse_foreign_files, app, public)
        reports = await jobs.poll(app, [source.id for source in app.config.sources])
        published = await jobs.publish(app)
    first = [public / "index.html", public / "feeds.opml", *sorted((public / "feeds").rglob("*.rss"))]
    return Played(reports, published, public, tuple(first))


def demo_config(base_url: str, config: Config | None = None) -> Config:
    """The packaged configuration, its sources at ``base_url``; ``config`` lends its site, topics and outputs."""
    text = resources.files("aggregator.demo").joinpath("feeds.yaml").read_text("utf-8")
    demo = parse_config(text, "demo/feeds.yaml", environ={})
    sources = tuple(
        source.model_copy(update={"url": base_url + PATHS[source.partner]}) for source in demo.sources
    )
    lent = {"site": config.site, "topics": config.topics, "outputs": config.outputs} if config else {}
    return demo.model_copy(update={"sources": sources, **lent})


@asynccontextmanager
async def serve_partners() -> AsyncIterator[str]:
    """Serve both partners' feeds on a free loopback port; gives the base address."""
    started_at = utc_now()
    bodies = {
        PATHS[name]: feed_xml(name, articles, started_at)
        for name, articles in sample_articles(started_at).items()
    }
    runner = web.AppRunner(_web_app(bodies), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def _web_app(bodies: Mapping[str, bytes]) -> web.Application:
    async def feed(request: web.Request) -> web.Response:
        return web.Response(body=bodies[request.path], content_type="application/rss+xml", charset="utf-8")

    app = web.Application()
    app.add_routes([web.get(path, feed) for path in bodies])
    return app


def _refuse_foreign_files(app: App, public: Path) -> None:
    """The demo's documents replace no others."""
    with app.store.read() as tx:
        is_ours = bool(tx.documents())
    if not is_ours and public.exists() and any(public.iterdir()):
        raise StoreError(
            f"the demo needs a public folder of its own: {public} holds files that are not the demo's"
        )
