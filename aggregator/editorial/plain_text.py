"""Text without markup, one paragraph a line: what similarity compares and credits are read from."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.editorial.blocks import Box
from aggregator.editorial.cleaning import clean_credited
from aggregator.editorial.reader import read
from aggregator.model.entry import Provenance
from aggregator.model.reading import CutRule, Facts


def read_article(html: str, cut: Sequence[CutRule] = ()) -> tuple[str, Facts]:
    """The words of untrusted markup as news, and what was found beside them.

    NFC, one paragraph a line, free of control characters; hidden elements, scripts and styles leave no words. ``cut``
    are the partner's own rules. Words kept and words cut are all the words there are. Raises nothing;
    reads up to the caps of ``reader``.
    """
    text, facts, _ = read_credited(html, cut)
    return text, facts


def read_credited(html: str, cut: Sequence[CutRule] = ()) -> tuple[str, Facts, Provenance | None]:
    """The same, with the credit that the words give, those that are cut as credits too."""
    root = read(html)
    facts, credit = clean_credited(root, cut)
    return _text(root), facts, credit


def plain_text(html: str, cut: Sequence[CutRule] = ()) -> str:
    """The words of ``read_article`` alone."""
    return read_article(html, cut)[0]


def full_text(html: str) -> str:
    """All words as they were received, boilerplate and credits too."""
    return _text(read(html))


def _text(root: Box) -> str:
    return "\n".join(text for line in root.lines() if (text := line.text))
