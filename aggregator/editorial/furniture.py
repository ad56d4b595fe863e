"""Lines that stand on many of a source's pages at once: sidebars, lists of the latest news, notices of the site.

No rule knows them all. But what came or went on many of a document's articles at the same time was not edited in any
of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# On so many articles, and on this share of them, a line is the site's and not an article's.
MIN_ARTICLES = 3
MIN_SHARE = 0.25

# Three articles may well carry the same correction, right of reply or withdrawal: such a line is always the article's.
_CORRECTION = re.compile(
    r"\b(?:ralat|koreksi|hak\s+jawab|hak\s+koreksi|klarifikasi|dicabut|mencabut|permohonan\s+maaf|meminta\s+maaf"
    r"|mohon\s+maaf|diralat|dikoreksi|direvisi|perbaikan|redaksi)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Furniture:
    """The lines shared by many of some texts."""

    lines: frozenset[str]

    def is_all_that_changed(self, was: str, now_is: str) -> bool:
        """Whether two versions of an article's text differ in nothing but such lines, and have a text of their own."""
        before, after = set(was.split("\n")), set(now_is.split("\n"))
        changed, kept = before ^ after, before & after
        return bool(changed) and changed <= self.lines and not kept <= self.lines


def furniture(texts: Sequence[str], more_texts: Sequence[str]) -> Furniture:
    """What stands on many of ``texts`` (as they are now), or of ``more_texts`` (as they were)."""
    shared = _shared(texts) | _shared(more_texts)
    return Furniture(frozenset(line for line in shared if not _CORRECTION.search(line)))


def _shared(texts: Sequence[str]) -> set[str]:
    counts = Counter(line for text in texts for line in set(text.split("\n")))
    enough = max(MIN_ARTICLES, MIN_SHARE * len(texts))
    return {line for line, number in counts.items() if number >= enough}
