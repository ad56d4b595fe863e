"""Faults that a schema must find: by family, what each is called, and what of the reference document becomes what."""

from __future__ import annotations

_URL = "https://contoh.example/2026/jembatan?a=1&amp;b=2"
_GUID = '<guid isPermaLink="false">urn:uuid:3f0c2f39-6a5e-5c55-9d5b-6a1f2c5f8a01</guid>'
_DATE = "<pubDate>Mon, 23 Nov 2026 04:30:00 GMT</pubDate>"
_TITLE = "<title>Jembatan Sungai Tembesi Dibuka &amp; Ramai</title>"
_ENCLOSURE = '<enclosure url="https://contoh.example/foto/jembatan.jpg" length="48213" type="image/jpeg"/>'
_ID = "<id>urn:uuid:3f0c2f39-6a5e-5c55-9d5b-6a1f2c5f8a01</id>"
_UPDATED = "<updated>2026-11-23T04:45:00Z</updated>"
_ALTERNATE = f'<link rel="alternate" type="text/html" href="{_URL}"/>'
_OUTLINE = '<outline text="Ekonomi" type="rss" xmlUrl="https://contoh.example/ekonomi.rss"/>'

RSS = (
    ("version missing", ' version="2.0" xmlns:atom', " xmlns:atom"),
    ("version 0.91", 'version="2.0" xmlns:atom', 'version="0.91" xmlns:atom'),
    ("channel without title", "<title>Kabar Contoh</title>", ""),
    ("channel without link", "<link>https://contoh.example/</link>", ""),
    ("channel without description", "<description>Tiga berita rekaan.</description>", ""),
    ("language in words", "<language>id</language>", "<language>Bahasa Indonesia</language>"),
    (
        "lastBuildDate twice",
        "<language>",
        "<lastBuildDate>Mon, 23 Nov 2026 05:00:00 GMT</lastBuildDate><language>",
    ),
    ("item without title", _TITLE, ""),
    ("title of spaces", _TITLE, "<title>  </title>"),
    ("title with markup", _TITLE, "<title>Jembatan <b>Tembesi</b></title>"),
    ("two links", f"<link>{_URL}</link>", f"<link>{_URL}</link><link>{_URL}</link>"),
    ("relative link", f"<link>{_URL}</link>", "<link>/2026/jembatan</link>"),
    ("link with a space", f"<link>{_URL}</link>", "<link>https://contoh.example/jembatan baru</link>"),
    ("link to a script", f"<link>{_URL}</link>", "<link>javascript:alert(1)</link>"),
    (
        "link with user information",
        f"<link>{_URL}</link>",
        "<link>https://contoh.example@evil.example/</link>",
    ),
    ("item without guid", _GUID, ""),
    ("guid twice", _GUID, _GUID + _GUID),
    ("urn as permalink", _GUID, _GUID.replace(' isPermaLink="false"', "")),
    ("isPermaLink no", _GUID, _GUID.replace('"false"', '"no"')),
    ("empty guid", _GUID, '<guid isPermaLink="false"></guid>'),
    ("pubDate missing", _DATE, ""),
    ("pubDate as RFC 3339", _DATE, "<pubDate>2026-11-23T04:30:00Z</pubDate>"),
    ("pubDate with the month in Indonesian", _DATE, "<pubDate>Sen, 23 Nov 2026 04:30:00 GMT</pubDate>"),
    ("pubDate of two-digit year", _DATE, "<pubDate>Mon, 23 Nov 26 04:30:00 GMT</pubDate>"),
    ("pubDate in WIB", _DATE, "<pubDate>Mon, 23 Nov 2026 11:30:00 WIB</pubDate>"),
    ("pubDate without zone", _DATE, "<pubDate>Mon, 23 Nov 2026 04:30:00</pubDate>"),
    ("pubDate at 24:30", _DATE, "<pubDate>Mon, 23 Nov 2026 24:30:00 GMT</pubDate>"),
    ("enclosure without length", ' length="48213"', ""),
    ("enclosure of length -1", '"48213"', '"-1"'),
    ("enclosure without type", ' type="image/jpeg"/>', "/>"),
    ("enclosure of type jpg", '"image/jpeg"', '"jpg"'),
    ("enclosure with relative url", 'url="https://contoh.example/foto/', 'url="/foto/'),
    ("two enclosures", _ENCLOSURE, _ENCLOSURE + _ENCLOSURE),
    ("source without url", ' url="https://mitra.example/rss"', ""),
    ("empty category", ">Batang Hari<", "><"),
    ("empty creator", "<dc:creator>Rina Kartika</dc:creator>", "<dc:creator/>"),
    ("creator without namespace", "<dc:creator>Rina Kartika</dc:creator>", "<creator>Rina Kartika</creator>"),
    ("unknown element", _DATE, f"{_DATE}<published>kemarin</published>"),
    ("unknown attribute", "<item>", '<item id="1">'),
    ("text between elements", "<item>", "<item>Berita: "),
    ("content encoded twice", "<content:encoded>", "<content:encoded>x</content:encoded><content:encoded>"),
    (
        "empty content",
        "<description>Jembatan sepanjang 300 meter itu dibuka pagi ini.</description>",
        "<description/>",
    ),
    ("item outside the channel", "  </channel>", "  </channel><item><title>Lepas</title></item>"),
)

