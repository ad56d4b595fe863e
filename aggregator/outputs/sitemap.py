"""News sitemaps for Google News. Which stories and how many: ``select``.

Source: https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lxml import etree

from aggregator.outputs.channel import Channel
from aggregator.outputs.feedxml import serialize, sub
from aggregator.outputs.item import Item, rfc3339

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def render_sitemap(channel: Channel, items: Sequence[Item]) -> bytes:
    """The output as a sitemap. Each address stands once: of two stories at one the newer."""
    prefixes: Any = {None: SITEMAP, "news": NEWS}  # lxml-stubs know no default namespace
    root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap=prefixes)
    seen: set[str] = set()
    for item in items:
        if item.url in seen:
            continue
        seen.add(item.url)
        url = sub(root, f"{{{SITEMAP}}}url")
        sub(url, f"{{{SITEMAP}}}loc", item.url)
        sub(url, f"{{{SITEMAP}}}lastmod", rfc3339(item.updated_at))
        news = sub(url, f"{{{NEWS}}}news")
        publication = sub(news, f"{{{NEWS}}}publication")
        sub(publication, f"{{{NEWS}}}name", channel.site_name)
        sub(publication, f"{{{NEWS}}}language", (item.language or channel.language).partition("-")[0])
        sub(news, f"{{{NEWS}}}publication_date", rfc3339(item.published_at))
        sub(news, f"{{{NEWS}}}title", item.title)
    return serialize(root)
