"""full_text: article, from the partner's server to the published feed: what is asked for, when, what becomes of it."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from desk import FULL_TERMS, NOW, Desk, raw_config
from partner_server import PartnerServer

from aggregator import articles

LONG = "Warga dua desa menyambut pembukaan jembatan itu dengan kenduri yang dihadiri ratusan orang. "


@pytest.fixture(autouse=True)
def every_host_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names under .example lead to this machine, so that pages stand on the partner's own domain."""
    ask = socket.getaddrinfo

    def here(host: Any, *args: Any, **options: Any) -> Any:
        return ask("127.0.0.1" if str(host).endswith(".example") else host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", here)


class Site:
    """Partner a.example with a feed of teasers at /a and a page for each; ``feed`` serves what is there now."""

    def __init__(self, server: PartnerServer) -> None:
        self.server = server
        self.port = server.base_url.rpartition(":")[2]

    def url(self, number: int, host: str = "www.a.example") -> str:
        return f"http://{host}:{self.port}{path(number)}"

    def page(self, number: int, text: str = "", status: int = 200, content_type: str = "text/html") -> None:
        body = article_page(number, text or f"Naskah utuh nomor {number}. " + LONG * 4)

        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=status, text=body, content_type=content_type)

        self.server.handlers[path(number)] = answer

    def feed(self, numbers: Iterable[int], *, updated: str = "", host: str = "www.a.example") -> None:
        items = "".join(self.item(number, updated, host) for number in numbers)
        self.server.bodies["/a"] = (
            '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A</title>'
            f"<link>https://a.example/</link>{items}</channel></rss>"
        ).encode()

    def item(self, number: int, updated: str, host: str) -> str:
        published_at = (NOW - timedelta(hours=1, minutes=number)).isoformat()
        changed = f"<atom:updated>{updated}</atom:updated>" if updated else ""
        url = self.url(number, host)
        return (
            f"<item><title>Jembatan nomor {number} dibuka</title><link>{url}</link><guid>{url}</guid>"
            f"<pubDate>{published_at}</pubDate>{changed}<description>Cuplikan {number}.</description></item>"
        )

    def asked(self, number: int) -> int:
        return self.server.requests.get(path(number), 0)


def path(number: int) -> str:
    return f"/berita/{number:07d}/jembatan"


def article_page(number: int, text: str) -> str:
    return (
        f"<!doctype html><html><head><title>x</title><meta property='og:type' content='article'>"
        f"<meta property='og:title' content='Jembatan nomor {number} dibuka'></head><body><nav>Menu</nav>"
        f"<article><h1>Jembatan nomor {number} dibuka</h1>"
        f"<figure><img src='/foto/{number}.jpg' width='900' height='600'>"
        f"<figcaption>Jembatan. (ist)</figcaption></figure><p>{escape(text)}</p></article></body></html>"
    )


@pytest.fixture
def site(server: PartnerServer) -> Site:
    return Site(server)


def desk_of(server: PartnerServer, folder: Path, terms: dict[str, Any] | None = None, at: str = "/a") -> Desk:
    raw = raw_config({"a": server.url(at)}, terms or FULL_TERMS)
    raw["sources"][0]["full_text"] = "article"
    return Desk(folder, raw)


def test_teasers_are_published_with_the_text_of_their_pages(site: Site, tmp_path: Path) -> None:
    site.page(1)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    (one,) = desk.items()
    assert "Naskah utuh nomor 1" in one["content_html"]
    assert "Menu" not in one["content_html"]
    assert "a.example" in one["content_html"]  # the credit
    assert one["image"] == f"http://www.a.example:{site.port}/foto/1.jpg"
    assert desk.reports[0].problem == ""


def test_what_the_feed_gave_before_is_not_asked_for_again(site: Site, tmp_path: Path) -> None:
    site.page(1)
    site.page(2)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    (before,) = desk.items()
    site.feed([1, 2])
    desk.poll()
    assert (site.asked(1), site.asked(2)) == (1, 1)
    assert desk.reports[0].entries == 2
    assert next(one for one in desk.items() if one["id"] == before["id"]) == before
    assert len(desk.items()) == 2


def test_a_corrected_article_is_read_once_more_and_moves_updated_once(site: Site, tmp_path: Path) -> None:
    site.page(1)
    site.page(2)
    site.feed([1, 2])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    before = {one["title"]: one for one in desk.items()}
    site.page(1, "Naskah yang dikoreksi. " + LONG * 4)
    site.feed([1], updated=(NOW - timedelta(minutes=5)).isoformat())
    desk.poll()
    corrected = next(one for one in desk.items() if "nomor 1" in one["title"])
    assert "Naskah yang dikoreksi" in corrected["content_html"]
    assert corrected["date_modified"] > before[corrected["title"]]["date_modified"]
    assert (site.asked(1), site.asked(2)) == (2, 1)
    site.server.bodies["/a"] += b"<!-- x -->"
    desk.poll()
    again = next(one for one in desk.items() if "nomor 1" in one["title"])
    assert again == corrected
    assert site.asked(1) == 2