ATOM = (
    ("feed without id", "<id>urn:uuid:3f0c2f39-6a5e-5c55-9d5b-6a1f2c5f8a00</id>", ""),
    ("feed without title", "<title>Kabar Contoh</title>", ""),
    ("feed without updated", "<updated>2026-11-23T05:00:00Z</updated>", ""),
    ("feed with two subtitles", "<subtitle>", "<subtitle>x</subtitle><subtitle>"),
    ("entry without id", _ID, ""),
    ("entry with two ids", _ID, _ID + _ID),
    ("entry without title", _TITLE, ""),
    ("entry with two titles", _TITLE, _TITLE + _TITLE),
    ("entry without updated", _UPDATED, ""),
    ("updated twice", _UPDATED, _UPDATED + _UPDATED),
    ("updated without zone", _UPDATED, "<updated>2026-11-23T04:45:00</updated>"),
    ("updated as RFC 822", _UPDATED, "<updated>Mon, 23 Nov 2026 04:45:00 GMT</updated>"),
    ("updated in month 13", _UPDATED, "<updated>2026-13-23T04:45:00Z</updated>"),
    ("updated with a space", _UPDATED, "<updated>2026-11-23 04:45:00Z</updated>"),
    ("empty published", "<published>2026-11-23T04:30:00Z</published>", "<published/>"),
    ("link without href", _ALTERNATE, '<link rel="alternate" type="text/html"/>'),
    ("link of type html", _ALTERNATE, _ALTERNATE.replace("text/html", "html")),
    ("link of empty rel", _ALTERNATE, _ALTERNATE.replace('"alternate"', '""')),
    ("author without name", "<name>Rina Kartika</name>", ""),
    (
        "author as text",
        "<author>\n      <name>Rina Kartika</name>\n    </author>",
        "<author>Rina Kartika</author>",
    ),
    ("author with two names", "<name>Rina Kartika</name>", "<name>Rina</name><name>Kartika</name>"),
    ("author of bad email", "<name>Rina Kartika</name>", "<name>Rina</name><email>rina</email>"),
    ("category without term", 'term="15.04" ', ""),
    ("content of type CDATA", '<content type="html">', '<content type="CDATA">'),
    ("two contents", "<content type", '<content type="text">x</content><content type'),
    ("content with src and text", '<content type="html">', '<content src="https://contoh.example/1">'),
    ("title with elements", _TITLE, "<title>Jembatan <b>Tembesi</b></title>"),
    ("xhtml title without div", _TITLE, '<title type="xhtml">Jembatan</title>'),
    ("summary of a media type", "<summary>", '<summary type="text/html">'),
    ("two sources", "<source>", "<source/><source>"),
    ("entry in an entry", _ID, f"{_ID}<entry/>"),
    ("unknown element of Atom", _ID, f"{_ID}<pubDate>2026-11-23T04:45:00Z</pubDate>"),
    ("unknown attribute", "<entry>", '<entry id="1">'),
    ("text between elements", "<entry>", "<entry>Berita: "),
    ("language with a space", 'xml:lang="id"', 'xml:lang="bahasa indonesia"'),
)

