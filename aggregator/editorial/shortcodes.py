"""WordPress' shortcode for a picture with its caption, which some feeds carry as it is typed into the editor.

``[caption id="x" width="800"]<img> Words[/caption]`` becomes a figure where nothing of its structure is in doubt;
anything else stays the text that it is.
"""

from __future__ import annotations

import re

from aggregator.editorial.blocks import MAX_DEPTH, Box, Leaf, Line, Run

_START = re.compile(r"\s*\[caption\b[^\[\]]*\]\s*")
_END = re.compile(r"\s*\[/caption\]\s*$")


def unfold_captions(box: Box, depth: int = 1) -> None:
    """Puts the figures into the tree, ``depth`` boxes below its root: as deep as one is read again."""
    if depth >= MAX_DEPTH:
        return
    for index, child in enumerate(box.children):
        if isinstance(child, Box):
            unfold_captions(child, depth + 1)
        elif figure := _figure(child):
            box.children[index] = figure


def _figure(leaf: Leaf) -> Box | None:
    """The figure that a paragraph of one line spells: the start, pictures, words, the end."""
    if leaf.tag != "p" or len(leaf.lines) != 1 or "[caption" not in leaf.lines[0].runs[0].text:
        return None
    first, *runs = leaf.lines[0].runs
    images = [place for place, run in enumerate(runs) if run.media and run.media.tag == "img"]
    if not images or not _START.fullmatch(first.text) or not _END.search(runs[-1].text):
        return None
    pictures, words = runs[: images[-1] + 1], runs[images[-1] + 1 :]
    if any(run.text.strip() for run in pictures) or any(run.media for run in words):
        return None
    words[-1] = Run(words[-1].inlines, _END.sub("", words[-1].text))
    words[0] = Run(words[0].inlines, words[0].text.lstrip())
    parts: list[Box | Leaf] = [Leaf("p", [Line([run for run in pictures if run.media])])]
    if any(run.text for run in words):
        parts.append(Box("figcaption", {}, [Leaf("p", [Line([run for run in words if run.text])])]))
    return Box("figure", {}, parts)
