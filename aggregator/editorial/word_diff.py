"""What an edit changed, as people read it: the words that went and came, with a few around them.

Paragraphs are compared first and words only within those that differ, so that the cost stays small for long texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from aggregator.model.explanation import DiffPiece, Passage

CONTEXT_WORDS = 5
# Paragraphs and words of them that are compared; what is longer is shown as gone and come as a whole.
MAX_PARAGRAPHS = 400
MAX_WORDS = 1_000


def word_diff(before: str, after: str) -> tuple[Passage, ...]:
    """The changed passages of two cleaned texts, a paragraph a line, in their order; () where no word differs."""
    return tuple(
        passage
        for was, now in _changed(before.splitlines(), after.splitlines(), MAX_PARAGRAPHS)
        for passage in _passages("\n".join(was).split(), "\n".join(now).split())
    )


def _changed(
    before: Sequence[str], after: Sequence[str], at_most: int
) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """What stands in the place of what."""
    if max(len(before), len(after)) > at_most:
        yield before, after
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            yield before[a:b], after[c:d]


def _passages(before: Sequence[str], after: Sequence[str]) -> Iterator[Passage]:
    if max(len(before), len(after)) > MAX_WORDS:
        yield tuple(_replacement(before, after))
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT_WORDS):
        pieces: list[DiffPiece] = []
        for kind, a, b, c, d in group:
            if kind == "equal":
                pieces.append(DiffPiece("kept", " ".join(before[a:b])))
            else:
                pieces += _replacement(before[a:b], after[c:d])
        yield tuple(pieces)


def _replacement(before: Sequence[str], after: Sequence[str]) -> Iterator[DiffPiece]:
    if before:
        yield DiffPiece("gone", " ".join(before))
    if after:
        yield DiffPiece("new", " ".join(after))
