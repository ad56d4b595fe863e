"""Text without markup, one paragraph a line: what similarity compares and credits are read from."""

from __future__ import annotations

from aggregator.editorial.blocks import Box
from aggregator.editorial.boilerplate import drop_boilerplate
from aggregator.editorial.reader import read


def plain_text(html: str) -> str:
    """The words of untrusted markup without boilerplate: NFC, one paragraph a line, free of control characters.

    Hidden elements, scripts and styles leave no words. Raises nothing; reads up to the caps of ``reader``.
    """
    root = read(html)
    drop_boilerplate(root)
    return _text(root)


def full_text(html: str) -> str:
    """Like ``plain_text`` with the boilerplate: credits are read from it."""
    return _text(read(html))


def _text(root: Box) -> str:
    return "\n".join(text for line in root.lines() if (text := line.text))
