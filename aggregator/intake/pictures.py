"""The pictures of a text, with the addresses that lazy loading hides and the captions below them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.intake.clean import absolute_url, clean_line
from aggregator.intake.credit import caption_credit

_LOOKED_AT = 20  # the first of them may be tracking pixels
_CAPTION_CHARACTERS = 4_000  # how far behind its picture a caption may end
_LINE_CHARACTERS = 240  # a longer line is a paragraph of the article

_IMG = re.compile(r"""<img\b((?:[^<>"']++|"[^"<]*+"|'[^'<]*+'|["'])*+)>""", re.IGNORECASE)
# These match every word, with a value or without: begun anew within a long one, they would take its length squared.
_ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z-]*+)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]++)))?""")
_SRCSET = re.compile(r"(\S++)(?:\s++(\d++(?:\.\d++)?)[wx]\s*+(?:,|$))?")
# Lazy loading keeps the picture's address here, and a placeholder in src.
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-orig-file")
_PLACEHOLDER = re.compile(
    r"^data:|/(?:1x1|blank|spacer|pixel|transparent|placeholder|lazy|loading)[\w-]*\.(?:gif|png|svg|jpe?g)",
    re.IGNORECASE,
)
_DECORATION = re.compile(r"\b(?:avatar|emoji|wp-smiley)\b", re.IGNORECASE)
_NOSCRIPT = re.compile(r"<noscript\b[^<]*+(?:<(?!/?noscript)[^<]*+)*+</noscript\s*+>", re.IGNORECASE)
_ELEMENT = re.compile(r"<(p|dd|div|span|small|em|figcaption)\b([^<>]*+)>", re.IGNORECASE)
_CAPTION_CLASS = re.compile(r"""\bclass=["'][^"'<>]*caption""", re.IGNORECASE)
_NEXT_LINE = re.compile(
    r"(?:\s|</a>|</?(?:p|div|em|i|b|strong|small|span|center)\b[^<>]*>|<br\s*/?>){0,10}+([^<>]{3,})",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Picture:
    """An ``<img>`` as a text or page states it, '' for what it does not: ``url`` absolute, sizes as written, the
    caption as plain text.
    """

    url: str
    width: str
    height: str
    alt: str
    caption: str


def pictures_in(markup: str, base_url: str) -> Iterator[Picture]:
    """The pictures in the order of the text, without avatars and smileys that say that they are."""
    for _nth, tag in zip(range(_LOOKED_AT), _IMG.finditer(markup), strict=False):
        stated: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(tag[1][:10_000]):
            stated.setdefault(match[1].lower(), html.unescape(match[2] or match[3] or match[4] or ""))
        url = absolute_url(_address(stated), base_url)
        if not url or _DECORATION.search(stated.get("class", "")):
            continue
        caption = _caption(markup[tag.end() : tag.end() + _CAPTION_CHARACTERS])
        alt = clean_line(stated.get("alt", ""), 1_000)
        yield Picture(url, stated.get("width", ""), stated.get("height", ""), alt, caption)


def _address(stated: dict[str, str]) -> str:
    """What lazy loading will show, else what is shown, else the widest of the source set."""
    for name in (*_LAZY, "src"):
        address = stated.get(name, "").strip()
        if address and not _PLACEHOLDER.search(address):
            return address
    words = _SRCSET.findall(stated.get("data-srcset") or stated.get("srcset", ""))
    candidates = [(address, width) for address, width in words if width]
    return max(candidates, key=lambda candidate: float(candidate[1]), default=("", ""))[0]


def _caption(behind: str) -> str:
    """The caption of the picture that ``behind`` follows: marked as one, or a short line that ends with a credit."""
    window = _NOSCRIPT.sub("", behind).partition("<img")[0].partition("</figure")[0]
    if (marked := _marked(window)) is not None:
        return _plain(marked)
    line = _NEXT_LINE.match(window)
    text = _plain(line[1]) if line else ""
    return text if len(text) <= _LINE_CHARACTERS and caption_credit(text) else ""


def _marked(window: str) -> str | None:
    """What stands in the first element that calls itself a caption; None where none does."""
    unclosed: set[str] = set()
    for element in _ELEMENT.finditer(window):
        name = element[1].lower()
        if name in unclosed or not (name == "figcaption" or _CAPTION_CLASS.search(element[2])):
            continue
        if end := re.compile(f"</{name}", re.IGNORECASE).search(window, element.end()):
            return window[element.end() : end.start()]
        unclosed.add(name)
    return None


def _plain(markup: str) -> str:
    return clean_line(html.unescape(_TAG.sub("", markup.replace("<br", " <br"))), 1_000)
