"""The whole chain, to be read from top to bottom: poll() brings entries in, publish() sends documents out.

Everything that is decided is decided by the pure rooms; everything that is kept is kept by the store. A process may be
killed between any two lines here: what a transaction holds is either wholly there or not at all, and the next call
starts again from what is stored (docs/architecture.md, "What must always hold").
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from aggregator.app import App
from aggregator.config.model import Config, Source
from aggregator.editorial.decide import decide
from aggregator.editorial.sanitize import POLICY_VERSION
from aggregator.editorial.settle import settle
from aggregator.errors import AggregatorError, StoreError, WorkerError
from aggregator.intake.identity import canonical_url
from aggregator.model.document import Output, OutputState
from aggregator.model.fetch import NotModified
from aggregator.model.problem import Problem
from aggregator.model.source import SourceDefinition, SourceState, Visit
from aggregator.model.story import Settlement, Story, Verdict
from aggregator.outputs.render import DIRECTORY_PATHS, FORMATS, RENDER_VERSION, render_directory
from aggregator.outputs.select import Selection, outputs_of, select
from aggregator.printing import Printed, fit_all, gated, newest, print_output
from aggregator.reading import ReadFeed, read_feed

log = structlog.get_logger()

# How many sources are under way at once; what one host gets is bounded by fetch.per_host.
POLLED_AT_ONCE = 32
# Stories in one settling transaction; one takes about 1.6 ms.
SETTLED_AT_ONCE = 200
# Remarks kept of one visit; a feed can have thousands of damaged entries.
NOTES_KEPT = 20
PUBLISH_PROBLEMS = "publish_problems"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one visit to one source brought. ``problem`` is '' when it went well."""

    source_id: str
    outcome: str  # unchanged | read | failed
    entries: int = 0
    new: int = 0
    copies: int = 0
    revised: int = 0
    problem: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishReport:
    """``files`` are the paths under public/ that were replaced, ``removed`` those that were taken away."""

    files: tuple[str, ...]
    removed: tuple[str, ...]
    problems: tuple[Problem, ...]


# --- poll ---------------------------------------------------------------------------------------------------------


async def poll(
    app: App, source_ids: Collection[str], on_report: Callable[[SourceReport], None] = lambda _: None
) -> tuple[SourceReport, ...]:
    """Visit the named sources once, concurrently; no source's trouble stops another's.

    Raises StoreError when the database fails: then nothing can be kept and going on would be pretence.
    """
    await app.in_store_thread(_sync_sources, app)
    states = await app.in_store_thread(_source_states, app)
    places = asyncio.Semaphore(POLLED_AT_ONCE)

    async def visit(source: Source) -> SourceReport:
        async with places:
            report = await _poll_source(app, source, states[source.id])
        facts = {name: value for name, value in asdict(report).items() if value}
        log.log(logging.WARNING if report.problem else logging.INFO, "polled", **facts)
        on_report(report)
        return report

    try:
        async with asyncio.TaskGroup() as visits:
            wanted = [source for source in app.config.sources if source.id in source_ids]
            tasks = [visits.create_task(visit(source)) for source in wanted]
    except ExceptionGroup as group:
        # Only a failing database gets this far, and it fails for every visit alike: one of them says it.
        raise group.exceptions[0] from group
    return tuple(task.result() for task in tasks)


def _sync_sources(app: App) -> None:
    definitions = [SourceDefinition(source.id, source.url, source.partner) for source in app.config.sources]
    with app.store.write() as tx:
        tx.sync_sources(definitions, app.clock())


def _source_states(app: App) -> dict[str, SourceState]:
    with app.store.read() as tx:
        return tx.source_states()


async def _poll_source(app: App, source: Source, state: SourceState) -> SourceReport:
    visit = Visit(source.id, app.clock(), "unchanged", notes=state.notes)
    try:
        return await _visit(app, source, state, visit)
    except StoreError:
        raise
    except WorkerError as error:
        words = f"reading this feed was given up ({error}): it is damaged, far too large, or meant to do harm"
    except AggregatorError as error:
        words = str(error)
    except Exception as error:  # a bug met on one source must not stop the round; it is logged whole
        log.exception("internal error", source=source.id)
        words = f"internal error ({type(error).__name__}: {error}); please report it, the log has the details"
    return await app.in_store_thread(_record, app, state, replace(visit, outcome="failed", problem=words))


async def _visit(app: App, source: Source, state: SourceState, visit: Visit) -> SourceReport:
    answer = await app.net.fetch(source.url, state.validators)
    if isinstance(answer, NotModified):
        return await app.in_store_thread(_record, app, state, replace(visit, validators=answer.validators))
    body_hash = hashlib.sha256(answer.body).hexdigest()
    visit = replace(visit, validators=answer.validators, body_hash=body_hash)
    if body_hash == state.body_hash:
        return await app.in_store_thread(_record, app, state, visit)
    feed = await app.pool.run(read_feed, answer, source.timezone, visit.visited_at)
    return await app.in_store_thread(_commit, app, source, state, feed, visit)


