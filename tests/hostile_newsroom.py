"""One desk that stays open while case after case is served to it, each by a source of its own, beside a sound feed."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import yaml
from desk import NOW, item, raw_config, rss
from lxml import etree
from partner_server import PartnerServer

from aggregator import jobs
from aggregator.app import App, open_app
from aggregator.config.load import parse_config
from aggregator.model.report import PublishReport, SourceReport
from aggregator.model.status import SourceStatus
from aggregator.status import desk_status

NEIGHBOUR = "neighbour"
ATOM = "{http://www.w3.org/2005/Atom}"
_HARMFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass
class Newsroom:
    """``sources`` are the ids of cases; what one serves is about partner.test, renamed so that no two are alike."""

    app: App
    server: PartnerServer
    public: Path
    now: datetime = NOW
    neighbours: list[str] = field(default_factory=list)

    async def poll(self, source_id: str, body: bytes) -> SourceReport:
        """Serve that body, poll it together with one more sound article from next door, publish, go on a minute."""
        number = len(self.neighbours) + 1
        self.neighbours.append(item(number, host="neighbour.example", age=timedelta(0)))
        self.server.bodies[f"/{NEIGHBOUR}"] = rss(*self.neighbours[-20:])
        self.server.bodies[f"/{source_id}"] = body.replace(b"partner.test", host(source_id).encode())
        reports = await jobs.poll(self.app, [source_id, NEIGHBOUR])
        await self.publish()
        titles = [one["title"] for one in self.items(NEIGHBOUR)]
        assert any(title.startswith(f"Berita nomor {number} ") for title in titles), "the sound feed goes on"
        return next(report for report in reports if report.source_id == source_id)

    async def publish(self) -> PublishReport:
        report = await jobs.publish(self.app)
        self.now += timedelta(minutes=1)
        return report

    async def churn(self, source_id: str) -> tuple[str, ...]:
        """The files that change when the same is polled once more, and nothing else."""
        report, *_ = await jobs.poll(self.app, [source_id])
        assert (report.new, report.revised) == (0, 0)
        return (await self.publish()).files

    def items(self, source_id: str) -> list[dict[str, Any]]:
        """What is published of that source, the newest first."""
        stated = json.loads((self.public / "feeds/all.json").read_bytes())["items"]
        name = source_id.title()
        return [one for one in stated if one["_aggregator"]["source"]["title"] == name]

    def titles(self, source_id: str) -> list[str]:
        return [one["title"] for one in self.items(source_id)]

    async def status(self, source_id: str) -> SourceStatus:
        status = await self.app.in_store_thread(desk_status, self.app.config, self.app.store, self.now)
        return next(source for source in status.sources if source.id == source_id)


def host(source_id: str) -> str:
    return f"{source_id}.test"


@asynccontextmanager
async def newsroom(
    server: PartnerServer, folder: Path, source_ids: Collection[str]
) -> AsyncIterator[Newsroom]:
    raw = raw_config({one: server.url(f"/{one}") for one in (*source_ids, NEIGHBOUR)})
    for partner in raw["partners"]:
        partner["domains"] = [host(partner["id"]), f"{partner['id']}.example"]
    raw["fetch"] |= {"max_body": "32MB", "deadline": "20s", "first_poll_max_age": "36500d"}
    raw["outputs"]["defaults"] = {"limit": 1000, "max_age": "400d"}
    config = parse_config(yaml.safe_dump(raw, sort_keys=False), "feeds.yaml", environ={})
    room: Newsroom
    async with open_app(
        config, f"sqlite:///{folder / 'desk.db'}", folder / "public", lambda: room.now
    ) as app:
        room = Newsroom(app, server, folder / "public")
        yield room


def violations(public: Path, now: datetime) -> list[str]:
    """What a published feed must never hold, found with a strict parser."""
    found = []
    for path in sorted(public.glob("feeds/all.*")):
        if path.suffix not in (".rss", ".atom"):
            continue
        body = path.read_bytes()
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
        entries = [*root.iter("item"), *root.iter(f"{ATOM}entry")]
        found += [
            f"{path.name}: {name}" for name in ("<!DOCTYPE", "<?xml-stylesheet") if name.encode() in body
        ]
        ids = [entry.findtext("guid") or entry.findtext(f"{ATOM}id") for entry in entries]
        if not entries or None in ids or len(ids) != len(set(ids)):
            found.append(f"{path.name}: ids {ids}")
        for entry in entries:
            found += [f"{path.name}: {text}" for text in _wrong_in(entry, now)]
    return found


def _wrong_in(entry: Any, now: datetime) -> list[str]:
    wrong = [f"characters of {text!r}" for text in entry.itertext() if _HARMFUL.search(text)]
    title = entry.findtext("title") or entry.findtext(f"{ATOM}title") or ""
    if not title.strip() or _BIDI.search(title) or "\n" in title or "<" in title:
        wrong.append(f"title {title!r}")
    links = [entry.findtext("link"), *(link.get("href") for link in entry.findall(f"{ATOM}link"))]
    links += [enclosure.get("url") for enclosure in entry.findall("enclosure")]
    wrong += [f"link {link!r}" for link in links if link and not re.match(r"https?://[^\s@]+$", link)]
    dates = [parsedate_to_datetime(text) for text in [entry.findtext("pubDate")] if text]
    dates += [datetime.fromisoformat(text) for text in [entry.findtext(f"{ATOM}updated")] if text]
    wrong += [f"date {date}" for date in dates if date.tzinfo is None or date > now + timedelta(days=1)]
    wrong += [
        f"script in {text!r}" for text in entry.itertext() if re.search(r"<script|javascript:", text, re.I)
    ]
    return wrong
