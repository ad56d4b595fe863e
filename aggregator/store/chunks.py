"""Long lists of values, in statements that either database takes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeVar

T = TypeVar("T")

# Far below what either database takes, large enough that a poll needs a handful of statements.
CHUNK = 500


def chunks(values: Collection[T]) -> Iterator[list[T]]:
    """The values in lists that fit into one statement."""
    whole = list(values)
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]
