"""A partner's whole site on loopback: a home page, feeds, sitemaps, robots.txt, all over the same articles."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from desk import NOW, Desk, item, rss
from partner_server import Handler, PartnerServer

from aggregator.app import open_store
from aggregator.model.source import SourceState

FEED_LINK = '<link rel="alternate" type="application/rss+xml" title="Koran" href="{}">'
NEWS_NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)


def article_url(number: int) -> str:
    """Where the article of ``desk.item(number)`` stands."""
    return f"https://www.a.example/berita/{number:07d}/judul-{number}"


def news_sitemap(*numbers: int, at: datetime) -> bytes:
    """The articles of ``desk.item(number)`` as a news sitemap."""
    urls = "".join(
        f"<url><loc>{article_url(number)}</loc><news:news><news:publication><news:name>Koran</news:name>"
        f"<news:language>id</news:language></news:publication>"
        f"<news:publication_date>{at.isoformat()}</news:publication_date>"
        f"<news:title>Berita nomor {number} tentang hal {number * 7919}</news:title></news:news></url>"
        for number in numbers
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {NEWS_NAMESPACES}>{urls}</urlset>'.encode()


def _index(children: list[tuple[str, datetime | None]]) -> bytes:
    entries = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{at.isoformat()}</lastmod>' if at else ''}</sitemap>"
        for url, at in children
    )
    return f'<?xml version="1.0"?><sitemapindex {NEWS_NAMESPACES}>{entries}</sitemapindex>'.encode()


def source_state(desk: Desk) -> SourceState:
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        return tx.source_states()["a"]


def way(desk: Desk) -> tuple[str, str]:
    """The kind of the remembered way and its path."""
    found = source_state(desk).way
    return (found.kind, "/" + found.url.split("/", 3)[3]) if found else ("", "")


def words(desk: Desk) -> str:
    (source,) = desk.status().sources
    return f"{source.state}: {source.words}"


@dataclass
class PartnerSite:
    """What stands at which path; all of it can change between visits."""

    server: PartnerServer

    def home(self, head: str = "", path: str = "/", body: str = "") -> None:
        markup = f"<!DOCTYPE html><html><head><title>Koran</title>{head}</head><body>{body}</body></html>"
        self.put(path, markup.encode(), "text/html; charset=utf-8")

    def feed(self, path: str, *numbers: int, age: timedelta = timedelta(hours=1)) -> None:
        self.put(path, rss(*(item(number, age=age) for number in numbers)), "application/rss+xml")

    def news(
        self, path: str, *numbers: int, at: datetime = NOW - timedelta(hours=1), packed: bool = False
    ) -> None:
        body = news_sitemap(*numbers, at=at)
        self.put(
            path,
            gzip.compress(body, mtime=0) if packed else body,
            "application/gzip" if packed else "text/xml",
        )

    def index(self, path: str, *children: tuple[str, datetime | None]) -> None:
        self.put(path, _index([(self.server.url(child), at) for child, at in children]), "application/xml")

    def robots(self, text: str) -> None:
        self.put("/robots.txt", text.encode(), "text/plain")

    def put(self, path: str, body: bytes, content_type: str) -> None:
        self.server.handlers[path] = _sender(body, content_type)

    def remove(self, path: str) -> None:
        del self.server.handlers[path]

    def asked(self) -> dict[str, int]:
        """How often each path was asked for since the last call."""
        asked = dict(self.server.requests)
        self.server.requests.clear()
        return asked


def _sender(body: bytes, content_type: str) -> Handler:
    etag = f'"{hash(body):x}"'

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, headers={"Content-Type": content_type, "ETag": etag})

    return answer