def test_what_robots_forbids_is_never_asked_for(site: Site, tmp_path: Path) -> None:
    async def robots(_: web.Request) -> web.Response:
        return web.Response(text="User-agent: *\nDisallow: /berita/\n")

    site.server.handlers["/robots.txt"] = robots
    site.page(1)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    (one,) = desk.items()
    assert "Cuplikan 1" in one["content_html"]
    assert any("robots.txt" in note for note in desk.reports[0].notes)
    site.server.bodies["/a"] += b"<!-- x -->"
    desk.poll()
    assert site.asked(1) == 0
    assert not desk.reports[0].notes  # settled: said once


def test_a_page_that_fails_is_asked_for_until_it_is_back(site: Site, tmp_path: Path) -> None:
    site.page(1, status=500)
    site.page(2)
    site.feed([1, 2])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    texts = {one["title"]: one["content_html"] for one in desk.items()}
    assert "Cuplikan 1" in texts["Jembatan nomor 1 dibuka"]
    assert "Naskah utuh nomor 2" in texts["Jembatan nomor 2 dibuka"]
    site.page(1)
    desk.poll()  # the feed itself is unchanged
    texts = {one["title"]: one["content_html"] for one in desk.items()}
    assert "Naskah utuh nomor 1" in texts["Jembatan nomor 1 dibuka"]
    assert (site.asked(1), site.asked(2)) == (2, 1)
    desk.poll()
    assert site.asked(1) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_asked_for_once(site: Site, tmp_path: Path, status: int) -> None:
    site.page(1, status=status)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    site.server.bodies["/a"] += b"<!-- x -->"
    desk.poll()
    assert site.asked(1) == 1
    assert "Cuplikan 1" in desk.items()[0]["content_html"]


@pytest.mark.parametrize(
    "terms", [{"content": "excerpt"}, {"content": "headline"}, {"valid_until": "2025-01-01"}]
)
def test_without_leave_for_full_texts_no_page_is_asked_for(
    site: Site, tmp_path: Path, terms: dict[str, Any]
) -> None:
    site.page(1)
    site.feed([1])
    desk = desk_of(site.server, tmp_path, FULL_TERMS | terms)
    desk.poll()
    assert site.asked(1) == 0
    assert desk.reports[0].new == 1


def test_pages_of_other_hosts_are_not_asked_for(site: Site, tmp_path: Path) -> None:
    site.page(1)
    site.feed([1], host="www.other.example")
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    assert site.asked(1) == 0
    assert any("not among the domains of a" in note for note in desk.reports[0].notes)
    assert "Cuplikan 1" in desk.items()[0]["content_html"]


def test_what_a_visit_has_no_time_for_is_read_by_the_next(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles, "PAGES_AT_ONCE", 2)
    for number in range(1, 6):
        site.page(number)
    site.feed(range(1, 6))
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    assert [site.asked(number) for number in range(1, 6)] == [1, 1, 0, 0, 0]  # the newest first
    desk.poll()
    desk.poll()
    assert [site.asked(number) for number in range(1, 6)] == [1, 1, 1, 1, 1]
    assert all("Naskah utuh" in one["content_html"] for one in desk.items())


def test_a_plain_sitemap_brings_whole_articles(site: Site, tmp_path: Path) -> None:
    """Its entries have no titles; what is no article of them is asked for once and never published."""
    site.page(1)
    site.page(2)
    changed_at = (NOW - timedelta(hours=2)).isoformat()

    async def section(_: web.Request) -> web.Response:
        return web.Response(
            text="<html><body><a href='/x'>Satu</a> <a href='/y'>Dua</a></body></html>",
            content_type="text/html",
        )

    site.server.handlers["/hukum/daftar"] = section
    addresses = [site.url(1), site.url(2), f"http://www.a.example:{site.port}/hukum/daftar"]
    urls = "".join(f"<url><loc>{url}</loc><lastmod>{changed_at}</lastmod></url>" for url in addresses)
    site.server.bodies["/sitemap.xml"] = (
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()
    )
    desk = desk_of(site.server, tmp_path, at="/sitemap.xml")
    desk.poll()
    assert sorted(desk.titles()) == ["Jembatan nomor 1 dibuka", "Jembatan nomor 2 dibuka"]
    assert all("Naskah utuh" in one["content_html"] for one in desk.items())
    site.server.bodies["/sitemap.xml"] += b"<!-- x -->"
    desk.poll()
    assert (site.asked(1), site.asked(2), site.server.requests["/hukum/daftar"]) == (1, 1, 1)
    assert len(desk.items()) == 2


@pytest.mark.parametrize("status", [500, 404])
def test_a_teaser_never_takes_the_place_of_a_text_that_was_read(
    site: Site, tmp_path: Path, status: int
) -> None:
    site.page(1)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    site.page(1, status=status)
    site.feed([1], updated=NOW.isoformat())
    site.server.bodies["/a"] = site.server.bodies["/a"].replace(b"nomor 1 dibuka", b"nomor satu dibuka")
    desk.poll()
    (one,) = desk.items()
    assert one["title"] == "Jembatan nomor satu dibuka"
    assert "Naskah utuh nomor 1" in one["content_html"]
    site.page(1, "Naskah yang diralat. " + LONG * 4)
    asked = site.asked(1)
    desk.poll()
    assert site.asked(1) - asked == (status == 500)
    assert ("diralat" in desk.items()[0]["content_html"]) is (status == 500)
