"""A desk for tests: configuration over a partner server, polled and published with a clock that is a value."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import feedparser
import yaml
from ready_databases import make_file

from aggregator import jobs
from aggregator.app import open_app, open_store
from aggregator.config.load import parse_config
from aggregator.config.model import Config
from aggregator.model.listing import ListedStory, StoryQuery
from aggregator.model.report import PublishReport, SourceReport
from aggregator.model.status import DeskStatus
from aggregator.status import desk_status

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
FULL_TERMS = {"licence": "T-1", "valid_from": "2022-01-01", "content": "full", "images": "link"}


def item(
    number: int,
    title: str = "",
    text: str = "",
    *,
    host: str = "a.example",
    age: timedelta = timedelta(hours=1),
    category: str = "",
    extra: str = "",
) -> str:
    """One RSS item; what is not given is derived from its number and unlike every other item's."""
    title = title or f"Berita nomor {number} tentang hal {number * 7919}"
    text = text or " ".join(f"Kalimat{number}x{i} memuat kabar {number * 31 + i}." for i in range(20))
    url = f"https://www.{host}/berita/{number:07d}/judul-{number}"
    categories = f"<category>{category}</category>" if category else ""
    return (
        f"<item><title>{escape(title)}</title><link>{url}</link><guid>{url}</guid>{categories}"
        f"<pubDate>{format_datetime(NOW - age)}</pubDate>"
        f"<description>{escape(f'<p>{text}</p>')}</description>{extra}</item>"
    )


def rss(*items: str, built_at: datetime = NOW) -> bytes:
    """An RSS document of those items."""
    head = f"<title>Sumber</title><link>https://a.example/</link><lastBuildDate>{format_datetime(built_at)}</lastBuildDate>"
    channel = f"<channel>{head}{''.join(items)}</channel>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0">{channel}</rss>'.encode()


@dataclass
class Desk:
    """Two folders and a configuration; every call opens and closes the whole App, as the command line does."""

    folder: Path
    raw: dict[str, Any]
    database: str = ""
    now: datetime = NOW
    spacing_s: float = 0.0  # polite requests follow each other at once
    reports: tuple[SourceReport, ...] = field(default=())
    _config: tuple[str, Config] | None = None

    def __post_init__(self) -> None:
        file = self.folder / "desk.db"
        if not self.database and not file.exists():
            make_file(file)
        self.database = self.database or f"sqlite:///{file}"

    @property
    def public(self) -> Path:
        return self.folder / "public"

    @property
    def config(self) -> Config:
        """Read once as long as it stays as it is: that takes a quarter of the time of a poll."""
        words = repr(self.raw)
        if self._config is None or self._config[0] != words:
            text = yaml.safe_dump(self.raw, sort_keys=False)
            self._config = words, parse_config(text, "feeds.yaml", environ={})
        return self._config[1]

    def poll(self, *source_ids: str) -> PublishReport:
        """Poll the named sources (all when none is named), publish, and move the clock on by one minute."""
        config = self.config

        async def run() -> PublishReport:
            async with open_app(
                config, self.database, self.public, lambda: self.now, spacing_s=self.spacing_s
            ) as app:
                self.reports = await jobs.poll(app, source_ids or [source.id for source in config.sources])
                return await jobs.publish(app)

        report = asyncio.run(run())
        self.now += timedelta(minutes=1)
        return report

    def publish(self) -> PublishReport:
        async def run() -> PublishReport:
            async with open_app(self.config, self.database, self.public, lambda: self.now) as app:
                return await jobs.publish(app)

        return asyncio.run(run())

    def hide(self, ref: str, reason: str = "uji") -> None:
        async def run() -> None:
            async with open_app(self.config, self.database, self.public, lambda: self.now) as app:
                await jobs.hide(app, ref, reason)

        asyncio.run(run())

    def unhide(self, ref: str) -> None:
        async def run() -> None:
            async with open_app(self.config, self.database, self.public, lambda: self.now) as app:
                await jobs.unhide(app, ref)

        asyncio.run(run())

    def release(self, source_id: str, *, discard: bool = False) -> int:
        """Returns how many entries that were."""

        async def run() -> int:
            async with open_app(self.config, self.database, self.public, lambda: self.now) as app:
                return (await jobs.release(app, source_id, discard=discard))[0]

        return asyncio.run(run())

    def sync(self) -> None:
        """Make the sources known, as a start of the service does."""

        async def run() -> None:
            async with open_app(self.config, self.database, self.public, lambda: self.now) as app:
                await jobs.sync_sources(app)

        asyncio.run(run())

    def status(self) -> DeskStatus:
        with open_store(self.database, self.config) as store:
            return desk_status(self.config, store, self.now)

    def items(self, output: str = "all") -> list[dict[str, Any]]:
        """The JSON Feed's items of an output."""
        loaded: list[dict[str, Any]] = json.loads((self.public / f"feeds/{output}.json").read_bytes())[
            "items"
        ]
        return loaded

    def listed(self) -> tuple[ListedStory, ...]:
        """What the database lists, published or not."""
        with open_store(self.database, self.config) as store, store.read() as tx:
            return tx.list_stories(StoryQuery(), 1_000).stories

    def titles(self, output: str = "all") -> list[str]:
        return [one["title"] for one in self.items(output)]

    def parsed(self, path: str) -> Any:
        return feedparser.parse(str(self.public / path))

    def files(self) -> dict[str, tuple[bytes, int]]:
        """Every published file with its bytes and its modification time in ns."""
        return {
            str(path.relative_to(self.public)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(self.public.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }


def raw_config(sources: dict[str, str], terms: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """feeds.yaml as plain values: one partner ``<name>.example`` for each of the sources (name -> address)."""
    partners = []
    for name in sources:
        partner: dict[str, Any] = {
            "id": name,
            "name": name.title(),
            "url": f"https://{name}.example/",
            "domains": [f"{name}.example"],
        }
        if terms != {}:
            partner["terms"] = dict(terms or FULL_TERMS)
        partners.append(partner)
    return {
        "site": {
            "name": "Jambi Seru",
            "url": "https://jambiseru.com/",
            "feeds_url": "https://feeds.jambiseru.com/",
            "contact": "redaksi@jambiseru.com",
        },
        "partners": partners,
        "sources": [
            {"id": name, "partner": name, "url": url, "every": "15m"} for name, url in sources.items()
        ],
        "topics": [
            {"id": "politik", "title": "Politik", "categories": ["politik"]},
            {"id": "hukum", "title": "Hukum", "categories": ["hukum"]},
        ],
        "outputs": {"combined": {"id": "all", "title": "Semua"}, "topics": {"title": "Jambi Seru: {topic}"}},
        "fetch": {"allow_networks": ["127.0.0.0/8"], "deadline": "2s", "max_body": "1MB"},
        **more,
    }
