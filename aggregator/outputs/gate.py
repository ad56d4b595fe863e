"""The gate: a story or a document that breaks a promise to importers is stopped here, whoever let it through.

Nothing here trusts the rooms before: documents are read back from their bytes as a reader would.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain

from aggregator.model.document import Document
from aggregator.model.story import PrintStory
from aggregator.outputs.item import KEPT
from aggregator.outputs.markup import markup_problem, page_problem
from aggregator.outputs.readback import NotReadable, ReadEntry, Reading, read_document
from aggregator.outputs.text import inert, is_address, one_line, xml_text

FUTURE_TOLERANCE = timedelta(days=1)
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:[\x21-\x7e]+")  # RFC 8141, section 2
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def story_problem(story: PrintStory) -> str:
    """Why ``story`` must not be printed, in words for ops; '' when it is fine. Total: never raises."""
    if not _URN.fullmatch(story.id):
        return f"its id is no URN: {story.id[:80]!r}"
    if not is_address(story.url):
        return f"its link is no absolute http(s) address: {story.url[:80]!r}"
    if not one_line(story.title):
        return "it has no title"
    markups = [xml_text(one.markup) for one in (story.content, story.excerpt, story.picture) if one]
    return _date_problem(story) or next(filter(None, map(markup_problem, markups)), "")


def _date_problem(story: PrintStory) -> str:
    for name, moment in (("published", story.published_at), ("updated", story.updated_at)):
        if moment.utcoffset() is None:
            return f"its {name} date has no time zone"
        if not _EARLIEST <= moment < _LATEST:
            return f"its {name} date makes no sense: {moment.isoformat()}"
    if story.published_at - story.updated_at > FUTURE_TOLERANCE:
        return "its published date lies after its update"
    return ""


def document_problems(document: Document) -> tuple[str, ...]:
    """What is wrong with ``document``, in words for ops; () when it may replace the one before. Total."""
    if document.media_type.startswith("text/html"):
        return tuple(filter(None, [page_problem(document.body)]))
    try:
        reading = read_document(document)
    except NotReadable as problem:
        return (str(problem),)
    return tuple(_judge(reading))


def _judge(reading: Reading) -> Iterator[str]:
    yield from _judge_words(reading.strings, reading.urls)
    yield from _judge_ids([entry.id for entry in reading.entries])
    yield from (
        f"id stands there and is said to be deleted: {one[:80]!r}"
        for one in sorted({entry.id for entry in reading.entries}.intersection(reading.deleted))
    )
    if reading.entries and reading.updated_at is None:
        yield "the document's own date is missing, unreadable or without a time zone"
    for entry in reading.entries:
        problems = chain(_entry_problems(entry), _judge_dates(entry, reading.updated_at))
        yield from (f"{entry.id[:80]!r}: {problem}" for problem in problems)


def _judge_words(strings: Iterable[str], urls: Iterable[str]) -> Iterator[str]:
    if any(xml_text(words) != words for words in strings):
        yield "a string holds characters that XML 1.0 refuses"
    yield from (f"not an absolute http(s) address: {url[:80]!r}" for url in urls if not is_address(url))


def _judge_ids(ids: list[str]) -> Iterator[str]:
    if "" in ids:
        yield "an entry without id"
    yield from (f"id stands twice: {one[:80]!r}" for one in sorted(set(ids)) if ids.count(one) > 1)


@lru_cache(maxsize=2 * KEPT)
def _entry_problems(entry: ReadEntry) -> tuple[str, ...]:
    """What is wrong with it wherever it stands; an entry that reads the same in several documents is judged once."""
    return tuple(_judge_entry(entry))


def _judge_entry(entry: ReadEntry) -> Iterator[str]:
    yield from _judge_words(entry.strings, entry.urls)
    if not entry.title or one_line(entry.title) != entry.title:
        yield "title is empty or not one clean line"
    if inert(entry.title) != entry.title:
        yield "title holds what readers may take for markup"
    yield from filter(None, map(markup_problem, entry.markups))


def _judge_dates(entry: ReadEntry, updated_at: datetime | None) -> Iterator[str]:
    for date in entry.dates:
        if date is None:
            yield "a date is missing, unreadable or without a time zone"
        elif updated_at is not None and date - updated_at > FUTURE_TOLERANCE:
            yield f"a date lies after the document's own: {date.isoformat()}"
