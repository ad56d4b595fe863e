"""Lines that are no part of the article: theme leftovers, read-more lines, advertising markers, feed footers.

The rules stand in ``cut_rules``; here is what goes with a line that they name, and how a piece is taken out of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from aggregator.editorial.blocks import Box, Leaf, Line, one_line
from aggregator.editorial.cut_rules import MATCHERS, MAX_LINE_CHARS, OwnRules, may_hold_pieces
from aggregator.editorial.doubts import speaks_of_correction
from aggregator.editorial.pieces import cut_out, linked_headlines
from aggregator.model.reading import Cut, CutRule

MAX_PIECES_CHARS = 10_000  # within longer lines nothing is looked for: no article has one
# So many headings in a row with no text between them head nothing: they are a site's list of other articles.
MIN_HEADING_RUN, MIN_UNLINKED_RUN = 4, 8
HEADING_RUN = "heading-run"
# Marks without text: nothing was cut for them, they say something of the article.
GOES_ON = "goes-on"
TAKES_MOST = "cut would take most of the text"
TOO_LONG = "took too long"
PARTIAL_RULES = frozenset({GOES_ON})

_PAGING = frozenset({"paging", "paging-sentence"})
# With more lines behind a paging marker somebody has joined the pages.
_MAX_LINES_BEHIND_PAGING = 2
_ELIDED = re.compile(r"(?:\[\s*(?:…|\.{3})\s*\]|\.{3}|…)\s*\Z")
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_NUMBERED = re.compile(r"\d{1,3}\s*[.)]")  # a list of the article's own, written as headings
_DATE = re.compile(
    r"(?:\w{4,6}'?\w*,?\s*)?\d{1,2}[\s/-]\w{1,9}[\s/-]\d{4}(?:[\s,|-]+\d{1,2}[.:]\d{2}(?:[.:]\d{2})?)?(?:\s*WI(?:B|TA|T))?",
    re.IGNORECASE,
)
_GROUPS = frozenset({"ul", "ol", "dl", "table"})  # go as a whole or not at all
_OF_PAGES = frozenset({"counter", "page-date", "time-ago"})  # in a table such a line is data
_MIN_LEFT_CHARS = 200  # beside its headings; an article with less is written in headings
_MIN_TAKEN_LINES = 3  # a tagline may well be longer than a teaser
_WORD = re.compile(r"\w")


@dataclass(eq=False, slots=True)
class _Place:
    """A line with the leaf it stands in, the outermost list or table around it, and what was cut of it."""

    line: Line
    leaf: Leaf
    group: Box | None
    text: str
    cuts: list[Cut] = field(default_factory=list)
    label: str = ""  # the rule by which it is, or ended with, a label
    is_dropped: bool = False
    stays: bool = False  # no rule is for it

    def drop(self, rule: str) -> None:
        self.is_dropped = True
        if text := one_line(self.text):
            self.cuts.append(Cut(rule, text))


def drop_boilerplate(root: Box, own: Sequence[CutRule] = ()) -> tuple[Cut, ...]:
    """Removes boilerplate from the tree, by the house's rules and a partner's ``own``.

    Boxes and leaves may be left empty. Returns what was removed, in reading order; its rules are the ids of
    boilerplate.yaml, ``heading-run``, and ``cut[N]`` for the partner's N-th rule, counted from 0. Behind that come
    marks with text '', for which nothing was removed: ``goes-on`` (in ``PARTIAL_RULES``) where the article has another
    page or was cut off, ``cut[N] took too long`` where an own rule was given up, ``TAKES_MOST`` where own rules would
    have taken most of the text and were left aside. Dropping twice is dropping once. Raises nothing.
    """
    places = list(_places(root))
    if speaks_of_correction("\n".join([place.text for place in places])):
        for place in places:
            place.stays = speaks_of_correction(place.text)
    own_rules = OwnRules(own)
    takes_most = bool(own_rules) and _takes_most(own_rules, places)
    if takes_most:
        own_rules = OwnRules(())
    for place in places:
        _look_at(place, own_rules)
    _drop_links_behind_labels(places)
    _drop_heading_runs([place for place in places if not place.is_dropped])
    dropped = {place.line for place in places if place.is_dropped}
    for leaf in {place.leaf for place in places if place.is_dropped}:
        leaf.lines = [line for line in leaf.lines if line not in dropped]
    cuts = [cut for place in places for cut in place.cuts]
    if _goes_on(places):
        cuts.append(Cut(GOES_ON, ""))
    if takes_most:
        cuts.append(Cut(TAKES_MOST, ""))
    return (*cuts, *(Cut(f"cut[{number}] {TOO_LONG}", "") for number in own_rules.too_long))


def _takes_most(own: OwnRules, places: Sequence[_Place]) -> bool:
    """Whether a partner's own rules would leave less than half of a text of some lines: then they are about news."""
    taken = [place for place in places if not place.stays and own.rule_of(one_line(place.text))]
    if len(taken) < _MIN_TAKEN_LINES:
        return False
    return sum(len(one.text) for one in taken) * 2 > sum(len(place.text) for place in places)


def _places(box: Box, group: Box | None = None) -> Iterator[_Place]:
    for child in box.children:
        if isinstance(child, Leaf):
            for line in child.lines:
                yield _Place(line, child, group, _text(line))
        else:
            yield from _places(child, group or (child if child.tag in _GROUPS else None))


def _text(line: Line) -> str:
    """As it stands on the runs, so that places in it are places on them."""
    return "".join([run.text for run in line.runs])


def _unlinked(line: Line) -> str:
    return "".join([run.text for run in line.runs if not run.is_linked])


