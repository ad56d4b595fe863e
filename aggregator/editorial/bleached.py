"""The second opinion: bleach, another parser, lets through only what we print."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bleach.sanitizer import Cleaner

from aggregator.editorial.addresses import absolute, mail_address
from aggregator.editorial.blocks import TAGS
from aggregator.editorial.dress import REL, SANDBOX
from aggregator.editorial.embeds import embed_of

_PHRASES = frozenset(
    {"a", "b", "br", "cite", "code", "em", "i", "img", "q", "s", "small", "strong", "sub", "sup", "u"}
)
_PLAIN_BOXES = frozenset({"blockquote", "figcaption", "figure", "li", "ol", "ul"})
_PLAIN_LEAVES = frozenset({"h2", "h3", "h4", "h5", "h6", "hr", "p"})
_VOID = frozenset({"br", "hr", "img"})
# No controls, and nothing that is not a character; an ampersand begins one of the entities that we write.
_CHARS = r"[^<>&\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"
_VALUE = r"(?:[^<>&\"\x00-\x1f\x7f-\x9f\ud800-\udfff]|&(?:amp|lt|gt|quot|#x27);)*+"
_TOKEN = re.compile(
    rf"(?:{_CHARS}|&(?:amp|lt|gt);)++"
    rf"|<(/?)({'|'.join(sorted(_PHRASES | _PLAIN_BOXES | _PLAIN_LEAVES, key=len, reverse=True))})"
    rf'((?: [a-z]++="{_VALUE}")*+)>'
)
_ATTRIBUTE = re.compile(rf' ([a-z]++)="({_VALUE})"')
_ADDRESSES = frozenset({"cite", "href", "src"})
# Of a host by name or number: others, and brackets, are bleach's to judge.
_PLAIN_ADDRESS = re.compile(r"(?:https?://[\w.-]+(?::\d{1,5})?(?:[/?#][!-~]*)?|mailto:[\w@.+-]+)", re.ASCII)


def bleached(markup: str) -> str:
    """The markup without whatever we would not have printed.

    What is plain is not parsed a second time: bleach would give it back as it is, after ten times as long.
    """
    return markup if is_plain(markup) else reparsed(markup)


def reparsed(markup: str) -> str:
    """What bleach lets through. A Cleaner is not thread-safe and costs next to nothing to make (0.05 ms)."""
    cleaner = Cleaner(
        tags=TAGS,
        attributes=_is_printed,
        protocols={"http", "https", "mailto"},
        strip=True,
        strip_comments=True,
    )
    return cleaner.clean(markup)


def is_plain(markup: str) -> bool:
    """Whether this is nothing but text, paragraphs, headings, lists, quotations and pictures in the simplest form:
    every element closed where it must be, all attributes as we print them, nothing that parsers could read in two ways.
    """
    is_open: list[str] = []
    end = 0
    for token in _TOKEN.finditer(markup):
        if token.start() != end:
            return False
        end = token.end()
        slash, tag, written = token.groups()
        if tag is None:  # text
            continue
        if slash:
            if written or not is_open or is_open.pop() != tag:
                return False
        elif not _may_open(tag, is_open) or not (written == "" or _are_plain(tag, written)):
            return False
        elif tag not in _VOID:
            is_open.append(tag)
    return end == len(markup) and not is_open


def _may_open(tag: str, is_open: Sequence[str]) -> bool:
    """Where the parsing rules of HTML neither close nor open another element for it."""
    if tag in _PHRASES:
        return tag not in is_open
    if is_open and is_open[-1] not in _PLAIN_BOXES:
        return False
    return tag != "li" or is_open[-1:] in (["ul"], ["ol"])


def _are_plain(tag: str, written: str) -> bool:
    attributes = _ATTRIBUTE.findall(written)
    names = {name for name, _ in attributes}
    return len(names) == len(attributes) and all(
        _is_printed(tag, name, value)
        and (name not in _ADDRESSES or _PLAIN_ADDRESS.fullmatch(value) is not None)
        for name, value in attributes
    )


def _is_printed(tag: str, name: str, value: str) -> bool:
    check = _PRINTED.get(tag, {}).get(name)
    return check is not None and check(value)


def _is_address(value: str) -> bool:
    return absolute(value, "") == value


def _is_https(value: str) -> bool:
    return value.startswith("https://") and _is_address(value)


def _is_frame(value: str) -> bool:
    embed = embed_of(value)
    return embed is not None and embed.frame == value


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{0,3}", value) is not None


def _is_empty(value: str) -> bool:
    return value == ""


_PRINTED: dict[str, dict[str, Callable[[str], bool]]] = {
    "a": {"href": lambda value: _is_address(value) or mail_address(value) == value, "rel": REL.__eq__},
    "q": {"cite": _is_address},
    "blockquote": {"cite": _is_address},
    "ol": {"start": _is_number},
    "td": {"colspan": _is_number, "rowspan": _is_number},
    "th": {"colspan": _is_number, "rowspan": _is_number},
    "img": {
        "src": _is_https, "alt": lambda _value: True, "width": _is_number, "height": _is_number,
        "loading": "lazy".__eq__,
    },
    "audio": {"src": _is_https, "controls": _is_empty},
    "video": {
        "src": _is_https, "poster": _is_https, "controls": _is_empty, "width": _is_number, "height": _is_number,
    },
    "source": {"src": _is_https, "type": lambda value: value.startswith(("audio/", "video/"))},
    "iframe": {
        "src": _is_frame, "sandbox": SANDBOX.__eq__, "allowfullscreen": _is_empty, "width": _is_number,
        "height": _is_number,
    },
}  # fmt: skip
