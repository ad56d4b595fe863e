"""Stored entries read again by today's rules, so that neither an upgrade nor an edited rule is taken for news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from aggregator.app import App
from aggregator.config.model import Partner
from aggregator.editorial.prepare import prepare_anew, version
from aggregator.errors import WorkerError
from aggregator.model.reading import CutRule

log = structlog.get_logger()

# Entries read in one go of a worker; one takes about 3 ms.
READ_AT_ONCE = 200


async def read_anew(app: App, entry_ids: Sequence[int], cut: Sequence[CutRule]) -> None:
    """Read entries of one partner, whose own rules are ``cut``.

    Raises WorkerError when they cannot be read, and StoreError.
    """
    raw = await app.read(lambda tx: tx.raw_entries(entry_ids))
    reread = await app.pool.run(prepare_anew, raw, cut)
    await app.write(lambda tx: tx.keep_reread(reread))


async def read_all_anew(app: App, since: datetime) -> None:
    """Read what other rules read of all that is shown, or was first seen, since then. Raises StoreError.

    What cannot be read is left as it is, and logged.
    """
    for partner in app.config.partners:
        number = await _read_partner_anew(app, partner, since)
        if number:
            log.info("read anew by today's rules", partner=partner.id, entries=number)


async def _read_partner_anew(app: App, partner: Partner, since: datetime) -> int:
    cut, last_id, number = partner.cut_rules, 0, 0
    while True:
        entry_ids = await app.in_store_thread(_of_other_version, app, partner, since, last_id)
        if not entry_ids:
            return number
        try:
            await read_anew(app, entry_ids, cut)
        except WorkerError:
            for entry_id in entry_ids:
                await _read_or_leave(app, entry_id, cut)
        last_id = entry_ids[-1]
        number += len(entry_ids)


def _of_other_version(app: App, partner: Partner, since: datetime, after: int) -> Sequence[int]:
    rules = version(partner.cut_rules)
    with app.store.read() as tx:
        return tx.entries_of_other_version(partner.id, rules, since, after, READ_AT_ONCE)


async def _read_or_leave(app: App, entry_id: int, cut: Sequence[CutRule]) -> None:
    try:
        await read_anew(app, [entry_id], cut)
    except WorkerError as error:
        log.warning("cannot be read anew", entry=entry_id, problem=str(error))
