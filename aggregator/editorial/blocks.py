"""The blocks that any markup is reduced to, which every HTML parser reads the same way.

A strict content model: boxes (lists, tables, quotations, figures) hold boxes or leaves, leaves (paragraphs, headings,
``pre``) hold lines, lines hold runs of text or media, and inline elements are noted on the runs. What the model cannot
hold is unwrapped at a block boundary: words never run together. Empty inline elements, misnested tags and a table's
loose text cannot be said in it, which is what makes ``sanitize`` idempotent. Nothing here is safe to print:
``sanitize`` decides about attributes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from aggregator.model.characters import BEYOND

MAX_DEPTH = 24  # nested lists, tables and quotations; deeper ones are unwrapped

INLINES = frozenset({"a", "b", "cite", "code", "em", "i", "q", "s", "small", "strong", "sub", "sup", "u"})
MEDIA = frozenset({"audio", "iframe", "img", "video"})
LEAVES = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "pre"})
BOXES = frozenset({"blockquote", "dl", "figure", "ol", "table", "ul"})
PARTS = {  # the boxes that stand only in certain other boxes
    "caption": {"table"}, "thead": {"table"}, "tbody": {"table"}, "tr": {"thead", "tbody"}, "td": {"tr"}, "th": {"tr"},
    "li": {"ul", "ol"}, "dt": {"dl"}, "dd": {"dl"}, "figcaption": {"figure"},
}  # fmt: skip
VOID = frozenset({"br", "hr", "img", "source"})
UNWRAPPED = frozenset({"span", "font"})  # noted only because they can be hidden
_UNSEEN = INLINES | UNWRAPPED  # make no block
TAGS = INLINES | MEDIA | LEAVES | BOXES | PARTS.keys() | VOID

_IMPLIED = {"ul": "li", "ol": "li", "dl": "dd", "table": "tbody", "thead": "tr", "tbody": "tr", "tr": "td"}
_SPACES = re.compile(r"[ \t\n\r\f\v]+")
_BETWEEN_WORDS = re.compile(r"(?<=\w)\0+(?=\w)")
_LINE_ENDS = ("\r\n", "\r", "\f", "\v", "\u2028", "\u2029")
# Controls (but tab and newline), soft hyphen, zero-width space, word joiner and BOM, bidi embeddings, overrides and
# isolates, interlinear marks, language tags, lone surrogates, noncharacters.
_REMOVED = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff"
)
# In two steps for the reason that HARMFUL is.
_UNPRINTABLE = re.compile(f"[{_REMOVED}\U0001fffe-\U0010ffff](?<=[{_REMOVED}\U000e0000-\U000e007f{BEYOND}])")

Dress = Callable[[str, dict[str, str]], dict[str, str] | None]


@dataclass(eq=False, slots=True)
class Inline:
    """An open inline element; two of the same look are still two."""

    tag: str
    attrs: dict[str, str]


@dataclass(eq=False, slots=True)
class Media:
    """An image, player or frame; ``sources`` are the attributes of a player's ``source`` elements.

    A frame with ``href`` instead of ``src`` is to become a link.
    """

    tag: str
    attrs: dict[str, str]
    sources: list[dict[str, str]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Run:
    """Text or one medium, within ``inlines`` from the outside in."""

    inlines: tuple[Inline, ...]
    text: str = ""
    media: Media | None = None

    @property
    def is_linked(self) -> bool:
        return bool(self.inlines) and any(inline.tag == "a" for inline in self.inlines)


@dataclass(eq=False, slots=True)
class Line:
    """What stands between two line breaks of a leaf; in ``pre`` all of it."""

    runs: list[Run] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words; a medium between two of them parts them."""
        words = "".join(["\0" if run.media else run.text for run in self.runs])
        if "\0" in words:
            words = _BETWEEN_WORDS.sub(" ", words).replace("\0", "")
        return _one_line(words)

    @property
    def is_blank(self) -> bool:
        return not any(run.media or run.text.strip() for run in self.runs)


@dataclass(eq=False, slots=True)
class Leaf:
    """A paragraph, heading or ``pre``."""

    tag: str
    lines: list[Line] = field(default_factory=lambda: [Line()])


@dataclass(eq=False, slots=True)
class Box:
    """A list, table, quotation, figure or a part of one; the root has the tag ''."""

    tag: str
    attrs: dict[str, str]
    children: list[Box | Leaf] = field(default_factory=list)

    def lines(self) -> Iterator[Line]:
        """All lines in reading order."""
        for child in self.children:
            yield from child.lines() if isinstance(child, Box) else child.lines


