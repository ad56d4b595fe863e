"""What partners' documents bring, polled or pushed: read in a worker, then decided and stored in one transaction."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from aggregator import __version__
from aggregator.app import QUICK_DEADLINE_S, WORKER_DEADLINE_S, WORKER_MEMORY_BYTES, App
from aggregator.articles import reads_pages, with_articles
from aggregator.config.model import Config, Source
from aggregator.editorial.decide import Poll, decide
from aggregator.editorial.prepare import is_of_another_version
from aggregator.errors import AggregatorError, WorkerError, WorkerTimeoutError
from aggregator.intake import guids, planning
from aggregator.model.entry import Candidate, KnownEntry
from aggregator.model.fetch import Fetched
from aggregator.model.hosts import host_of, is_within
from aggregator.model.problem import Problem
from aggregator.model.report import SourceReport
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceState, Visit
from aggregator.model.standing import UNREAD, Standing
from aggregator.model.story import Decision, Verdict
from aggregator.reading import ReadFeed, read_feed
from aggregator.rereading import read_anew, was_read_anew
from aggregator.store.writes import WriteTx

log = structlog.get_logger()

# What a new entry is told to be without the others that stand there: whether one is edited, what it is known by, and
# whether it left this desk may depend on them.
_TOLD_ALONE = (Verdict.NEW, Verdict.COPY, Verdict.SAME)
# Reports of one event follow each other within days.
RELATED_WITHIN = timedelta(days=3)
# What came back to this desk: so many are named, each by so many characters of its headline.
LOOPS_NAMED = 3
HEADLINE_LENGTH = 80


# --- read ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """What is decided upon. ``before`` is what stood there when it was read; ``entries`` stand in the document;
    ``bad_guids``: those of it name nothing.

    ``are_missing``: some article page is to be asked for again. ``read_anew``: stored entries that older rules had read
    until now; ``unread``: those that could not be read anew.
    """

    feed: ReadFeed
    before: Standing
    entries: int
    bad_guids: bool
    are_missing: bool
    read_anew: frozenset[int] = frozenset()
    unread: frozenset[int] = frozenset()

    @property
    def tried(self) -> frozenset[int]:
        """Each stored entry is tried once, so that a visit ends."""
        return self.read_anew | self.unread


async def read(
    app: App,
    source: Source,
    state: SourceState,
    documents: tuple[Fetched, ...],
    now: datetime,
    *,
    is_whole: bool = True,
    all_anew: bool = False,
) -> Reading:
    """The documents' entries, with their article pages where the source wants them.

    Entries that stood there before are not read again, unless ``all_anew``. ``is_whole``: entries that do not stand
    there are gone. Raises ParseError, WorkerError and StoreError.
    """
    before = await app.in_store_thread(_before, app, source, state)
    before = replace(before, entries=()) if all_anew else before
    is_suspect = is_whole and state.failures_in_a_row > 0
    feed = await _read(app, source, documents, now, before, is_suspect=is_suspect)
    found = await with_articles(app, source, state, feed.candidates, now, is_whole=is_whole)
    candidates, nameless = _with_something_to_show(found.candidates)
    if len(candidates) < len(feed.candidates):  # what is passed over is told each time
        feed = replace(feed, standing=UNREAD)
    return Reading(
        replace(feed, candidates=candidates, problems=(*nameless, *feed.problems, *found.problems)),
        before,
        len(feed.candidates) + len(feed.standing.entries),
        guids.are_worthless(feed.candidates),
        found.are_missing,
    )


def _before(app: App, source: Source, state: SourceState) -> Standing:
    """What stood there when the source was last read, as far as it would be read to the same end today.

    Article pages are read of all entries that stand there, and bad guids are told by all of them.
    """
    if reads_pages(app.config, source) or state.guid_trouble:
        return UNREAD
    rules = f"{__version__} {app.publish_key}"
    with app.store.read() as tx:
        before = tx.standing(source.id)
    return before if before.rules == rules else Standing(rules)


async def _read(
    app: App,
    source: Source,
    documents: tuple[Fetched, ...],
    now: datetime,
    before: Standing,
    *,
    is_suspect: bool,
) -> ReadFeed:
    """Nearly every feed is read at once; one that takes long, or failed before, takes its turn with its like."""
    cut = app.config.partner(source.partner).cut_rules
    if not is_suspect:
        try:
            async with app.quick_readers:
                return await app.pool.run(
                    read_feed, documents, source.timezone, now, cut, before, deadline_s=QUICK_DEADLINE_S
                )
        except WorkerTimeoutError:
            log.info("slow to read", source=source.id, size_bytes=sum(len(one.body) for one in documents))
    async with app.slow_readers:
        return await app.pool.run(read_feed, documents, source.timezone, now, cut, before)


def _with_something_to_show(candidates: Sequence[Candidate]) -> tuple[tuple[Candidate, ...], list[Problem]]:
    """Plain sitemaps list bare addresses: without its page such an entry has nothing that a reader could be shown."""
    kept = tuple(one for one in candidates if one.entry.title or one.entry.html or one.entry.summary_html)
    if len(kept) == len(candidates):
        return kept, []
    number = len(candidates) - len(kept)
    words = f"{number} addresses without a headline were passed over; full_text: article reads their pages"
    return kept, [Problem("the feed", words)]


def in_words(error: Exception, source: Source) -> str:
    """What ops are told of a document that could not be had or read; a bug is logged whole besides."""
    match error:
        case WorkerError():
            return (
                f"reading this feed was given up ({error}): it is damaged, far too large, or meant to do harm; "
                f"{WORKER_DEADLINE_S:g} s and {WORKER_MEMORY_BYTES / 1e6:,.0f} MB of memory are fixed limits"
            )
        case AggregatorError():
            return str(error)
    log.error("internal error", source=source.id, exc_info=error)
    return f"internal error ({type(error).__name__}: {error}); please report it, the log has the details"


# --- decide and store ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfOldRules:
    """Stored entries whose hashes are of another version: they are read anew before anything is called revised."""

    entry_ids: tuple[int, ...]


class InDoubt:
    """Of some entries alone it cannot be told what they are: the document is to be read whole."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided and stored at ``now``. ``rhythm`` is from before.

    ``is_flood``: one begins. ``bad_guids``: the document's guids name nothing; ``by_address``: entries were known
    without theirs.
    """

    now: datetime
    decisions: tuple[Decision, ...]
    touched: tuple[int, ...]
    rhythm: Rhythm
    is_flood: bool
    bad_guids: bool
    by_address: bool


Commit = Callable[[Reading, WriteTx], SourceReport | OfOldRules | InDoubt]


async def store(
    app: App,
    source: Source,
    reading: Reading,
    commit: Commit,
    read_whole: Callable[[], Awaitable[Reading]],
) -> SourceReport:
    """What ``commit`` makes of the reading in one transaction; again after what it found of old rules was read anew,
    and after the whole document was read where it was in doubt.

    Raises ParseError, WorkerError and StoreError.
    """
    while True:
        outcome = await app.write(partial(commit, reading))
        if isinstance(outcome, SourceReport):
            return outcome
        if isinstance(outcome, InDoubt):
            reading = await read_whole()
            continue
        cut = app.config.partner(source.partner).cut_rules
        unread = reading.unread | await read_anew(app, outcome.entry_ids, cut)
        anew = (reading.read_anew | set(outcome.entry_ids)) - unread
        reading = replace(reading, read_anew=anew, unread=unread)


def decide_in(
    app: App, source: Source, state: SourceState, reading: Reading, tx: WriteTx, *, is_push: bool = False
) -> Decided | OfOldRules | InDoubt:
    """Decide and store the entries, and what stood there. The transaction is serialised: two copies committed at once
    become one story.
    """
    feed = reading.feed
    known = tx.known(source.id, feed.candidates, app.clock() - RELATED_WITHIN)
    own = [entry for entry in known if entry.source_id == source.id]
    cut = app.config.partner(source.partner).cut_rules
    of_old_rules = {one.entry_id for one in own if is_of_another_version(one.content_hash, cut)}
    if untried := of_old_rules - reading.tried:
        return OfOldRules(tuple(sorted(untried)))
    bad_guids = reading.bad_guids or guids.lead_elsewhere(feed.candidates, own)
    seen = feed.standing.entries
    if seen and (bad_guids or tx.standing(source.id) != reading.before):
        return InDoubt()
    by_address = bad_guids or guids.are_given_up(state.guid_trouble)
    candidates = guids.without_guids(feed.candidates) if by_address else feed.candidates
    # The clock is read while the writer's place is held: what is stored is never dated before a settlement
    # that could not see it.
    now = app.clock()
    read_anew_ids = reading.read_anew
    if was_read_anew(tx, source.id):
        read_anew_ids |= {entry.entry_id for entry in own} - reading.unread
    decisions = decide(
        candidates,
        known,
        Poll(
            source.id,
            source.partner,
            now,
            own_hosts=_own_hosts(app.config, source),
            own_ids=tx.published_ids(one.entry.guid for one in candidates),
            domains={partner.id: partner.domains for partner in app.config.partners},
            backlog_before_at=(state.began_at or now) - app.config.fetch.first_poll_max_age,
            read_anew=read_anew_ids,
        ),
    )
    as_known = frozenset((entry.entry_id, entry.content_hash) for entry in own)
    if seen and any(not _is_told_alone(one, as_known) for one in decisions):
        return InDoubt()
    if is_push:
        decisions = _with_older_held(decisions, own, tx)
    before = tx.rhythm(source.id)
    decisions, is_flood = planning.with_flood_held(decisions, state, before, now)
    touched = tx.apply(source.id, source.partner, decisions, now)
    bad_guids = bad_guids or guids.change_each_time([one.identities for one in decisions if one.entry_id])
    tx.put_standing(
        source.id, UNREAD if bad_guids or by_address else _standing_now(feed, decisions, as_known)
    )
    return Decided(now, tuple(decisions), touched, before, is_flood, bad_guids, bad_guids or by_address)


_Versions = Collection[tuple[int | None, str]]


def _is_told_alone(one: Decision, as_known: _Versions) -> bool:
    """Whether the entries that were not read have no say in what this one is; ``as_known`` are stored versions."""
    return one.verdict in _TOLD_ALONE and not _reads_otherwise(one, as_known)


def _reads_otherwise(one: Decision, as_known: _Versions) -> bool:
    """Whether it is the same though it reads otherwise: what differs stands on many articles, or on many of these."""
    return one.verdict is Verdict.SAME and (one.entry_id, one.candidate.content_hash) not in as_known


def _standing_now(feed: ReadFeed, decisions: Sequence[Decision], as_known: _Versions) -> Standing:
    """With what would be read and decided to no other end next time, and is not to be told of again.

    No entry is remembered that is the same though it reads otherwise, nor two that are the same one.
    """
    if not feed.standing.envelope:
        return UNREAD
    times = Counter(one.entry_id for one in decisions)

    def is_settled(one: Decision) -> bool:
        if one.verdict in (Verdict.NEW, Verdict.COPY):
            return True
        is_told_again = one.verdict in (Verdict.HELD, Verdict.LOOP) or _reads_otherwise(one, as_known)
        return not is_told_again and times[one.entry_id] == 1

    settled = tuple(
        stood
        for stood, one in zip(feed.stood, decisions, strict=True)
        if stood is not None and is_settled(one)
    )
    return replace(feed.standing, entries=(*feed.standing.entries, *settled))


def _with_older_held(
    decisions: Sequence[Decision], own: Sequence[KnownEntry], tx: WriteTx
) -> tuple[Decision, ...]:
    """Pushes overtake each other, and can be sent again by who saw them: only a poll tells that an old version is back.

    Old is one that the entry had before, and one that says itself that it is older.
    """
    had = {(entry.entry_id, version.content_hash) for entry in own for version in entry.replaced}
    revised = [one for one in decisions if one.verdict is Verdict.REVISED]
    stored = tx.raw_entries([one.entry_id for one in revised if one.entry_id is not None])
    updated_at = {raw.entry_id: raw.entry.updated_at for raw in stored}

    def is_older(one: Decision) -> bool:
        if (one.entry_id, one.candidate.content_hash) in had:
            return True
        now_at, before_at = one.candidate.entry.updated_at, updated_at.get(one.entry_id or 0)
        return now_at is not None and before_at is not None and now_at < before_at

    return tuple(
        Decision(Verdict.HELD, one.candidate, entry_id=one.entry_id, reason="older than what is known")
        if one.verdict is Verdict.REVISED and is_older(one)
        else one
        for one in decisions
    )


def counted(visit: Visit, decisions: Collection[Decision]) -> Visit:
    """The visit with how many entries were new, copies and revised."""
    verdicts = Counter(decision.verdict for decision in decisions)
    return replace(
        visit,
        new=verdicts[Verdict.NEW],
        copies=verdicts[Verdict.COPY],
        revised=verdicts[Verdict.REVISED],
    )


def keep_rhythm(tx: WriteTx, source: Source, before: Rhythm, rhythm: Rhythm) -> None:
    """Write only what changed."""
    if rhythm != before:
        tx.put_rhythm(source.id, rhythm)


def report(visit: Visit, touched: int = 0) -> SourceReport:
    """What is told of a visit, which touched so many stories."""
    return SourceReport(
        visit.source_id,
        visit.outcome,
        entries=visit.entries_in_feed or 0,
        new=visit.new,
        copies=visit.copies,
        revised=visit.revised,
        touched=touched,
        problem=visit.problem,
        notes=visit.notes,
        took_s=visit.took_s,
    )


def remarks(reading: Reading, decided: Decided) -> list[Problem]:
    """What ops should know of the entries beside what reading them said."""
    held = [one for one in decided.decisions if one.verdict is Verdict.HELD]
    candidates = [one.candidate for one in decided.decisions]
    messages = [guids.remark(candidates, decided.by_address), _what_came_back(decided.decisions)]
    if held:
        messages.append(
            f"{len(held)} articles come and go between two versions; a new one is taken up when it stays"
        )
    if reading.unread:
        messages.append(
            f"stored articles that cannot be read by today's rules: {len(reading.unread)} (the log names them); "
            "corrections of them go unnoticed"
        )
    return [Problem("the feed", message) for message in messages if message]


def _what_came_back(decisions: Sequence[Decision]) -> str:
    """So that nobody has to guess why an article of the partner's is missing."""
    loops = [one for one in decisions if one.verdict is Verdict.LOOP]
    if not loops:
        return ""
    named = []
    for one in loops[:LOOPS_NAMED]:
        entry = one.candidate.entry
        headline = textwrap.shorten(entry.title or entry.url, HEADLINE_LENGTH, placeholder=" ...")
        named.append(f'"{headline}" ({one.reason.removeprefix("left this desk: ")})')
    number = "1 entry" if len(loops) == 1 else f"{len(loops)} entries"
    return f"{number} left this desk and came back: {', '.join(named)}{', ...' if len(loops) > len(named) else ''}"


def _own_hosts(config: Config, source: Source) -> frozenset[str]:
    """Hosts whose articles left this desk: what a partner carries of them must not come round again."""
    domains = config.partner(source.partner).domains
    hosts = {host_of(url) for url in (config.site.url, config.site.feeds_url)}
    return frozenset(host for host in hosts if not is_within(host, domains))