OPML = (
    ("version missing", ' version="2.0"', ""),
    ("version 3.0", 'version="2.0"', 'version="3.0"'),
    ("attribute of the root", 'version="2.0"', 'version="2.0" lang="id"'),
    ("title outside the head", "<body>", "<title>x</title><body>"),
    ("two titles", "<title>", "<title>x</title><title>"),
    ("empty title", "<title>Kabar Contoh</title>", "<title/>"),
    ("dateCreated as RFC 3339", "Mon, 23 Nov 2026 05:00:00 GMT", "2026-11-23T05:00:00Z"),
    ("dateCreated of two-digit year", "Nov 2026", "Nov 26"),
    ("dateCreated in WIB", "05:00:00 GMT", "12:00:00 WIB"),
    ("ownerEmail without @", "redaksi@contoh.example", "redaksi"),
    ("docs not an address", "https://opml.org/spec2.opml", "spec2.opml"),
    ("unknown element of the head", "<ownerName>", "<owner>x</owner><ownerName>"),
    ("expansionState in words", "<ownerName>", "<expansionState>semua</expansionState><ownerName>"),
    ("outline in the head", "<ownerName>", '<outline text="x"/><ownerName>'),
    ("outline without text", 'text="Ekonomi" ', ""),
    ("outline of empty text", 'text="Ekonomi"', 'text=" "'),
    ("outline without xmlUrl", ' xmlUrl="https://contoh.example/ekonomi.rss"', ""),
    ("outline with relative xmlUrl", '"https://contoh.example/ekonomi.rss"', '"/ekonomi.rss"'),
    ("xmlUrl with a space", "/ekonomi.rss", "/ekonomi baru.rss"),
    ("xmlUrl to a script", "https://contoh.example/ekonomi.rss", "javascript:alert(1)"),
    (
        "xmlurl in small letters",
        'xmlUrl="https://contoh.example/ekonomi',
        'xmlurl="https://contoh.example/ekonomi',
    ),
    ("outline without type", _OUTLINE, _OUTLINE.replace(' type="rss"', "")),
    ("outline of type atom", _OUTLINE, _OUTLINE.replace('"rss"', '"atom"')),
    ("htmlUrl empty", 'htmlUrl="https://contoh.example/"', 'htmlUrl=""'),
    ("version RSS3", '"RSS2"', '"RSS3"'),
    ("language in words", 'language="id"', 'language="bahasa indonesia"'),
    ("two bodies", "</opml>", '<body><outline text="x"><outline text="y"/></outline></body></opml>'),
    ("text in the body", "<body>", "<body>Daftar: "),
    ("link outline without url", _OUTLINE, '<outline text="x" type="link"/>'),
    ("subscription with outlines in it", _OUTLINE, _OUTLINE.replace("/>", f">{_OUTLINE}</outline>")),
    ("unknown element in an outline", _OUTLINE, f"{_OUTLINE}<feed/>"),
)

_LOC = f"<loc>{_URL}</loc>"
_NAME = "<news:name>Kabar Contoh</news:name>"
_SAID = "<news:publication_date>2026-11-23T04:30:00Z</news:publication_date>"
_NEWS_TITLE = "<news:title>Jembatan Sungai Tembesi Dibuka &amp; Ramai</news:title>"

SITEMAP = (
    ("another namespace", "schemas/sitemap/0.9", "schemas/sitemap/0.84"),
    ("another namespace of news", "sitemap-news/0.9", "sitemap-news/1.0"),
    ("attribute of the root", "<urlset ", '<urlset version="1" '),
    ("url without loc", _LOC, ""),
    ("two locs", _LOC, _LOC + _LOC),
    ("relative loc", _LOC, "<loc>/2026/jembatan</loc>"),
    ("loc with a space", _LOC, "<loc>https://contoh.example/jembatan baru</loc>"),
    ("loc with two fragments", _LOC, "<loc>https://contoh.example/jembatan#a#b</loc>"),
    ("loc too long", _LOC, f"<loc>https://contoh.example/{'a' * 2030}</loc>"),
    ("lastmod without zone", "04:45:00Z", "04:45:00"),
    ("lastmod as RFC 822", "2026-11-23T04:45:00Z", "Mon, 23 Nov 2026 04:45:00 GMT"),
    ("lastmod without time", "2026-11-23T04:45:00Z", "2026-11-23"),
    ("name missing", _NAME, ""),
    ("empty name", _NAME, "<news:name> </news:name>"),
    ("name twice", _NAME, _NAME + _NAME),
    ("language missing", "<news:language>id</news:language>", ""),
    ("language with region", "<news:language>id<", "<news:language>id-ID<"),
    ("language in words", "<news:language>id<", "<news:language>Indonesia<"),
    ("publication_date missing", _SAID, ""),
    ("publication_date in month 13", "2026-11-23T04:30:00Z", "2026-13-23T04:30:00Z"),
    ("empty publication_date", _SAID, "<news:publication_date/>"),
    ("title missing", _NEWS_TITLE, ""),
    ("title with markup", _NEWS_TITLE, "<news:title>Jembatan <b>Tembesi</b></news:title>"),
    ("title without namespace", _NEWS_TITLE, "<title>Jembatan Tembesi</title>"),
    ("keywords of old", _NEWS_TITLE, f"{_NEWS_TITLE}<news:keywords>jembatan</news:keywords>"),
    ("two news", "<news:news>", "<news:news/><news:news>"),
    ("text between elements", "<url>", "<url>Berita: "),
    ("unknown element", _LOC, f"{_LOC}<changefreq>kadang</changefreq>"),
)

BY_FAMILY = {"sitemap": SITEMAP, "rss": RSS, "atom": ATOM, "opml": OPML}
MUTANTS = [(family, name, old, new) for family, mutants in BY_FAMILY.items() for name, old, new in mutants]