def clean_characters(text: str) -> str:
    """Without control, invisible and text-direction characters, surrogates and noncharacters; ``\\n`` ends lines."""
    if text.replace("\n", " ").isprintable():  # most texts: nothing that is removed is printable
        return text
    for line_end in _LINE_ENDS:
        text = text.replace(line_end, "\n")
    return _UNPRINTABLE.sub("", text)


def one_line(text: str) -> str:
    """Plain text on one line: NFC, whitespace collapsed, free of control characters."""
    return _one_line(clean_characters(text))


def _one_line(clean: str) -> str:
    spaced = clean.replace("\n", " ")
    is_spaced = "  " not in spaced and "\t" not in spaced
    if is_spaced and (
        spaced.isascii() or spaced.isprintable()
    ):  # then all white space in it is single spaces
        return unicodedata.normalize("NFC", spaced.strip(" "))
    return unicodedata.normalize("NFC", " ".join(clean.split()))


def lowered(text: str) -> str:
    """In lower case, with ``i`` and ``s`` for their forms that ``re.IGNORECASE`` takes for them.

    For a look at the words that an expression cannot do without, which is far faster than the expression.
    """
    text = text.lower()
    return text if text.isascii() else text.replace("i\u0307", "i").replace("ı", "i").replace("ſ", "s")


