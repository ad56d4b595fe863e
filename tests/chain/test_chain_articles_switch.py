"""full_text: article switched on and off, and entries that change in anything but their text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from article_site import LONG, ArticleSite, article_page, desk_of, has_whole_text, texts
from desk import FULL_TERMS, NOW, Desk

pytestmark = pytest.mark.slow


@pytest.fixture
def site(article_site: ArticleSite) -> ArticleSite:
    for number in (1, 2):
        article_site.page(number)
    article_site.feed([1, 2])
    return article_site


def by_feed(desk: Desk) -> None:
    desk.raw["sources"][0]["full_text"] = "feed"


def by_article(desk: Desk) -> None:
    desk.raw["sources"][0]["full_text"] = "article"


def terms(**changes: Any) -> Callable[[Desk], None]:
    def switch(desk: Desk) -> None:
        desk.raw["partners"][0]["terms"] = FULL_TERMS | changes

    return switch


SWITCHES = {"full_text": (by_feed, by_article), "terms": (terms(content="excerpt"), terms())}


@pytest.mark.parametrize(("off", "on"), SWITCHES.values(), ids=SWITCHES)
def test_a_switch_is_no_news(
    site: ArticleSite, tmp_path: Path, off: Callable[[Desk], None], on: Callable[[Desk], None]
) -> None:
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    before = desk.items()
    for switch in (off, on, off, on):
        switch(desk)
        for _ in range(2):
            site.touch()
            desk.poll()
            assert desk.reports[0].revised == 0
        assert [one["date_modified"] for one in desk.items()] == [one["date_modified"] for one in before]
    assert desk.items() == before
    assert (site.asked(1), site.asked(2)) == (1, 1)


def test_without_pages_an_entry_takes_what_the_feed_newly_says(site: ArticleSite, tmp_path: Path) -> None:
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    by_feed(desk)
    site.feed([1, 2], updated=(NOW - timedelta(minutes=5)).isoformat())  # the same words
    desk.poll()
    assert (has_whole_text(desk, 1), has_whole_text(desk, 2)) == (True, True)
    site.server.bodies["/a"] = site.server.bodies["/a"].replace(b"Cuplikan 1", b"Ralat 1")
    desk.poll()
    assert "Ralat 1" in texts(desk)["Jembatan nomor 1 dibuka"]
    assert has_whole_text(desk, 2)


@pytest.mark.parametrize(("off", "on"), SWITCHES.values(), ids=SWITCHES)
def test_switching_on_reads_a_document_that_did_not_change(
    site: ArticleSite, tmp_path: Path, off: Callable[[Desk], None], on: Callable[[Desk], None]
) -> None:
    body = site.server.bodies["/a"]

    async def feed(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": '"1"'})

    site.server.handlers["/a"] = feed
    desk = desk_of(site.server, tmp_path)
    off(desk)
    desk.poll()
    desk.poll()
    assert (desk.reports[0].outcome, site.asked(1)) == ("unchanged", 0)
    on(desk)
    desk.poll()
    assert (has_whole_text(desk, 1), has_whole_text(desk, 2)) == (True, True)
    desk.poll()
    assert desk.reports[0].outcome == "unchanged"


def test_a_relabelling_arrives(site: ArticleSite, tmp_path: Path) -> None:
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    before = desk.items()
    site.feed([1, 2], categories=["Politik"])
    desk.poll()
    assert desk.titles("topics/politik") == desk.titles()
    assert [one["date_modified"] for one in desk.items()] == [one["date_modified"] for one in before]
    site.feed([1, 2])
    desk.now += timedelta(hours=1)
    desk.poll()
    assert desk.titles("topics/politik") == []


def test_what_the_terms_come_to_exclude_is_taken_out(site: ArticleSite, tmp_path: Path) -> None:
    desk = desk_of(site.server, tmp_path, FULL_TERMS | {"exclude_categories": ["Advertorial"]})
    desk.poll()
    site.feed([1, 2], categories=["Advertorial"])
    desk.poll()
    assert desk.items() == []


def test_an_article_that_stands_twice_in_the_feed_word_for_word_is_one_story(
    site: ArticleSite, tmp_path: Path
) -> None:
    """The same headline and text at another address, beside the first: nobody would miss the second."""

    async def page(_: web.Request) -> web.Response:
        text = "Harga emas hari ini tetap. " + LONG * 4
        return web.Response(text=article_page(1, text), content_type="text/html")

    items = ""
    for name in ("satu", "dua"):
        url = f"http://www.a.example:{site.port}/emas/{name}"
        site.server.handlers[f"/emas/{name}"] = page
        items = (
            f"<item><title>Jembatan nomor 1 dibuka</title><link>{url}</link><guid>{url}</guid>"
            f"<pubDate>{NOW.isoformat()}</pubDate><description>x</description></item>{items}"
        )
        site.server.bodies["/a"] = (
            f"<rss version='2.0'><channel><title>A</title>{items}</channel></rss>".encode()
        )
        if name == "satu":
            desk = desk_of(site.server, tmp_path)
        desk.poll()
        assert (desk.reports[0].new, desk.reports[0].copies) == ((1, 0) if name == "satu" else (0, 1))
    assert len(desk.items()) == 1
