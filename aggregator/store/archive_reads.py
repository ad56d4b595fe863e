"""What is read of archive pages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, or_, select

from aggregator.model.archive import ArchivePage
from aggregator.store import rows, tables
from aggregator.store.tables import BEFORE_IT


class ArchiveReadTx:
    """The part of a transaction that reads of archives."""

    _connection: Connection

    def open_stories(self, output_id: str) -> tuple[int, ...]:
        """Those that stand in no page of the output's archive yet, in order of first publication."""
        archived, stories = tables.archived.c, tables.stories.c
        found = select(archived.story_id).join(tables.stories, stories.story_id == archived.story_id)
        oldest = (stories.first_published_at, stories.published_at, stories.story_id)
        which = (archived.output_id == output_id, archived.page.is_(None))
        return tuple(self._connection.scalars(found.where(*which).order_by(*oldest)))

    def page_stories(self, page: ArchivePage) -> tuple[int, ...]:
        """All that were put into the page when it was closed."""
        archived = tables.archived.c
        which = (archived.output_id == page.output_id, archived.page == page.number)
        return tuple(self._connection.scalars(select(archived.story_id).where(*which)))

    def archived_in(self, story_id: int) -> frozenset[str]:
        """The outputs that everybody may read in which the story has stood, or could have stood."""
        table = tables.archived
        has_stood = or_(table.c.page.is_(None), table.c.page != BEFORE_IT)
        found = select(table.c.output_id).where(table.c.story_id == story_id, has_stood)
        return frozenset(self._connection.scalars(found))

    def page_range(self, output_id: str) -> tuple[int, int]:
        """The numbers of the oldest and the newest page; 0 and 0 where there is none."""
        pages = tables.archive_pages.c
        found = select(func.min(pages.page), func.max(pages.page)).where(pages.output_id == output_id)
        oldest, newest = self._connection.execute(found).one()
        return oldest or 0, newest or 0

    def next_page(self, output_id: str) -> int:
        """The number of the page that is closed next; none is given twice, even if the pages before are forgotten."""
        numbers = [
            self._connection.scalar(select(func.max(table.c.page)).where(table.c.output_id == output_id))
            for table in (tables.archived, tables.archive_pages)
        ]
        return max(number or 0 for number in numbers) + 1

    def pages(self) -> tuple[ArchivePage, ...]:
        """Every page of every archive."""
        found = select(tables.archive_pages).order_by(*tables.archive_pages.primary_key.columns)
        return tuple(rows.archive_page(row) for row in self._connection.execute(found))

    def pages_changed(self, since: datetime) -> tuple[ArchivePage, ...]:
        """Those whose bytes changed then or later."""
        changed = select(tables.archive_pages).where(tables.archive_pages.c.changed_at >= since)
        return tuple(rows.archive_page(row) for row in self._connection.execute(changed))

    def due_pages(
        self, output_ids: Collection[str], now: datetime, limit: int, *, first_time: bool = False
    ) -> tuple[ArchivePage, ...]:
        """At most ``limit`` pages of these outputs that must be made: first those whose stories changed, for one that
        was taken back must not wait; of these and of the others the newest first. With ``first_time`` only those that
        were never made, those together that end with news of the same time, the oldest first.
        """
        pages = tables.archive_pages.c
        found = select(tables.archive_pages).where(*_are_due(output_ids, now))
        order = [pages.due_at, pages.newest_at.desc(), *tables.archive_pages.primary_key.columns]
        if first_time:
            found = found.where(pages.page_key == "")
            order.insert(2, _newest_published_at())
        return tuple(
            rows.archive_page(row) for row in self._connection.execute(found.order_by(*order).limit(limit))
        )

    def has_due_page(self, output_ids: Collection[str], now: datetime) -> bool:
        """Whether ``due_pages`` would bring any."""
        found = select(tables.archive_pages.c.page).where(*_are_due(output_ids, now))
        return self._connection.scalar(found.limit(1)) is not None


def _are_due(output_ids: Collection[str], now: datetime) -> tuple[ColumnElement[bool], ...]:
    pages = tables.archive_pages.c
    return pages.due_at <= now, pages.output_id.in_(output_ids)


def _newest_published_at() -> ScalarSelect[Any]:
    """Of the stories in a page."""
    pages, archived, stories = tables.archive_pages.c, tables.archived.c, tables.stories.c
    in_page = select(func.max(stories.published_at)).join(
        tables.archived, archived.story_id == stories.story_id
    )
    return in_page.where(archived.output_id == pages.output_id, archived.page == pages.page).scalar_subquery()