def _record(app: App, seen: SourceState, visit: Visit) -> SourceReport:
    with app.store.write() as tx:
        if not _is_overtaken(seen, tx.source_state(visit.source_id)):
            tx.record_visit(visit)
    return SourceReport(visit.source_id, visit.outcome, problem=visit.problem, notes=visit.notes)


def _is_overtaken(seen: SourceState, state: SourceState | None) -> bool:
    """Whether another visit was stored since this one began: this answer may be the older one and is let go.

    Nothing is lost, the next visit asks again. Told by change, not by time: clocks are set back.
    """
    return state is None or state.last_polled_at != seen.last_polled_at


def _commit(app: App, source: Source, seen: SourceState, feed: ReadFeed, visit: Visit) -> SourceReport:
    """Decide and store in ONE transaction, which is serialised: two copies committed at once become one story."""
    notes = _notes(feed.problems)
    visit = replace(visit, outcome="read", feed=feed.feed, entries_in_feed=len(feed.candidates), notes=notes)
    with app.store.write() as tx:
        state = tx.source_state(source.id)
        if state is None or _is_overtaken(seen, state):
            return SourceReport(source.id, "unchanged", notes=("overtaken by another visit",))
        began_at = state.began_at or visit.visited_at
        decisions = decide(
            feed.candidates,
            tx.known(source.id, source.partner, feed.candidates),
            source_id=source.id,
            partner_id=source.partner,
            own_hosts=_own_hosts(app.config, source),
            backlog_before_at=began_at - app.config.fetch.first_poll_max_age,
        )
        # The clock is read while the writer's place is held: what is stored is never dated before a settlement
        # that could not see it.
        tx.apply(source.id, source.partner, decisions, app.clock())
        tx.record_visit(visit)
    verdicts = [decision.verdict for decision in decisions]
    return SourceReport(
        source.id,
        "read",
        entries=len(decisions),
        new=verdicts.count(Verdict.NEW),
        copies=verdicts.count(Verdict.COPY),
        revised=verdicts.count(Verdict.REVISED),
        notes=notes,
    )


def _notes(problems: Sequence[Problem]) -> tuple[str, ...]:
    notes = [f"{problem.subject}: {problem.message}" for problem in problems[:NOTES_KEPT]]
    more = len(problems) - len(notes)
    return (*notes, *([f"and {more} remarks more"] if more else []))


def _own_hosts(config: Config, source: Source) -> frozenset[str]:
    """Hosts whose articles left this desk: what a partner carries of them must not come round again."""
    domains = config.partner(source.partner).domains
    hosts = {
        (urlsplit(url).hostname or "").removeprefix("www.")
        for url in (config.site.url, config.site.feeds_url)
    }
    return frozenset(host for host in hosts if not any(host == d or host.endswith(f".{d}") for d in domains))


# --- publish ------------------------------------------------------------------------------------------------------


async def publish(app: App) -> PublishReport:
    """Settle what changed, make the documents that are due, and bring ``public/`` in line with them.

    Two processes may call this at once: the directory's lock lets one through after the other.
    """
    outputs, key = outputs_of(app.config), _config_key(app.config)
    with app.public.locked():
        now = app.clock()
        await app.in_store_thread(_settle_stories, app, outputs, key, now)
        printed, problems = await _print_due(app, outputs, key, now)
        files, removed = await app.in_store_thread(_put, app, outputs, printed, problems, now)
    report = PublishReport(files, removed, tuple(problems))
    level = logging.WARNING if problems else logging.INFO
    log.log(
        level, "published", files=len(files), removed=len(removed), problems=[asdict(p) for p in problems]
    )
    return report


def _config_key(config: Config) -> str:
    """Changes when anything that decides what is published changes, in the file or in our code."""
    decides = config.model_dump_json(exclude={"fetch", "keep", "alerts"})
    return hashlib.sha256(f"{RENDER_VERSION} {POLICY_VERSION} {decides}".encode()).hexdigest()


def _settle_stories(app: App, outputs: Sequence[Output], key: str, now: datetime) -> None:
    """A batch a transaction, so that polls that want to write need not wait for all of them."""
    _unsettle_after_edit(app, outputs, key, now)
    while _settle_batch(app, now) == SETTLED_AT_ONCE:
        pass


def _unsettle_after_edit(app: App, outputs: Sequence[Output], key: str, now: datetime) -> None:
    with app.store.write() as tx:
        if tx.meta("settled_with") != key:
            tx.mark_unsettled(since=now - timedelta(seconds=max(output.max_age_s for output in outputs)))
            tx.set_meta("settled_with", key)


