"""Stored entries read again by today's rules, so that neither an upgrade nor an edited rule is taken for news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import structlog

from aggregator.app import App
from aggregator.editorial.prepare import prepare_anew, version
from aggregator.model.reading import CutRule
from aggregator.store.writes import WriteTx

log = structlog.get_logger()

# The publish key that all stored entries were read with.
READ_WITH = "read_with"
# Entries read in one go of a worker; one takes about 3 ms.
READ_AT_ONCE = 200
# How far it has come is told each time so many were read, about every ten seconds.
TOLD_EVERY = 2_000


async def read_anew(app: App, entry_ids: Sequence[int], cut: Sequence[CutRule]) -> frozenset[int]:
    """Read entries of one partner, whose own rules are ``cut``. Raises StoreError.

    Returns those that cannot be read; they are left as they are, and logged.
    """
    unread: set[int] = set()
    for start in range(0, len(entry_ids), READ_AT_ONCE):
        some = entry_ids[start : start + READ_AT_ONCE]
        if await _is_read(app, some, cut):
            continue
        # A worker that hangs costs ten seconds: one alone is not tried twice.
        alone = len(some) == 1
        unread |= {one for one in some if alone or not await _is_read(app, [one], cut)}
    return frozenset(unread)


async def read_all_anew(app: App, since: datetime) -> None:
    """Read what other rules read of all that is shown, or was first seen, since then. Raises StoreError.

    What cannot be read is left as it is, and logged.
    """
    versions = {partner.id: version(partner.cut_rules) for partner in app.config.partners}
    found = await app.read(lambda tx: tx.entries_of_other_version(versions, since))
    await app.write(partial(_note_sources, [one.id for one in app.config.sources if one.partner in found]))
    number, done = sum(map(len, found.values())), 0
    for partner_id, entry_ids in found.items():
        cut = app.config.partner(partner_id).cut_rules
        for start in range(0, len(entry_ids), TOLD_EVERY):
            some = entry_ids[start : start + TOLD_EVERY]
            unread = await read_anew(app, some, cut)
            done += len(some)
            log.info(
                "read anew by today's rules", partner=partner_id, done=done, of=number, unread=len(unread)
            )


def was_read_anew(tx: WriteTx, source_id: str) -> bool:
    """Whether a source's entries were read anew since this was last asked: its next document shows the rest."""
    is_noted = tx.meta(_note_key(source_id)) == "yes"
    if is_noted:
        tx.set_meta(_note_key(source_id), "")
    return is_noted


def _note_sources(source_ids: Sequence[str], tx: WriteTx) -> None:
    """Before anything is read, so that a kill in between loses no note."""
    for source_id in source_ids:
        tx.set_meta(_note_key(source_id), "yes")


def _note_key(source_id: str) -> str:
    return f"read anew {source_id}"


async def _is_read(app: App, entry_ids: Sequence[int], cut: Sequence[CutRule]) -> bool:
    raw = await app.read(lambda tx: tx.raw_entries(entry_ids))
    try:
        reread = await app.pool.run(prepare_anew, raw, cut)
    except Exception as error:  # noqa: BLE001 - whatever it is must hold up neither a source nor the desk; it is told
        log.warning("cannot be read anew", entry=entry_ids[0], of=len(entry_ids), problem=repr(error))
        return False
    await app.write(lambda tx: tx.keep_reread(reread))
    return True
