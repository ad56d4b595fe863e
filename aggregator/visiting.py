"""One visit to a source, to be read from top to bottom: fetch, read, decide, store.

Whatever is wrong with a source ends as words in its own record; only a failing database is raised.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from aggregator.app import QUICK_DEADLINE_S, WORKER_DEADLINE_S, WORKER_MEMORY_BYTES, App
from aggregator.articles import reads_pages, with_articles
from aggregator.config.model import Config, Source
from aggregator.editorial.decide import Poll, decide
from aggregator.editorial.prepare import is_of_another_version
from aggregator.errors import (
    AggregatorError,
    BadStatusError,
    GoneError,
    NoWayInError,
    RestingError,
    StoreError,
    WorkerError,
    WorkerTimeoutError,
)
from aggregator.intake import guids, planning
from aggregator.intake.watch import habit_of
from aggregator.model.entry import Candidate
from aggregator.model.fetch import Fetched, Validators
from aggregator.model.hosts import host_of, is_within
from aggregator.model.problem import Problem
from aggregator.model.report import SourceReport
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceState, Visit
from aggregator.model.story import Decision, Verdict
from aggregator.net.rest import HOST_REST_S
from aggregator.reading import ReadFeed, read_feed
from aggregator.rereading import read_anew, was_read_anew
from aggregator.store.writes import WriteTx
from aggregator.ways import Arrived, Unchanged, fetch_source

log = structlog.get_logger()

# Reports of one event follow each other within days.
RELATED_WITHIN = timedelta(days=3)
# Remarks kept of one visit; a feed can have thousands of damaged entries.
NOTES_KEPT = 20
# What came back to this desk: so many are named, each by so many characters of its headline.
LOOPS_NAMED = 3
HEADLINE_LENGTH = 80
# Begins the hash of a document that was read with its article pages.
WITH_PAGES = "with pages "


@dataclass(frozen=True, slots=True)
class _OfOldRules:
    """Stored entries whose hashes are of another version: they are read anew before anything is called revised."""

    entry_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is decided upon. ``bad_guids``: those of the document name nothing.

    ``read_anew``: stored entries that older rules had read until now; ``unread``: those that could not be read anew.
    """

    feed: ReadFeed
    bad_guids: bool
    read_anew: frozenset[int] = frozenset()
    unread: frozenset[int] = frozenset()

    @property
    def tried(self) -> frozenset[int]:
        """Each stored entry is tried once, so that a visit ends."""
        return self.read_anew | self.unread


async def visit(app: App, source: Source, state: SourceState) -> SourceReport:
    """Visit one source; whatever is wrong with it is recorded in words. Raises StoreError."""
    clock = asyncio.get_running_loop().time
    started_s = clock()

    def took_s() -> float:
        return round(clock() - started_s, 3)

    state = _asked_anew_after_switch(app.config, source, state)
    begun = Visit(source.id, app.clock(), "unchanged", notes=state.notes)
    try:
        answer = await fetch_source(app, source, state, begun.visited_at)
        begun = replace(
            begun, move=answer.move, asked_whole_at=begun.visited_at if answer.asked_whole else None
        )
        if isinstance(answer, Arrived):  # that a way was sought is kept even if what it led to cannot be read
            begun = replace(begun, sought_at=answer.sought_at)
        report = await _visit(app, source, state, begun, answer, took_s)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is must not stop the round; it is told
        failed = replace(begun, outcome="failed", problem=_in_words(error, source), took_s=took_s())
        if isinstance(error, NoWayInError):
            failed = replace(failed, sought_at=error.sought_at)
        return _logged(await app.write(partial(_record_failure, app, source, state, failed, error)))
    return _logged(report)


def _in_words(error: Exception, source: Source) -> str:
    """What ops are told of a failed visit; a bug is logged whole besides."""
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


def _asked_anew_after_switch(config: Config, source: Source, state: SourceState) -> SourceState:
    """Article pages are read from now on, or no longer: the same document then says something else."""
    is_as_before = state.body_hash.startswith(WITH_PAGES) == reads_pages(config, source)
    return state if is_as_before else replace(state, validators=Validators())


def _logged(report: SourceReport) -> SourceReport:
    facts = {name: value for name, value in asdict(report).items() if value}
    log.log(logging.WARNING if report.problem else logging.INFO, "polled", **facts)
    return report


