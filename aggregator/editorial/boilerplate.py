"""Lines that are no part of the article: theme leftovers, read-more lines, advertising markers, feed footers.

The rules stand in ``boilerplate.yaml`` with an example of what each cuts and keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

import yaml

from aggregator.editorial.blocks import Box, Leaf, Line, one_line

MAX_LINE_CHARS = 400  # longer lines are never boilerplate
# So many headings in a row with no text between them head nothing: they are a site's list of other articles.
MIN_HEADING_RUN = 4
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_NUMBERED = re.compile(r"\d{1,3}\s*[.)]")  # a list of the article's own, written as headings
_DATE = re.compile(
    r"(?:\w{4,6}'?\w*,?\s*)?\d{1,2}[\s/-]\w{1,9}[\s/-]\d{4}(?:[\s,|-]+\d{1,2}[.:]\d{2}(?:[.:]\d{2})?)?(?:\s*WI(?:B|TA|T))?",
    re.IGNORECASE,
)
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
    labels = {place.line for place in places if _is_label(place.line)}
    ends = _ends_of_links(places) if labels else []
    doomed = _heading_runs(places)
    index = 0
    while index < len(places):
        place = places[index]
        index += 1
        if place.line in labels:
            end = ends[index]
            doomed += [place, *(behind for behind in places[index:end] if _is_mere_links(behind.line))]
            index = end
        elif _is_boilerplate(place.line):
            doomed.append(place)
    lines = {place.line for place in doomed}
    for leaf in {place.leaf for place in doomed}:
        leaf.lines = [line for line in leaf.lines if line not in lines]


def _places(box: Box, group: Box | None = None) -> Iterator[_Place]:
    for child in box.children:
        if isinstance(child, Leaf):
            yield from (_Place(line, child, group) for line in child.lines)
        else:
            yield from _places(child, group or (child if child.tag in _GROUPS else None))


def _heading_runs(places: Sequence[_Place]) -> list[_Place]:
    """Headings in a row that head nothing, with the dates that stand between them."""
    doomed: list[_Place] = []
    run: list[_Place] = []  # ends with a heading
    between: list[_Place] = []
    for place in (*places, None):
        if place is not None and place.leaf.tag in _HEADINGS and not _NUMBERED.match(place.line.text):
            run += [*between, place]
            between = []
        elif place is not None and run and (place.line.is_blank or _DATE.fullmatch(place.line.text)):
            between.append(place)
        else:
            if sum(one.leaf.tag in _HEADINGS for one in run) >= MIN_HEADING_RUN:
                doomed += run
            run, between = [], []
    return doomed


def _ends_of_links(places: Sequence[_Place]) -> list[int]:
    """For each place, and behind the last, where the mere links end that stand there: right there if none does.

    A list or table counts only when all of it, from that place on, is links. Read once from the end, because a
    partner may send thousands of labels in one list.
    """
    ends = [len(places)] * (len(places) + 1)
    for index in range(len(places) - 1, -1, -1):
        place, behind = places[index], index + 1
        is_links = _is_mere_links(place.line) or not place.line.text
        in_group = place.group is not None and behind < len(places) and places[behind].group is place.group
        if not is_links or (in_group and ends[behind] == behind):
            ends[index] = index
        else:
            ends[index] = ends[behind]
    return ends


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
