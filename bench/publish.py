"""What a new story costs until it stands in every output: in memory, in the files, on the shelf of the server.

    .venv/bin/python bench/publish.py [--subscribers 100] [--topics 10] [--stories 500] [--rounds 5] [--everything]

Partners on loopback, one a topic, bring invented news (``invented_news.py``), tagged with their topic. Every subscriber
has an address of its own and takes one topic (with ``--everything`` all of them). Then, ``--rounds`` times each:

- new: one partner has a new story; measured from the commit of its entry until files and shelf show it everywhere;
- corrected: one partner corrects its newest story.

Wall time and CPU of this process and its workers; per document made, and per story in those documents. As reference, in
the same run, feedgen alone writes the same stories into as many RSS and Atom documents, neither checked nor packed.
Exit status 1: a new story takes 1 s or longer (median), or documents were made that do not contain it.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import yaml
from feedgen.feed import FeedGenerator
from invented_news import Article, article

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from partner_server import PartnerServer, partner_server

from aggregator import jobs
from aggregator.app import App, open_app
from aggregator.config.load import parse_config
from aggregator.service.live import Live
from aggregator.service.publisher import Publisher
from aggregator.web.metrics import Metrics

LIMIT_S = 1.0
LIMIT = 50  # stories in an output
BEGAN_AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one publication: seconds, and the documents that were made of it."""

    wall_s: float
    cpu_s: float
    documents: int


@dataclass
class Newsroom:
    """The partners' feeds: by topic, the articles with their dates, newest first."""

    server: PartnerServer
    feeds: dict[int, list[tuple[int, Article, datetime]]]
    now: datetime = BEGAN_AT
    number: int = 0

    def publish(self, topic: int) -> None:
        """Partner ``topic`` has a new article."""
        self.now += timedelta(minutes=1)
        number = self.number = self.number + 1
        while number % 20 in (7, 13):  # neither copies nor columns: each is a story of its own
            number = self.number = self.number + 1
        self.feeds.setdefault(topic, []).insert(0, (number, article(number), self.now))
        self.serve(topic)

    def correct(self, topic: int) -> None:
        """Partner ``topic`` adds a paragraph to its newest article."""
        self.now += timedelta(minutes=1)
        number, newest, published_at = self.feeds[topic][0]
        more = (*newest.paragraphs, f"Ralat pukul {self.now:%H.%M}: jumlahnya {self.now.minute} orang.")
        self.feeds[topic][0] = (number, Article(newest.title, more), published_at)
        self.serve(topic)

    def serve(self, topic: int) -> None:
        items = "".join(_item(topic, *one) for one in self.feeds[topic][:LIMIT])
        head = f"<title>Mitra {topic}</title><link>https://p{topic}.example/</link>"
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{items}</channel></rss>'
        )
        self.server.bodies[f"/{topic}"] = body.encode()


def _item(topic: int, number: int, written: Article, at: datetime) -> str:
    url = f"https://p{topic}.example/berita/{number:07d}/kabar"
    return (
        f"<item><title>{escape(written.title)}</title><link>{url}</link><guid>{url}</guid>"
        f"<category>topik-{topic}</category><pubDate>{format_datetime(at)}</pubDate>"
        f"<description>{escape(written.html)}</description></item>"
    )


def config_of(server: PartnerServer, topics: int, subscribers: int, *, everything: bool) -> dict[str, Any]:
    """feeds.yaml as plain values."""
    terms = {"licence": "T-1", "valid_from": "2022-01-01", "content": "full", "images": "link"}
    return {
        "site": {
            "name": "Jambi Seru",
            "url": "https://jambiseru.example/",
            "feeds_url": "https://feeds.jambiseru.example/",
            "contact": "redaksi@jambiseru.example",
        },
        "partners": [
            {
                "id": f"p{n}",
                "name": f"Mitra {n}",
                "url": f"https://p{n}.example/",
                "domains": [f"p{n}.example"],
                "terms": dict(terms),
            }
            for n in range(topics)
        ],
        "sources": [
            {"id": f"p{n}", "partner": f"p{n}", "url": server.url(f"/{n}"), "every": "15m"}
            for n in range(topics)
        ],
        "topics": [
            {"id": f"t{n}", "title": f"Topik {n}", "categories": [f"topik-{n}"]} for n in range(topics)
        ],
        "outputs": {"combined": {"id": "all", "title": "Semua"}, "topics": {"title": "Jambi Seru: {topic}"}},
        "subscribers": [
            {"id": f"s{n}", "name": f"Situs {n}"}
            | ({} if everything else {"where": {"topic": [f"t{n % topics}"]}})
            for n in range(subscribers)
        ],
        "fetch": {"allow_networks": ["127.0.0.0/8"]},
    }


