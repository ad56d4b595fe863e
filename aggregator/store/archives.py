"""What is kept of archives: who stands in them, which pages there are, and which must be made again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from aggregator.model.archive import ArchiveChange, ArchivePage
from aggregator.store import rows, tables
from aggregator.store.changes import ChangeTx, as_key
from aggregator.store.chunks import OF_STORIES, chunks
from aggregator.store.tables import BEFORE_IT, DUE_NOW_AT

_PAGES = tables.archive_pages.c
# Made once: each publication asks for each of its outputs.
_LEAVING = (
    update(tables.archived)
    .where(
        tables.archived.c.output_id == bindparam(as_key("output_id")),
        tables.archived.c.page == BEFORE_IT,
        tables.archived.c.story_id.in_(OF_STORIES),
    )
    .values(page=None)
)


class ArchiveTx(ChangeTx):
    """The part of a transaction that keeps archives."""

    def archive(self, outputs: Mapping[int, Collection[str]]) -> None:
        """Let each story (by number) stand in the archives of its outputs; where it does already, it stays."""
        table = tables.archived
        there = {
            (row.story_id, row.output_id)
            for some in chunks(outputs)
            for row in self._connection.execute(
                select(table.c.story_id, table.c.output_id).where(table.c.story_id.in_(some))
            )
        }
        missing = [
            {"story_id": story_id, "output_id": output_id}
            for story_id, output_ids in outputs.items()
            for output_id in sorted(output_ids)
            if (story_id, output_id) not in there
        ]
        if missing:
            self._connection.execute(insert(table), missing)

    def change_archive(self, output_id: str, change: ArchiveChange) -> None:
        """Close its pages, and put down those that are to stand in none."""
        for story_ids in change.closing:
            self.close_page(output_id, story_ids)
        for some in chunks(change.before_it):
            self._connection.execute(
                update(tables.archived).where(*_open_ones(output_id, some)).values(page=BEFORE_IT)
            )

    def _let_leave(self, output_id: str, story_ids: Collection[int]) -> None:
        """These stand in the output now: those that came before its archive are to stand in a page once they leave."""
        for some in chunks(story_ids):
            self._connection.execute(_LEAVING, {as_key("output_id"): output_id, OF_STORIES.key: some})

    def close_page(self, output_id: str, story_ids: Sequence[int]) -> None:
        """Make the next page, of those of these stories that stand in none yet; the one before gets a link to it.

        Where another process has closed theirs, there is nothing to do.
        """
        table, stories = tables.archived, tables.stories.c
        number = self.next_page(output_id)
        closed = update(table).where(*_open_ones(output_id, story_ids)).values(page=number)
        if not self._connection.execute(closed).rowcount:
            return
        self._pages_due(_is(ArchivePage(output_id, number - 1)))
        newest = select(func.max(stories.first_published_at)).where(stories.story_id.in_(story_ids))
        newest_at = self._connection.scalar(newest)
        row = {"output_id": output_id, "page": number, "newest_at": newest_at, "due_at": DUE_NOW_AT}
        self._connection.execute(insert(tables.archive_pages), [row])

    def touch_pages(self, story_ids: Collection[int]) -> None:
        """These stories changed: the pages in which they stand must be made again."""
        table, pages = tables.archived.c, tables.archive_pages.c
        for some in chunks(story_ids):
            having = select(table.output_id, table.page).where(
                table.story_id.in_(some), table.page.is_not(None)
            )
            self._pages_due(tuple_(pages.output_id, pages.page).in_(having))

    def make_pages_due(self, wanted: Collection[ArchivePage], now: datetime) -> None:
        """Let these pages be made again, behind those whose stories changed."""
        for page in wanted:
            self._change_pages(and_(_is(page), or_(_PAGES.due_at.is_(None), _PAGES.due_at > now)), due_at=now)

    def retire_pages(self, pages: Collection[ArchivePage]) -> None:
        """These are published no more. Who stands in them is kept: should their output come back, they are made."""
        for page in pages:
            self._pages_due(_is(page))
            self._change_pages(_is(page), etag="")

    def put_page(self, page: ArchivePage, next_change_at: datetime | None, now: datetime) -> None:
        """Keep that the page was made, and when it must be made again if nothing else happens.

        One whose stories were touched since it was read stays due.
        """
        pages = tables.archive_pages
        made = {"page_key": page.key, "partners": page.partners, "updated_at": page.updated_at}
        self._change_pages(_is(page), **made)
        self._change_pages(and_(_is(page), pages.c.touched == page.touched), due_at=next_change_at)
        self._change_pages(and_(_is(page), pages.c.etag != page.etag), etag=page.etag, changed_at=now)

    def delete_pages(self, before: datetime) -> tuple[ArchivePage, ...]:
        """Forget the pages whose stories were all first published before that moment; returns them."""
        pages = tables.archive_pages
        kept = pages.alias()
        older_one_is_kept = exists().where(
            kept.c.output_id == pages.c.output_id, kept.c.page <= pages.c.page, kept.c.newest_at >= before
        )
        too_old = select(pages).where(pages.c.newest_at < before, ~older_one_is_kept)
        found = self._connection.execute(too_old.order_by(*pages.primary_key.columns))
        gone = tuple(rows.archive_page(row) for row in found)
        for page in gone:
            self._connection.execute(delete(pages).where(_is(page)))
            self._pages_due(_is(replace(page, number=page.number + 1)))  # there is none before it any more
        return gone

    def _pages_due(self, which: ColumnElement[bool]) -> None:
        touched = tables.archive_pages.c.touched + 1
        self._change_pages(which, due_at=DUE_NOW_AT, touched=touched)

    def _change_pages(self, which: ColumnElement[bool], **values: Any) -> None:
        self._connection.execute(update(tables.archive_pages).where(which).values(**values))


def _open_ones(output_id: str, story_ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    """Those of the stories that stand in no page of the output yet."""
    table = tables.archived.c
    return table.output_id == output_id, table.page.is_(None), table.story_id.in_(story_ids)


def _is(page: ArchivePage) -> ColumnElement[bool]:
    pages = tables.archive_pages.c
    return and_(pages.output_id == page.output_id, pages.page == page.number)
