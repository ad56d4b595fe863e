"""Long lists of values, in statements that either database takes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeVar

from sqlalchemy import BindParameter, bindparam

T = TypeVar("T")

# Far below what either database takes, large enough that a poll needs a handful of statements.
CHUNK = 500
# Stand for such a list, of sources or of stories, in statements that are made once.
OF_SOURCES: BindParameter[str] = bindparam("source_ids", expanding=True)
OF_STORIES: BindParameter[int] = bindparam("story_ids", expanding=True)


def chunks(values: Collection[T]) -> Iterator[list[T]]:
    """The values in lists that fit into one statement."""
    whole = list(values)
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]
