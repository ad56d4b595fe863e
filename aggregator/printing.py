"""Documents printed: what goes wrong with one of them, or with a story in it, is a Problem, and the rest go on."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aggregator.app import App
from aggregator.fitting import fit_all
from aggregator.gating import Sheet, printed
from aggregator.model.archive import NO_CHANGE, ArchiveChange
from aggregator.model.document import Document, Output, OutputState, Shown
from aggregator.model.problem import Problem
from aggregator.model.story import PrintStory, Story, Withdrawn
from aggregator.outputs.archive import has_archive, pages_to_close
from aggregator.outputs.leaving import expected, loss_problem, next_change_at, tombstones_of
from aggregator.outputs.related import with_related
from aggregator.outputs.render import kind_of, paths_of, render
from aggregator.outputs.select import Selection, belongs, is_of_reader, select
from aggregator.store.reads import ReadTx

# Stands for the value of ``touched`` where something was kept back: the output stays due.
NOT_WHOLE = OutputState("").rendered
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Printed:
    """One output's documents, made from the state that the store then had. ``is_whole``: nothing was kept back.

    ``shown`` are the stories in them, None where there are no documents: then the last good ones stay. ``news``
    are the paths of those that tell readers what the last ones did not, and are not only written otherwise; ``owed`` of
    those that would, had the gate not refused them. ``archive`` is what becomes of the output's archive with them.
    """

    state: OutputState
    documents: tuple[Document, ...]
    shown: tuple[Shown, ...] | None
    is_whole: bool
    news: frozenset[str]
    owed: frozenset[str]
    render_key: str
    updated_at: datetime
    next_change_at: datetime | None
    archive: ArchiveChange = NO_CHANGE

    @property
    def output_id(self) -> str:
        return self.state.output_id

    @property
    def state_after(self) -> OutputState:
        """To be stored with the documents."""
        return replace(
            self.state,
            rendered=self.state.touched if self.is_whole else NOT_WHOLE,
            render_key=self.render_key,
            next_change_at=self.next_change_at,
            updated_at=self.updated_at,
            owed=tuple(sorted(self.owed)),
        )


@dataclass(frozen=True, slots=True)
class Due:
    """An output whose documents must be made again: what they show now, and the stories that the last ones showed.

    ``newest_page`` is the number of the archive's last page when ``archive`` has been done. ``related`` are
    published ids, by that of a story that tells of the same event.
    """

    output: Output
    state: OutputState
    selection: Selection
    tombstones: tuple[Withdrawn, ...]
    shown: Mapping[int, Shown]
    archive: ArchiveChange
    newest_page: int
    related: Mapping[str, Collection[str]]


def newest(stories: Iterable[PrintStory], withdrawn: Iterable[Withdrawn], state: OutputState) -> datetime:
    """The newest change that an output ever showed, withdrawals too; never the clock, and never going back."""
    changes = [story.updated_at for story in stories] + [one.withdrawn_at for one in withdrawn]
    return max([*changes, state.updated_at or EPOCH])


async def print_due(
    app: App, outputs: Sequence[Output], key: str, now: datetime
) -> tuple[list[Printed], list[Problem]]:
    """Every output that is due, with what was kept back of its stories and documents. Raises StoreError."""
    due = await app.in_store_thread(_load_due, app, outputs, key, now)
    shown = {story.story_id: story for one in due for story in one.selection.stories}
    prints, unfit = await fit_all(app, list(shown.values()))
    problems = list(unfit.values())
    made = []
    poisoned: dict[tuple[object, ...], Mapping[int, str]] = {}  # by kind of documents
    # Those that show the same one after the other: what was made of a story for one of them is kept for the next.
    for one in sorted(due, key=_story_ids):
        stories = {
            story.story_id: prints[story.story_id]
            for story in one.selection.stories
            if story.story_id in prints
        }
        kind = kind_of(one.output)
        sheet = await app.in_print_thread(print_output, app, one, stories, poisoned.get(kind, {}))
        poisoned[kind] = sheet.poisoned
        sheet, has_news = await app.in_store_thread(_compared, app, one, sheet, now)
        problems.extend(sheet.problems)
        awaited = frozenset(paths_of(one.output) if has_news else one.state.owed)
        paths = {document.path for document in sheet.documents}
        made.append(
            Printed(
                one.state,
                sheet.documents,
                _shown(one, sheet, now) if sheet.documents else None,
                # With anything kept back the output stays due: it is tried again, and status keeps saying so.
                is_whole=not sheet.problems and len(stories) == len(one.selection.stories),
                news=awaited & paths,
                owed=awaited - paths,
                render_key=render_key(one.output, key),
                updated_at=newest(sheet.stories.values(), one.tombstones, one.state),
                next_change_at=next_change_at(one.output, one.selection, one.tombstones),
                archive=one.archive if sheet.documents else NO_CHANGE,
            )
        )
    return made, problems


def _compared(app: App, due: Due, sheet: Sheet, now: datetime) -> tuple[Sheet, bool]:
    """The sheet, without documents where the last good ones must stay; and whether it brings news."""
    if words := _loss(app, due, sheet, now):
        kept = Problem(due.output.id, f"the last good documents stay: {words}")
        return Sheet({}, (), (*sheet.problems, kept)), False
    return sheet, bool(sheet.documents) and _brings_news(app, due, sheet, now)


def _brings_news(app: App, due: Due, sheet: Sheet, now: datetime) -> bool:
    """Whether something happened to what readers are told of: no news are an upgrade, and a story that grew too old or
    has no room any more.
    """
    before = {(one.story_id, one.updated_at) for one in due.shown.values()}
    if any((story_id, story.updated_at) not in before for story_id, story in sheet.stories.items()):
        return True
    if not (gone := due.shown.keys() - sheet.stories.keys()):
        return False
    with app.store.read() as tx:
        stories = tx.stories_numbered(gone)
    return not all(belongs(story, due.output, now) for story in stories)


def _shown(due: Due, sheet: Sheet, now: datetime) -> tuple[Shown, ...]:
    """A version that stood there before has done so since then."""
    made = (Shown(story_id, story.updated_at, now) for story_id, story in sheet.stories.items())
    last = ((one, due.shown.get(one.story_id, one)) for one in made)
    return tuple(was if was.updated_at == one.updated_at else one for one, was in last)


def _story_ids(due: Due) -> list[int]:
    return [story.story_id for story in due.selection.stories]


def _load_due(app: App, outputs: Sequence[Output], key: str, now: datetime) -> list[Due]:
    """The outputs whose documents must be made again, each with the stories that it shows now."""
    with app.store.read() as tx:
        paths = tx.document_versions().keys()
        states = {output.id: OutputState(output.id) for output in outputs} | tx.output_states()
        due = [output for output in outputs if is_due(states[output.id], output, paths, key, now)]
        since = {output.id: now - timedelta(seconds=output.max_age_s) for output in due}
        withdrawn = tx.withdrawn_stories(min(since.values()), now) if due else ()
        loaded: dict[int, Story] = {}  # most stand in several outputs
        selections = [select(output, _newest_stories(tx, output, now, loaded), now) for output in due]
        related = tx.related_ids(loaded)
        carried = _carried(tx, withdrawn, due)
        found = []
        for output, selection in zip(due, selections, strict=True):
            given = [
                one
                for one in withdrawn
                if not (story := carried.get(one.story_id)) or not is_of_reader(story, output.where)
            ]
            tombstones = tombstones_of(output, selection, given, now)
            shown = tx.shown(output.id)
            state = states[output.id]
            archive, newest_page = _archive(tx, output, state, selection, tombstones)
            found.append(Due(output, state, selection, tombstones, shown, archive, newest_page, related))
    return found


def _carried(tx: ReadTx, withdrawn: Sequence[Withdrawn], due: Sequence[Output]) -> dict[int, Story]:
    """The withdrawn stories with their entries, by which somebody's own articles are known."""
    if not any(output.where.not_partners or output.where.not_hosts for output in due):
        return {}
    return {story.story_id: story for story in tx.stories_numbered([one.story_id for one in withdrawn])}


