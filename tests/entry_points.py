"""Every way by which an address reaches the program: partner.test, where everything leads to one ``target``.

Played inside a network namespace, where partner.test has a public address (tests/namespace_child.py).
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from aiohttp import web
from desk import item, rss
from partner_server import PartnerServer

PARTNER = "partner.test"
PAGE = "/berita/0000001/judul"
_GOOD_FEED = rss(item(1, host=PARTNER))
_ARTICLE = (
    "<!doctype html><html><head><meta property='og:type' content='article'></head><body><article>"
    f"<h1>Judul</h1><p>{'Naskah utuh dari halaman artikel. ' * 20}</p></article></body></html>"
)

Source = dict[str, Any]


class Site:
    """One partner's site at partner.test; what is asked for and not there answers 404.

    ``number`` is that of its entry, which so is unlike every other site's.
    """

    def __init__(self, server: PartnerServer, number: int) -> None:
        self.server = server
        self.number = number
        self._port = server.base_url.rpartition(":")[2]

    def url(self, path: str) -> str:
        return f"http://{PARTNER}:{self._port}{path}"

    def redirect(self, path: str, target: str, status: int = 302) -> None:
        self._answer(path, status=status, headers={"Location": target})

    def page(self, path: str, html: str) -> None:
        self._answer(path, text=html, content_type="text/html")

    def text(self, path: str, text: str) -> None:
        self._answer(path, text=text)

    def feed(self, path: str, entry: str) -> Source:
        self.server.bodies[path] = rss(entry)
        return {"url": self.url(path)}

    def _answer(self, path: str, **response: Any) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(**response)

        self.server.handlers[path] = answer


# --- entry points: each prepares the site and says what stands in feeds.yaml -----------------------------------------


def source(site: Site, target: str) -> Source:
    return {"url": target, "kind": "feed"}


def source_of_any_kind(site: Site, target: str) -> Source:
    return {"url": target}


def redirect(site: Site, target: str) -> Source:
    site.redirect("/f", target)
    return {"url": site.url("/f")}


def permanent_redirects(site: Site, target: str) -> Source:
    site.redirect("/f", site.url("/f2"), 301)
    site.redirect("/f2", "/f3", 308)
    site.redirect("/f3", target, 301)
    return {"url": site.url("/f")}


def feed_link(site: Site, target: str) -> Source:
    link = f'<link rel="alternate" type="application/rss+xml" href="{escape(target)}">'
    site.page("/", f"<!doctype html><html><head>{link}</head><body>Beranda</body></html>")
    return {"url": site.url("/"), "kind": "page"}


def redirected_feed_link(site: Site, target: str) -> Source:
    site.redirect("/f", target)
    return feed_link(site, site.url("/f"))


def robots_sitemap(site: Site, target: str) -> Source:
    site.page("/", "<!doctype html><html><body>Beranda</body></html>")
    site.text("/robots.txt", f"User-agent: *\nAllow: /\nSitemap: {target}\n")
    return {"url": site.url("/"), "kind": "page"}


def sitemap_index(site: Site, target: str) -> Source:
    listed = f"<sitemap><loc>{escape(target)}</loc></sitemap>"
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    site.server.bodies["/index.xml"] = f'<sitemapindex xmlns="{namespace}">{listed}</sitemapindex>'.encode()
    return {"url": site.url("/index.xml"), "kind": "sitemap"}


def redirected_robots(site: Site, target: str) -> Source:
    site.page("/", "<!doctype html><html><body>Beranda</body></html>")
    site.server.bodies["/feed/"] = _GOOD_FEED  # found only where robots.txt could be read
    site.redirect("/robots.txt", target)
    return {"url": site.url("/"), "kind": "page"}


def article(site: Site, target: str) -> Source:
    address = f"<link>{escape(target)}</link><guid isPermaLink='false'>urn:berita:{site.number}</guid>"
    entry = re.sub("<link>.*?</guid>", lambda _: address, item(site.number, host=PARTNER))
    return {**site.feed("/f", entry), "full_text": "article"}


def redirected_article(site: Site, target: str) -> Source:
    site.redirect("/berita/0000002/judul", target)
    return article(site, site.url("/berita/0000002/judul"))


def whole_article(site: Site, target: str) -> Source:
    """A page that offers all of its pages at once, at an address that leads elsewhere."""
    path = "/berita/0000003/judul"
    html = _ARTICLE.replace("</article>", "<a href='?page=2'>2</a> <a href='?page=all'>semua</a></article>")

    async def answer(request: web.Request) -> web.Response:
        if request.query.get("page") == "all":
            return web.Response(status=302, headers={"Location": target})
        return web.Response(text=html, content_type="text/html")

    site.server.handlers[path] = answer
    return article(site, site.url(path))


def image(site: Site, target: str) -> Source:
    address = escape(target)
    pictures = (
        f"<enclosure url='{address}' type='image/jpeg' length='1'/>"
        f"<media:content xmlns:media='http://search.yahoo.com/mrss/' url='{address}' medium='image'/>"
        f"<image><url>{address}</url></image>"
    )
    shown = escape(f"<img src='{address}' width='900' height='600'>")
    entry = item(site.number, host=PARTNER, extra=pictures).replace(
        "</description>", f"{shown}</description>"
    )
    return site.feed("/f", entry)


SOURCES = (source, source_of_any_kind)
REDIRECTS = (redirect, permanent_redirects)
DISCOVERY = (feed_link, redirected_feed_link, robots_sitemap, sitemap_index, redirected_robots)
PAGES = (article, redirected_article, whole_article)
ENTRY_POINTS = {one.__name__: one for one in (*SOURCES, *REDIRECTS, *DISCOVERY, *PAGES, image)}
# Those whose entry is taken whatever the address leads to.
OF_ENTRIES = {one.__name__ for one in (*PAGES, image)}


def control(site: Site, entry_point: str, good_feed_url: str) -> str:
    """A target of the same kind that is allowed: it shows whether this way is gone at all."""
    if entry_point not in OF_ENTRIES:
        return good_feed_url
    site.page(PAGE, _ARTICLE)
    return site.url(PAGE)
