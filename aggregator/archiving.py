"""Archives: what leaves a feed stays reachable, in pages that are never paginated anew (docs/decisions/0021).

Pages are files only. What stands in them is kept by the store, and that they must be made again; how many there are
does not matter, for only those are made.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from aggregator.app import App
from aggregator.config.model import Config
from aggregator.editorial.sanitize import POLICY_VERSION
from aggregator.editorial.settle import settle
from aggregator.fitting import fit_all
from aggregator.gating import printed
from aggregator.model.archive import ArchivePage
from aggregator.model.document import Document, Output
from aggregator.model.problem import Problem
from aggregator.model.story import PrintStory, Settlement, Story, Withdrawn
from aggregator.outputs.archive import PageLinks, archive_path, has_archive, page_key, render_archive
from aggregator.overriding import overrides_by_story
from aggregator.store.reads import ReadTx
from aggregator.store.writes import WriteTx

# One publication makes pages anew for about so long; the others wait for the next.
BUDGET_S = 1.0
# New pages are made so many at a time: most of their stories stand in several.
MADE_AT_ONCE = 10
# A page from which something was kept back is made again after so long.
RETRY = timedelta(minutes=1)
# For so long pages are watched that changed: clocks of two machines may differ, and a publication take a while. What is
# missed is found when all files are compared with their rows.
FOLLOWED = timedelta(minutes=10)
# What archives were last looked through for edits with: the publish key of then.
ARCHIVED_WITH = "archived_with"
ARCHIVE_PROBLEMS = "archive_problems"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def belongs_in(story: Story, settlement: Settlement, outputs: Sequence[Output], now: datetime) -> set[str]:
    """The outputs in whose archives a settled story is to stand from now on: by id, those where it may be shown."""
    published = settlement.published
    if published is None or settlement.refusal or story.hidden_at is not None:
        return set()
    partners = {stored.entry_id: stored.partner_id for stored in story.entries}
    it_is = (settlement.topics, partners.get(settlement.lead_entry_id, ""), settlement.facets)
    age_s = (now - published.first_published_at).total_seconds()
    return {
        output.id
        for output in outputs
        if has_archive(output) and age_s < output.max_age_s and output.where.takes(*it_is)
    }


def is_shown_otherwise(story: Story, settlement: Settlement) -> bool:
    """Whether a story that was published is shown otherwise now, or not any more: its pages must be made again."""
    was = (story.shown_entry_id, story.shown_hash, story.updated_at, story.refusal, story.visible_until)
    is_now = (
        settlement.lead_entry_id,
        settlement.shown_hash,
        settlement.updated_at,
        settlement.refusal,
        settlement.visible_until,
    )
    labels_were = (story.topics, set(story.facets), story.override_title)
    labels_are = (settlement.topics, set(settlement.facets), settlement.override_title)
    return story.published is not None and (was, labels_were) != (is_now, labels_are)


@dataclass(frozen=True, slots=True)
class _Work:
    """A page to be made: ``stories`` are those of its ``all_stories`` that may be shown, newest first."""

    page: ArchivePage
    output: Output
    links: PageLinks
    stories: tuple[Story, ...]
    all_stories: tuple[Story, ...]
    withdrawn: tuple[Withdrawn, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """A page as it is to be kept; ``document`` is None where the last one stays."""

    page: ArchivePage
    document: Document | None
    problems: tuple[Problem, ...]
    next_change_at: datetime | None


async def print_pages(
    app: App, outputs: Sequence[Output], now: datetime, *, first_time: bool = False
) -> tuple[list[str], list[Problem]]:
    """Make pages that are due, the newest first, and write their files; returns the paths written, and what was kept
    back. With ``first_time`` only those that were never made, however long it takes. Raises StoreError.
    """
    archives = {output.id: output for output in outputs if has_archive(output)}
    clock_s = asyncio.get_running_loop().time
    until_s = clock_s() + BUDGET_S
    at_once = MADE_AT_ONCE if first_time else 1
    written: list[str] = []
    problems: list[Problem] = []
    while works := await app.in_store_thread(_next_works, app, archives, now, at_once, first_time):
        stories = {story.story_id: story for work in works for story in work.stories}
        prints, unfit = await fit_all(app, list(stories.values()))
        made = await app.in_print_thread(_print_pages, app, works, prints, unfit)
        # Rows first, as for all documents: a file that is not its row's is made again.
        await app.write(partial(_keep, made, now))
        documents = [one.document for one in made if one.document]
        written += await app.in_print_thread(app.public.publish, documents)
        app.packs.forget([document.path for document in documents])
        problems += [problem for one in made for problem in one.problems]
        if clock_s() > until_s and not first_time:
            break
    return written, problems


def _keep(made: Sequence[_Made], now: datetime, tx: WriteTx) -> None:
    known = json.loads(tx.meta(ARCHIVE_PROBLEMS) or "{}")
    found = dict(known)
    for one in made:
        tx.put_page(one.page, now + RETRY if one.problems else one.next_change_at, now)
        path = archive_path(one.page.output_id, one.page.number)
        found.pop(path, None)
        if one.problems:
            found[path] = [asdict(problem) for problem in one.problems]
    if found != known:
        tx.set_meta(ARCHIVE_PROBLEMS, json.dumps(found))


def archive_problems(tx: ReadTx) -> tuple[Problem, ...]:
    """What is kept back of archive pages."""
    known = json.loads(tx.meta(ARCHIVE_PROBLEMS) or "{}")
    return tuple(Problem(**problem) for problems in known.values() for problem in problems)


def _next_works(
    app: App, archives: Mapping[str, Output], now: datetime, limit: int, first_time: bool
) -> list[_Work]:
    with app.store.read() as tx:
        pages = tx.due_pages(archives, now, limit=limit, first_time=first_time)
    edited = [
        page
        for page in pages
        if page.key and page.key != key_of(archives[page.output_id], page.partners, app.config)
    ]
    if edited:
        with app.store.write() as tx:
            story_ids = {story_id for page in edited for story_id in tx.page_stories(page)}
            _settle_anew(tx, tx.stories_numbered(story_ids), app.config, now)
    if not pages:
        return []
    with app.store.read() as tx:
        story_ids_of = {page: tx.page_stories(page) for page in pages}
        loaded = {story.story_id: story for story in tx.stories_numbered(set().union(*story_ids_of.values()))}
        return [
            _work(tx, page, archives[page.output_id], story_ids, loaded, now)
            for page, story_ids in story_ids_of.items()
        ]


def _work(
    tx: ReadTx,
    page: ArchivePage,
    output: Output,
    story_ids: Sequence[int],
    loaded: Mapping[int, Story],
    now: datetime,
) -> _Work:
    its_stories = (loaded[story_id] for story_id in story_ids if story_id in loaded)
    stories = tuple(sorted(its_stories, key=_first_publication, reverse=True))
    withdrawn = tx.withdrawn_of(story_ids, now)
    oldest, newest = tx.page_range(page.output_id)
    gone = {one.story_id for one in withdrawn}
    links = PageLinks(
        before=page.number - 1 if page.number > oldest else 0,
        behind=page.number + 1 if page.number < newest else 0,
    )
    shown = tuple(story for story in stories if story.story_id not in gone)
    return _Work(page, output, links, shown, stories, withdrawn)


def _settle_anew(tx: WriteTx, stories: Sequence[Story], config: Config, now: datetime) -> None:
    """By terms that were edited. Older stories than documents show are settled when their page is made only."""
    overrides = overrides_by_story(config, tx)
    tx.settle(*(settle(story, config, now, overrides.get(story.story_id)) for story in stories))


def _first_publication(story: Story) -> tuple[datetime, datetime, int]:
    assert story.published is not None, "only what was published stands in an archive"
    return story.published.first_published_at, story.published.published_at, story.story_id


def _next_change_at(work: _Work) -> datetime | None:
    """When the first of its stories expires."""
    return min((story.visible_until for story in work.stories if story.visible_until), default=None)


def _print_pages(
    app: App, works: Sequence[_Work], prints: Mapping[int, PrintStory], unfit: Mapping[int, Problem]
) -> list[_Made]:
    return [_print_page(app, work, prints, unfit) for work in works]


def _print_page(
    app: App, work: _Work, prints: Mapping[int, PrintStory], unfit: Mapping[int, Problem]
) -> _Made:
    page, output = work.page, work.output
    partners = tuple(sorted({story.shown_partner_id for story in work.all_stories}))
    updated_at = max(
        page.updated_at or _EPOCH,
        max((story.updated_at or _EPOCH for story in work.stories), default=_EPOCH),
    )

    def make(stories: Sequence[PrintStory]) -> tuple[Document, ...]:
        document = render_archive(
            output, page.number, work.links, stories, work.withdrawn, updated_at, app.config.site
        )
        return (document,)

    path = archive_path(output.id, page.number)
    in_order = {story.story_id: prints[story.story_id] for story in work.stories if story.story_id in prints}
    sheet = printed(in_order, make, subject=path, name=path)
    left_out = [unfit[story.story_id] for story in work.stories if story.story_id in unfit]
    problems = (*left_out, *sheet.problems)
    if not sheet.documents:
        return _Made(page, None, problems, _next_change_at(work))
    (document,) = sheet.documents
    app.packs.prepare(document)  # while others are made
    key = key_of(output, partners, app.config)
    made = replace(page, key=key, partners=partners, updated_at=updated_at, etag=document.etag)
    return _Made(made, document, problems, _next_change_at(work))


def key_of(output: Output, partner_ids: Collection[str], config: Config) -> str:
    """By which edits of feeds.yaml, and which of our rules for markup, a page must be made again."""
    return page_key(output, partner_ids, config, POLICY_VERSION)


async def look_through(
    app: App, outputs: Sequence[Output], now: datetime, *, repair: bool
) -> tuple[str, ...]:
    """Find pages that must be made again after an edit of feeds.yaml, or with ``repair`` because their files are not as
    they were written, and forget those that are too old; returns the paths taken away. Raises StoreError.
    """
    if not repair and await app.read(lambda tx: tx.meta(ARCHIVED_WITH)) == app.publish_key:
        return ()
    pages = await app.read(lambda tx: tx.pages())
    damaged = await app.in_print_thread(_damaged, app, pages) if repair else ()
    gone = await app.in_store_thread(_look_through, app, outputs, pages, damaged, now)
    paths = tuple(archive_path(page.output_id, page.number) for page in gone)
    await app.in_print_thread(app.public.remove, paths)
    return paths


async def follow(app: App, known: frozenset[ArchivePage]) -> frozenset[ArchivePage]:
    """Let pages be made that another service on the database has changed beside its own public folder.

    ``known`` is what the last call returned: pages changed lately that stand in ours. Raises StoreError.
    """
    changed = await app.read(lambda tx: frozenset(tx.pages_changed(app.clock() - FOLLOWED)))
    if not changed - known:
        return changed
    missing = await app.in_print_thread(_damaged, app, [*(changed - known)])
    if missing:
        await app.write(lambda tx: tx.make_pages_due(missing, app.clock()))
    return changed.difference(missing)


def _damaged(app: App, pages: Sequence[ArchivePage]) -> tuple[ArchivePage, ...]:
    return tuple(
        page
        for page in pages
        if page.etag and not app.public.holds(archive_path(page.output_id, page.number), page.etag)
    )


def _look_through(
    app: App,
    outputs: Sequence[Output],
    pages: Sequence[ArchivePage],
    damaged: Sequence[ArchivePage],
    now: datetime,
) -> tuple[ArchivePage, ...]:
    archives = {output.id: output for output in outputs if has_archive(output)}
    retired = [page for page in pages if page.etag and page.output_id not in archives]
    edited = [
        page
        for page in pages
        if page.output_id in archives
        and page.key != key_of(archives[page.output_id], page.partners, app.config)
    ]
    with app.store.write() as tx:
        tx.make_pages_due([*edited, *damaged], now)
        tx.retire_pages(retired)
        too_old = tx.delete_pages(now - app.config.keep.stories)
        # Their documents lead to no page any more.
        tx.touch_outputs({one.output_id for one in too_old if tx.page_range(one.output_id) == (0, 0)})
        tx.set_meta(ARCHIVED_WITH, app.publish_key)
    return (*retired, *too_old)
