"""Everything that a partner can write, hostile in every field at once, and every document and page that comes of it."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.utils import format_datetime
from itertools import cycle
from pathlib import Path
from typing import Any

from aiohttp import web
from desk import NOW, Desk, raw_config
from hostile_cases import Case, cases, templates
from partner_server import Handler, PartnerServer, partner_server
from payloads import PAYLOADS, TEMPLATES

from aggregator.model.document import Document
from aggregator.model.health import Check, Readiness
from aggregator.outputs.readback import read_document
from aggregator.web.ops import render_ops

SHARED = ("xss-basic", "xss-css", "xss-iframe", "xss-mxss", "xss-url", "xss-textfields", "text")
FORMATS = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
TOPICS = (
    "rss",
    "atom",
    "json",
    "more",
)  # an output for each way of delivery: none holds more than a thousand stories
PAGES = ("index.html", "ops/")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Those that feeds.yaml may hold, since all their braces are fields or doubled.
_TEMPLATES = ("markup", "attribute-breakout", "jinja", "percent")
_NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:media="http://search.yahoo.com/mrss/"'
)
_CHUNK = 40  # payloads of one document; the first of them is also the feed's own title
_HARMLESS = re.compile(r"[\w .?-]*|http://partner\.test/[\w/]*|<p>Body</p>")


def all_payloads() -> dict[str, str]:
    """Ours, and what the shared cases hold in their fields, by name."""
    shared = {
        f"{case_id} {name}": value
        for category in SHARED
        for case_id, case in cases(category).items()
        for name, value in _fields(case)
        if not _HARMLESS.fullmatch(value)
    }
    return PAYLOADS | shared | templates()


def _fields(case: Case) -> Iterator[tuple[str, str]]:
    """What the first item of a shared case says in the fields that are hostile in one or the other."""
    item = case.body.decode("utf-8", "replace").partition("<item>")[2].partition("</item>")[0]
    for name in ("title", "link", "description"):
        if match := re.search(rf"<{name}>(?:<!\[CDATA\[(.*?)\]\]>|(.*?))</{name}>", item, re.DOTALL):
            yield name, html.unescape(match[2]) if match[1] is None else match[1]


def press(folder: Path) -> dict[str, str]:
    """Poll every payload in every field of RSS, Atom and JSON Feed, and publish: documents and pages by path."""
    with partner_server() as server:
        return _printed(server, folder)


def _printed(server: PartnerServer, folder: Path) -> dict[str, str]:
    payloads = list(all_payloads().values())
    bodies: dict[str, tuple[str, bytes]] = {}
    for first in range(0, len(payloads), _CHUNK):
        for kind, write in (("rss", _rss), ("atom", _atom), ("json", _json)):
            bodies[f"{kind}{first}"] = kind, write(payloads[first : first + _CHUNK], first)
    for name, (kind, body) in bodies.items():
        server.handlers[f"/{name}"] = _answer(body, FORMATS[kind])
    server.handlers["/broken"] = _answer(payloads[0].encode(), f"text/html; charset={payloads[0]!r}")
    desk = Desk(folder, _config(server, [*bodies, "broken"]))
    desk.poll()
    desk.hide(desk.items("topics/atom")[-1]["id"], reason=PAYLOADS["text-quote-breakout"])
    readiness = Readiness((Check("database", False, PAYLOADS["text-title-end"]),))
    ops = asyncio.run(render_ops(desk.status(), readiness, PAYLOADS["text-script-end"]))
    return {path: (desk.public / path).read_text("utf-8") for path in (*paths(), "index.html")} | {
        "ops/": ops
    }


def paths() -> list[str]:
    """Those of the documents that hold stories: an output for each format that they came in."""
    return [f"feeds/topics/{topic}.{kind}" for topic in FORMATS for kind in FORMATS]


def strings(published: Mapping[str, str]) -> list[str]:
    """Every string of the documents, as its format means it, each once."""
    found: dict[str, None] = {}
    for path in paths():
        document = Document(path, FORMATS[path.rpartition(".")[2]], published[path].encode(), "")
        found |= dict.fromkeys(read_document(document).strings)
    return list(found)


def _config(server: PartnerServer, names: list[str]) -> dict[str, Any]:
    raw = raw_config({name: server.url(f"/{name}") for name in names})
    for partner, name in zip(raw["partners"], cycle(_TEMPLATES), strict=False):
        partner["attribution"] = {"template": TEMPLATES[name], "position": "lead"}
    raw["topics"] = [{"id": topic, "title": topic.title(), "keywords": {"uji coba": 1}} for topic in FORMATS]
    for source in raw["sources"]:
        source["topics"] = [source["id"].rstrip("0123456789")] if source["id"] != "broken" else ["rss"]
    raw["fetch"] |= {"deadline": "60s", "max_body": "16MB", "first_poll_max_age": "30d"}
    raw["outputs"]["defaults"] = {"limit": 1000, "max_age": "30d"}
    return raw


def _answer(body: bytes, content_type: str) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": content_type})

    return answer


def _bodies(payload: str, number: int) -> tuple[str, str]:
    """Two bodies: the payload as markup and within it, and as every address; each has words that no other has."""
    words = " ".join(f"Kalimat{number}x{place} memuat kabar {number * 31 + place}." for place in range(12))
    value = html.escape(payload)
    return (
        f"<p>{words}</p>{payload}"
        f'<figure><img src="https://a.example/{number}.jpg" alt="{value}" title="{value}">'
        f"<figcaption>{payload}</figcaption></figure><p>{value}</p>",
        f'<p>Alamat {words[::-1]}</p><a href="{value}">teks</a>'
        f'<img src="{value}" data-src="{value}" srcset="{value} 2x">'
        f'<video src="{value}" poster="{value}"><source src="{value}"></video><iframe src="{value}"></iframe>'
        f'<blockquote cite="{value}" data-instgrm-permalink="{value}">kutip</blockquote>',
    )


def _rss(payloads: list[str], first: int) -> bytes:
    items = []
    for number, payload in enumerate(payloads, first):
        value, (body, addresses) = _xml(payload), map(_xml, _bodies(payload, number))
        url = f"https://rss.example/berita/{number:07d}/judul"
        date = format_datetime(NOW - timedelta(minutes=number + 1))
        items += [
            f"<item><title>{value}</title><link>{url}</link><guid isPermaLink='false'>{value}{number}</guid>"
            f"<pubDate>{date}</pubDate><author>{value}</author><dc:creator>{value}</dc:creator>"
            f"<category domain='{value}'>{value}</category><description>{value}</description>"
            f"<content:encoded>{body}</content:encoded><media:content url='{url}.jpg' medium='image'>"
            f"<media:title>{value}</media:title><media:description>{value}</media:description>"
            f"<media:credit>{value}</media:credit></media:content></item>",
            f"<item><title>Alamat {number} {value}</title><link>{value}</link><guid>{value}</guid>"
            f"<pubDate>{value}</pubDate><comments>{value}</comments><source url='{value}'>{value}</source>"
            f"<enclosure url='{value}' type='image/jpeg' length='5000'/><media:thumbnail url='{value}'/>"
            f"<media:content url='{value}' medium='image'/><description>{addresses}</description></item>",
        ]
    head = _xml(payloads[0])
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><rss version='2.0' {_NAMESPACES}><channel><title>{head}</title>"
        f"<link>{head}</link><description>{head}</description><language>{head}</language><copyright>{head}</copyright>"
        f"<generator>{head}</generator><image><url>{head}</url><title>{head}</title><link>{head}</link></image>"
        f"{''.join(items)}</channel></rss>"
    ).encode()


def _atom(payloads: list[str], first: int) -> bytes:
    entries = []
    for number, payload in enumerate(payloads, 10_000 + first):
        value, (body, addresses) = _xml(payload), map(_xml, _bodies(payload, number))
        dates = f"<updated>{(NOW - timedelta(minutes=number - 9_999)).isoformat()}</updated>"
        url = f"https://atom.example/berita/{number:07d}/judul"
        entries += [
            f"<entry><id>urn:x:{number}</id><title type='text'>{value}</title>{dates}<link href='{url}'/>"
            f"<author><name>{value}</name><uri>{value}</uri></author><category term='{value}' label='{value}'/>"
            f"<summary type='text'>{value}</summary><content type='html'>{body}</content></entry>",
            f"<entry><id>{value}{number}</id><title type='html'>Atom {number} {value}</title>{dates}"
            f"<link href='{value}'/><link rel='enclosure' href='{value}' type='image/png'/>"
            f"<rights>{value}</rights><content type='html'>{addresses}</content></entry>",
        ]
    head = _xml(payloads[0])
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><id>{head}</id><title type='text'>{head}</title>"
        f"<subtitle>{head}</subtitle><updated>{NOW.isoformat()}</updated>{''.join(entries)}</feed>"
    ).encode()


def _json(payloads: list[str], first: int) -> bytes:
    items: list[Mapping[str, object]] = []
    for number, payload in enumerate(payloads, 20_000 + first):
        body, addresses = _bodies(payload, number)
        date = (NOW - timedelta(minutes=number - 19_999)).isoformat()
        url = f"https://json.example/berita/{number:07d}/judul"
        items += [
            {"id": f"x{number}", "url": url, "title": payload, "content_html": body, "summary": payload,
             "date_published": date, "authors": [{"name": payload, "url": payload}], "tags": [payload],
             "language": payload, "image": payload},
            {"id": f"{payload}{number}", "url": payload, "external_url": payload, "title": f"Json {number} {payload}",
             "content_html": addresses, "date_published": date, "banner_image": payload,
             "attachments": [{"url": payload, "mime_type": "image/png", "title": payload}]},
            {"id": f"y{number}", "url": f"{url}-teks", "content_text": f"Teks {number * 7919} biasa {number} {payload}",
             "date_published": date},
        ]  # fmt: skip
    head = payloads[0]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head,
        "home_page_url": head,
        "items": items,
    }
    return json.dumps(feed).encode()


def _xml(text: str) -> str:
    """Escaped for XML, also within apostrophes; what XML cannot say at all is left out."""
    return html.escape(_NOT_XML.sub("", text))
