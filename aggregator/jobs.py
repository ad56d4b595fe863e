"""The whole chain, to be read from top to bottom: poll() brings entries in, publish() sends documents out.

Everything that is decided is decided by the pure rooms; everything that is kept is kept by the store. A process may be
killed between any two lines here: what a transaction holds is either wholly there or not at all, and the next call
starts again from what is stored (docs/architecture.md, "What must always hold").
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from aggregator.app import App
from aggregator.archiving import belongs_in, is_shown_otherwise, look_through, print_pages
from aggregator.config.model import Source
from aggregator.editorial.settle import settle
from aggregator.errors import StoreError
from aggregator.following import queue_news
from aggregator.intake.cadence import interval
from aggregator.intake.identity import canonical_url
from aggregator.model.document import Document, Output, OutputState
from aggregator.model.problem import Problem
from aggregator.model.report import PublishReport, SourceReport
from aggregator.model.source import SourceDefinition
from aggregator.model.story import Settlement, Story
from aggregator.outputs.archive import has_archive
from aggregator.outputs.render import DIRECTORY_PATHS, paths_of
from aggregator.outputs.select import outputs_of
from aggregator.overriding import overrides_by_story
from aggregator.printing import Printed, is_due, print_due, taken_as_whole
from aggregator.rereading import READ_WITH, read_all_anew
from aggregator.store.public import LOCK_RETRY_S
from aggregator.store.reads import ReadTx
from aggregator.store.writes import WriteTx
from aggregator.subscribing import make_missing_keys, outputs_in_force, without_ended, without_keys
from aggregator.sweeping import sweep
from aggregator.visiting import visit

log = structlog.get_logger()

# How many sources are under way at once; what one host gets is bounded by fetch.per_host.
POLLED_AT_ONCE = 32
# Stories in one settling transaction; one takes about 0.8 ms.
SETTLED_AT_ONCE = 200
# Nobody publishes for longer than this, but who was stopped in the middle of it.
PUBLIC_WAIT_S = 60.0
PUBLISH_PROBLEMS = "publish_problems"
# What stories were settled with: the publish key of then.
SETTLED_WITH = "settled_with"

# --- poll ---------------------------------------------------------------------------------------------------------


async def poll(
    app: App, source_ids: Collection[str], on_report: Callable[[SourceReport], None] = lambda _: None
) -> tuple[SourceReport, ...]:
    """Visit the named sources once, concurrently; no source's trouble stops another's.

    Raises StoreError when the database fails: then nothing can be kept and going on would be pretence.
    """
    await read_anew_after_edit(app)  # copies are found by today's marks
    await sync_sources(app)
    states = await app.read(ReadTx.source_states)
    places = asyncio.Semaphore(POLLED_AT_ONCE)

    async def visit_in_turn(source: Source) -> SourceReport:
        async with places:
            report = await visit(app, source, states[source.id])
        on_report(report)
        return report

    try:
        async with asyncio.TaskGroup() as visits:
            wanted = [source for source in app.config.sources if source.id in source_ids]
            tasks = [visits.create_task(visit_in_turn(source)) for source in wanted]
    except ExceptionGroup as group:
        # Only a failing database gets this far, and it fails for every visit alike: one of them says it.
        raise group.exceptions[0] from group
    return tuple(task.result() for task in tasks)


async def sync_sources(app: App) -> None:
    """Make the configuration's sources known to the database, and when each is polled; learn which hosts asked others
    of us to wait. Raises StoreError.
    """
    definitions = [
        SourceDefinition(
            source.id, source.url, source.partner, interval(source.every).total_seconds(), source.enabled
        )
        for source in app.config.sources
    ]
    await app.write(lambda tx: tx.sync_sources(definitions, app.clock()))
    for host, rests_s in (await app.read(lambda tx: tx.resting_hosts(app.clock()))).items():
        app.net.let_rest(host, rests_s)


# --- publish ------------------------------------------------------------------------------------------------------


async def publish(app: App, *, repair: bool = True) -> PublishReport:
    """Settle what changed, make the documents that are due, and bring ``public/`` in line with them.

    With ``repair`` every file is compared with its row, and taken away where it has none; without it only changed
    documents are written: enough while the last call by this process went well. Two processes may call this at once:
    the directory's lock lets one through after the other. Raises StoreError.
    """
    await read_anew_after_edit(app)
    return await _publish(app, repair)


async def read_anew_after_edit(app: App) -> None:
    """Read stored entries by today's rules where others read them; cheap when that was done. Raises StoreError.

    It takes minutes after an upgrade, so nobody who publishes or hides has to wait for it. What was read is kept: after
    a kill the next call reads the rest.
    """
    if await app.read(lambda tx: tx.meta(READ_WITH)) != app.publish_key:
        await read_all_anew(app, _shown_since(app))
        await app.write(partial(_settle_what_was_read, app.publish_key))


def _settle_what_was_read(key: str, tx: WriteTx) -> None:
    """Who hid a story meanwhile settled all of them by what was not read yet."""
    if tx.meta(READ_WITH) != key:
        tx.set_meta(READ_WITH, key)
        tx.set_meta(SETTLED_WITH, "")


async def _publish(app: App, repair: bool) -> PublishReport:
    """Publish by what is read at this moment."""
    key = app.publish_key
    async with _public_lock(app):
        now = app.clock()
        outputs = await app.in_store_thread(_outputs, app, now)
        await _settle_stories(app, key, now)
        gone = await look_through(app, outputs, now, repair=repair)
        printed, problems = await print_due(app, outputs, key, now)
        directory, refused = await app.in_print_thread(lambda: app.directory)
        problems = without_keys((*problems, *refused), outputs)
        documents, removed = await app.in_store_thread(
            _put, app, outputs, printed, directory, problems, repair
        )
        files, refused = await _replace_files(app, outputs, documents, now)
        problems += refused
        strays = await sweep(app) if repair else ()
    report = PublishReport(files, (*gone, *removed, *strays), tuple(problems))
    if report.files or report.removed or problems:  # many find nothing to do
        level = logging.WARNING if problems else logging.INFO
        told = [asdict(problem) for problem in problems]
        log.log(level, "published", files=len(files), removed=len(report.removed), problems=told)
    return report


async def _replace_files(
    app: App, outputs: Sequence[Output], documents: Sequence[Document], now: datetime
) -> tuple[tuple[str, ...], list[Problem]]:
    """Those of pages that the documents lead to before theirs, so that a kill leaves no link to nothing; returns the
    paths written, and what was kept back of pages.

    A disk that refuses a page keeps no document back. Raises StoreError.
    """
    try:
        new, problems = await print_pages(app, outputs, now, first_time=True)
    except StoreError:
        await app.in_print_thread(app.public.publish, documents)
        raise
    files = await app.in_print_thread(app.public.publish, documents)
    await app.write(lambda tx: tx.let_deliver(app.clock()))
    pages, refused = await print_pages(app, outputs, now)
    return (*files, *new, *pages), [*problems, *refused]


def _outputs(app: App, now: datetime) -> tuple[Output, ...]:
    make_missing_keys(app.config, app.store, now)
    with app.store.read() as tx:
        return outputs_in_force(app.config, tx, now)


async def repair(app: App) -> tuple[str, ...]:
    """Bring every file in line with its row, and nothing else; returns the paths written.

    Does not wait for another process that publishes. Raises StoreError.
    """
    async with _public_lock(app, wait_s=0):
        documents = await app.read(ReadTx.documents)
        return tuple(await app.in_print_thread(app.public.publish, documents))


async def is_publish_due(app: App, *, try_again: bool) -> bool:
    """Whether publish() would settle a story or make a document, without waiting for any new entry.

    Outputs that are due only because something was kept back count when ``try_again`` says so.
    """
    return await app.in_store_thread(_is_publish_due, app, try_again)


def _is_publish_due(app: App, try_again: bool) -> bool:
    now, key = app.clock(), app.publish_key
    with app.store.read() as tx:
        if {tx.meta(READ_WITH), tx.meta(SETTLED_WITH)} != {key} or tx.has_unsettled(now):
            return True
        states, versions = tx.output_states(), tx.document_versions()
        in_force = outputs_in_force(app.config, tx, now)
        if tx.has_due_page([output.id for output in in_force if has_archive(output)], now):
            return True
    outputs = {output: states.get(output.id, OutputState(output.id)) for output in in_force}
    return len(without_ended(versions, in_force)) < len(versions) or any(
        is_due(state if try_again else taken_as_whole(state), output, versions, key, now)
        for output, state in outputs.items()
    )


@asynccontextmanager
async def _public_lock(app: App, wait_s: float = PUBLIC_WAIT_S) -> AsyncIterator[None]:
    give_up_s = asyncio.get_running_loop().time() + wait_s
    while (lock := await app.in_print_thread(app.public.try_lock)) is None:
        if asyncio.get_running_loop().time() > give_up_s:
            raise StoreError(
                f"another process has been publishing to {app.public.path} for more than {wait_s:g} s: "
                "look for an aggregator that was stopped (Ctrl-Z) or hangs"
            )
        await asyncio.sleep(LOCK_RETRY_S)
    with lock:
        yield


async def _settle_stories(app: App, key: str, now: datetime) -> None:
    """A batch a transaction and a turn of the thread, so that polls that want to write need not wait for all."""
    if await app.read(lambda tx: tx.meta(SETTLED_WITH)) != key:
        await app.in_store_thread(_unsettle_after_edit, app, key)
    while await app.in_store_thread(_settle_batch, app, now) == SETTLED_AT_ONCE:
        pass


def _unsettle_after_edit(app: App, key: str) -> None:
    with app.store.write() as tx:
        tx.mark_unsettled(_shown_since(app))
        tx.set_meta(SETTLED_WITH, key)


def _shown_since(app: App) -> datetime:
    """What was published before stands in no output any more."""
    return app.clock() - timedelta(seconds=max(output.max_age_s for output in outputs_of(app.config)))


def _settle_batch(app: App, now: datetime) -> int:
    touched: set[str] = set()
    archives: dict[int, set[str]] = {}
    otherwise: list[int] = []
    with app.store.write() as tx:
        outputs = outputs_in_force(app.config, tx, now)
        stories = tx.unsettled(now, SETTLED_AT_ONCE)
        overrides = overrides_by_story(app.config, tx) if stories else {}
        settlements = [settle(one, app.config, now, overrides.get(one.story_id)) for one in stories]
        tx.settle(*settlements)
        for story, settlement in zip(stories, settlements, strict=True):
            archives[story.story_id] = belongs_in(story, settlement, outputs, now)
            if is_shown_otherwise(story, settlement):
                otherwise.append(story.story_id)
            touched |= _touched_outputs(story, settlement, outputs)
        tx.touch_outputs(touched)
        tx.archive(archives)
        tx.touch_pages(otherwise)
    return len(stories)


def _touched_outputs(story: Story, settlement: Settlement, outputs: Sequence[Output]) -> set[str]:
    """Those that the story stood in until now, or stands in from now on."""
    if story.published is None and settlement.published is None:
        return set()
    leads = {stored.entry_id: stored.partner_id for stored in story.entries}
    was = (story.topics, story.shown_partner_id, story.facets)
    will_be = (settlement.topics, leads.get(settlement.lead_entry_id, ""), settlement.facets)
    return {output.id for output in outputs if output.where.takes(*was) or output.where.takes(*will_be)}


def _put(
    app: App,
    outputs: Sequence[Output],
    printed: Sequence[Printed],
    directory: Sequence[Document],
    problems: Sequence[Problem],
    repair: bool,
) -> tuple[tuple[Document, ...], tuple[str, ...]]:
    """Rows first, then files: a crash between the two is mended from the rows by the next call. Who follows a document
    that brings news is owed it from here on, and gets it once the files are replaced.

    Returns the documents whose files are to be written, and the paths that were taken away.
    """
    now = app.clock()
    changed: list[Document] = []
    with_news: list[str] = []
    with app.store.write() as tx:
        states = tx.output_states()
        for one in printed:
            state = states.get(one.output_id, one.state)
            # Touched meanwhile by a desk with another public folder: these are old, that desk makes new ones.
            if state.touched == one.state.touched:
                tx.put_output_state(one.state_after)
                # Where that desk has shown something meanwhile, an archive has begun.
                has_begun = state.updated_at != one.state.updated_at
                tx.change_archive(
                    one.output_id, replace(one.archive, before_it=()) if has_begun else one.archive
                )
                if one.shown is not None:
                    tx.put_shown(one.output_id, one.shown)
                replaced = [document for document in one.documents if tx.put_document(document, now)]
                changed += replaced
                with_news += [document.path for document in replaced if document.path in one.news]
        queue_news(tx, app.config, with_news, now)
        changed += [document for document in directory if tx.put_document(document, now)]
        feeds = itertools.chain.from_iterable(paths_of(output) for output in outputs)
        removed = tx.delete_documents(keep={*feeds, *DIRECTORY_PATHS})
        tx.set_meta(PUBLISH_PROBLEMS, json.dumps([asdict(problem) for problem in problems]))
        documents = tx.documents() if repair else tuple(changed)
        # While their rows still stand: a kill here leaves no file that nobody knows.
        app.public.remove(removed)
    return documents, removed


# --- hide ---------------------------------------------------------------------------------------------------------


async def hide(app: App, story_ref: str, reason: str) -> tuple[Story, PublishReport]:
    """Take a story out of every document at once; no later poll brings it back.

    Returns the story as it was before; one that was hidden already keeps its reason. Raises UnknownStoryError.
    """
    story = await app.in_store_thread(_set_hidden, app, story_ref, reason)
    try:
        return story, await _publish(app, repair=True)
    except StoreError as error:
        raise StoreError(
            f"it is hidden, and a running service leaves it out; but the files cannot be rewritten yet: {error}"
        ) from error


async def unhide(app: App, story_ref: str) -> tuple[Story, PublishReport]:
    """Undo hide(). Returns the story as it was before. Raises UnknownStoryError."""
    story = await app.in_store_thread(_set_hidden, app, story_ref, None)
    return story, await _publish(app, repair=True)


def _set_hidden(app: App, story_ref: str, reason: str | None) -> Story:
    with app.store.write() as tx:
        story = tx.find_story(story_ref, canonical_url(story_ref))
        if reason is None:
            tx.unhide(story.story_id)
        elif story.hidden_at is None:
            tx.hide(story.story_id, reason, app.clock())
        tx.touch_pages([story.story_id])
    return story


# --- release ------------------------------------------------------------------------------------------------------


async def release(app: App, source_id: str, *, discard: bool) -> tuple[int, PublishReport]:
    """Let go of what is held of a source that flooded: as news, or with ``discard`` as known but never news.

    Returns how many entries that were. Raises StoreError.
    """
    number = await app.write(lambda tx: tx.release(source_id, discard=discard))
    return number, await _publish(app, repair=True)
