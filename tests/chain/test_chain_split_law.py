"""Whatever happens to a feed from poll to poll, the database is what it would be had every document been read whole."""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from desk import NOW, Desk, raw_config
from partner_server import PartnerServer
from sqlalchemy import text

from aggregator import jobs
from aggregator.app import App, open_app
from aggregator.model.report import SourceReport
from aggregator.model.standing import UNREAD

_WORDS = """
kabar desa jalan banjir pasar sekolah bupati jembatan panen polisi sungai warga hujan jambi merangin kerinci bungo tebo
gubernur anggaran rapat minyak sawit karet harga listrik
""".split()  # noqa: SIM905 - easier to read
_TABLES = ("entries", "revisions", "stories", "rungs", "marks", "relations", "rhythms")
_MOST = 22
POLLS = 10


@dataclass(frozen=True)
class Article:
    """One entry of the partner's feed."""

    guid: str
    url: str
    title: str
    text: str
    age_h: int
    category: str = ""
    picture: str = ""


class Newsroom:
    """A partner whose editors and systems do whatever they can do; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.by = random.Random(seed)
        self.made = 100
        self.left: list[Article] = []
        self.feed = [self.article() for _ in range(self.by.randint(4, 18))]
        self.head = "Sumber"
        self.is_json = self.by.random() < 0.4

    def words(self, number: int) -> str:
        return " ".join(
            f"{self.by.choice(_WORDS)}{self.by.choice(['', '', self.by.randint(1, 999)])}"
            for _ in range(number)
        )

    def article(self) -> Article:
        self.made += 1
        number = self.made
        guid = self.by.choice([f"g-{number}", f"https://www.a.example/?p={number}"])
        path = self.by.choice(
            [f"berita/{1_000_000 + number * 37}/judul-{number}", f"artikel/judul-{number}-abc"]
        )
        picture = self.by.choice(["", f"https://a.example/{number}.jpg"])
        return Article(
            guid,
            f"https://www.a.example/{path}",
            self.words(8),
            self.words(60),
            self.by.randint(1, 200),
            self.by.choice(["Politik", "Hukum", ""]),
            picture,
        )

    def work(self) -> None:
        """Up to three things happen."""
        for _ in range(self.by.randint(1, 3)):
            if not self.feed:
                self.feed.append(self.article())
            self.by.choice(
                [self.publish, self.publish, self.edit, self.edit, self.edit_many, self.reorder, self.swap]
            )()
            while len(self.feed) > _MOST:
                self.left.append(self.feed.pop())

    def publish(self) -> None:
        again = self.left and self.by.random() < 0.3
        self.feed.insert(0, self.left.pop() if again else self.article())

    def edit(self) -> None:
        place = self.by.randrange(len(self.feed))
        one = self.feed[place]
        self.feed[place] = self.by.choice(
            [
                replace(one, title=self.words(8)),
                replace(one, text=f"{one.text} {self.words(5)}"),
                replace(one, text="" if one.text else self.words(60)),
                replace(one, category="Olahraga"),
                replace(one, age_h=one.age_h + 1),
                replace(one, picture=f"https://a.example/n{self.made}.jpg"),
                replace(one, guid=f"{one.guid}x"),
                replace(one, url=f"{one.url}-baru"),
                replace(one, guid=f"{one.guid}y", url=one.url.replace("judul", "judule")),
                replace(one, guid="") if one.url else one,
                replace(one, url="") if one.guid else one,
            ]
        )

    def edit_many(self) -> None:
        """A line on one article, on three or on all."""
        line = self.words(6)
        places = self.by.sample(range(len(self.feed)), min(len(self.feed), self.by.choice([1, 3, _MOST])))
        for place in places:
            self.feed[place] = replace(self.feed[place], text=f"{self.feed[place].text}</p><p>{line}")

    def reorder(self) -> None:
        """One leaves, stands there twice or nearly so; the feed is shuffled, or calls itself otherwise."""
        one = self.feed[self.by.randrange(len(self.feed))]
        match self.by.randrange(5):
            case 0:
                self.feed.remove(one)
                self.left.append(one)
            case 1:
                self.feed.append(one)
            case 2:
                self.feed.append(replace(one, guid=f"{one.guid}z"))
            case 3:
                self.by.shuffle(self.feed)
            case 4:
                self.head = self.words(2)

    def swap(self) -> None:
        """Two articles change their guids or headlines."""
        if len(self.feed) < 2:
            return
        a, b = self.by.sample(range(len(self.feed)), 2)
        one, other = self.feed[a], self.feed[b]
        if self.by.random() < 0.5:
            one, other = replace(one, guid=other.guid), replace(other, guid=one.guid)
        else:
            one, other = replace(one, title=other.title), replace(other, title=one.title)
        self.feed[a], self.feed[b] = one, other

    def document(self) -> bytes:
        return (self._json() if self.is_json else self._rss()).encode()

    def _rss(self) -> str:
        items = []
        for one in self.feed:
            parts = [f"<title>{one.title}</title>"]
            parts += [f"<link>{escape(one.url)}</link>"] if one.url else []
            parts += [f'<guid isPermaLink="false">{escape(one.guid)}</guid>'] if one.guid else []
            parts += [f"<category>{one.category}</category>"] if one.category else []
            parts += (
                [f'<enclosure url="{one.picture}" type="image/jpeg" length="10240"/>'] if one.picture else []
            )
            parts += [f"<pubDate>{format_datetime(NOW - timedelta(hours=one.age_h))}</pubDate>"]
            parts += [f"<description>{escape(f'<p>{one.text}</p>')}</description>"] if one.text else []
            items.append(f"<item>{''.join(parts)}</item>")
        head = f"<title>{self.head}</title><link>https://a.example/</link><pubDate>{self.made}</pubDate>"
        return f'<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'

    def _json(self) -> str:
        items = [
            {
                "id": one.guid,
                "url": one.url,
                "title": one.title,
                "content_html": f"<p>{one.text}</p>" if one.text else "",
                "date_published": (NOW - timedelta(hours=one.age_h)).isoformat(),
                "tags": [one.category],
                "image": one.picture,
            }
            for one in self.feed
        ]
        head = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.head,
            "home_page_url": "https://a.example/",
        }
        return json.dumps({**head, "items": items})


def _rows(app: App) -> dict[str, list[str]]:
    with app.store.read() as tx:
        return {
            table: sorted(repr(tuple(row)) for row in tx._connection.execute(text(f"SELECT * FROM {table}")))
            for table in _TABLES
        }


def _told(reports: tuple[SourceReport, ...]) -> list[object]:
    return [
        (one.outcome, one.entries, one.new, one.copies, one.revised, one.problem, one.notes)
        for one in reports
    ]


async def _compare(seed: int, server: PartnerServer, folder: Path) -> int:
    """Returns how often something was read in part."""
    newsroom, now, in_part = Newsroom(seed), NOW, 0
    async with AsyncExitStack() as stack:
        apps = []
        for name in ("part", "whole"):
            (folder / name).mkdir()
            desk = Desk(folder / name, raw_config({"a": server.url("/a")}))
            opened = open_app(desk.config, desk.database, desk.public, lambda: now, spacing_s=0)
            apps.append(await stack.enter_async_context(opened))
        part, whole = apps
        for number in range(POLLS):
            server.bodies["/a"] = newsroom.document()
            await whole.write(lambda tx: tx.put_standing("a", UNREAD))
            in_part += (await part.read(lambda tx: tx.standing("a"))) != UNREAD
            told = [_told(await jobs.poll(app, ["a"])) for app in apps]
            assert told[0] == told[1], f"poll {number}"
            assert _rows(part) == _rows(whole), f"poll {number}"
            now += timedelta(minutes=newsroom.by.choice([1, 15, 61]))
            newsroom.work()
    return in_part


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(24))
def test_the_database_is_what_reading_all_makes_of_it(
    seed: int, server: PartnerServer, tmp_path: Path
) -> None:
    assert asyncio.run(_compare(seed, server, tmp_path)) > 0
