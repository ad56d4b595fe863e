"""The feeds that bench/poll.py polls: invented news as a large WordPress site serves it, with the full texts.

A feed has 38 entries and about 250 KB, its newest entry half an hour old, the others two hours apart. One feed in
twenty has a second edition, with one to three new entries at the top and as many fewer at the end. One entry in twenty
copies another feed's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

from invented_news import Article, article

ENTRIES = 38
NEW_AT_MOST = 3
PER_HOST = 50  # feeds
CHANGED_EVERY = 20  # one feed of so many is another in its second edition
TEXT_BYTES = 4_000  # of an entry, markup not counted
# A number of ours stands for so many of invented_news, whose articles are shorter.
_PARTS = 8
_COPY = 7  # of twenty entries
# fmt: off
_CATEGORIES = (
    "Politik", "Pemilu", "Hukum", "Kriminal", "Ekonomi", "Bisnis", "Olahraga", "Sepakbola", "Hiburan", "Film",
    "Teknologi", "Otomotif", "Kesehatan", "Kuliner", "Peristiwa", "Cuaca", "Pendidikan", "Budaya", "Daerah", "Nasional",
)
# fmt: on
_HEAD = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
\txmlns:content="http://purl.org/rss/1.0/modules/content/"
\txmlns:wfw="http://wellformedweb.org/CommentAPI/"
\txmlns:dc="http://purl.org/dc/elements/1.1/"
\txmlns:atom="http://www.w3.org/2005/Atom"
\txmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
\txmlns:slash="http://purl.org/rss/1.0/modules/slash/"
\t>

<channel>
\t<title>Kabar {feed}</title>
\t<atom:link href="{site}/feed/" rel="self" type="application/rss+xml" />
\t<link>{site}</link>
\t<description>Berita {feed} terkini</description>
\t<lastBuildDate>{built}</lastBuildDate>
\t<language>id</language>
\t<sy:updatePeriod>hourly</sy:updatePeriod>
\t<sy:updateFrequency>1</sy:updateFrequency>
\t<generator>https://wordpress.org/?v=6.6.2</generator>
"""


@dataclass(frozen=True)
class Press:
    """``feeds`` of them, in ``folder``, as they were at ``now``."""

    folder: Path
    feeds: int
    now: datetime

    def print_all(self) -> None:
        """Write every edition to the folder, on all cores; a thousand feeds take about half a minute of CPU."""
        with ProcessPoolExecutor() as pool:
            for _ in pool.map(partial(print_feed, self), range(self.feeds), chunksize=10):
                pass

    def path(self, feed: int, edition: int) -> Path:
        return self.folder / f"{feed}.{edition}.xml"

    def new_in_second(self, feed: int) -> int:
        """How many entries the second edition has that the first has not."""
        return feed // CHANGED_EVERY % NEW_AT_MOST + 1 if feed % CHANGED_EVERY == 0 else 0


def host_number(feed: int) -> int:
    return feed // PER_HOST


def site_of(feed: int) -> str:
    """The section of its host's site that a feed is of, as its articles' addresses have it."""
    return f"https://www.p{host_number(feed)}.example/kanal-{feed}"


def print_feed(press: Press, feed: int) -> None:
    """Write its editions to the folder."""
    new = press.new_in_second(feed)
    items = [_item(feed, place, press.now) for place in range(-new, ENTRIES)]
    press.path(feed, 1).write_bytes(_document(feed, items[new:], press.now - timedelta(minutes=30)))
    if new:
        press.path(feed, 2).write_bytes(_document(feed, items[:ENTRIES], press.now))


def _document(feed: int, items: list[str], built_at: datetime) -> bytes:
    head = _HEAD.format(feed=feed, site=site_of(feed), built=format_datetime(built_at))
    return f"{head}{''.join(items)}</channel>\n</rss>\n".encode()