def _archive(
    tx: ReadTx,
    output: Output,
    state: OutputState,
    selection: Selection,
    tombstones: Sequence[Withdrawn],
) -> tuple[ArchiveChange, int]:
    """What becomes of the output's archive when its documents show this, and the number of the last page then.

    Where nothing ever stood in them it begins with what they show now.
    """
    if not has_archive(output):
        return NO_CHANGE, 0
    open_ids = tx.open_stories(output.id)
    staying = {story.story_id for story in selection.stories} | {one.story_id for one in tombstones}
    leaving = set(open_ids) - staying
    if not leaving:
        return NO_CHANGE, tx.page_range(output.id)[1]
    next_page = tx.next_page(output.id)
    if (state.updated_at or EPOCH) <= EPOCH and next_page == 1:
        return ArchiveChange(before_it=tuple(leaving)), 0
    closing = pages_to_close(open_ids, leaving)
    return ArchiveChange(closing), next_page - 1 + len(closing)


def _newest_stories(tx: ReadTx, output: Output, now: datetime, loaded: dict[int, Story]) -> Iterator[Story]:
    """What the output may show, page by page: ``select`` leaves out what the database does not know to leave out."""
    since = now - timedelta(seconds=output.max_age_s)
    for page in itertools.count():
        found = tx.stories(output.where, since, now, output.limit, page * output.limit, loaded)
        yield from found
        if len(found) < output.limit:
            return


