"""Asking for article pages: which of them in one visit and in which order, and when again.

Nobody's trouble keeps the others waiting: what was never asked for comes first, then what was asked for longest ago.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aggregator.app import App
from aggregator.config.model import Partner, Source
from aggregator.errors import (
    BadStatusError,
    DeadlineError,
    FetchError,
    NotAnArticleError,
    ParseError,
    RestingError,
    RobotsError,
    WorkerError,
)
from aggregator.intake.identity import canonical_url
from aggregator.model.entry import Candidate, KnownEntry
from aggregator.model.hosts import is_within
from aggregator.model.problem import Problem
from aggregator.page_reading import PageReading, article_candidate

# A visit ends within its lease (fetch.deadline and a minute): the feed has its deadline, and 12 s to be read.
PAGES_WITHIN_S = 30.0
# One that hangs must not keep the others waiting.
PAGE_WITHIN_S = 8.0
# So many fit into that time at a page a second (net.fetch.SPACING_S), with the time that each takes.
PAGES_AT_ONCE = 20
# Then the partner is left alone until the next visit.
MAX_FAILURES = 5
# Nearly every page is read in a tenth of it; a worker's first one waits for an import.
PAGE_DEADLINE_S = 4.0
# One page is read anew at most so often: dates of change that move by themselves say nothing.
REREAD_EVERY = timedelta(hours=1)
# A refusal may be a moment's trouble: it is believed when it was repeated after each of these.
REFUSAL_PAUSES = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
# Pages remembered of each source for how they were asked for last, about 100 bytes each.
ASKINGS_KEPT = 2_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def feed_hash(candidate: Candidate, now: datetime) -> str:
    """What the feed gave of an entry: ``<words and picture>.<all else>``.

    A date of change that is not past was cut to ``now``, and would be another at each visit.
    """
    entry = candidate.entry
    is_past = entry.updated_at is not None and entry.updated_at < now.replace(microsecond=0)
    words = candidate.content_hash.partition(":")[2]
    labels = (*sorted(entry.categories), "", *sorted(entry.authors))
    others = (entry.url, str(entry.updated_at if is_past else ""), *labels)
    return f"{_digest(words)}.{_digest(*others)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Article:
    """A candidate, what the feed gave of it (``feed_hash``), and its stored entry where that has its page's text."""

    candidate: Candidate
    given: str
    stored: KnownEntry | None

    @property
    def is_unchanged(self) -> bool:
        return self.stored is not None and self.stored.feed_hash == self.given

    @property
    def has_same_words(self) -> bool:
        known = self.stored.feed_hash if self.stored else ""
        return known.partition(".")[0] == self.given.partition(".")[0]

    @property
    def page(self) -> str:
        """What its page is remembered by."""
        return _digest(canonical_url(self.candidate.entry.url))

    @property
    def changed_at(self) -> datetime:
        entry = self.candidate.entry
        return entry.updated_at or entry.published_at or _EPOCH


@dataclass(frozen=True, slots=True)
class Asking:
    """How a page was asked for last, in vain or once more; ``refusals`` in a row, while the feed gave the same."""

    given: str
    at: datetime
    refusals: int
    has_failed: bool

    def may_be_repeated(self, given: str, now: datetime) -> bool | None:
        """None: not before the feed says something else."""
        if self.has_failed or self.at > now:  # of a clock that was ahead
            return True
        if given != self.given or not self.refusals:
            return now - self.at >= REREAD_EVERY
        if self.refusals > len(REFUSAL_PAUSES):
            return None
        return now - self.at >= REFUSAL_PAUSES[self.refusals - 1]


def worth_keeping(
    askings: Mapping[str, Asking], articles: Sequence[Article] | None, now: datetime
) -> dict[str, Asking]:
    """What still says something: of the last hour, and of pages in the document that were had in vain.

    ``articles`` are all that the document holds, None while that is not known.
    """
    present = askings.keys() if articles is None else {one.page for one in articles}
    newest_first = sorted(askings.items(), key=lambda one: one[1].at, reverse=True)
    return dict([
        (page, asking)
        for page, asking in newest_first
        if now - asking.at < REREAD_EVERY or (page in present and (asking.refusals or asking.has_failed))
    ][:ASKINGS_KEPT])  # fmt: skip


def written(askings: Mapping[str, Asking]) -> str:
    """For ``read_askings``."""
    return json.dumps({
        page: (one.given, one.at.isoformat(), one.refusals, one.has_failed) for page, one in askings.items()
    })  # fmt: skip


def read_askings(written: str) -> dict[str, Asking]:
    """What ``written`` wrote."""
    return {
        page: Asking(given, datetime.fromisoformat(at), refusals, has_failed)
        for page, (given, at, refusals, has_failed) in json.loads(written).items()
    }


