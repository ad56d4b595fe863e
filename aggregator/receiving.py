"""One push of a source: read, decided and stored as what is polled of it.

A hub may leave out of a document what it delivered before (W3C WebSub, section 7). So a push tells nothing of the
document as a whole: not what it holds, not how it would be found unchanged, not how much is missed, and not when it is
asked for next. What brings nothing new, or cannot be used, has the source polled.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial

import structlog

from aggregator.app import App
from aggregator.config.model import Source
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
    report,
    store,
)
from aggregator.errors import StoreError
from aggregator.intake import planning
from aggregator.intake.cadence import interval
from aggregator.intake.watch import habit_of
from aggregator.model.fetch import Fetched, Validators
from aggregator.model.push import Pushed
from aggregator.model.report import SourceReport
from aggregator.model.source import SourceState, Visit
from aggregator.model.story import Verdict
from aggregator.model.subscription import Subscription
from aggregator.push import subscriber
from aggregator.store.writes import WriteTx

log = structlog.get_logger()


async def receive(app: App, source: Source, subscription: Subscription, pushed: Pushed) -> SourceReport:
    """Take what was pushed, which its signature proved to come from the hub. Raises StoreError.

    It waits for whoever works on the source, and is decided on what is known then. What cannot be read is told in words
    beside the source's visits; how its polls go is another matter.
    """
    clock = asyncio.get_running_loop().time
    document = Fetched(subscription.self_url, pushed.body, pushed.content_type, Validators())
    async with app.turn(source.id):
        started_s = clock()
        visit = Visit(source.id, app.clock(), "pushed")
        try:
            state = await app.read(lambda tx: tx.source_state(source.id))
            if state is None:
                return report(visit)
            read_document = partial(read, app, source, state, (document,), visit.visited_at, is_whole=False)
            reading = await read_document()
            visit = replace(visit, took_s=round(clock() - started_s, 3))
            commit = partial(_commit, app, source, subscription.token, visit)
            read_whole = partial(read_document, all_anew=True)
            found = await store(app, source, reading, commit, read_whole)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            words = f"what its hub pushed could not be used: {in_words(error, source)}"
            visit = replace(visit, problem=words, took_s=round(clock() - started_s, 3))
            found = await app.write(partial(_record_failure, app, source, subscription.token, visit))
    facts = {name: value for name, value in asdict(found).items() if value}
    log.log(logging.WARNING if found.problem else logging.INFO, "pushed", **facts)
    return found


def _commit(
    app: App, source: Source, token: str, visit: Visit, reading: Reading, tx: WriteTx
) -> SourceReport | OfOldRules | InDoubt:
    state, subscription = tx.source_state(source.id), tx.subscription(token)
    if (
        state is None
        or subscription is None
        or not subscriber.speaks_for(subscription, state, source.url, source.partner)
    ):
        # Meanwhile an edit gave the source another address or partner, or its document calls itself otherwise.
        tx.poll_soon([source.id], app.clock())
        return report(visit)
    decided = decide_in(app, source, state, reading, tx, is_push=True)
    if not isinstance(decided, Decided):
        return decided
    rhythm = planning.learnt_from_push(decided.rhythm, state, decided.decisions, decided.now)
    keep_rhythm(tx, source, decided.rhythm, rhythm)
    visit = replace(
        counted(visit, decided.decisions),
        entries_in_feed=reading.entries,
        flooded_at=decided.now if decided.is_flood else None,
        habit=habit_of(rhythm),
    )
    is_held = any(one.verdict is Verdict.HELD for one in decided.decisions)
    is_news = bool(visit.new or visit.copies or visit.revised)
    if reading.are_missing or is_held:
        # The document is read again even if it stays as it is: a poll asks for pages again, and tells what stands.
        visit = replace(visit, validators=Validators(), body_hash="")
    if reading.are_missing:
        tx.poll_soon([source.id], decided.now + interval(source.every))
    elif is_held or not is_news:
        _poll_soon(source, state, decided.now, tx)
    tx.record_push(visit)
    # What brings nothing proves nothing: some hubs only say that there is something to be fetched.
    pushed_at = decided.now if is_news else subscription.pushed_at
    tx.put_subscription(replace(subscription, pushed_at=pushed_at, problem=""))
    tx.let_hosts_rest(app.net.resting(), decided.now)
    return report(visit, touched=len(decided.touched))


def _poll_soon(source: Source, state: SourceState, now: datetime, tx: WriteTx) -> None:
    """Something is there to be polled; but no oftener than a source that is not pushed, and who fails is waited for."""
    if state.failures_in_a_row:
        return
    every = interval(source.every)
    tx.poll_soon([source.id], min(max(now, (state.last_polled_at or now) + every), now + every))


def _record_failure(app: App, source: Source, token: str, visit: Visit, tx: WriteTx) -> SourceReport:
    tx.record_push(visit)
    if (state := tx.source_state(source.id)) is not None:
        _poll_soon(source, state, app.clock(), tx)
    if (subscription := tx.subscription(token)) is not None:
        tx.put_subscription(replace(subscription, problem=visit.problem))
    return report(visit)
