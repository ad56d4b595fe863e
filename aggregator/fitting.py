"""Stories made fit to print: what goes wrong with one is a Problem, and the rest go on.

Stored markup is sanitized once per version of it, in processes that can be killed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from itertools import chain

import structlog

from aggregator.app import App
from aggregator.config.model import Config
from aggregator.editorial.fit import fit_to_print, lead_of
from aggregator.editorial.sanitize import POLICY_VERSION
from aggregator.editorial.terms import allowance
from aggregator.errors import WorkerError
from aggregator.model.html import SafeHtml
from aggregator.model.problem import Problem
from aggregator.model.story import PrintStory, StoredEntry, Story
from aggregator.outputs.gate import story_problem
from aggregator.reading import RawBody, safe_bodies

log = structlog.get_logger()

# Bodies in one job of a worker; one takes about 3 ms.
SANITIZED_AT_ONCE = 20


async def fit_all(app: App, stories: Sequence[Story]) -> tuple[dict[int, PrintStory], dict[int, Problem]]:
    """Make stories fit to print; one that cannot be printed is left out and reported, the rest go on.

    Returns those that are fit, and what is wrong with the others, by story id.
    """
    bodies, failures = await _safe_bodies(app, [lead_of(story) for story in stories])
    return await app.in_print_thread(_fit_each, app, stories, bodies, failures)


def _fit_each(
    app: App, stories: Sequence[Story], bodies: Mapping[int, SafeHtml], failures: Mapping[int, str]
) -> tuple[dict[int, PrintStory], dict[int, Problem]]:
    prints: dict[int, PrintStory] = {}
    problems = {}
    for story in stories:
        entry = lead_of(story)
        words = failures.get(entry.entry_id, "")
        made = None if words else _fit(app, story, bodies[entry.entry_id])
        if isinstance(made, PrintStory):
            prints[story.story_id] = made
        else:
            subject = entry.entry.url or f"story {story.story_id}"
            problems[story.story_id] = Problem(subject, f"left out: {made or words}")
    return prints, problems


def _fit(app: App, story: Story, body: SafeHtml) -> PrintStory | str:
    """The story fit to print, or why it cannot be; what was made of the same before is kept."""
    whole = f"{app.publish_key} {story!r} {body!r}"
    key = hashlib.sha256(whole.encode(errors="surrogatepass")).digest()
    if (printed := app.prints.get(key)) is None:
        try:
            printed = fit_to_print(story, app.config, body)
            if words := story_problem(printed):
                return words
        except Exception as error:  # a bug met on one story must not stop the others; it is logged whole
            log.exception("internal error", story=story.story_id)
            return f"internal error ({type(error).__name__}); the log has the details"
        app.prints.put(key, printed)
    return printed


async def _safe_bodies(
    app: App, entries: Sequence[StoredEntry]
) -> tuple[dict[int, SafeHtml], dict[int, str]]:
    """Sanitized bodies by entry id, and by entry id the reason where no worker could make one.

    What was sanitized before under the same policy comes from the store.
    """
    raw = {entry.entry_id: _raw_body(app.config, entry) for entry in entries}
    keys = {entry_id: _body_key(body) for entry_id, body in raw.items()}
    known = await app.in_store_thread(_load, app, list(keys.values()))
    missing = [entry_id for entry_id, key in keys.items() if key not in known]
    made = await _sanitize(app, [raw[entry_id] for entry_id in missing])
    outcomes = dict(zip(missing, made, strict=True))
    failures = {entry_id: made for entry_id, made in outcomes.items() if isinstance(made, str)}
    fresh = {keys[entry_id]: made for entry_id, made in outcomes.items() if isinstance(made, SafeHtml)}
    if fresh:
        await app.in_store_thread(_save, app, fresh)
    bodies = known | fresh
    return {entry_id: bodies[key] for entry_id, key in keys.items() if entry_id not in failures}, failures


def _raw_body(config: Config, entry: StoredEntry) -> RawBody:
    """What ``safe_bodies`` makes a body of; nothing else decides what comes out."""
    partner = config.find_partner(entry.partner_id)
    return (
        entry.entry.html,
        entry.entry.base_url,
        allowance(partner).images,
        partner.cut_rules if partner else (),
        config.site.dateline,
    )


def _body_key(body: RawBody) -> str:
    whole = "\0".join(map(repr, body))
    return f"{hashlib.sha256(whole.encode()).hexdigest()}/{POLICY_VERSION}"


async def _sanitize(app: App, bodies: Sequence[RawBody]) -> list[SafeHtml | str]:
    """Each made safe, or the reason in words where no worker could do that."""
    some = [bodies[at : at + SANITIZED_AT_ONCE] for at in range(0, len(bodies), SANITIZED_AT_ONCE)]
    made = await asyncio.gather(*(_sanitize_some(app, one) for one in some))
    return list(chain.from_iterable(made))


async def _sanitize_some(app: App, bodies: Sequence[RawBody]) -> Sequence[SafeHtml | str]:
    """In one job; where that fails each in one of its own, so that who hangs takes no other along."""
    try:
        return await app.pool.run(safe_bodies, bodies)
    except WorkerError as error:
        if len(bodies) == 1:
            return [f"its text could not be cleaned: {error}"]
    return list(chain.from_iterable(await asyncio.gather(*(_sanitize_some(app, [one]) for one in bodies))))


def _load(app: App, keys: Sequence[str]) -> dict[str, SafeHtml]:
    with app.store.read() as tx:
        return tx.safe_html(keys)


def _save(app: App, bodies: dict[str, SafeHtml]) -> None:
    with app.store.write() as tx:
        tx.put_safe_html(bodies)
