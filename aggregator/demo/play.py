"""``aggregator demo``: the sample partners served on loopback, and the real chain run against them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path

from aggregator import jobs
from aggregator.app import open_app, utc_now
from aggregator.config.load import parse_config
from aggregator.config.model import Config
from aggregator.demo.sites import PATHS, serve_partners
from aggregator.errors import StoreError
from aggregator.model.report import PublishReport, SourceReport
from aggregator.store.store import Store

# What the sample articles are about. One round shows no topic without news.
SAMPLE_TOPICS = frozenset(("internasional", "hukum", "ekonomi", "olahraga", "peristiwa"))
# Shorter than feeds.yaml may say: nobody wants to look at a demo for minutes.
LIVE_INTERVAL = timedelta(seconds=5)


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
    started_at = utc_now()
    async with (
        serve_partners(lambda: started_at) as base_url,
        open_app(demo_config(base_url, config), database, public) as app,
    ):
        await app.in_store_thread(refuse_foreign_files, app.store, public)
        reports = await jobs.poll(app, [source.id for source in app.config.sources])
        published = await jobs.publish(app)
    first = [public / "index.html", public / "feeds.opml", *sorted((public / "feeds").rglob("*.rss"))]
    return Played(reports, published, public, tuple(first))


def demo_config(base_url: str, config: Config | None = None, *, live: bool = False) -> Config:
    """The packaged configuration, its sources at ``base_url``; ``config`` lends its site, topics and outputs.

    ``live``: with every topic, and polled every LIVE_INTERVAL.
    """
    text = resources.files("aggregator.demo").joinpath("feeds.yaml").read_text("utf-8")
    demo = parse_config(text, "demo/feeds.yaml", environ={})
    sources = tuple(
        source.model_copy(
            update={"url": base_url + PATHS[source.partner]} | ({"every": LIVE_INTERVAL} if live else {})
        )
        for source in demo.sources
    )
    topics = tuple(topic for topic in demo.topics if live or topic.id in SAMPLE_TOPICS)
    own = {"site": demo.site, "topics": topics, "outputs": demo.outputs}
    lent = {"site": config.site, "topics": config.topics, "outputs": config.outputs} if config else own
    return demo.model_copy(update={"sources": sources, **lent})


def refuse_foreign_files(store: Store, public: Path) -> None:
    """The demo's documents replace no others. Raises StoreError."""
    with store.read() as tx:
        is_ours = bool(tx.documents())
    if not is_ours and public.exists() and any(public.iterdir()):
        raise StoreError(
            f"the demo needs a public folder of its own: {public} holds files that are not the demo's"
        )
