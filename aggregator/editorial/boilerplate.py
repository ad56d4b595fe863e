"""Lines that are no part of the article: theme leftovers, read-more lines, advertising markers, feed footers.

The rules stand in ``boilerplate.yaml`` with an example of what each cuts and keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice, takewhile

import yaml

from aggregator.editorial.blocks import Box, Leaf, Line, one_line

MAX_LINE_CHARS = 400  # longer lines are never boilerplate
_GROUPS = frozenset({"ul", "ol", "dl", "table"})  # go as a whole or not at all


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of boilerplate.yaml; ``kind`` is line, label or linked."""

    id: str
    kind: str
    pattern: str
    cut: tuple[str, ...]
    keep: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A line with the leaf it stands in and the outermost list or table around it."""

    line: Line
    leaf: Leaf
    group: Box | None


def load_rules() -> tuple[Rule, ...]:
    """The rules as shipped."""
    entries = yaml.safe_load(files(__package__).joinpath("boilerplate.yaml").read_text("utf-8"))
    return tuple(
        Rule(**{**entry, "cut": tuple(entry["cut"]), "keep": tuple(entry["keep"])}) for entry in entries
    )


def _compiled(kind: str) -> re.Pattern[str]:
    patterns = "|".join(f"(?:{rule.pattern})" for rule in RULES if rule.kind == kind)
    return re.compile(rf"\W{{0,4}}(?:{patterns})", re.IGNORECASE | re.VERBOSE)


RULES = load_rules()
_LINE, _LABEL, _LINKED = map(_compiled, ("line", "label", "linked"))


def drop_boilerplate(root: Box) -> None:
    """Removes boilerplate lines from the tree; leaves and boxes may be left empty."""
    places = list(_places(root))
    doomed: list[_Place] = []
    index = 0
    while index < len(places):
        place = places[index]
        index += 1
        if _is_label(place.line):
            end = _end_of_links(places, index)
            doomed += [place, *(behind for behind in places[index:end] if _is_mere_links(behind.line))]
            index = end
        elif _is_boilerplate(place.line):
            doomed.append(place)
    for place in doomed:
        place.leaf.lines.remove(place.line)


def _places(box: Box, group: Box | None = None) -> Iterator[_Place]:
    for child in box.children:
        if isinstance(child, Leaf):
            yield from (_Place(line, child, group) for line in child.lines)
        else:
            yield from _places(child, group or (child if child.tag in _GROUPS else None))


def _end_of_links(places: Sequence[_Place], start: int) -> int:
    """Where the mere links end that stand at ``start``; a list or table counts only when all of it is links."""
    index = start
    while index < len(places):
        members = _members(places, index)
        if not all(_is_mere_links(member.line) or not member.line.text for member in members):
            break
        index += len(members)
    return index


def _members(places: Sequence[_Place], start: int) -> Sequence[_Place]:
    """The line at ``start`` with the lines behind it in the same list or table."""
    group = places[start].group
    if group is None:
        return places[start : start + 1]
    return list(takewhile(lambda place: place.group is group, islice(places, start, None)))


def _is_mere_links(line: Line) -> bool:
    """Every word of it (without words: every picture) is linked."""
    if line.text:
        return not re.search(r"\w", _unlinked_text(line))
    return all(run.is_linked for run in line.runs if run.media)


def _unlinked_text(line: Line) -> str:
    return one_line("".join(run.text for run in line.runs if not run.is_linked))


def _is_label(line: Line) -> bool:
    return any(
        len(text) <= MAX_LINE_CHARS and _LABEL.fullmatch(text) for text in (line.text, _unlinked_text(line))
    )


def _is_boilerplate(line: Line) -> bool:
    text = line.text
    if len(text) > MAX_LINE_CHARS:
        return False
    return bool(_LINE.fullmatch(text) or (_LINKED.fullmatch(text) and _is_mere_links(line)))
