"""Lines that stand on many of a source's pages at once: sidebars, lists of the latest news, notices of the site.

No rule knows them all. But short lines that came or went on many of a document's articles at the same time were not
edited in any of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# On so many articles, and on this share of them, a line is the site's and not an article's.
MIN_ARTICLES = 3
MIN_SHARE = 0.25

# Longer lines are paragraphs: a background that several articles share, and that may be corrected in all of them.
MAX_LINE_CHARS = 140
MAX_LINES = 300  # no sidebar has more
# A line of so many words that gave way to one with most of them was edited, not replaced.
MIN_EDITED_WORDS = 8
EDITED_SHARE = 0.6

# Three articles may well carry the same correction, right of reply or withdrawal: such a line is always the article's.
_CORRECTION = re.compile(
    r"\b(?:ralat|koreksi|hak\s+jawab|hak\s+koreksi|klarifikasi|dicabut|mencabut|permohonan\s+maaf|meminta\s+maaf"
    r"|mohon\s+maaf|diralat|dikoreksi|direvisi|perbaikan|redaksi)\b",
    re.IGNORECASE,
)

_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Furniture:
    """The lines shared by many of some texts."""

    lines: frozenset[str]

    def is_all_that_changed(self, was: str, now_is: str) -> bool:
        """Whether two versions of an article's text differ in nothing but such lines, and have a text of their own."""
        before, after = set(was.split("\n")), set(now_is.split("\n"))
        changed, kept = before ^ after, before & after
        if not changed or not changed <= self.lines or kept <= self.lines or len(changed) > MAX_LINES:
            return False
        return not any(_is_edit(gone, come) for gone in before - after for come in after - before)


def furniture(texts: Sequence[str], more_texts: Sequence[str]) -> Furniture:
    """What stands on many of ``texts`` (as they are now), or of ``more_texts`` (as they were)."""
    shared = _shared(texts) | _shared(more_texts)
    short = (line for line in shared if len(line) <= MAX_LINE_CHARS)
    return Furniture(frozenset(line for line in short if not _CORRECTION.search(line)))


def _is_edit(was: str, now_is: str) -> bool:
    in_was, in_now = set(_WORD.findall(was.casefold())), set(_WORD.findall(now_is.casefold()))
    fewer = min(len(in_was), len(in_now))
    return fewer >= MIN_EDITED_WORDS and len(in_was & in_now) >= EDITED_SHARE * fewer


def _shared(texts: Sequence[str]) -> set[str]:
    counts = Counter(line for text in texts for line in set(text.split("\n")))
    enough = max(MIN_ARTICLES, MIN_SHARE * len(texts))
    return {line for line, number in counts.items() if number >= enough}