def has_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands anywhere in the text."""
    return any(map(text.__contains__, words))


@dataclass(eq=False, slots=True)
class _Frame:
    """An open element: what it made, if anything. ``media`` is also set on everything within a player."""

    tag: str
    box: Box | None = None
    inline: Inline | None = None
    media: Media | None = None
    is_implied: bool = False


class Builder:
    """Puts the elements that nh3 wrote into the content model."""

    def __init__(self, dress: Dress) -> None:
        self.root = Box("", {})
        self._dress = dress
        self._frames = [_Frame("", box=self.root)]
        self._boxes = [self.root]  # those of the frames
        self._inlines: tuple[Inline, ...] = ()
        self._leaf: Leaf | None = None
        self._is_gap = False  # a medium was left out, and nothing stands behind it yet

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        player = self._frames[-1].media
        if tag in VOID:
            self._start_void(tag, attrs, player)
        elif player is not None:  # what stands in a player is for browsers that have none
            self._push(_Frame(tag, media=player))
        elif tag in MEDIA:
            self._push(_Frame(tag, media=Media(tag, self._dress(tag, attrs) or {})))
        elif tag in INLINES:
            is_nested = any(inline.tag == tag for inline in self._inlines)
            dressed = None if is_nested else self._dress(tag, attrs)
            self._push(_Frame(tag, inline=None if dressed is None else Inline(tag, dressed)))
        elif tag in UNWRAPPED:
            self._push(_Frame(tag))
        else:
            self.close_leaf()
            self._start_block(tag, attrs)

    def paragraph(self, text: str) -> None:
        """``<p>text</p>``: what most of an article is, without opening and closing anything."""
        if self._frames[-1].media is not None or self._boxes[-1].tag in _IMPLIED:
            self.start("p", {})
            self.text(text)
            self.end()
            return
        self.close_leaf()
        if text.strip():
            self._is_gap = False
            leaf = Leaf("p", [Line([Run(self._inlines, text)])])
            tidy(leaf)
            self._boxes[-1].children.append(leaf)

    def end(self) -> None:
        """The innermost open element ends: nh3 writes none that is misnested."""
        while self._frames[-1].is_implied:
            self._pop()
        frame = self._pop()
        if frame.media is None:
            if frame.tag not in _UNSEEN:
                self.close_leaf()
        elif self._frames[-1].media is None:
            attrs = frame.media.attrs
            is_shown = attrs.get("src") or attrs.get("href") or frame.media.sources
            self._add_medium(frame.media if is_shown else None)

    def text(self, text: str) -> None:
        if self._frames[-1].media is not None or (self._leaf is None and not text.strip()):
            return
        before = self._leaf.lines[-1].runs if self._leaf else []
        if self._is_gap and before and _is_glued(before[-1].text, text):
            text = f" {text}"
        self._is_gap = False
        self._add(Run(self._inlines, text))

    def close_leaf(self) -> None:
        leaf, self._leaf = self._leaf, None
        if leaf is not None:
            tidy(leaf)

    def _push(self, frame: _Frame) -> None:
        self._frames.append(frame)
        if frame.box:
            self._boxes.append(frame.box)
        if frame.inline:
            self._inlines += (frame.inline,)

    def _pop(self) -> _Frame:
        frame = self._frames.pop()
        if frame.box:
            self._boxes.pop()
        if frame.inline:
            self._inlines = self._inlines[:-1]
        if frame.is_implied:
            self.close_leaf()
        return frame

    def _start_void(self, tag: str, attrs: dict[str, str], player: Media | None) -> None:
        if player is not None:
            if tag == "source" and (dressed := self._dress(tag, attrs)) is not None:
                player.sources.append(dressed)
        elif tag == "br":
            self._break_line()
        elif tag == "hr":
            self.close_leaf()
            self._imply_boxes()
            self._boxes[-1].children.append(Box(tag, {}))
        elif tag == "img":
            dressed = self._dress(tag, attrs)
            self._add_medium(None if dressed is None else Media(tag, dressed))

    def _start_block(self, tag: str, attrs: dict[str, str]) -> None:
        makes_box = False
        if tag in PARTS:
            while self._frames[-1].is_implied:
                self._pop()
            makes_box = self._boxes[-1].tag in PARTS[tag]
        elif tag in BOXES and len(self._boxes) < MAX_DEPTH:
            self._imply_boxes()
            makes_box = True
        box = Box(tag, self._dress(tag, attrs) or {}) if makes_box else None
        if box:
            self._boxes[-1].children.append(box)
        self._push(_Frame(tag, box=box))

    def _imply_boxes(self) -> None:
        """Where a list or a table would hold content itself, the item or cell that must stand between is opened."""
        box = self._boxes[-1]
        while box.tag in _IMPLIED:
            part = Box(_IMPLIED[box.tag], {})
            box.children.append(part)
            self._push(_Frame(part.tag, box=part, is_implied=True))
            box = part

    def _open_leaf(self) -> Leaf:
        if self._leaf is None:
            self._imply_boxes()
            self._leaf = Leaf(self._leaf_tag())
            self._boxes[-1].children.append(self._leaf)
        return self._leaf

    def _leaf_tag(self) -> str:
        """Of the innermost leaf element that is open within the innermost box."""
        for frame in reversed(self._frames):
            if frame.tag in LEAVES:
                return frame.tag
            if frame.box is not None:
                break
        return "p"

    def _add_medium(self, medium: Media | None) -> None:
        """None leaves a gap, so that the words on either side are not glued together."""
        if medium is None:
            self._is_gap = True
        else:
            self._add(Run(self._inlines, media=medium))

    def _add(self, run: Run) -> None:
        self._open_leaf().lines[-1].runs.append(run)

    def _break_line(self) -> None:
        """One line break begins a line, two begin a leaf."""
        if self._leaf is None:
            return
        if self._leaf.tag == "pre":
            self._add(Run(self._inlines, "\n"))
        elif self._leaf.lines[-1].is_blank:
            self.close_leaf()
        else:
            self._leaf.lines.append(Line())


def _is_glued(before: str, behind: str) -> bool:
    return before[-1:].isalnum() and behind[:1].isalnum()


def tidy(leaf: Leaf) -> None:
    """Collapses white space (in ``pre`` only around the whole) and drops blank lines."""
    leaf.lines = [line for line in leaf.lines if not line.is_blank]
    trimmed = _trimmed if leaf.tag == "pre" else _collapsed
    for line in leaf.lines:
        line.runs = trimmed(line.runs)


def _collapsed(runs: list[Run]) -> list[Run]:
    kept: list[Run] = []
    is_after_space = False
    for run in runs:
        if run.media is None:
            if "  " in run.text or not run.text.isprintable():
                run.text = _SPACES.sub(" ", run.text)
            if not kept:
                run.text = run.text.lstrip()
            elif is_after_space:
                run.text = run.text.lstrip(" ")
            if not run.text:
                continue
        is_after_space = run.text.endswith(" ")
        kept.append(run)
    _trim_end(kept)
    return kept


def _trimmed(runs: list[Run]) -> list[Run]:
    """Without the newlines before the first and the white space behind the last line."""
    kept: list[Run] = []
    for run in runs:
        if not kept:
            run.text = run.text.lstrip("\n")
        if run.text or run.media:
            kept.append(run)
    _trim_end(kept)
    return kept


def _trim_end(runs: list[Run]) -> None:
    while runs and runs[-1].media is None:
        runs[-1].text = runs[-1].text.rstrip()
        if runs[-1].text:
            break
        runs.pop()