def _look_at(place: _Place, own: OwnRules) -> None:
    """Drops the line, or cuts pieces out of it until there is none."""
    while not place.is_dropped:
        if rule := "" if place.stays else _rule_of(place, own):
            place.drop(rule)
        elif _cut_pieces(place):
            place.is_dropped = place.line.is_blank
        else:
            break


def _rule_of(place: _Place, own: OwnRules) -> str:
    return _label_of(place) or _line_rule_of(place) or (own.rule_of(one_line(place.text)) if own else "")


def _label_of(place: _Place) -> str:
    """The rule by which the line is a label; links may stand on it."""
    texts = [place.text.strip()]
    if any(run.inlines for run in place.line.runs):
        texts.append(_unlinked(place.line).strip())
    for text in texts:
        if text and len(text) <= MAX_LINE_CHARS and (rule := MATCHERS["label"].rule_of(text)):
            place.label = rule
            return rule
    return ""


def _line_rule_of(place: _Place) -> str:
    text = place.text.strip()
    if not text or len(text) > MAX_LINE_CHARS:
        return ""
    rule = MATCHERS["line"].rule_of(text)
    if rule in _OF_PAGES and place.group is not None and place.group.tag == "table":
        return ""
    return rule or (MATCHERS["linked"].rule_of(text) if _is_mere_links(place) else "")


def _cut_pieces(place: _Place) -> bool:
    """Cuts the pieces that rules find within the line. Whether there were any."""
    text = place.text
    if place.leaf.tag == "pre" or len(text) > MAX_PIECES_CHARS:
        return False
    if not may_hold_pieces(text):
        return False
    found = [
        *MATCHERS["piece"].find(text),
        *linked_headlines(place.line, text, MATCHERS["link"].find(text)),
        *MATCHERS["tail"].find(text),
    ]
    pieces: list[tuple[int, int]] = []
    for rule, begin, end in sorted(found, key=itemgetter(1)):
        piece = one_line(text[begin:end])
        if (not pieces or pieces[-1][1] <= begin) and not speaks_of_correction(piece):
            pieces.append((begin, end))
            place.cuts.append(Cut(rule, piece))
            place.label = MATCHERS["label"].rule_of(piece) or place.label
    if pieces:
        cut_out(place.line, pieces)
        place.text = _text(place.line)
    return bool(pieces)


def _is_mere_links(place: _Place) -> bool:
    """Every word of it (without words: every picture) is linked."""
    if place.text.strip():
        return not _WORD.search(_unlinked(place.line))
    return all(run.is_linked for run in place.line.runs if run.media)


def _drop_links_behind_labels(places: Sequence[_Place]) -> None:
    ends = _ends_of_links(places) if any(place.label for place in places) else []
    index = 0
    while index < len(places):
        label = places[index].label
        index += 1
        if label:
            for behind in places[index : ends[index]]:
                if not behind.is_dropped and not behind.stays and _is_mere_links(behind):
                    behind.drop(label)
            index = ends[index]


def _ends_of_links(places: Sequence[_Place]) -> list[int]:
    """For each place, and behind the last, where the mere links end that stand there: right there if none does.

    A list or table counts only when all of it, from that place on, is links. Read once from the end, because a
    partner may send thousands of labels in one list.
    """
    ends = [len(places)] * (len(places) + 1)
    for index in range(len(places) - 1, -1, -1):
        place, behind = places[index], index + 1
        is_links = _is_mere_links(place) or not place.text.strip()
        in_group = place.group is not None and behind < len(places) and places[behind].group is place.group
        if not is_links or (in_group and ends[behind] == behind):
            ends[index] = index
        else:
            ends[index] = ends[behind]
    return ends


def _drop_heading_runs(places: Sequence[_Place]) -> None:
    """Headings in a row that head nothing go, with the dates that stand between them, if they are a site's own list."""
    lists: list[_Place] = []
    run: list[_Place] = []  # ends with a heading
    between: list[_Place] = []
    for place in (*places, None):
        if place is not None and _may_be_of_a_list(place):
            run += [*between, place]
            between = []
        elif place is not None and run and (place.line.is_blank or _DATE.fullmatch(place.text.strip())):
            between.append(place)
        else:
            if _is_list(run):
                lists += run
            run, between = [], []
    left_chars = sum(len(one.text) for one in places) - sum(len(one.text) for one in lists)
    if left_chars >= _MIN_LEFT_CHARS:
        for one in lists:
            one.drop(HEADING_RUN)


def _is_list(run: Sequence[_Place]) -> bool:
    """Whether headings in a row lead to other articles: all are links, or so many that no article has them."""
    headings = [one for one in run if one.leaf.tag in _HEADINGS]
    enough = MIN_HEADING_RUN if all(map(_is_mere_links, headings)) else MIN_UNLINKED_RUN
    return len(headings) >= enough


def _may_be_of_a_list(place: _Place) -> bool:
    """Whether a line is a heading, and no sentence."""
    is_heading = place.leaf.tag in _HEADINGS and not place.stays
    return is_heading and not _NUMBERED.match(place.text) and not place.text.rstrip().endswith(".")


def _goes_on(places: Sequence[_Place]) -> bool:
    """Whether the text ends in an ellipsis, or at a marker of another page."""
    behind = 0
    for place in reversed(places):
        if any(cut.rule in _PAGING for cut in place.cuts):
            return True
        if not place.is_dropped and _WORD.search(place.text):
            if behind == 0 and _ELIDED.search(place.text):
                return True
            behind += 1
            if behind > _MAX_LINES_BEHIND_PAGING:
                break
    return False