@dataclass
class Pages:
    """The pages of one visit, asked for one after the other."""

    app: App
    source: Source
    partner: Partner
    now: datetime
    askings: dict[str, Asking]
    read: dict[Article, Candidate] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    are_missing: bool = False
    _asked_for: int = 0
    _failures: int = 0

    def __post_init__(self) -> None:
        self._ends_at_s = asyncio.get_running_loop().time() + PAGES_WITHIN_S

    async def read_all(self, articles: Sequence[Article]) -> None:
        """Read as many as there is time for; what was never asked for first, and the newest of that."""
        for one in sorted(articles, key=self._turn):
            asking = self.askings.get(one.page)
            may_be_asked = asking is None or asking.may_be_repeated(one.given, self.now)
            if may_be_asked and self._asked_for < PAGES_AT_ONCE and self._failures < MAX_FAILURES:
                await self._ask(one)
            elif may_be_asked is not None:
                self.are_missing = True

    def _turn(self, one: Article) -> tuple[datetime, float]:
        """What was asked for longest ago first: what fails each time keeps nobody waiting, nor does a moving date."""
        asking = self.askings.get(one.page)
        if asking is None:
            return (self.now - REREAD_EVERY if one.stored else _EPOCH), -one.changed_at.timestamp()
        return asking.at, -one.changed_at.timestamp()

    async def _ask(self, one: Article) -> None:
        self._asked_for += 1
        try:
            async with asyncio.timeout_at(self._ends_at_s):
                found = await self._page(one.candidate)
        except TimeoutError:
            self._fail(one, MAX_FAILURES)
        except (FetchError, ParseError, WorkerError) as error:
            self._note(one, str(error))
            if await self._is_refusal(error, one.candidate.entry.url):
                self._refuse(one)
            else:
                self._fail(one, MAX_FAILURES if _asks_for_peace(error) else 1)
        else:
            self._take(one, found)

    def _take(self, one: Article, found: PageReading) -> None:
        for words in found.problems:
            self._note(one, words)
        if not found.candidate.entry.title:
            self._note(one, "its page has no headline either")
            self._refuse(one)
            return
        self.read[one] = replace(found.candidate, feed_hash=one.given)
        self.askings.pop(one.page, None)
        if one.stored is not None:
            self.askings[one.page] = Asking(one.given, self.now, 0, has_failed=False)

    def _refuse(self, one: Article) -> None:
        refusals = 1 + self._refusals(one)
        self.askings[one.page] = Asking(one.given, self.now, refusals, has_failed=False)
        self.are_missing = self.are_missing or refusals <= len(REFUSAL_PAUSES)

    def _fail(self, one: Article, weight: int) -> None:
        self._failures += weight
        self.askings[one.page] = Asking(one.given, self.now, self._refusals(one), has_failed=True)
        self.are_missing = True

    def _refusals(self, one: Article) -> int:
        asking = self.askings.get(one.page)
        return asking.refusals if asking is not None and asking.given == one.given else 0

    async def _page(self, candidate: Candidate) -> PageReading:
        """The entry with its page; the whole article where the page offers it. Raises what net and workers raise."""
        found = await self._page_at(candidate.entry.url, candidate)
        if not found.whole_url:
            return found
        try:
            whole = await self._page_at(found.whole_url, candidate)
        except (FetchError, ParseError, WorkerError) as error:
            words = f"the text is only its first page: {error}"
            return replace(found, problems=(*found.problems, words))
        return whole if len(whole.candidate.text) >= len(found.candidate.text) else found

    async def _page_at(self, url: str, candidate: Candidate) -> PageReading:
        """Raises NotAnArticleError for a page that is not the partner's."""
        self._check_host(url)
        try:
            async with asyncio.timeout(PAGE_WITHIN_S):
                fetched = await self.app.net.fetch_politely(url)
        except TimeoutError:
            raise DeadlineError(
                f"its page did not arrive within {PAGE_WITHIN_S:g} s, which is a fixed limit"
            ) from None
        self._check_host(fetched.url)
        async with self.app.quick_readers:
            return await self.app.pool.run(
                article_candidate,
                fetched,
                candidate,
                self.source.timezone,
                self.now,
                self.partner.cut_rules,
                deadline_s=PAGE_DEADLINE_S,
            )

    def _check_host(self, url: str) -> None:
        host = urlsplit(url).hostname or ""
        if not is_within(host, self.partner.domains):
            raise NotAnArticleError(
                f'its page stands at "{host}", which is not among the domains of {self.partner.id}'
            )

    async def _is_refusal(self, error: Exception, url: str) -> bool:
        """Whether asking again at once brings nothing."""
        if isinstance(error, RobotsError):
            return not (await self.app.net.robots(url)).problem
        if isinstance(error, BadStatusError):
            return error.status in (404, 410)
        return isinstance(error, NotAnArticleError)

    def _note(self, one: Article, words: str) -> None:
        self.problems.append(Problem(one.candidate.entry.url, words))


def _asks_for_peace(error: Exception) -> bool:
    """Too Many Requests (RFC 6585, section 4), Service Unavailable (RFC 9110, section 15.6.4)."""
    is_asked = isinstance(error, BadStatusError) and error.status in (429, 503)
    return is_asked or isinstance(error, RestingError)
