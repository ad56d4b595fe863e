"""An article's blocks without what is no part of the article: boilerplate first, then dateline and credits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aggregator.editorial.blocks import Box
from aggregator.editorial.boilerplate import PARTIAL_RULES, drop_boilerplate
from aggregator.editorial.credits import take_credited
from aggregator.editorial.doubts import corrections, pasted
from aggregator.editorial.shortcodes import unfold_captions
from aggregator.model.entry import Provenance
from aggregator.model.reading import Cut, CutRule, Doubt, Facts


def clean(root: Box, cut: Sequence[CutRule] = (), dateline: str | None = "") -> Facts:
    """Cleans the tree by the house's rules and a partner's own, and says what it found and removed.

    ``dateline`` None leaves the partner's dateline, '' removes it, other text takes its place. Cleaning twice is
    cleaning once.
    """
    return clean_credited(root, cut, dateline)[0]


def clean_credited(
    root: Box, cut: Sequence[CutRule] = (), dateline: str | None = ""
) -> tuple[Facts, Provenance | None]:
    """The same, with the credit that the text gives, read before the lines that give it are cut."""
    received = corrections(_lines(root))
    marks_and_cuts = drop_boilerplate(root, cut)
    facts, credit = take_credited(root, dateline)
    unfold_captions(root)  # those that a cut piece stood beside
    marks = [one for one in marks_and_cuts if not one.text and one.rule not in PARTIAL_RULES]
    cuts = [one for one in marks_and_cuts if one.text]
    facts = replace(
        facts,
        is_partial=any(one.rule in PARTIAL_RULES for one in marks_and_cuts),
        cuts=(*cuts, *facts.cuts),
        doubts=(*pasted(_lines(root)), *received, *map(_as_doubt, marks)),
    )
    return facts, credit


def _lines(root: Box) -> list[str]:
    """With the white space that they have."""
    return ["".join([run.text for run in line.runs]) for line in root.lines()]


def _as_doubt(mark: Cut) -> Doubt:
    """A partner's own rule that was given up: its lines may be there still."""
    return Doubt("rule", mark.rule)
