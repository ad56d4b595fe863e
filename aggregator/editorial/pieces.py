"""Pieces of a line: where linked headlines end that stand behind a label, and how a piece is taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from aggregator.editorial.blocks import Line

_LINKED = re.compile("l+")
_HEADLINE_BEGINS = re.compile(r"\s*[\"'“‘(]?[A-Z0-9]")
_NEXT_HEADLINE = re.compile(r"\s*[,;|•]\s*")
# What may follow a headline that ends for certain: nothing, or the next sentence.
_SENTENCE_OR_END = re.compile(r"[.)\]]?\s*(?:\Z|(?=[\"'“‘(]?[A-Z0-9]))")

Piece = tuple[str, int, int]  # the rule's id, begin and end within the line's text


def linked_headlines(line: Line, text: str, labels: Iterable[Piece]) -> Iterator[Piece]:
    """The labels with the linked headlines right behind them; none where the sentence goes on behind the link."""
    links = ""
    for rule, begin, end_of_label in labels:
        links = links or "".join(("l" if run.is_linked else "-") * len(run.text) for run in line.runs)
        end = _end_of_links(text, links, end_of_label)
        is_headline = " " in text[end_of_label:end].strip()
        if is_headline and (rest := _SENTENCE_OR_END.match(text, end)):
            yield rule, begin, rest.end()


def _end_of_links(text: str, links: str, begin: int) -> int:
    """Where the links end that begin right there, with commas between them at most; ``begin`` if none does."""
    end = at = begin
    while (link := _LINKED.match(links, at)) and _HEADLINE_BEGINS.match(text, at):
        end = link.end()
        separator = _NEXT_HEADLINE.match(text, end)
        if separator is None:
            break
        at = separator.end()
    return end


def cut_out(line: Line, pieces: Iterable[tuple[int, int]]) -> None:
    """Takes pieces of its text out of the line, with the linked pictures within them; the words around stay apart.

    ``pieces`` are begins and ends in order, which do not overlap.
    """
    text = "".join(run.text for run in line.runs)
    kept = _kept(text, pieces)
    runs, offset, number = [], 0, 0  # number: of the kept part that is not yet given out
    for run in line.runs:
        end_of_run = offset + len(run.text)
        if run.media:
            last_end = kept[number - 1][1] if number else -1
            next_begin = kept[number][0] if number < len(kept) else len(text) + 1
            is_within = last_end < offset < next_begin
            if not (is_within and run.is_linked):
                runs.append(run)
            continue
        parts: list[str] = []
        while number < len(kept) and kept[number][0] < end_of_run:
            begin, end = kept[number]
            parts.append(text[max(begin, offset) : min(end, end_of_run)])
            if end > end_of_run:
                break
            number += 1
            if number < len(kept):
                parts.append(" ")
        run.text = "".join(parts)
        if run.text:
            runs.append(run)
        offset = end_of_run
    line.runs = runs


def _kept(text: str, pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left between the pieces, without the white space beside them; never empty parts."""
    kept, begin = [], 0
    for cut_begin, cut_end in (*pieces, (len(text), len(text))):
        part = text[begin:cut_begin]
        if part.strip():
            first = begin + len(part) - len(part.lstrip())
            kept.append((first, first + len(part.strip())))
        begin = cut_end
    return kept
