"""Documents of every format with a few entries each, and what reading them whole or in part says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.model.fetch import Fetched, Validators
from aggregator.model.standing import Standing
from aggregator.reading import ReadFeed, read_feed

NOW = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
RULES = Standing("aturan uji")


def fetched(body: str | bytes) -> Fetched:
    data = body if isinstance(body, bytes) else body.encode()
    return Fetched("https://mitra.example/feed", data, "", Validators())


def read(body: str | bytes, before: Standing = RULES) -> ReadFeed:
    return read_feed((fetched(body),), "Asia/Jakarta", NOW, (), before)


def standing(feed: ReadFeed) -> Standing:
    """What is remembered of a document that was read whole, were all of it settled."""
    return replace(feed.standing, entries=tuple(one for one in feed.stood if one is not None))


def rss_item(number: int, extra: str = "") -> str:
    return f"""
    <item>
      <title>Warga desa {number} gelar panen raya &amp; pasar murah</title>
      <link>https://mitra.example/berita/{number + 700100}/panen-{number}</link>
      <guid isPermaLink="false">mitra-{number}</guid>
      <pubDate>Fri, 27 Nov 2026 0{number}:15:00 +0700</pubDate>
      <category><![CDATA[Daerah]]></category>
      <description><![CDATA[<p>Panen ke-{number} di Muaro Jambi <b>dimulai</b>.</p>]]></description>{extra}
    </item>"""


def rss(*items: str, head: str = "", built: str = "Fri, 27 Nov 2026 07:00:00 +0700") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href="gaya.css"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Mitra</title><link>https://mitra.example/</link><ttl>30</ttl>{head}
<lastBuildDate>{built}</lastBuildDate><language>id</language>
{"".join(items)}
</channel></rss><!-- dibuat {built} -->"""


def _atom_entry(number: int) -> str:
    return f"""
  <entry><id>tag:mitra.example,2026:{number}</id><title type="html">Kabar &lt;b&gt;{number}&lt;/b&gt;</title>
    <link href="/kabar/{number + 88100}" rel="alternate"/><updated>2026-11-27T0{number}:00:00Z</updated>
    <author><name>Rini {number}</name></author>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Isi <em>kabar</em> {number}.</p></div></content>
  </entry>"""


def _media(number: int) -> str:
    return f"""
      <media:group><media:content url="https://mitra.example/foto/besar-{number}.jpg" width="900" medium="image"/>
      <media:credit>Foto {number}</media:credit></media:group>
      <enclosure url="https://mitra.example/foto/kecil-{number}.jpg" length="10240" type="image/jpeg"/>
      <dc:creator>Sari {number}</dc:creator><content:encoded><![CDATA[<p>Naskah penuh {number}</p>
      <!-- <item> di dalam naskah </item> -->]]></content:encoded>"""


def _rdf(numbers: range) -> str:
    places = "".join(f'<rdf:li rdf:resource="https://mitra.example/{number}"/>' for number in numbers)
    items = "".join(
        f'<item rdf:about="https://mitra.example/{number}"><title>Rapat {number}</title>'
        f"<link>https://mitra.example/rapat/{number + 55000}</link><dc:date>2026-11-27T0{number}:00:00Z</dc:date>"
        f"<description>Hasil rapat {number}</description></item>\n"
        for number in numbers
    )
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://mitra.example/">'
        f"<title>Mitra</title><link>https://mitra.example/</link><items><rdf:Seq>{places}</rdf:Seq></items>"
        f"</channel>\n{items}</rdf:RDF>"
    )


def _json(numbers: range) -> str:
    items = [
        {
            "id": f"json-{number}",
            "url": f"https://mitra.example/json/{number + 330000}",
            "title": f"Jalan {number} diperbaiki",
            "content_html": f"<p>Jalan {number} selesai.</p>",
            "date_published": f"2026-11-27T0{number}:00:00Z",
            "tags": ["daerah"],
        }
        for number in numbers
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": "Mitra", "authors": [{"name": "Redaksi"}]}
    return json.dumps({**head, "home_page_url": "https://mitra.example/", "items": items})


def _sitemap(numbers: range) -> str:
    urls = "".join(
        f"<url><loc>https://mitra.example/peta/{number + 440000}</loc><news:news><news:publication>"
        f"<news:name>Mitra</news:name><news:language>id</news:language></news:publication>"
        f"<news:publication_date>2026-11-27T0{number}:00:00Z</news:publication_date>"
        f"<news:title>Peta {number}</news:title></news:news></url>\n"
        for number in numbers
    )
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )


_FIVE = range(1, 6)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>Mitra</title><link href="https://mitra.example/"/>'
    "<id>tag:mitra.example,2026:feed</id><updated>2026-11-27T07:00:00Z</updated>"
    f"{''.join(map(_atom_entry, _FIVE))}</feed>"
)
DOCUMENTS = {
    "rss": rss(*map(rss_item, _FIVE)),
    "media": rss(*(rss_item(number, _media(number)) for number in _FIVE)),
    "atom": ATOM,
    "rdf": _rdf(_FIVE),
    "json": _json(_FIVE),
    "sitemap": _sitemap(_FIVE),
}