async def _visit(
    app: App,
    source: Source,
    state: SourceState,
    visit: Visit,
    answer: Unchanged | Arrived,
    took_s: Callable[[], float],
) -> SourceReport:
    visit = replace(visit, validators=answer.validators, fresh_s=answer.fresh_s)
    if isinstance(answer, Arrived):
        digest = hashlib.sha256(b"".join(one.body for one in answer.documents)).hexdigest()
        body_hash = f"{WITH_PAGES if reads_pages(app.config, source) else ''}{digest}"
        visit = replace(visit, body_hash=body_hash, way=answer.way)
    if isinstance(answer, Unchanged) or visit.body_hash == state.body_hash:
        return await app.write(partial(_record, app, source, state, replace(visit, took_s=took_s())))
    feed = await _read(
        app, answer.documents, source, visit.visited_at, is_suspect=state.failures_in_a_row > 0
    )
    feed = replace(feed, problems=(*(Problem("the way in", words) for words in answer.notes), *feed.problems))
    found = await with_articles(app, source, state, feed.candidates, visit.visited_at)
    visit = replace(visit, entries_in_feed=len(feed.candidates))
    bad_guids = guids.are_worthless(feed.candidates)
    candidates, nameless = _with_something_to_show(found.candidates)
    feed = replace(feed, candidates=candidates, problems=(*nameless, *feed.problems, *found.problems))
    if found.are_missing:  # the document must be read again even if it stays as it is
        visit = replace(visit, validators=Validators(), body_hash="")
    return await _decide_and_store(
        app, source, state, _Reading(feed, bad_guids), replace(visit, took_s=took_s())
    )


async def _decide_and_store(
    app: App, source: Source, state: SourceState, reading: _Reading, visit: Visit
) -> SourceReport:
    while True:
        outcome = await app.write(partial(_commit, app, source, state, reading, visit))
        if isinstance(outcome, SourceReport):
            return outcome
        cut = app.config.partner(source.partner).cut_rules
        unread = reading.unread | await read_anew(app, outcome.entry_ids, cut)
        read = (reading.read_anew | set(outcome.entry_ids)) - unread
        reading = replace(reading, read_anew=read, unread=unread)


def _with_something_to_show(candidates: Sequence[Candidate]) -> tuple[tuple[Candidate, ...], list[Problem]]:
    """Plain sitemaps list bare addresses: without its page such an entry has nothing that a reader could be shown."""
    kept = tuple(one for one in candidates if one.entry.title or one.entry.html or one.entry.summary_html)
    if len(kept) == len(candidates):
        return kept, []
    number = len(candidates) - len(kept)
    words = f"{number} addresses without a headline were passed over; full_text: article reads their pages"
    return kept, [Problem("the feed", words)]


async def _read(
    app: App, documents: tuple[Fetched, ...], source: Source, now: datetime, *, is_suspect: bool
) -> ReadFeed:
    """Nearly every feed is read at once; one that takes long, or failed before, takes its turn with its like."""
    cut = app.config.partner(source.partner).cut_rules
    if not is_suspect:
        try:
            async with app.quick_readers:
                return await app.pool.run(
                    read_feed, documents, source.timezone, now, cut, deadline_s=QUICK_DEADLINE_S
                )
        except WorkerTimeoutError:
            log.info("slow to read", source=source.id, size_bytes=sum(len(one.body) for one in documents))
    async with app.slow_readers:
        return await app.pool.run(read_feed, documents, source.timezone, now, cut)


def _record(app: App, source: Source, seen: SourceState, visit: Visit, tx: WriteTx) -> SourceReport:
    state = tx.source_state(source.id)
    if state is not None and not _is_overtaken(source, seen, state):
        now, before, rules = app.clock(), tx.rhythm(source.id), app.config.fetch
        rhythm = planning.eased(before, state, rules, now)
        _keep_rhythm(tx, source, before, rhythm)
        tx.record_visit(planning.after_good_visit(visit, source, state, rhythm, rules, now))
        tx.let_hosts_rest(app.net.resting(), now)
    return _report(visit)


def _record_failure(
    app: App, source: Source, seen: SourceState, visit: Visit, error: Exception, tx: WriteTx
) -> SourceReport:
    state = tx.source_state(source.id)
    if state is not None and not _is_overtaken(source, seen, state):
        now, rhythm, rules = app.clock(), tx.rhythm(source.id), app.config.fetch
        if isinstance(error, RestingError):
            tx.postpone(source.id, now + timedelta(seconds=math.ceil(error.rests_s)))
            return _report(visit)
        # A way in that was withdrawn is sought anew; only the source's own address can be gone.
        is_gone = isinstance(error, GoneError) and state.way is None
        trouble = planning.Trouble(_asked_to_wait_s(error), is_gone)
        tx.record_visit(planning.after_failed_visit(visit, source, state, rhythm, rules, now, trouble))
        tx.let_hosts_rest(app.net.resting(), now)
    return _report(visit)


def _asked_to_wait_s(error: Exception) -> float:
    if not isinstance(error, BadStatusError):
        return 0.0
    return error.retry_after_s or (HOST_REST_S if error.is_of_host else 0.0)


def _report(visit: Visit, touched: int = 0) -> SourceReport:
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


