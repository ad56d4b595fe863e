"""A body as it was fetched to what stands in it: a feed of any format, a sitemap, a list of sitemaps."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import replace
from datetime import datetime
from io import BytesIO

from aggregator.errors import ParseError, RefusedDocumentError
from aggregator.intake.encoding import decode
from aggregator.intake.jsonfeed import is_json, read_json_feed
from aggregator.intake.parse import parse_feed
from aggregator.intake.precheck import check_document
from aggregator.intake.sitemap import read_sitemap, read_sitemap_index
from aggregator.model.entry import ParsedFeed, SitemapIndex
from aggregator.model.problem import Problem
from aggregator.model.standing import UNREAD, Standing

MAX_UNPACKED_BYTES = 50 * 1024 * 1024  # https://www.sitemaps.org/protocol.html: no sitemap is larger
_GZIP = b"\x1f\x8b\x08"  # RFC 1952, section 2.3.1
_CHUNK_BYTES = 1 << 20
# Of a feed, a sitemap, one packed with gzip; or a type that says nothing.
_HONEST_TYPE = re.compile(r"xml|rss|atom|json|gzip|octet-stream|text/plain|^$", re.IGNORECASE)


def read_document(
    body: bytes,
    *,
    url: str,
    content_type: str,
    timezone: str,
    now: datetime,
    before: Standing = UNREAD,
) -> ParsedFeed | SitemapIndex:
    """Read RSS, RDF, Atom, JSON Feed, a sitemap or a sitemap index, packed with gzip or not.

    ``url`` is where it was found, ``content_type`` the HTTP header, ``timezone`` an IANA name for dates that
    state no zone, ``now`` aware UTC. Of a feed or sitemap, entries that stood there ``before`` are not read again.
    Entries that cannot be used are passed over and named in ``problems``, as is damage that was read around. Raises
    NotAFeedError (WebPageError for HTML), RefusedDocumentError, and ParseError where nothing can be read. It may take
    very long on hostile documents: run it in engine.pool.
    """
    unpacked, damage = _unpacked(body)
    text, mended = decode(unpacked, content_type)
    document: ParsedFeed | SitemapIndex
    if is_json(text):
        document = read_json_feed(text, url=url, timezone=timezone, now=now, before=before)
    else:
        checked = check_document(text)
        if checked.root == "sitemapindex":
            document = read_sitemap_index(checked, url=url, timezone=timezone, now=now)
        else:
            reader = read_sitemap if checked.root == "urlset" else parse_feed
            document = reader(checked, url=url, timezone=timezone, now=now, before=before)
    found = tuple(Problem(url, words) for words in (*_wrong_type(content_type), *damage, *mended))
    return replace(document, problems=(*found, *document.problems))


def _wrong_type(content_type: str) -> tuple[str, ...]:
    """What to say of a feed that is labelled as something else; what it is was seen from its content."""
    media_type = content_type.partition(";")[0].strip()
    if _HONEST_TYPE.search(media_type):
        return ()
    return (f"it is labelled {media_type[:100]}, which is no feed's type; readers may refuse it",)


def _unpacked(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """What is packed with gzip, such as a ``sitemap.xml.gz`` sent as a file, and what is wrong with it, in words.

    A file that breaks off or is damaged gives what could be read. Raises RefusedDocumentError for too much,
    ParseError for nothing.
    """
    if not body.startswith(_GZIP):
        return body, ()
    unpacked = bytearray()
    with gzip.GzipFile(fileobj=BytesIO(body)) as packed:
        try:
            while chunk := packed.read1(_CHUNK_BYTES):
                unpacked += chunk
                if len(unpacked) > MAX_UNPACKED_BYTES:
                    raise RefusedDocumentError(
                        f"a gzip file of more than {MAX_UNPACKED_BYTES:,} bytes unpacked, which is a fixed limit"
                    )
        except (EOFError, OSError, zlib.error) as error:
            if not unpacked:
                raise ParseError(f"a damaged gzip file: {error}") from error
            return bytes(unpacked), (f"the gzip file is damaged; what could be unpacked was read: {error}",)
    return bytes(unpacked), ()
