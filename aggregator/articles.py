"""``full_text: article``: the entries of a feed get the text of their article pages before anything is decided.

What the feed gave is remembered as a hash beside the entry, so that a page is fetched once, and again when the feed
says something else. News is not lost for want of its page: what the feed gave is stored, and the page asked for again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aggregator.app import App
from aggregator.config.model import Partner, Source
from aggregator.editorial.prepare import prepare_with_text_of
from aggregator.editorial.recognise import OwnEntries
from aggregator.editorial.terms import allowance, permission
from aggregator.errors import (
    BadStatusError,
    FetchError,
    NotAnArticleError,
    ParseError,
    RobotsError,
    WorkerError,
)
from aggregator.model.entry import Candidate, Entry
from aggregator.model.problem import Problem
from aggregator.page_reading import PageReading, article_candidate

# A visit ends within its lease (fetch.deadline and a minute): the feed has its deadline, and 12 s to be read.
PAGES_WITHIN_S = 30.0
# So many fit into that time at a page a second (net.fetch.SPACING_S), with the time that each takes.
PAGES_AT_ONCE = 20
# Then the partner is left alone until the next visit.
MAX_FAILURES = 5
# Nearly every page is read in a tenth of it; a worker's first one waits for an import.
PAGE_DEADLINE_S = 4.0

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def with_articles(
    app: App, source: Source, candidates: tuple[Candidate, ...], now: datetime
) -> tuple[tuple[Candidate, ...], tuple[Problem, ...], bool]:
    """The candidates to be decided upon, what is wrong with their pages, and whether pages are still missing.

    Nothing is done unless the source asks for it and the partner's terms allow full texts. Entries of which the feed
    gives what it gave before are left out: nothing changed. Entries that the contract excludes, or that came before
    the source began, stay as the feed gave them. Those without a title, as plain sitemaps list them, are passed over
    until their page gives them one. Raises StoreError.
    """
    partner = app.config.partner(source.partner)
    if source.full_text != "article" or allowance(partner).content != "full":
        return candidates, (), False
    seen = await app.in_store_thread(_seen, app, source, candidates, now)
    given = {feed_hash(candidate): candidate for candidate in candidates}
    pages = _Pages(app, source, partner, now)
    for hash_, candidate in sorted(given.items(), key=lambda one: _changed_at(one[1]), reverse=True):
        if hash_ in seen.hashes or hash_ in seen.untitled:
            continue
        if _needs_no_page(app, partner, candidate, seen.began_at, now):
            pages.keep(candidate)
        else:
            await pages.read(candidate, hash_)
    untitled = (seen.untitled & given.keys()) | pages.untitled
    if untitled != seen.untitled:
        await app.write(lambda tx: tx.set_meta(_untitled_key(source), json.dumps(sorted(untitled))))
    return tuple(pages.candidates), tuple(pages.problems), pages.are_missing


def feed_hash(candidate: Candidate) -> str:
    """What the feed gave of an entry, cleaned, and when it says that it changed."""
    entry = candidate.entry
    given = (entry.url, candidate.content_hash.partition(":")[2], str(entry.updated_at or ""))
    return hashlib.sha256("\n".join(given).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Seen:
    """``hashes``: what the feed gave of stored entries. ``untitled``: of entries that have no page and no title."""

    hashes: frozenset[str]
    untitled: frozenset[str]
    began_at: datetime


def _seen(app: App, source: Source, candidates: Sequence[Candidate], now: datetime) -> _Seen:
    with app.store.read() as tx:
        state = tx.source_state(source.id)
        return _Seen(
            hashes=tx.feed_hashes(source.id, candidates),
            untitled=frozenset(json.loads(tx.meta(_untitled_key(source)) or "[]")),
            began_at=(state and state.began_at) or now,
        )


def _read_before(app: App, source: Source, candidate: Candidate) -> Entry | None:
    """The stored entry that the candidate is, when its text is its page's."""
    with app.store.read() as tx:
        known = tx.known(source.id, source.partner, [candidate])
        own = OwnEntries(entry for entry in known if entry.source_id == source.id)
        ((entry, _),) = own.recognise([candidate])
        return tx.raw_entries([entry.entry_id])[entry.entry_id] if entry and entry.feed_hash else None


def _untitled_key(source: Source) -> str:
    return f"untitled_pages {source.id}"


def _changed_at(candidate: Candidate) -> datetime:
    return candidate.entry.updated_at or candidate.entry.published_at or _EPOCH


