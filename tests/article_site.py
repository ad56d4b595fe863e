"""Partner a.example with a feed of teasers and a page for each: what full_text: article is tested with."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

from aiohttp import web
from desk import FULL_TERMS, NOW, Desk, raw_config
from partner_server import PartnerServer

LONG = "Warga dua desa menyambut pembukaan jembatan itu dengan kenduri yang dihadiri ratusan orang. "


class ArticleSite:
    """A feed at /a, a sitemap at /sitemap.xml, and article pages by number. All can be changed between polls."""

    def __init__(self, server: PartnerServer) -> None:
        self.server = server
        self.port = server.base_url.rpartition(":")[2]

    def url(self, number: int, host: str = "www.a.example") -> str:
        return f"http://{host}:{self.port}{path(number)}"

    def page(
        self,
        number: int,
        text: str = "",
        status: int = 200,
        *,
        head: str = "",
        after_s: float = 0,
        location: str = "",
    ) -> None:
        """What stands at an article's address; ``location`` is where it sends its readers instead."""
        body = article_page(number, text or f"Naskah utuh nomor {number}. " + LONG * 4, head)

        async def answer(_: web.Request) -> web.Response:
            await asyncio.sleep(after_s)
            if location:
                return web.Response(status=302, headers={"Location": location})
            return web.Response(status=status, text=body, content_type="text/html")

        self.server.handlers[path(number)] = answer

    def feed(
        self,
        numbers: Iterable[int],
        *,
        updated: str = "",
        host: str = "www.a.example",
        categories: Iterable[str] = (),
    ) -> None:
        labels = "".join(f"<category>{category}</category>" for category in categories)
        items = "".join(self.item(number, updated, host, labels) for number in numbers)
        self.server.bodies["/a"] = (
            '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A</title>'
            f"<link>https://a.example/</link>{items}</channel></rss>"
        ).encode()

    def item(self, number: int, updated: str, host: str, labels: str) -> str:
        published_at = (NOW - timedelta(hours=1, minutes=number)).isoformat()
        changed = f"<atom:updated>{updated}</atom:updated>" if updated else ""
        url = self.url(number, host)
        return (
            f"<item><title>Jembatan nomor {number} dibuka</title><link>{url}</link><guid>{url}</guid>{labels}"
            f"<pubDate>{published_at}</pubDate>{changed}<description>Cuplikan {number}.</description></item>"
        )

    def sitemap(self, addresses: Iterable[str], changed_at: str) -> None:
        urls = "".join(f"<url><loc>{url}</loc><lastmod>{changed_at}</lastmod></url>" for url in addresses)
        self.server.bodies["/sitemap.xml"] = (
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()
        )

    def asked(self, number: int) -> int:
        return self.server.requests.get(path(number), 0)

    def touch(self, at: str = "/a") -> None:
        """Other bytes that say the same."""
        self.server.bodies[at] += b"<!-- x -->"


def path(number: int) -> str:
    return f"/berita/{number:07d}/jembatan"


def article_page(number: int, text: str, head: str = "") -> str:
    return (
        f"<!doctype html><html><head><title>x</title><meta property='og:type' content='article'>"
        f"<meta property='og:title' content='Jembatan nomor {number} dibuka'>{head}</head><body><nav>Menu</nav>"
        f"<article><h1>Jembatan nomor {number} dibuka</h1>"
        f"<figure><img src='/foto/{number}.jpg' width='900' height='600'>"
        f"<figcaption>Jembatan. (ist)</figcaption></figure><p>{escape(text)}</p></article></body></html>"
    )


def desk_of(server: PartnerServer, folder: Path, terms: dict[str, Any] | None = None, at: str = "/a") -> Desk:
    raw = raw_config({"a": server.url(at)}, terms or FULL_TERMS)
    raw["sources"][0]["full_text"] = "article"
    return Desk(folder, raw)


def texts(desk: Desk) -> dict[str, str]:
    """What is published, by headline."""
    return {one["title"]: one["content_html"] for one in desk.items()}


def has_whole_text(desk: Desk, number: int) -> bool:
    return f"Naskah utuh nomor {number}." in texts(desk)[f"Jembatan nomor {number} dibuka"]
