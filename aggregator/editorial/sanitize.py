"""Untrusted markup into SafeHtml: nh3, the strict content model of ``blocks``, then bleach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from aggregator.editorial.bleached import bleached
from aggregator.editorial.blocks import Box, Inline, Leaf, Line, Media, Run
from aggregator.editorial.cleaning import clean
from aggregator.editorial.dress import dressed
from aggregator.editorial.embed_links import link_embeds
from aggregator.editorial.plain_text import plain_text
from aggregator.editorial.reader import MAX_MARKS, is_within_caps, read
from aggregator.model.html import SafeHtml
from aggregator.model.reading import CutRule

POLICY_VERSION = 3  # raised with every change that makes other markup of the same input

MAX_OUTPUT_CHARS = 250_000  # half of what is read, so that what we print is read again whole
_MAX_CUT_CHARS = 5_000

_ALONE = frozenset({"caption", "dd", "dt", "figcaption", "li", "td", "th"})  # need no <p> for one paragraph


def sanitize(
    html: str,
    base_url: str,
    *,
    images: bool = True,
    cut: Sequence[CutRule] = (),
    dateline: str | None = None,
) -> SafeHtml:
    """Markup fit to print: allow-listed, addresses absolute, without boilerplate, scripts, styles and tracking pixels.

    Relative addresses are resolved against ``base_url`` (absolute, or '': then they go). ``images=False`` leaves out
    images, figures of them and posters. ``cut`` are the partner's own rules; ``dateline`` as in ``clean``. Idempotent.
    Raises nothing: what exceeds the caps becomes plain paragraphs.
    """
    if is_within_caps(html):
        root = read(html, lambda tag, attrs: dressed(tag, attrs, base_url, images=images))
        clean(root, cut, dateline)
        link_embeds(root)
        _prune(root)
        markup = "\n".join(_markup(root))
        if is_within_caps(markup) and len(markup) <= MAX_OUTPUT_CHARS:
            return SafeHtml(bleached(markup))
    return _paragraphs(plain_text(html, cut))


def _paragraphs(text: str) -> SafeHtml:
    """Plain text as paragraphs, as many as the caps hold."""
    paragraphs: list[str] = []
    marks = chars = 0
    for line in filter(None, text.split("\n")):
        paragraph = f"<p>{escape(line, quote=False)}</p>"
        marks += 2 + paragraph.count("&")
        chars += len(paragraph) + 1
        if marks > MAX_MARKS or chars > MAX_OUTPUT_CHARS:
            if not paragraphs:  # all the text in one line
                paragraphs = [f"<p>{escape(line[:_MAX_CUT_CHARS].rstrip(), quote=False)}</p>"]
            break
        paragraphs.append(paragraph)
    return SafeHtml("\n".join(paragraphs))


# --- the tree, pruned and written ---


def _prune(box: Box) -> None:
    """Drops leaves without lines, boxes without content, and figures that hold nothing but a caption."""
    for child in box.children:
        if isinstance(child, Box):
            _prune(child)
    if box.tag == "tr" and any(isinstance(cell, Box) and cell.children for cell in box.children):
        return  # empty cells hold the columns of the others
    box.children = [
        child
        for child in box.children
        if (child.lines if isinstance(child, Leaf) else child.children or child.tag == "hr")
    ]
    if box.tag == "figure" and all(child.tag == "figcaption" for child in box.children):
        box.children = []


def _markup(box: Box) -> Iterator[str]:
    """The markup of each child."""
    paragraphs = sum(child.tag == "p" for child in box.children)
    for index, child in enumerate(box.children):
        if isinstance(child, Box):
            inner = "".join(_markup(child))
            yield f"{_start_tag(child.tag, child.attrs)}{inner}" + (
                "" if child.tag == "hr" else f"</{child.tag}>"
            )
        elif child.tag == "p" and (
            (box.tag in _ALONE and paragraphs == 1 and index == 0)
            or (box.tag == "figure" and _is_pictures(child))
        ):
            yield _leaf_content(child)
        else:
            yield f"<{child.tag}>{_leaf_content(child)}</{child.tag}>"


def _is_pictures(leaf: Leaf) -> bool:
    return not any(line.text for line in leaf.lines)


def _leaf_content(leaf: Leaf) -> str:
    return "<br>".join(_line(line) for line in leaf.lines)


def _line(line: Line) -> str:
    """Runs as markup: inline elements open and close where they begin and end on the runs."""
    pieces: list[str] = []
    is_open: tuple[Inline, ...] = ()
    for inlines, runs in groupby([*line.runs, Run(())], key=lambda run: run.inlines):
        shared = 0
        while shared < min(len(is_open), len(inlines)) and is_open[shared] is inlines[shared]:
            shared += 1
        pieces += [f"</{inline.tag}>" for inline in reversed(is_open[shared:])]
        pieces += [_start_tag(inline.tag, inline.attrs) for inline in inlines[shared:]]
        pieces += [_media(run.media) if run.media else escape(run.text, quote=False) for run in runs]
        is_open = inlines
    return "".join(pieces)


def _media(media: Media) -> str:
    if media.tag == "img":
        return _start_tag("img", media.attrs)
    sources = "".join(_start_tag("source", source) for source in media.sources)
    return f"{_start_tag(media.tag, media.attrs)}{sources}</{media.tag}>"


def _start_tag(tag: str, attrs: dict[str, str]) -> str:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attrs.items())
    return f"<{tag}{written}>"
