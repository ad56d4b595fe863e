"""One push of a source: read, decided and stored as what is polled of it.

A hub may leave out of a document what it delivered before (W3C WebSub, section 7). So a push tells nothing of the
document as a whole: not what it holds, not how it would be found unchanged, not how much is missed, and not when it is
asked for next.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, replace
from functools import partial

import structlog

from aggregator.app import App
from aggregator.config.model import Source
from aggregator.deciding import (
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
from aggregator.model.source import Visit
from aggregator.model.subscription import Subscription
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
            reading = await read(app, source, state, (document,), visit.visited_at, is_whole=False)
            visit = replace(visit, entries_in_feed=reading.entries, took_s=round(clock() - started_s, 3))
            found = await store(
                app, source, reading, partial(_commit, app, source, subscription.token, visit)
            )
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            words = f"what its hub pushed could not be used: {in_words(error, source)}"
            visit = replace(visit, problem=words, took_s=round(clock() - started_s, 3))
            found = await app.write(partial(_record_failure, subscription.token, visit))
    facts = {name: value for name, value in asdict(found).items() if value}
    log.log(logging.WARNING if found.problem else logging.INFO, "pushed", **facts)
    return found


def _commit(
    app: App, source: Source, token: str, visit: Visit, reading: Reading, tx: WriteTx
) -> SourceReport | OfOldRules:
    state, subscription = tx.source_state(source.id), tx.subscription(token)
    is_as_subscribed = state is not None and (state.url, state.partner_id) == (source.url, source.partner)
    if state is None or subscription is None or not is_as_subscribed:
        return report(visit)  # an edit gave the source another address or partner meanwhile
    decided = decide_in(app, source, state, reading, tx)
    if isinstance(decided, OfOldRules):
        return decided
    rhythm = planning.learnt_from_push(decided.rhythm, state, decided.decisions, decided.now)
    keep_rhythm(tx, source, decided.rhythm, rhythm)
    visit = replace(
        counted(visit, decided.decisions),
        flooded_at=decided.now if decided.is_flood else None,
        habit=habit_of(rhythm),
    )
    if reading.are_missing:
        # The document is read again, for it is by a poll that pages are asked for again.
        visit = replace(visit, validators=Validators(), body_hash="")
        tx.poll_soon([source.id], decided.now + interval(source.every))
    tx.record_push(visit)
    tx.put_subscription(replace(subscription, pushed_at=decided.now, problem=""))
    tx.let_hosts_rest(app.net.resting(), decided.now)
    return report(visit, touched=len(decided.touched))


def _record_failure(token: str, visit: Visit, tx: WriteTx) -> SourceReport:
    tx.record_push(visit)
    if (subscription := tx.subscription(token)) is not None:
        tx.put_subscription(replace(subscription, problem=visit.problem))
    return report(visit)