def _item(feed: int, place: int, now: datetime) -> str:
    """The entry at that place of the first edition; before it, at places below 0, stand those of the second."""
    number = feed * (ENTRIES + NEW_AT_MOST) + place + NEW_AT_MOST
    at = now - (timedelta(minutes=30 + 120 * place) if place >= 0 else timedelta(minutes=5 + place))
    rng, written = random.Random(f"entry {number}"), _written(number)
    url = f"{site_of(feed)}/{at:%Y/%m}/{number + 1_000_000}/{'-'.join(written.title.lower().split()[:6])}/"
    categories = "".join(
        f"\t\t<category><![CDATA[{name}]]></category>\n" for name in rng.sample(_CATEGORIES, 3)
    )
    return (
        f"\t<item>\n\t\t<title>{escape(written.title)}</title>\n\t\t<link>{url}</link>\n"
        f"\t\t<comments>{url}#respond</comments>\n\n"
        f"\t\t<dc:creator><![CDATA[{rng.choice(written.paragraphs[1].split())} Redaksi]]></dc:creator>\n"
        f"\t\t<pubDate>{format_datetime(at)}</pubDate>\n{categories}"
        f'\t\t<guid isPermaLink="false">{site_of(feed)}/?p={number + 1_000_000}</guid>\n\n'
        f"\t\t<description><![CDATA[<p>{written.paragraphs[0]} [&#8230;]</p>]]></description>\n"
        f"\t\t<content:encoded><![CDATA[{''.join(_blocks(written, url, rng))}]]></content:encoded>\n"
        f"\t\t<wfw:commentRss>{url}feed/</wfw:commentRss>\n\t\t<slash:comments>0</slash:comments>\n\t</item>\n"
    )


def _written(number: int) -> Article:
    """A long article, or a copy of one under another headline and with another beginning."""
    own = article(_unlike_others(number * _PARTS))
    if number % 20 != _COPY or number <= 20:
        return _long(number)
    original = _long(random.Random(f"copied {number}").randrange(number // 20 * 20))
    return Article(own.title, (own.paragraphs[0], *original.paragraphs[1:]))


def _long(number: int) -> Article:
    """Made of as many articles of invented_news as it takes."""
    first = article(_unlike_others(number * _PARTS))
    paragraphs, more = list(first.paragraphs), number * _PARTS
    while sum(map(len, paragraphs)) < TEXT_BYTES:
        more += 1
        paragraphs += article(_unlike_others(more)).paragraphs[1:]
    while sum(map(len, paragraphs[:-1])) >= TEXT_BYTES:
        paragraphs.pop()
    return Article(first.title, tuple(paragraphs))


def _unlike_others(number: int) -> int:
    """A number of invented_news that is neither a copy nor a day of a column there: each stands for one text."""
    tens, ones = divmod(number, 16)
    return tens * 20 + (0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 14, 15, 16, 17)[ones]


def _blocks(written: Article, url: str, rng: random.Random) -> Iterator[str]:
    picture = f"https://www.p.example/wp-content/uploads/{rng.randrange(10**6)}"
    yield (
        f'<figure class="wp-block-image size-large"><img decoding="async" width="1024" height="683" '
        f'src="{picture}-1024x683.jpg" alt="{escape(written.title)}" class="wp-image-{rng.randrange(10**5)}" '
        f'srcset="{picture}-1024x683.jpg 1024w, {picture}-300x200.jpg 300w, {picture}-768x512.jpg 768w" '
        f'sizes="(max-width: 1024px) 100vw, 1024px" /><figcaption>Foto: Dok. Istimewa</figcaption></figure>\n'
    )
    for place, paragraph in enumerate(written.paragraphs):
        first, _, rest = paragraph.partition(" ")
        match rng.randrange(12):
            case 0:
                yield f"<p><strong>{first}</strong> {rest}</p>\n"
            case 1:
                yield f'<p>{first} <a href="{url}?tag={place}" rel="nofollow noopener">{rest[:20]}</a>{rest[20:]}</p>\n'
            case 2:
                yield f'<blockquote class="wp-block-quote"><p>{paragraph}</p></blockquote>\n'
            case _:
                yield f"<p>{paragraph}</p>\n"
        if place == 4:
            yield f'<p><strong>Baca juga: <a href="{url}terkait/">{written.title[::-1].title()}</a></strong></p>\n'
