"""Ways in: which addresses may lead from a home page to news, which of them is best, and what of an index is read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urljoin, urlsplit

from aggregator.intake.clean import absolute_url
from aggregator.intake.page import FeedLink
from aggregator.model.entry import SitemapChild
from aggregator.model.hosts import is_within

# Where feeds and sitemaps stand on sites that name none: WordPress, Promedia, antaranews and their like.
USUAL_FEEDS = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/rss/feed.xml", "/index.xml")
USUAL_SITEMAPS = (
    "/sitemap-news.xml",
    "/news-sitemap.xml",
    "/sitemap_news.xml",
    "/sitemap.xml",
    "/sitemap_index.xml",
)
# Behind the newest entry found anywhere, or behind now, a way by more than this is a dead one.
FRESH = timedelta(days=3)
MAX_DECLARED = 4
MAX_CHILDREN = 3

_FEED_HEAD = re.compile(
    rb"""(?:\xef\xbb\xbf)?(?:\s++|<\?[^>]*+>|<!--(?:[^-]|-(?!->))*+-->)*+(?:<(?:rss|feed|urlset|rdf:RDF)[\s>]|\{)""",
    re.IGNORECASE,
)
_HEAD_BYTES = 2000
# In the words of WordPress, of its Indonesian translation, and of Blogger.
_COMMENTS = re.compile(r"comments?(?![a-z])|komentar|replies", re.IGNORECASE)
_PART = re.compile(
    r"/(?:category|kategori|tag|topik|topic|author|penulis|channel|kanal|(?:19|20)\d\d)/", re.IGNORECASE
)
_NEWS = re.compile(r"news(?!letter)|berita|terkini|terbaru|latest", re.IGNORECASE)
_NO_ARTICLES = re.compile(
    r"(?<![a-z])(?:images?|videos?|fotos?|pages?|categor(?:y|ies)|kategori|tags?|post_tag|topics?|topik"
    r"|authors?|users?|penulis|channels?|static|products?)(?![a-z])",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_NUMBERED = re.compile(r"\d\d")


def is_feed_at_first_sight(body: bytes) -> bool:
    """Whether the body begins like a feed or a sitemap, so that nobody needs to look closer before reading it."""
    return _FEED_HEAD.match(body[:_HEAD_BYTES]) is not None


def is_at_home(url: str, page_url: str, domains: Collection[str]) -> bool:
    """Whether an address is on the page's own host, or on one of ``domains`` or below it."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host == urlsplit(page_url).hostname or is_within(host, domains)


def declared_feeds(
    links: Iterable[FeedLink], page_url: str, domains: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The feeds that a page names: its own and the whole site's, and apart those of sections and single articles.

    Comments are nobody's news. What the page declares for programs may stand anywhere, if it leads home;
    what it only links to must be at home.
    """
    usable = [
        link
        for link in links
        if not _COMMENTS.search(_below_host(link.url) + link.title)
        and (link.media_type or is_at_home(link.url, page_url, domains))
    ]
    page_path = urlsplit(urljoin(page_url, ".")).path

    def is_own(link: FeedLink) -> bool:
        return page_path != "/" and urlsplit(link.url).path.startswith(page_path)

    def rank(link: FeedLink) -> tuple[bool, bool, bool, int]:
        path = urlsplit(link.url).path
        return not is_own(link), not link.media_type, not _NEWS.search(path), path.rstrip("/").count("/")

    main: list[FeedLink] = []
    parts: list[FeedLink] = []
    for link in usable:
        (main if is_own(link) or not _PART.search(urlsplit(link.url).path) else parts).append(link)
    own, others = (
        tuple(link.url for link in sorted(some, key=rank)[:MAX_DECLARED]) for some in (main, parts)
    )
    return own, others


def usual_feeds(page_url: str) -> tuple[str, ...]:
    """Where the page's host may have a feed; below a folder (``/id/``) there first."""
    folder = urlsplit(urljoin(page_url, ".")).path
    below = [urljoin(page_url, f".{path}") for path in USUAL_FEEDS[:1]] if folder != "/" else []
    return (*below, *(urljoin(page_url, path) for path in USUAL_FEEDS))


def sitemaps(named: Iterable[str], page_url: str, domains: Collection[str]) -> Iterator[str]:
    """Where there may be a sitemap: ``named`` in robots.txt, news first, then the usual addresses."""
    absolute = (absolute_url(url, page_url) for url in named)
    at_home = [url for url in absolute if is_at_home(url, page_url, domains)]
    yield from sorted(at_home, key=lambda url: (not _NEWS.search(_name(url)), _is_about_others(url)))
    yield from (urljoin(page_url, path) for path in USUAL_SITEMAPS)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a way brings, for choosing between ways."""

    kind: Literal["feed", "sitemap", "index"]
    entries: int
    with_title: int
    with_text: int
    newest_at: datetime | None

    def is_fresh(self, now: datetime) -> bool:
        """Whether its newest entry is young enough for a newsroom that publishes."""
        return self.newest_at is not None and now - self.newest_at <= FRESH


def best(found: Sequence[Worth]) -> int:
    """The index of the best way: one that is up to date, with headlines, a feed, with text, the newest.

    Up to date is what does not lag behind the newest entry seen anywhere: a feed that ended in spring stands beside a
    sitemap of today on sites that gave their feeds up. ``found`` must not be empty.
    """
    newest_at = max((one.newest_at for one in found if one.newest_at), default=None)

    def rank(position: int) -> tuple[bool, bool, bool, bool, float, int]:
        one = found[position]
        is_current = newest_at is not None and one.is_fresh(newest_at)
        newest_s = one.newest_at.timestamp() if one.newest_at and not is_current else 0.0
        has_text, is_feed = bool(one.with_text), one.kind == "feed"
        return bool(one.with_title), is_current, is_feed, has_text, newest_s, -position

    return max(range(len(found)), key=rank)


def is_news_with_a_stable_name(url: str) -> bool:
    """Whether a sitemap of an index is its news, at an address that does not change with the date."""
    return bool(_NEWS.search(_name(url))) and not _NUMBERED.search(_below_host(url))


def groups_to_read(children: Sequence[SitemapChild]) -> tuple[tuple[SitemapChild, ...], ...]:
    """Which sitemaps of an index hold the newest articles: one group is read, the next only where it brings none.

    News before others, the latest change before earlier ones; where the index does not say, the highest numbers in the
    address. Sitemaps of images, pages, tags and authors only where there are no others.
    """
    articles = [child for child in children if not _is_about_others(child.url)] or children
    news: list[SitemapChild] = []
    others: list[SitemapChild] = []
    for child in articles:
        (news if _NEWS.search(_name(child.url)) else others).append(child)
    groups = (sorted(group, key=_youth, reverse=True)[:MAX_CHILDREN] for group in (news, others))
    return tuple(tuple(group) for group in groups if group)


def says_when(children: Sequence[SitemapChild]) -> bool:
    """Whether the index tells, to the minute, when each of these changed: then it changes whenever one of them does."""
    moments = [child.changed_at for child in children]
    return all(moment is not None and (moment.minute, moment.second) != (0, 0) for moment in moments)


def _youth(child: SitemapChild) -> tuple[float, list[int]]:
    changed_s = child.changed_at.timestamp() if child.changed_at else 0.0
    return changed_s, [int(digits[:18]) for digits in _DIGITS.findall(_below_host(child.url))]


def _is_about_others(url: str) -> bool:
    name = _name(url)
    return bool(_NO_ARTICLES.search(name)) and not _NEWS.search(name)


def _name(url: str) -> str:
    """The last step of the path, and the query: where a sitemap says what it is."""
    parts = urlsplit(url)
    return f"{parts.path.rstrip('/').rpartition('/')[2]}?{parts.query}"


def _below_host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