async def publish(app: App, publisher: Publisher, source_ids: list[str]) -> Cost:
    """Poll, then publish; what the poll costs does not count."""
    await jobs.poll(app, source_ids)
    before = {path: packed.document.etag for path, packed in publisher.packed.items()}
    began_s, cpu_s = time.perf_counter(), _cpu_s()
    await publisher.publish()
    if publisher.trouble:
        raise RuntimeError(publisher.trouble)
    after = {path: packed.document.etag for path, packed in publisher.packed.items()}
    made = sum(etag != before.get(path) for path, etag in after.items())
    return Cost(time.perf_counter() - began_s, _cpu_s() - cpu_s, made)


def _cpu_s() -> float:
    """Of this process and of children that have ended; the workers do nothing while documents are made."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


async def measure(
    config: Any, rounds: int, topics: int, folder: Path, newsroom: Newsroom
) -> dict[str, list[Cost]]:
    """By what happened, the costs of each round; ``all`` is the first publication, of everything."""
    costs: dict[str, list[Cost]] = {"all": [], "new": [], "corrected": []}
    database = f"sqlite:///{folder / 'desk.db'}"
    async with open_app(config, database, folder / "public", lambda: newsroom.now, spacing_s=0) as app:
        publisher = Publisher(Live(app), Metrics(), lambda: None)
        everybody = [source.id for source in config.sources]
        costs["all"].append(await publish(app, publisher, everybody))
        for round_number in range(rounds):
            topic = round_number % topics
            for kind, happens in (("new", newsroom.publish), ("corrected", newsroom.correct)):
                happens(topic)
                costs[kind].append(await publish(app, publisher, [f"p{topic}"]))
    return costs


def reference_s(newsroom: Newsroom, outputs: int) -> float:
    """CPU of feedgen alone, for as many outputs of the newest stories, in RSS and Atom."""
    stories = sorted((one for feed in newsroom.feeds.values() for one in feed), key=lambda one: one[2])[
        -LIMIT:
    ]
    began_s = time.process_time()
    for _ in range(outputs):
        generator = FeedGenerator()
        generator.id("urn:x:1")
        generator.title("Semua")
        generator.description("Semua")
        generator.link(href="https://feeds.jambiseru.example/all.rss", rel="self")
        for number, written, at in stories:
            entry = generator.add_entry(order="append")
            entry.id(f"urn:x:{number}")
            entry.title(written.title)
            entry.link(href=f"https://p1.example/berita/{number:07d}/kabar")
            entry.published(at)
            entry.updated(at)
            entry.summary(written.paragraphs[0])
            entry.content(written.html, type="html")
        generator.rss_str(pretty=True)
        generator.atom_str(pretty=True)
    return time.process_time() - began_s


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--subscribers", type=int, default=100)
    arguments.add_argument("--topics", type=int, default=10)
    arguments.add_argument("--stories", type=int, default=500)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--everything", action="store_true", help="each subscriber takes every topic")
    given = arguments.parse_args()
    with partner_server() as server, tempfile.TemporaryDirectory() as folder:
        raw = config_of(server, given.topics, given.subscribers, everything=given.everything)
        newsroom = Newsroom(server, {})
        for number in range(given.stories):
            newsroom.publish(number % given.topics)
        config = parse_config(yaml.safe_dump(raw), "feeds.yaml", environ={})
        costs = asyncio.run(measure(config, given.rounds, given.topics, Path(folder), newsroom))
    is_good = report(costs, newsroom, given)
    sys.exit(0 if is_good else 1)


def report(costs: dict[str, list[Cost]], newsroom: Newsroom, given: argparse.Namespace) -> bool:
    """Print the table; whether the target is met."""
    print(f"{given.subscribers} subscribers, {given.topics} topics, {given.stories} stories")
    print("what        documents   wall s (median, worst)   CPU s   CPU ms a document   CPU ms a story in it")
    for kind, each in costs.items():
        documents, cpu_s = each[0].documents, statistics.median(cost.cpu_s for cost in each)
        walls_s = [cost.wall_s for cost in each]
        a_document_ms = 1_000 * cpu_s / max(documents, 1)
        print(
            f"{kind:11} {documents:9} {statistics.median(walls_s):11.2f} {max(walls_s):11.2f} {cpu_s:10.2f} "
            f"{a_document_ms:14.2f} {a_document_ms / LIMIT:19.3f}"
        )
    taking = given.subscribers if given.everything else -(-given.subscribers // given.topics)
    outputs = 2 + taking  # the combined one, the topic's, and theirs
    expected = 3 * outputs + 2  # formats, and pages of the public ones
    reference = reference_s(newsroom, outputs)
    new = costs["new"]
    print(f"feedgen alone, {outputs} outputs as RSS and Atom: {reference:.2f} s CPU")
    print(
        f"ratio to feedgen alone, a new story: {statistics.median(cost.cpu_s for cost in new) / reference:.2f}"
    )
    made = {cost.documents for kind in ("new", "corrected") for cost in costs[kind]}
    print(f"documents made for a story: {sorted(made)}, those that contain it: {expected}")
    return statistics.median(cost.wall_s for cost in new) < LIMIT_S and made == {expected}


if __name__ == "__main__":
    main()
