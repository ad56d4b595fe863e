"""A search for a way in: the page's feed links, usual addresses, sitemaps; politely, bounded in requests and time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Literal
from urllib.parse import urlsplit

from aggregator.app import QUICK_DEADLINE_S, App
from aggregator.config.model import Source
from aggregator.errors import BadStatusError, FetchError, WorkerError, WorkerTimeoutError
from aggregator.intake.page import WebPage
from aggregator.intake.ways import (
    Worth,
    best,
    declared_feeds,
    groups_to_read,
    is_at_home,
    is_news_with_a_stable_name,
    says_when,
    sitemaps,
    usual_feeds,
)
from aggregator.model.entry import SitemapChild
from aggregator.model.fetch import Fetched, Validators
from aggregator.reading import Glance, look_at

MAX_REQUESTS = 15
MAX_DEPTH = 2  # an index may list indexes
_TOO_LONG = "not tried, it took too long; a longer fetch.deadline gives a search more time"


@dataclass(frozen=True, slots=True)
class Found:
    """A way in, with what it brought when it was looked at."""

    url: str
    kind: Literal["feed", "sitemap", "index"]
    documents: tuple[Fetched, ...]
    validators: Validators
    worth: Worth


class Seeker:
    """One search or one reading of an index; ``ends_at_s`` is a time of the event loop's clock."""

    def __init__(self, app: App, source: Source, now: datetime, ends_at_s: float) -> None:
        self._app = app
        self._source = source
        self._now = now
        self._ends_at_s = ends_at_s
        host = urlsplit(source.url).hostname or ""
        self._domains = (*app.config.partner(source.partner).domains, host.removeprefix("www."))
        self._tried: dict[str, str] = {}  # what came back, in words; '' where it can be read
        self._found: list[Found] = []
        self._is_over = False

    async def look_at(self, fetched: Fetched) -> Glance:
        """What stands there, judged by a worker; a sitemap of 50,000 addresses takes it long. Raises WorkerError."""
        look = partial(self._app.pool.run, look_at, fetched, self._source.timezone, self._now)
        try:
            async with self._app.quick_readers:
                return await look(deadline_s=QUICK_DEADLINE_S)
        except WorkerTimeoutError:
            async with self._app.slow_readers:
                return await look()

    async def seek(self, home: Fetched, glance: Glance) -> Found | None:
        """The best way in from a home page; what was found when time is up."""
        self._tried[self._source.url] = glance.words
        if not self._is_at_home(home.url):
            self._tried[self._source.url] = f"leads to {home.url}, which is not on the partner's domains"
            return None
        try:
            async with asyncio.timeout_at(self._ends_at_s):
                await self._look_around(home.url, glance.page)
        except TimeoutError:
            self._tried["the rest"] = _TOO_LONG
        return self._found[best([one.worth for one in self._found])] if self._found else None

    async def read_index(self, url: str, index: Fetched, glance: Glance) -> Found | None:
        """The newest sitemaps of an index that was fetched from ``url``."""
        try:
            async with asyncio.timeout_at(self._ends_at_s):
                return await self._index(url, index, glance, depth=0)
        except TimeoutError:
            self._tried["the rest"] = _TOO_LONG
            return None

    def report(self) -> str:
        """What was tried and what came back, in one sentence for ops."""
        by_words: defaultdict[str, list[str]] = defaultdict(list)
        for url, words in self._tried.items():
            by_words[words or "read"].append(self._short(url))
        tried = "; ".join(f"{', '.join(urls)}: {words}" for words, urls in by_words.items())
        return (
            f"no way in was found from {self._source.url}: give the feed's or the sitemap's own address in "
            f"sources[].url, or ask the partner for it; tried {tried or 'nothing'}"
        )

    def failures(self) -> tuple[str, ...]:
        """What could not be read, a remark for each."""
        return tuple(f"{url}: {words}" for url, words in self._tried.items() if words)

    async def _look_around(self, page_url: str, page: WebPage | None) -> None:
        links = page.feed_links if page else ()
        own, of_parts = declared_feeds(links, page_url, self._domains)
        for url in own:
            await self._try(url, is_declared=True)
        for url in usual_feeds(page_url):
            if not self._has_fresh():
                await self._try(url)
        if self._has_fresh():
            return
        named = (await self._app.net.robots(page_url)).sitemaps
        for url in sitemaps(named, page_url, self._domains):
            if not self._has_fresh():
                await self._try(url)
        for url in of_parts:
            if not self._has_fresh():
                await self._try(url, is_declared=True)

    def _has_fresh(self) -> bool:
        return any(one.worth.with_title and one.worth.is_fresh(self._now) for one in self._found)

    async def _try(self, url: str, *, is_declared: bool = False) -> None:
        found = await self._visit(url, 0, is_declared=is_declared)
        if found is not None:
            self._found.append(found)

    async def _visit(self, url: str, depth: int, *, is_declared: bool = False) -> Found | None:
        """What an address is worth as a way in; None when it is none, which is noted."""
        if self._is_over or url in self._tried or len(self._tried) >= MAX_REQUESTS:
            return None
        self._tried[url] = "broken off"
        try:
            fetched = await self._app.net.fetch_politely(url)
            glance = await self.look_at(fetched)
        except (FetchError, WorkerError) as error:
            self._tried[url] = came_back(error)
            # Whoever asks us to wait is not asked for more.
            self._is_over = isinstance(error, BadStatusError) and error.is_of_host
            return None
        self._tried[url] = glance.words
        if not self._is_at_home(fetched.url) and (words := self._why_not(fetched, glance, is_declared)):
            self._tried[url] = words
            return None
        if glance.kind == "index":
            return await self._index(url, fetched, glance, depth)
        if glance.kind not in ("feed", "sitemap") or not glance.entries:
            return None
        self._tried[url] = ""
        return Found(url, glance.kind, (fetched,), fetched.validators, self._worth(glance))

    def _why_not(self, fetched: Fetched, glance: Glance, is_declared: bool) -> str:
        """What speaks against something that stands elsewhere, in words.

        A feed service may stand anywhere where the partner's page declares it; what it serves must lead home.
        """
        if not is_declared:
            return f"leads to {urlsplit(fetched.url).hostname}"
        number, at_home = len(glance.urls), sum(map(self._is_at_home, glance.urls))
        if number and at_home <= number / 2:
            return f"{glance.words}; {at_home} of {number} of its articles stand on the partner's domains"
        return ""

    async def _index(self, url: str, index: Fetched, glance: Glance, depth: int) -> Found | None:
        at_home = [one for one in glance.children if self._is_at_home(one.url)]
        for group in groups_to_read(at_home) if depth < MAX_DEPTH else ():
            found: list[Found] = []
            for child in group:
                one = await self._visit(child.url, depth + 1)
                if one is None:
                    continue
                if one.kind == "sitemap" and is_news_with_a_stable_name(child.url):
                    return one
                found.append(one)
            if found:
                return _together(url, index, group, found)
        is_elsewhere = bool(glance.children) and not at_home
        why = "stands on the partner's domains" if is_elsewhere else "brings articles"
        self._tried.setdefault(url, f"{glance.words}, none of which {why}")
        return None

    def _is_at_home(self, url: str) -> bool:
        return is_at_home(url, self._source.url, self._domains)

    def _worth(self, glance: Glance) -> Worth:
        assert glance.kind in ("feed", "sitemap")
        # Headlines can come from article pages, where those are read.
        with_title = glance.entries if self._source.full_text == "article" else glance.with_title
        return Worth(glance.kind, glance.entries, with_title, glance.with_text, glance.newest_at)

    def _short(self, url: str) -> str:
        """Below the source's own host the path is enough."""
        parts = urlsplit(url)
        return parts.path if parts.netloc == urlsplit(self._source.url).netloc and parts.path else url


def _together(url: str, index: Fetched, group: Sequence[SitemapChild], found: Sequence[Found]) -> Found:
    """Sitemaps of one index as one way; the index is asked for whole each time where it does not tell of changes."""
    worths = [one.worth for one in found]
    worth = Worth(
        "index",
        entries=sum(one.entries for one in worths),
        with_title=sum(one.with_title for one in worths),
        with_text=sum(one.with_text for one in worths),
        newest_at=max((one.newest_at for one in worths if one.newest_at), default=None),
    )
    documents = tuple(chain.from_iterable(one.documents for one in found))
    return Found(url, "index", documents, index.validators if says_when(group) else Validators(), worth)


def came_back(error: FetchError | WorkerError) -> str:
    """What came back instead of something to read, in words."""
    if isinstance(error, BadStatusError):
        return f"answered {error.status}"
    return f"reading it was given up ({error})" if isinstance(error, WorkerError) else str(error)
