"""Stories fit to print: the stored markup sanitized, once per version of it, in processes that can be killed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

from aggregator.app import App
from aggregator.editorial.fit import fit_to_print, lead_of
from aggregator.editorial.sanitize import POLICY_VERSION, sanitize
from aggregator.editorial.terms import images_allowed
from aggregator.errors import WorkerError
from aggregator.model.html import SafeHtml
from aggregator.model.problem import Problem
from aggregator.model.story import PrintStory, StoredEntry, Story
from aggregator.outputs.gate import story_problem


async def fit_all(app: App, stories: Sequence[Story]) -> tuple[dict[int, PrintStory], list[Problem]]:
    """Make stories fit to print, by story id; one that cannot be printed is left out and reported, the rest go on."""
    prints: dict[int, PrintStory] = {}
    problems = []
    bodies, failures = await _safe_bodies(app, [lead_of(story) for story in stories])
    for story in stories:
        entry = lead_of(story)
        words = failures.get(entry.entry_id, "")
        if not words:
            printed = fit_to_print(story, app.config, bodies[entry.entry_id])
            words = story_problem(printed)
        if words:
            problems.append(Problem(entry.entry.url or f"story {story.story_id}", f"left out: {words}"))
        else:
            prints[story.story_id] = printed
    return prints, problems


async def _safe_bodies(
    app: App, entries: Sequence[StoredEntry]
) -> tuple[dict[int, SafeHtml], dict[int, str]]:
    """Sanitized bodies by entry id, and by entry id the reason where no worker could make one.

    What was sanitized before under the same policy comes from the store.
    """
    keys = {entry.entry_id: _body_key(app, entry) for entry in entries}
    known = await app.in_store_thread(_load, app, list(keys.values()))
    missing = [entry for entry in entries if keys[entry.entry_id] not in known]
    made = await asyncio.gather(*(_sanitize(app, entry) for entry in missing))
    outcomes = dict(zip((entry.entry_id for entry in missing), made, strict=True))
    failures = {entry_id: made for entry_id, made in outcomes.items() if isinstance(made, str)}
    fresh = {keys[entry_id]: made for entry_id, made in outcomes.items() if isinstance(made, SafeHtml)}
    if fresh:
        await app.in_store_thread(_save, app, fresh)
    bodies = known | fresh
    return {entry_id: bodies[key] for entry_id, key in keys.items() if entry_id not in failures}, failures


def _body_key(app: App, entry: StoredEntry) -> str:
    images = images_allowed(app.config.partners, entry.partner_id)
    parts = (entry.entry.html, entry.entry.base_url, str(images))
    return f"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}/{POLICY_VERSION}"


async def _sanitize(app: App, entry: StoredEntry) -> SafeHtml | str:
    images = images_allowed(app.config.partners, entry.partner_id)
    try:
        return await app.pool.run(_sanitized, entry.entry.html, entry.entry.base_url, images)
    except WorkerError as error:
        return f"its text could not be cleaned: {error}"


def _sanitized(html: str, base_url: str, images: bool) -> SafeHtml:
    return sanitize(html, base_url, images=images)


def _load(app: App, keys: Sequence[str]) -> dict[str, SafeHtml]:
    with app.store.read() as tx:
        return tx.safe_html(keys)


def _save(app: App, bodies: dict[str, SafeHtml]) -> None:
    with app.store.write() as tx:
        tx.put_safe_html(bodies)
