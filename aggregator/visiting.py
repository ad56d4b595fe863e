"""One visit to a source, to be read from top to bottom: fetch, read, decide, store.

Whatever is wrong with a source ends as words in its own record; only a failing database is raised.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from aggregator.app import App
from aggregator.articles import reads_pages
from aggregator.config.model import Config, Source
from aggregator.deciding import (
    Decided,
    InDoubt,
    OfOldRules,
    Reading,
    counted,
    decide_in,
    in_words,
    keep_rhythm,
    read,
    remarks,
    report,
    store,
)
from aggregator.errors import BadStatusError, GoneError, NoWayInError, RestingError, StoreError
from aggregator.intake import guids, planning
from aggregator.intake.watch import habit_of
from aggregator.model.fetch import Validators
from aggregator.model.hosts import host_of
from aggregator.model.problem import Problem
from aggregator.model.report import SourceReport
from aggregator.model.source import SourceState, Visit
from aggregator.model.story import Decision, Verdict
from aggregator.model.subscription import HubLinks
from aggregator.net.rest import HOST_REST_S
from aggregator.push import discovery, subscriber
from aggregator.store.writes import WriteTx
from aggregator.ways import Arrived, Unchanged, fetch_source

log = structlog.get_logger()

# Remarks kept of one visit; a feed can have thousands of damaged entries.
NOTES_KEPT = 20
# Begins the hash of a document that was read with its article pages.
WITH_PAGES = "with pages "
_REPORTED = tuple(field.name for field in fields(SourceReport))
# What a source's hub is to tell us of.
NEWS = (Verdict.NEW, Verdict.COPY, Verdict.REVISED)


async def visit(app: App, source: Source, state: SourceState) -> SourceReport:
    """Visit one source; whatever is wrong with it is recorded in words. Raises StoreError.

    What is pushed of the source meanwhile waits for the end of it: it is newer.
    """
    async with app.turn(source.id):
        return await _in_turn(app, source, state)


async def _in_turn(app: App, source: Source, state: SourceState) -> SourceReport:
    clock = asyncio.get_running_loop().time
    started_s = clock()

    def took_s() -> float:
        return round(clock() - started_s, 3)

    state = _asked_anew_after_switch(app.config, source, state)
    begun = Visit(source.id, app.clock(), "unchanged", notes=state.notes)
    try:
        answer = await fetch_source(app, source, state, begun.visited_at)
        if answer.move is not None or answer.asked_whole:
            asked_at = begun.visited_at if answer.asked_whole else None
            begun = replace(begun, move=answer.move, asked_whole_at=asked_at)
        if isinstance(answer, Arrived):  # that a way was sought is kept even if what it led to cannot be read
            begun = replace(begun, sought_at=answer.sought_at)
        found = await _visit(app, source, state, begun, answer, took_s)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is must not stop the round; it is told
        failed = replace(begun, outcome="failed", problem=in_words(error, source), took_s=took_s())
        if isinstance(error, NoWayInError):
            failed = replace(failed, sought_at=error.sought_at)
        return _logged(await app.write(partial(_record_failure, app, source, state, failed, error)))
    return _logged(found)


def _asked_anew_after_switch(config: Config, source: Source, state: SourceState) -> SourceState:
    """Article pages are read from now on, or no longer: the same document then says something else."""
    is_as_before = state.body_hash.startswith(WITH_PAGES) == reads_pages(config, source)
    return state if is_as_before else replace(state, validators=Validators())


def _logged(found: SourceReport) -> SourceReport:
    facts = {name: value for name in _REPORTED if (value := getattr(found, name))}
    log.log(logging.WARNING if found.problem else logging.INFO, "polled", **facts)
    return found


async def _visit(
    app: App,
    source: Source,
    state: SourceState,
    visit: Visit,
    answer: Unchanged | Arrived,
    took_s: Callable[[], float],
) -> SourceReport:
    visit = replace(visit, validators=answer.validators, fresh_s=answer.fresh_s, took_s=took_s())
    if isinstance(answer, Unchanged):
        return await app.write_together(_record_all, _Unchanged(app, source, state, visit))
    digest = hashlib.sha256(b"".join(one.body for one in answer.documents)).hexdigest()
    body_hash = f"{WITH_PAGES if reads_pages(app.config, source) else ''}{digest}"
    visit = replace(visit, body_hash=body_hash, way=answer.way)
    if visit.body_hash == state.body_hash:
        visit, _ = _with_offer(app.config, source, visit, answer, None)
        return await app.write_together(_record_all, _Unchanged(app, source, state, visit))
    reading = await read(app, source, state, answer.documents, visit.visited_at)
    visit, unfit = _with_offer(app.config, source, visit, answer, reading.feed.links)
    problems = [Problem("the way in", words) for words in answer.notes]
    problems += [Problem("the feed", words) for words in unfit]
    visit = replace(visit, took_s=took_s())

    async def read_whole() -> Reading:
        return await read(app, source, state, answer.documents, visit.visited_at, all_anew=True)

    commit = partial(_commit, app, source, state, visit, problems)
    return await store(app, source, reading, commit, read_whole)


def _with_offer(
    config: Config, source: Source, visit: Visit, answer: Arrived, links: HubLinks | None
) -> tuple[Visit, list[str]]:
    """The visit with the hub that its document offers, and why it cannot be used if so.

    ``links`` are the document's own, None where it was not read. Several documents are no feed that a hub could push.
    """
    document, *more = answer.documents
    if more:
        return visit, []
    own_hosts = {host_of(source.url), *config.partner(source.partner).domains}
    header = discovery.links_of_header(document.links, document.url)
    offer, unfit = discovery.offer(header, links, document.url, own_hosts)
    return replace(visit, offer=offer), [unfit] if unfit else []


@dataclass(frozen=True, slots=True)
class _Unchanged:
    """A visit that brought nothing; ``seen`` is what was known of the source when it began."""

    app: App
    source: Source
    seen: SourceState
    visit: Visit


def _record_all(tx: WriteTx, visits: Sequence[_Unchanged]) -> list[SourceReport]:
    """Nearly every visit ends here: what they cost is what the desk costs."""
    source_ids = [one.source.id for one in visits]
    states = tx.states_of(source_ids)
    alive = [one for one in visits if not _is_overtaken(one.source, one.seen, states.get(one.source.id))]
    rhythms, subscriptions = tx.rhythms_of(source_ids), tx.subscriptions_of_all(source_ids)
    recorded = []
    for one in alive:
        now, source, rules = one.app.clock(), one.source, one.app.config.fetch
        state, before = states[source.id], rhythms[source.id]
        rhythm = planning.eased(before, state, rules, now)
        keep_rhythm(tx, source, before, rhythm)
        is_pushed = subscriber.is_trusted(subscriptions[source.id], now)
        visit = planning.after_good_visit(one.visit, source, state, rhythm, rules, now, is_pushed=is_pushed)
        recorded.append(_unless_wanted(visit, one.seen, state, now))
    tx.record_visits(recorded)
    app = visits[0].app
    tx.let_hosts_rest(app.net.resting(), app.clock())
    return [report(one.visit) for one in visits]


def _record_failure(
    app: App, source: Source, seen: SourceState, visit: Visit, error: Exception, tx: WriteTx
) -> SourceReport:
    state = tx.source_state(source.id)
    if state is not None and not _is_overtaken(source, seen, state):
        now, rhythm, rules = app.clock(), tx.rhythm(source.id), app.config.fetch
        if isinstance(error, RestingError):
            tx.postpone(source.id, now + timedelta(seconds=math.ceil(error.rests_s)))
            return report(visit)
        # A way in that was withdrawn is sought anew; only the source's own address can be gone.
        is_gone = isinstance(error, GoneError) and state.way is None
        trouble = planning.Trouble(_asked_to_wait_s(error), is_gone)
        tx.record_visit(planning.after_failed_visit(visit, source, state, rhythm, rules, now, trouble))
        tx.let_hosts_rest(app.net.resting(), now)
    return report(visit)


def _asked_to_wait_s(error: Exception) -> float:
    if not isinstance(error, BadStatusError):
        return 0.0
    return error.retry_after_s or (HOST_REST_S if error.is_of_host else 0.0)


def _unless_wanted(visit: Visit, seen: SourceState, state: SourceState, now: datetime) -> Visit:
    """The visit, with the next one now where that was asked for since it began: what for, it may not have seen."""
    return visit if state.wanted == seen.wanted else replace(visit, next_poll_at=now)


def _is_overtaken(source: Source, seen: SourceState, state: SourceState | None) -> bool:
    """Whether another visit or a push was stored since this one began, or an edit gave the source another address or
    partner.

    Then this answer may be the older one, or not the source's at all, and is let go. Nothing is lost, the next
    visit asks again. Told by change, not by time: clocks are set back.
    """
    if state is None or (state.last_polled_at, state.pushed_at) != (seen.last_polled_at, seen.pushed_at):
        return True
    return (state.url, state.partner_id) != (source.url, source.partner)


def _commit(
    app: App,
    source: Source,
    seen: SourceState,
    visit: Visit,
    problems: Sequence[Problem],
    reading: Reading,
    tx: WriteTx,
) -> SourceReport | OfOldRules | InDoubt:
    state = tx.source_state(source.id)
    if state is None or _is_overtaken(source, seen, state):
        return SourceReport(source.id, "unchanged", notes=("overtaken by another visit, a push or an edit",))
    decided = decide_in(app, source, state, reading, tx)
    if not isinstance(decided, Decided):
        return decided
    feed, now, decisions, before = reading.feed, decided.now, decided.decisions, decided.rhythm
    if reading.are_missing or any(one.verdict is Verdict.HELD for one in decisions):
        # Pages that are missing, and what is held back, must be read again even if the document stays as it is.
        visit = replace(visit, validators=Validators(), body_hash="")
    stood = len(feed.standing.entries)
    rhythm = planning.learnt_from(before, state, decisions, app.config.fetch, now, stood)
    keep_rhythm(tx, source, before, rhythm)
    visit = replace(
        counted(visit, decisions),
        outcome="read",
        entries_in_feed=reading.entries,
        feed=feed.feed,
        guid_trouble=guids.trouble_after(state.guid_trouble, decided.bad_guids),
        notes=_notes((*remarks(reading, decided), *problems, *feed.problems)),
        hints=feed.hints,
        flooded_at=now if decided.is_flood else None,
        lost_at=now if not stood and planning.is_loss(before, state, decisions, now) else None,
        habit=habit_of(rhythm),
    )
    has_missed = _has_hub_missed(app.config, source, state, decisions, now, tx)
    is_pushed = not has_missed and subscriber.is_trusted(tx.subscriptions_of(source.id), now)
    rules = app.config.fetch
    visit = planning.after_good_visit(visit, source, state, rhythm, rules, now, is_pushed=is_pushed)
    tx.record_visit(_unless_wanted(visit, seen, state, now))
    tx.let_hosts_rest(app.net.resting(), now)
    return replace(report(visit, touched=len(decided.touched)), hub_missed=has_missed)


def _has_hub_missed(
    config: Config,
    source: Source,
    state: SourceState,
    decisions: Collection[Decision],
    now: datetime,
    tx: WriteTx,
) -> bool:
    """Whether something is new or corrected that the source's hub should have pushed; that is kept."""
    # A page is corrected without its feed, of which alone a hub can tell.
    told = (Verdict.NEW, Verdict.COPY) if reads_pages(config, source) else NEWS
    news = [one for one in decisions if one.verdict in told and not one.backlog]
    known = tx.subscriptions_of(source.id)
    missed = subscriber.that_missed(known, tuple(_came_at(news, state)), now)
    for one in missed:
        tx.put_subscription(one)
    return bool(missed)


def _came_at(news: Collection[Decision], state: SourceState) -> Iterator[datetime]:
    """When what is new to us came: not before the last poll, which did not see it."""
    if planning.is_first(state) or state.last_success_at is None:
        return
    for one in news:
        entry = one.candidate.entry
        said_at = entry.updated_at if one.verdict is Verdict.REVISED else entry.published_at
        yield max(said_at or state.last_success_at, state.last_success_at)


def _notes(problems: Sequence[Problem]) -> tuple[str, ...]:
    notes = [f"{problem.subject}: {problem.message}" for problem in problems[:NOTES_KEPT]]
    more = len(problems) - len(notes)
    return (*notes, *([f"and {more} remarks more"] if more else []))
