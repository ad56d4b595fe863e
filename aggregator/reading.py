"""What worker processes do with a partner's bytes: read what they are, and make a body safe to print.

It runs in ``engine.pool`` because partners' documents can hang or exhaust whatever reads them. It stands in a module of
its own because workers import it and nothing else of the program: with the database and network libraries a new worker
would need more than a second before its first job (tests/chain/test_chain_workers.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from aggregator.editorial.prepare import prepare
from aggregator.editorial.sanitize import sanitize
from aggregator.errors import NotAFeedError, ParseError, WebPageError
from aggregator.intake.document import read_document
from aggregator.intake.identity import identify_all, is_told_apart, without_repetitions
from aggregator.intake.page import WebPage, read_page
from aggregator.model.entry import Candidate, Identity, ParsedFeed, SitemapChild, SitemapIndex
from aggregator.model.fetch import Fetched, Hints
from aggregator.model.html import SafeHtml
from aggregator.model.problem import Problem
from aggregator.model.reading import CutRule
from aggregator.model.source import FeedMeta
from aggregator.model.standing import UNREAD, Standing, Stood, digest64
from aggregator.model.subscription import HubLinks

URLS_SHOWN = 100

# An entry's markup, its base address, whether pictures may be shown, the partner's own rules, our dateline.
RawBody = tuple[str, str, bool, tuple[CutRule, ...], str | None]


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """Documents read to the end: their entries as candidates, each article once, in document order.

    ``standing`` holds those that stood there before, which were not read again, and what the document is to be compared
    with next time; with no ``envelope`` that is nothing. ``stood`` tells of each candidate what it is to be known again
    by; None where it is to be read again.
    """

    feed: FeedMeta
    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...]
    hints: Hints
    links: HubLinks
    standing: Standing
    stood: tuple[Stood | None, ...]


@dataclass(frozen=True, slots=True)
class Glance:
    """What stands at an address, in ``words`` for people and in numbers for choosing between addresses.

    ``urls`` are those of the first entries.
    """

    kind: Literal["feed", "sitemap", "index", "page", "nothing"]
    words: str
    entries: int = 0
    with_title: int = 0
    with_text: int = 0
    newest_at: datetime | None = None
    urls: tuple[str, ...] = ()
    children: tuple[SitemapChild, ...] = ()
    page: WebPage | None = None


def read_feed(
    documents: Sequence[Fetched],
    timezone: str,
    now: datetime,
    cut: Sequence[CutRule] = (),
    before: Standing = UNREAD,
) -> ReadFeed:
    """Parse, identify and prepare every entry of a source that did not stand there ``before``; ``cut`` are its
    partner's own rules.

    Where an entry that is new cannot be told from those that are not, all are read. Several documents are the sitemaps
    of one index: what one of them lacks, the others still bring. Raises ParseError when none can be read.
    """
    if len(documents) > 1:
        return _read(documents, timezone, now, cut, UNREAD)
    try:
        read = _read(documents, timezone, now, cut, before)
        if read.standing.envelope or not read.standing.entries:
            return read
    except ParseError:  # what is left of a document may be no feed by itself
        if not before.entries:
            raise
    return _read(documents, timezone, now, cut, replace(before, entries=()))


def _read(
    documents: Sequence[Fetched], timezone: str, now: datetime, cut: Sequence[CutRule], before: Standing
) -> ReadFeed:
    feeds: list[ParsedFeed] = []
    problems: list[Problem] = []
    errors: list[ParseError] = []
    for fetched in documents:
        try:
            feeds.append(_feed(fetched, timezone, now, before))
            problems += feeds[-1].problems
        except ParseError as error:
            errors.append(error)
            problems.append(Problem(fetched.url, str(error)))
    if errors and not feeds:
        raise errors[0]
    entries = without_repetitions([entry for feed in feeds for entry in feed.entries])
    head = feeds[0]
    identities = identify_all(entries)
    stood = _told_apart(head, identities) if head.envelope else None
    return ReadFeed(
        feed=FeedMeta(head.title, head.url, head.feed_id, head.language),
        candidates=tuple(
            prepare(entry, identity, cut) for entry, identity in zip(entries, identities, strict=True)
        ),
        problems=tuple(problems),
        hints=head.hints,
        links=head.links,
        standing=Standing(before.rules, "" if stood is None else head.envelope, head.seen),
        stood=(None,) * len(entries) if stood is None else stood,
    )


def _told_apart(feed: ParsedFeed, identities: Sequence[Identity]) -> tuple[Stood | None, ...] | None:
    """What each entry will be known again by; None where some entry shares what names it with another one."""
    taken = {rung for one in feed.seen for rung in one.rungs}
    found: list[Stood | None] = []
    for entry, identity, stood in zip(feed.entries, identities, feed.stood, strict=True):
        named = (stood or Stood(0))._replace(
            guid=digest64(identity.guid),
            article_id=digest64(identity.article_id),
            canonical_url=digest64(identity.canonical_url),
        )
        if not is_told_apart(entry, identity) or named.rungs & taken:
            return None
        taken |= named.rungs
        found.append(named if stood else None)
    return tuple(found)


def look_at(fetched: Fetched, timezone: str, now: datetime) -> Glance:
    """What stands at an address; content of any kind is an answer, never an error."""
    try:
        document = _document(fetched, timezone, now)
    except WebPageError as error:
        page = read_page(fetched.body, fetched.url, fetched.content_type)
        return Glance("page", str(error), page=page)
    except ParseError as error:
        return Glance("nothing", str(error))
    if isinstance(document, SitemapIndex):
        return Glance("index", f"a list of {len(document.children)} sitemaps", children=document.children)
    kind: Literal["feed", "sitemap"] = "sitemap" if document.format == "sitemap" else "feed"
    words = "a sitemap" if kind == "sitemap" else f"a feed ({document.format})"
    dates = [moment for entry in document.entries if (moment := entry.updated_at or entry.published_at)]
    return Glance(
        kind,
        f"{words} with {len(document.entries)} entries",
        entries=len(document.entries),
        with_title=sum(bool(entry.title) for entry in document.entries),
        with_text=sum(bool(entry.html) for entry in document.entries),
        newest_at=max(dates, default=None),
        urls=tuple(entry.url for entry in document.entries[:URLS_SHOWN]),
    )


def safe_bodies(bodies: Sequence[RawBody]) -> tuple[SafeHtml, ...]:
    """Entries' bodies as they may be printed: without pictures when the terms say so, with our dateline if any."""
    return tuple(
        sanitize(html, base_url, images=images, cut=cut, dateline=dateline)
        for html, base_url, images, cut, dateline in bodies
    )


def _document(
    fetched: Fetched, timezone: str, now: datetime, before: Standing = UNREAD
) -> ParsedFeed | SitemapIndex:
    return read_document(
        fetched.body,
        url=fetched.url,
        content_type=fetched.content_type,
        timezone=timezone,
        now=now,
        before=before,
    )


def _feed(fetched: Fetched, timezone: str, now: datetime, before: Standing) -> ParsedFeed:
    document = _document(fetched, timezone, now, before)
    if isinstance(document, SitemapIndex):
        raise NotAFeedError(f"a list of {len(document.children)} sitemaps, not a feed")
    return document