def _needs_no_page(
    app: App, partner: Partner, candidate: Candidate, began_at: datetime, now: datetime
) -> bool:
    """Whether the entry is not going to be published, because of its age or by the contract."""
    published_at = candidate.entry.published_at
    allowed = permission(partner, candidate.entry, now, now, app.config.site.timezone)
    is_backlog = published_at is not None and published_at < began_at - app.config.fetch.first_poll_max_age
    return is_backlog or bool(allowed.refusal or allowed.new_refusal)


@dataclass
class _Pages:
    """The pages of one visit, asked for one after the other, the newest entries' first."""

    app: App
    source: Source
    partner: Partner
    now: datetime
    candidates: list[Candidate] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    untitled: set[str] = field(default_factory=set)
    are_missing: bool = False
    _asked_for: int = 0
    _failures: int = 0

    def __post_init__(self) -> None:
        self._ends_at_s = asyncio.get_running_loop().time() + PAGES_WITHIN_S

    def keep(self, candidate: Candidate) -> None:
        """Leave the entry as the feed gave it; without a title it is none yet."""
        if candidate.entry.title:
            self.candidates.append(candidate)

    async def read(self, candidate: Candidate, given: str) -> None:
        """Give the entry the text of its page, as far as that can be had in this visit."""
        if self._asked_for == PAGES_AT_ONCE or self._failures == MAX_FAILURES:
            await self._miss(candidate)
            return
        self._asked_for += 1
        try:
            async with asyncio.timeout_at(self._ends_at_s):
                found = await self._read(candidate)
        except TimeoutError:
            self._failures = MAX_FAILURES
            await self._miss(candidate)
        except (FetchError, ParseError, WorkerError) as error:
            self._note(candidate, str(error))
            if await self._is_for_good(error, candidate):
                self._settle(await self._with_text_we_have(candidate), given)
            else:
                self._failures += 1
                await self._miss(candidate)
        else:
            for words in found.problems:
                self._note(candidate, words)
            self._settle(found.candidate, given)

    async def _read(self, candidate: Candidate) -> PageReading:
        """The entry with its page; the whole article where the page offers it. Raises what net and workers raise."""
        found = await self._read_at(candidate.entry.url, candidate)
        if not found.whole_url:
            return found
        try:
            whole = await self._read_at(found.whole_url, candidate)
        except (FetchError, ParseError, WorkerError) as error:
            words = f"the text is only its first page: {error}"
            return replace(found, problems=(*found.problems, words))
        return whole if len(whole.candidate.text) >= len(found.candidate.text) else found

    async def _read_at(self, url: str, candidate: Candidate) -> PageReading:
        """Raises NotAnArticleError for a page that is not the partner's."""
        self._check_host(url)
        fetched = await self.app.net.fetch_politely(url)
        self._check_host(fetched.url)
        async with self.app.quick_readers:
            return await self.app.pool.run(
                article_candidate,
                fetched,
                candidate,
                self.source.timezone,
                self.now,
                deadline_s=PAGE_DEADLINE_S,
            )

    def _check_host(self, url: str) -> None:
        host = urlsplit(url).hostname or ""
        if not any(host == own or host.endswith(f".{own}") for own in self.partner.domains):
            raise NotAnArticleError(
                f'its page stands at "{host}", which is not among the domains of {self.partner.id}'
            )

    async def _is_for_good(self, error: Exception, candidate: Candidate) -> bool:
        """Whether asking again brings nothing before the feed says something else."""
        if isinstance(error, RobotsError):
            return not (await self.app.net.robots(candidate.entry.url)).problem
        if isinstance(error, BadStatusError):
            return error.status in (404, 410)
        return isinstance(error, NotAnArticleError)

    def _settle(self, candidate: Candidate, given: str) -> None:
        if candidate.entry.title:
            self.candidates.append(replace(candidate, feed_hash=given))
        else:
            self.untitled.add(given)

    async def _miss(self, candidate: Candidate) -> None:
        self.are_missing = True
        self.keep(await self._with_text_we_have(candidate))

    async def _with_text_we_have(self, candidate: Candidate) -> Candidate:
        """A teaser must not take the place of a text whose page was read before."""
        stored = await self.app.in_store_thread(_read_before, self.app, self.source, candidate)
        return (
            candidate if stored is None else await self.app.pool.run(prepare_with_text_of, stored, candidate)
        )

    def _note(self, candidate: Candidate, words: str) -> None:
        self.problems.append(Problem(candidate.entry.url, words))