def _is_overtaken(source: Source, seen: SourceState, state: SourceState | None) -> bool:
    """Whether another visit was stored since this one began, or an edit gave the source another address or partner.

    Then this answer may be the older one, or not the source's at all, and is let go. Nothing is lost, the next
    visit asks again. Told by change, not by time: clocks are set back.
    """
    if state is None or state.last_polled_at != seen.last_polled_at:
        return True
    return (state.url, state.partner_id) != (source.url, source.partner)


def _commit(
    app: App, source: Source, seen: SourceState, reading: _Reading, visit: Visit, tx: WriteTx
) -> SourceReport | _OfOldRules:
    """Decide and store in ONE transaction, which is serialised: two copies committed at once become one story."""
    state = tx.source_state(source.id)
    if state is None or _is_overtaken(source, seen, state):
        return SourceReport(source.id, "unchanged", notes=("overtaken by another visit or an edit",))
    feed = reading.feed
    known = tx.known(source.id, feed.candidates, app.clock() - RELATED_WITHIN)
    own = [entry for entry in known if entry.source_id == source.id]
    cut = app.config.partner(source.partner).cut_rules
    of_old_rules = {one.entry_id for one in own if is_of_another_version(one.content_hash, cut)}
    if untried := of_old_rules - reading.tried:
        return _OfOldRules(tuple(sorted(untried)))
    bad_guids = reading.bad_guids or guids.lead_elsewhere(feed.candidates, own)
    without_guids = bad_guids or guids.are_given_up(state.guid_trouble)
    candidates = guids.without_guids(feed.candidates) if without_guids else feed.candidates
    # The clock is read while the writer's place is held: what is stored is never dated before a settlement
    # that could not see it.
    now = app.clock()
    began_at = state.began_at or visit.visited_at
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
            backlog_before_at=began_at - app.config.fetch.first_poll_max_age,
            read_anew=read_anew_ids,
        ),
    )
    before = tx.rhythm(source.id)
    decisions, is_flood = planning.with_flood_held(decisions, state, before, now)
    touched = tx.apply(source.id, source.partner, decisions, now)
    bad_guids = bad_guids or guids.change_each_time([one.identities for one in decisions if one.entry_id])
    visit = replace(visit, feed=feed.feed, guid_trouble=guids.trouble_after(state.guid_trouble, bad_guids))
    remarks = _remarks(candidates, decisions, reading, bad_guids or without_guids)
    visit = _counted(visit, decisions, (*remarks, *feed.problems))
    rhythm = planning.learnt_from(before, state, decisions, app.config.fetch, now)
    _keep_rhythm(tx, source, before, rhythm)
    visit = replace(
        visit,
        hints=feed.hints,
        flooded_at=now if is_flood else None,
        lost_at=now if planning.is_loss(before, state, decisions, now) else None,
        habit=habit_of(rhythm),
    )
    tx.record_visit(planning.after_good_visit(visit, source, state, rhythm, app.config.fetch, now))
    tx.let_hosts_rest(app.net.resting(), now)
    return _report(visit, touched=len(touched))


def _keep_rhythm(tx: WriteTx, source: Source, before: Rhythm, rhythm: Rhythm) -> None:
    if rhythm != before:
        tx.put_rhythm(source.id, rhythm)


def _remarks(
    candidates: Sequence[Candidate], decisions: Sequence[Decision], reading: _Reading, worthless: bool
) -> list[Problem]:
    held = [one for one in decisions if one.verdict is Verdict.HELD]
    messages = [guids.remark(candidates, worthless), _what_came_back(decisions)]
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


def _counted(visit: Visit, decisions: Sequence[Decision], problems: Sequence[Problem]) -> Visit:
    verdicts = Counter(decision.verdict for decision in decisions)
    if verdicts[Verdict.HELD]:
        # What is held back must be read again even if the document stays as it is.
        visit = replace(visit, validators=Validators(), body_hash="")
    return replace(
        visit,
        outcome="read",
        new=verdicts[Verdict.NEW],
        copies=verdicts[Verdict.COPY],
        revised=verdicts[Verdict.REVISED],
        notes=_notes(problems),
    )


def _notes(problems: Sequence[Problem]) -> tuple[str, ...]:
    notes = [f"{problem.subject}: {problem.message}" for problem in problems[:NOTES_KEPT]]
    more = len(problems) - len(notes)
    return (*notes, *([f"and {more} remarks more"] if more else []))


def _own_hosts(config: Config, source: Source) -> frozenset[str]:
    """Hosts whose articles left this desk: what a partner carries of them must not come round again."""
    domains = config.partner(source.partner).domains
    hosts = {host_of(url) for url in (config.site.url, config.site.feeds_url)}
    return frozenset(host for host in hosts if not is_within(host, domains))