def _loss(app: App, due: Due, sheet: Sheet, now: datetime) -> str:
    """Why the last good documents must stay, in words; asked of the database only where many stories are gone."""
    gone = set(due.shown) - set(sheet.stories)
    if not gone or (sheet.stories and 2 * len(gone) <= len(due.shown)):
        return ""
    with app.store.read() as tx:
        stories = tx.stories_numbered(due.shown)
    return loss_problem(expected(due.output, due.selection, due.shown, stories, now), sheet.stories)


def is_due(state: OutputState, output: Output, paths: Collection[str], key: str, now: datetime) -> bool:
    """Whether the output's documents must be made again; ``paths`` are those of all documents that there are."""
    expired = state.next_change_at is not None and state.next_change_at <= now
    is_whole = set(paths_of(output)) <= set(paths)
    return (
        expired
        or not is_whole
        or state.touched != state.rendered
        or state.render_key != render_key(output, key)
    )


def render_key(output: Output, key: str) -> str:
    """Changes when the output's own definition does, too: subscribers are no part of the publish key."""
    return hashlib.sha256(f"{key} {output}".encode()).hexdigest()


def taken_as_whole(state: OutputState) -> OutputState:
    """The same, were nothing kept back of the last documents."""
    return replace(state, rendered=state.touched) if state.rendered == NOT_WHOLE else state


def print_output(app: App, due: Due, stories: Mapping[int, PrintStory], poisoned: Mapping[int, str]) -> Sheet:
    """The output's documents that pass the gate, without stories that would make them fail.

    ``poisoned`` are those that made documents of the same kind fail.
    """

    def make(some: Sequence[PrintStory]) -> tuple[Document, ...]:
        stories = with_related(some, due.related)
        return render(
            due.output,
            stories,
            app.config.site,
            newest(some, due.tombstones, due.state),
            due.tombstones,
            due.newest_page,
            app.config.hub_url(is_private=bool(due.output.subscriber_id)),
        )

    sheet = printed(stories, make, subject=due.output.id, name=due.output.name, poisoned=poisoned)
    for document in sheet.documents:
        app.packs.prepare(document)  # while others are made
    return sheet