def _settle_batch(app: App, now: datetime) -> int:
    touched: set[str] = set()
    with app.store.write() as tx:
        stories = tx.unsettled(now, SETTLED_AT_ONCE)
        for story in stories:
            settlement = settle(story, app.config, now)
            tx.settle(settlement)
            touched |= _touched_outputs(story, settlement, app.config)
        tx.touch_outputs(touched)
    return len(stories)


def _touched_outputs(story: Story, settlement: Settlement, config: Config) -> set[str]:
    if story.published is None and settlement.published is None:
        return set()
    topics = {*story.topics, *settlement.topics}
    return {config.outputs.combined.id, *(f"topics/{topic}" for topic in topics)}


async def _print_due(
    app: App, outputs: Sequence[Output], key: str, now: datetime
) -> tuple[list[Printed], list[Problem]]:
    states, selections = await app.in_store_thread(_load_due, app, outputs, key, now)
    shown = {story.story_id: story for selection in selections.values() for story in selection.stories}
    prints, problems = await fit_all(app, list(shown.values()))
    printed = []
    for output in outputs:
        if selection := selections.get(output.id):
            stories = [prints[story.story_id] for story in selection.stories if story.story_id in prints]
            updated_at = newest(stories, states[output.id])
            documents, refused = print_output(output, stories, app.config.site, updated_at)
            problems.extend(refused)
            printed.append(
                Printed(
                    states[output.id],
                    documents,
                    # With anything kept back the output stays due: it is tried again, and status keeps saying so.
                    is_whole=not refused and len(stories) == len(selection.stories),
                    render_key=key,
                    updated_at=updated_at,
                    next_change_at=selection.next_change_at,
                )
            )
    return printed, problems


def _load_due(
    app: App, outputs: Sequence[Output], key: str, now: datetime
) -> tuple[dict[str, OutputState], dict[str, Selection]]:
    """The outputs whose documents must be made again, each with the stories that it shows now."""
    selections = {}
    with app.store.read() as tx:
        paths = tx.document_paths()
        states = {output.id: OutputState(output.id) for output in outputs} | tx.output_states()
        for output in outputs:
            state = states[output.id]
            expired = state.next_change_at is not None and state.next_change_at <= now
            is_whole = paths.issuperset(_feed_paths(output))
            if expired or not is_whole or state.touched != state.rendered or state.render_key != key:
                since = now - timedelta(seconds=output.max_age_s)
                selections[output.id] = select(
                    output, tx.stories(output.topic, since, now, output.limit), now
                )
    return states, selections


def _feed_paths(output: Output) -> set[str]:
    return {f"feeds/{output.id}.{format}" for format in FORMATS}


def _put(
    app: App, outputs: Sequence[Output], printed: Sequence[Printed], problems: list[Problem], now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Rows first, then files: a crash between the two is mended from the rows by the next call."""
    directory, refused = gated(render_directory(outputs, app.config))
    problems.extend(refused)
    with app.store.write() as tx:
        states = tx.output_states()
        for one in printed:
            # Touched meanwhile by a desk with another public folder: these are old, that desk makes new ones.
            if states.get(one.output_id, one.state).touched == one.state.touched:
                tx.put_output_state(one.state_after)
                for document in one.documents:
                    tx.put_document(document, now)
        for document in directory:
            tx.put_document(document, now)
        feeds = itertools.chain.from_iterable(map(_feed_paths, outputs))
        removed = tx.delete_documents(keep={*feeds, *DIRECTORY_PATHS})
        tx.set_meta(PUBLISH_PROBLEMS, json.dumps([asdict(problem) for problem in problems]))
        documents = tx.documents()
        # While their rows still stand: a kill here leaves no file that nobody knows.
        app.public.remove(removed)
    return tuple(app.public.publish(documents)), tuple(removed)


# --- hide ---------------------------------------------------------------------------------------------------------


async def hide(app: App, story_ref: str, reason: str) -> tuple[Story, PublishReport]:
    """Take a story out of every document at once; no later poll brings it back.

    Returns the story as it was before; one that was hidden already keeps its reason. Raises UnknownStoryError.
    """
    story = await app.in_store_thread(_set_hidden, app, story_ref, reason)
    return story, await publish(app)


async def unhide(app: App, story_ref: str) -> tuple[Story, PublishReport]:
    """Undo hide(). Returns the story as it was before. Raises UnknownStoryError."""
    story = await app.in_store_thread(_set_hidden, app, story_ref, None)
    return story, await publish(app)


def _set_hidden(app: App, story_ref: str, reason: str | None) -> Story:
    with app.store.write() as tx:
        story = tx.find_story(story_ref, canonical_url(story_ref))
        if reason is None:
            tx.unhide(story.story_id)
        elif story.hidden_at is None:
            tx.hide(story.story_id, reason, app.clock())
    return story
