"""How a source is fetched: at its own address, or by a way in that was found from its home page and is remembered.

Either may have moved for good, which is followed as intake.moves decides.

A way is kept while it serves; when it dies another is sought from the home page, politely and seldom. What a way is
worth is decided by intake.ways, what stands at an address is looked at by a worker.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.app import App
from aggregator.config.model import Source
from aggregator.errors import (
    BadStatusError,
    CertificateError,
    FetchError,
    NoWayInError,
    UnknownHostError,
    WorkerError,
)
from aggregator.intake.moves import (
    address_in_use,
    are_of_one_host,
    is_due_whole,
    move_after,
    other_address,
)
from aggregator.intake.ways import is_feed_at_first_sight
from aggregator.model.fetch import Fetched, NotModified, Validators
from aggregator.model.source import Move, SourceState, Way
from aggregator.reading import Glance
from aggregator.seeking import Found, Seeker, came_back

SOUGHT_EVERY = timedelta(hours=6)
# A sitemap is a lesser way, a silent feed may be a dead one: after so long a better one is looked for.
LOOKED_AGAIN_EVERY = timedelta(days=7)
# A way that fails so often in a row is dead; one that is not there (404, 410) is dead at once.
DEAD_AFTER = 3
# A visit's lease lasts until a minute after fetch.deadline (service.poller); reading needs some of it.
SEARCH_MARGIN_S = 45.0


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What we have is current. ``fresh_s`` is how long it stays so by its own word; ``move`` is known to hold."""

    validators: Validators
    fresh_s: float
    move: Move | None = None
    asked_whole: bool = False


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a visit brought. ``way`` and ``sought_at`` are None where the stored ones stay as they are.

    ``move`` is that of the address asked, as it is known now; ``asked_whole``: it was asked without validators.
    """

    documents: tuple[Fetched, ...]
    validators: Validators
    way: Way | None = None
    sought_at: datetime | None = None
    notes: tuple[str, ...] = ()
    move: Move | None = None
    asked_whole: bool = True

    @property
    def fresh_s(self) -> float:
        """How long all of it stays true by its own word, 0 where it does not say."""
        return min(one.fresh_s for one in self.documents)


async def fetch_source(app: App, source: Source, state: SourceState, now: datetime) -> Unchanged | Arrived:
    """Fetch a source as its ``kind`` says, by the remembered way in where there is one.

    What arrives may still be no feed: reading it says so. Raises FetchError; NoWayInError, which is one, when a
    home page led nowhere.
    """
    ends_at_s = (
        asyncio.get_running_loop().time() + app.config.fetch.deadline.total_seconds() + SEARCH_MARGIN_S
    )
    visit = _Visit(app, source, state, now, ends_at_s)
    if source.kind == "feed":
        return await visit.own_address()
    if state.way is None:
        return await visit.first()
    return await visit.again(state.way)


@dataclass(frozen=True, slots=True)
class _Visit:
    app: App
    source: Source
    state: SourceState
    now: datetime
    ends_at_s: float

    async def own_address(self) -> Unchanged | Arrived:
        """What stands at the source's own address, whatever it is."""
        # The stored validators are those of the way, where there is one.
        stored = Validators() if self.state.way else self.state.validators
        _, answer = await self._ask(self.source.url, stored)
        return answer

    async def first(self) -> Unchanged | Arrived:
        """No way is remembered: read the address itself, or begin a search there."""
        answer = await self.own_address()
        if isinstance(answer, Unchanged) or is_feed_at_first_sight(answer.documents[0].body):
            return answer
        return await self._from(answer)

    async def again(self, way: Way) -> Unchanged | Arrived:
        """By the remembered way; dead ones are replaced."""
        if not self._may_be_bettered(way):
            return await self._along(way)
        try:
            return replace(await self._anew(), sought_at=self.now)
        except (FetchError, WorkerError):
            pass  # there is no better one today
        # That it was sought must be kept: "not modified" would keep nothing, and a failure must say it.
        sought = replace(self.state, sought_at=self.now, validators=Validators())
        try:
            arrived = await replace(self, state=sought)._along(way)
        except (FetchError, WorkerError) as error:
            words = f"{way.url}: {came_back(error)}; no other way in was found"
            raise NoWayInError(words, self.now) from error
        assert isinstance(arrived, Arrived)
        return replace(arrived, sought_at=self.now)

    async def _along(self, way: Way) -> Unchanged | Arrived:
        is_suspect = self.state.failures_in_a_row >= DEAD_AFTER - 1
        try:
            used, answer = await self._ask(way.url, self.state.validators)
        except FetchError as error:
            if not (_is_gone(error) or is_suspect) or self._was_sought_lately():
                raise
            return await self._instead_of(way, str(error))
        if isinstance(answer, Unchanged):
            return answer
        if used != way.url:
            way = replace(way, url=used)
            answer = replace(answer, way=way, move=None)
        return await self._by(way, answer, is_suspect=is_suspect)

    async def _by(self, way: Way, arrived: Arrived, *, is_suspect: bool) -> Arrived:
        if way.kind != "index" and not is_suspect:
            return arrived
        seeker = self._seeker()
        glance = await seeker.look_at(arrived.documents[0])
        if glance.kind == "index":
            return await self._through(seeker, way.url, arrived, glance)
        if is_suspect and glance.kind not in ("feed", "sitemap") and not self._was_sought_lately():
            return await self._instead_of(way, glance.words)
        return arrived

    async def _ask(self, asked: str, stored: Validators) -> tuple[str, Unchanged | Arrived]:
        """What stands at an address, where it may have moved to, and which of the two was read.

        When nothing is left at one end of a move, the other is asked at once. Where both fail, what became of the
        target counts, since there the feed is by the partner's word.
        """
        known = self.state.move
        used = address_in_use(asked, known, self.now)
        shown = self._shown(asked, used, stored)
        try:
            answer = await self._fetch(used, shown)
        except FetchError as error:
            other = other_address(asked, known, used)
            if not other or not _is_gone(error):
                raise
            shown = self._shown(asked, other, stored)
            try:
                answer = await self._fetch(other, shown)
            except FetchError as another:
                raise (another if used == asked else error) from None
            used = other
        move = move_after(asked, known, used, answer.moved_to, self.now)
        if isinstance(answer, NotModified):
            return used, Unchanged(answer.validators, answer.fresh_s, move)
        asked_next = address_in_use(asked, move, self.now)
        validators = answer.validators if are_of_one_host(answer.url, asked_next) else Validators()
        notes = (_moved(move),) if move and asked == self.source.url else ()
        return used, Arrived((answer,), validators, notes=notes, move=move, asked_whole=shown == Validators())

    def _shown(self, asked: str, url: str, stored: Validators) -> Validators:
        """What ``url`` is shown of the stored validators, which were given by the address in use at the last visit."""
        if is_due_whole(self.state.asked_whole_at, self.now):
            return Validators()
        given_by = address_in_use(asked, self.state.move, self.state.last_success_at or self.now)
        return stored if are_of_one_host(given_by, url) else Validators()

    async def _fetch(self, url: str, shown: Validators) -> Fetched | NotModified:
        try:
            return await self.app.net.fetch(url, shown)
        except CertificateError as error:
            began_at, well_at = self.state.began_at, self.state.last_success_at
            if well_at is None or (began_at and well_at < began_at):
                raise
            since = f"{well_at:%d %b %H:%M} UTC"
            raise CertificateError(
                f"{error}; all was well until {since}: the certificate has changed or run out since"
            ) from error

    async def _instead_of(self, way: Way, words: str) -> Arrived:
        arrived = replace(await self._anew(), sought_at=self.now)
        if arrived.way is None or arrived.way.url == way.url:
            return arrived
        return replace(
            arrived, notes=(*arrived.notes, f"the way in is new: {way.url} no longer serves ({words})")
        )

    async def _anew(self) -> Arrived:
        """Seek a way from the source's own address, which may by now be one itself."""
        answer = await self.app.net.fetch(self.source.url, Validators())
        assert isinstance(answer, Fetched)  # nothing was asked that "not modified" would answer
        move = move_after(self.source.url, self.state.move, self.source.url, answer.moved_to, self.now)
        arrived = Arrived((answer,), answer.validators, move=move)
        if is_feed_at_first_sight(answer.body):
            return replace(arrived, way=Way(self.source.url, "feed", self.now))
        return await self._from(arrived)

    async def _from(self, arrived: Arrived) -> Arrived:
        """Onward from what stands at the source's own address, if it leads anywhere."""
        answer, seeker = arrived.documents[0], self._seeker()
        glance = await seeker.look_at(answer)
        if glance.kind == "index":
            return await self._through(seeker, self.source.url, arrived, glance)
        if not self._may_be_sought_from() or glance.kind in ("feed", "sitemap"):
            return arrived
        if glance.page is None and self.source.kind != "page":
            return arrived
        if self._was_sought_lately() and self.state.sought_at is not None:
            raise NoWayInError(self.state.problem or "no way in was found", self.state.sought_at)
        found = await seeker.seek(answer, glance)
        if found is None:
            raise NoWayInError(f"{seeker.report()}; {self._next_search()}", self.now)
        return replace(self._arrived(found), sought_at=self.now)

    async def _through(self, seeker: Seeker, url: str, arrived: Arrived, glance: Glance) -> Arrived:
        """The newest sitemaps of an index; one for news at a lasting address becomes the way."""
        found = await seeker.read_index(url, arrived.documents[0], glance)
        if found is None:
            raise NoWayInError(f"{seeker.report()}; {self._next_search()}", self.now)
        return replace(
            self._arrived(found),
            notes=(*arrived.notes, *seeker.failures()),
            move=arrived.move,
            asked_whole=arrived.asked_whole,
        )

    def _arrived(self, found: Found) -> Arrived:
        known = self.state.way
        way = Way(found.url, found.kind, self.now)
        if known is not None and (known.url, known.kind) == (way.url, way.kind):
            way = known
        return Arrived(found.documents, found.validators, way)

    def _seeker(self) -> Seeker:
        return Seeker(self.app, self.source, self.now, self.ends_at_s)

    def _may_be_sought_from(self) -> bool:
        """An address that was a feed and shows a page now is in trouble: a bot's wall is no home page."""
        if self.source.kind == "page" or self.state.way is not None:
            return True
        began_at, last_success_at = self.state.began_at, self.state.last_success_at
        was_a_feed = bool(began_at and last_success_at and last_success_at >= began_at)
        return self.source.kind == "auto" and not was_a_feed

    def _may_be_bettered(self, way: Way) -> bool:
        """A sitemap may be bettered by a feed, a feed that brings nothing new by anything; it is tried once a week."""
        sought_at = self.state.sought_at or way.found_at
        last_new_at = self.state.last_new_at or way.found_at
        is_silent = self.now - last_new_at >= LOOKED_AGAIN_EVERY
        return (way.kind != "feed" or is_silent) and self.now - sought_at >= LOOKED_AGAIN_EVERY

    def _was_sought_lately(self) -> bool:
        sought_at = self.state.sought_at
        return sought_at is not None and abs(self.now - sought_at) < SOUGHT_EVERY

    def _next_search(self) -> str:
        return f"it is sought again after {self.now + SOUGHT_EVERY:%d %b %H:%M} UTC"


def _is_gone(error: FetchError) -> bool:
    """Nothing is left at the address that was asked."""
    is_missing = isinstance(error, BadStatusError) and error.status in (404, 410)
    return is_missing or isinstance(error, UnknownHostError)


def _moved(move: Move) -> str:
    return f"{move.asked} has moved to {move.to} for good, since {move.since_at:%d %b}: change sources[].url"
