"""The tools of the hardship tests are sharp: the press tells the truth, and the ledger notices what it should."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from desk import Desk
from service_ledger import Ledger
from service_partners import partners
from service_press import Press, story_of
from service_process import OUTPUTS, free_port, partners_config
from service_reader import reading

BEGAN_AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PRESS = Press(6, BEGAN_AT, publish_every_s=10, window=4, revised_after_s=(5, 12))


def test_what_the_feeds_carried_is_the_truth() -> None:
    carried: dict[int, str] = {}
    for second in range(100):
        for partner in range(PRESS.partners):
            for article in PRESS.articles(partner, second):
                if article.number == article.story:
                    carried[article.number] = article.headline
                assert article.headline.encode() in PRESS.feed(partner, second)
                assert story_of(article.number) == article.story
                assert article.revision == sum(second - article.published_s >= after for after in (5, 12))
    assert carried == PRESS.headlines(99)
    assert len(carried) == 6 * 10 - 2 * 5, "two of six partners copy every second article"
    assert any("revisi 2" in headline for headline in carried.values())


@pytest.mark.slow
def test_the_chain_makes_one_story_of_an_article_and_its_copies(tmp_path: Path) -> None:
    press = Press(6, BEGAN_AT, publish_every_s=1, window=30, revised_after_s=(0.5, 2))
    with partners(press) as server:
        desk = Desk(tmp_path, partners_config(server, limit=1000))
        ledger = Ledger(limit=1000)
        for _ in range(3):
            time.sleep(1.5)
            desk.poll()
            ledger.see("feeds/all.json", (desk.public / "feeds/all.json").read_bytes())
        end_s = server.stop_publishing()
        desk.poll()
    for path in (f"feeds/{output}.{format}" for output in OUTPUTS for format in ("json", "atom", "rss")):
        ledger.see(path, (desk.public / path).read_bytes())
    assert ledger.complaints == []
    assert ledger.headlines == press.headlines(end_s)
    assert len(ledger.ids) > 15


ITEM = {
    "id": "urn:uuid:1",
    "url": "https://www.p1.example/berita/1010000/kabar",
    "title": "Kabar 1010000 revisi 1 a b c",
    "date_published": "2026-11-23T06:00:00Z",
    "date_modified": "2026-11-23T06:00:05Z",
}
OTHER = ITEM | {
    "id": "urn:uuid:2",
    "url": "https://www.p1.example/berita/1010001/kabar",
    "title": "Kabar 1010001 revisi 0 d e f",
}
COPY_OF_OTHER = OTHER | {"id": "urn:uuid:3", "url": "https://www.p2.example/berita/1020000/kabar"}


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ([ITEM | {"url": ITEM["url"] + "-lain"}, OTHER], "moved from"),
        ([ITEM | {"date_published": "2026-11-23T06:00:01Z"}, OTHER], "moved from"),
        ([ITEM | {"date_modified": "2026-11-23T06:00:04Z"}, OTHER], "was updated at"),
        ([ITEM | {"title": "Kabar 1010000 revisi 0 a b c"}, OTHER], "went back from"),
        ([ITEM | {"id": "urn:uuid:9"}, ITEM, OTHER], "stands there twice"),
        ([ITEM, ITEM, OTHER], "stands there twice"),
        ([ITEM | {"id": "urn:uuid:9"}, OTHER], "published twice"),
        ([COPY_OF_OTHER | {"url": "https://www.p1.example/berita/1010001/kabar"}, ITEM], "published twice"),
        ([ITEM], "left although there was room"),
        ([OTHER], "vanished or changed places"),
        ([OTHER, ITEM], "vanished or changed places"),
        ([], "left although there was room"),
    ],
)
def test_the_ledger_notices_what_was_taken_back(after: list[dict[str, str]], words: str) -> None:
    ledger = Ledger(limit=3)
    ledger.see("feeds/all.json", json.dumps({"items": [ITEM, OTHER]}).encode())
    assert ledger.complaints == []
    ledger.see("feeds/all.json", json.dumps({"items": after}).encode())
    assert any(words in complaint for complaint in ledger.complaints), ledger.complaints


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("feeds/all.json", b'{"items": ['),
        ("feeds/all.json", b""),
        ("feeds/all.rss", b"<rss><channel>"),
        ("feeds/all.atom", b'<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>'),
        ("feeds.opml", b"<opml>"),
        ("index.html", b"<!doctype html><html><body>"),
    ],
)
def test_the_ledger_notices_what_is_not_whole(path: str, body: bytes) -> None:
    ledger = Ledger(limit=3)
    ledger.see(path, body)
    assert [complaint.split(":")[0] for complaint in ledger.complaints] == [path]


@pytest.mark.slow
def test_the_reader_takes_the_files_while_the_server_is_down_and_reports(tmp_path: Path) -> None:
    public = tmp_path / "public"
    (public / "feeds").mkdir(parents=True)
    (public / "feeds/all.json").write_text(json.dumps({"items": [ITEM]}))
    with reading(free_port(), public, ["all"], 50, 10, tmp_path / "report.json") as reader:
        time.sleep(2)
        (public / "index.html").write_text("<html>")
        time.sleep(1)
        report = reader.finish()
    assert report.headlines == {1010000: ITEM["title"]}
    assert report.fetched["file"] > 50
    assert report.fetched["404"] > 50
    assert [complaint.split(":")[0] for complaint in report.complaints] == ["index.html"]


def _times_out(url: str) -> None:
    with pytest.raises(TimeoutError):
        urlopen(url, timeout=0.5).read()


def _is_reset(url: str) -> None:
    with pytest.raises(ConnectionResetError):
        urlopen(url, timeout=5).read()


def _is_500(url: str) -> None:
    with pytest.raises(HTTPError, match="500"):
        urlopen(url, timeout=5)


def _is_packed(url: str) -> None:
    assert len(urlopen(url, timeout=20).read()) < 300_000


def _is_long(url: str) -> None:
    assert len(urlopen(url, timeout=5).read()) > 80_000


def _drips(url: str) -> None:
    answer = urlopen(url, timeout=5)
    assert answer.read(2) == b"<?"
    assert re.search("chunked", answer.headers["Transfer-Encoding"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("hang", _times_out),
        ("drip", _drips),
        ("reset", _is_reset),
        ("bomb", _is_packed),
        ("error", _is_500),
        ("newlines", _is_long),
        ("author", _is_long),
        ("attributes", _is_long),
        ("crowd", _is_long),
    ],
)
def test_partners_misbehave_as_told_and_recover(kind: str, check: Callable[[str], Any]) -> None:
    one_article_each = Press(6, BEGAN_AT, publish_every_s=0.1, until_s=0.1)
    with partners(one_article_each) as server:
        server.make_trouble({1: kind})
        check(server.url(1))
        assert urlopen(server.url(0), timeout=5).status == 200
        server.make_trouble({})
        answer = urlopen(server.url(1), timeout=5)
        assert answer.read().endswith(b"</rss>")
        with pytest.raises(HTTPError, match="304"):
            urlopen(Request(server.url(1), headers={"If-None-Match": answer.headers["ETag"]}), timeout=5)
        assert [partner for partner, _ in server.requests()] == [1, 0, 1, 1]
