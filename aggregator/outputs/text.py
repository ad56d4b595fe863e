"""Strings and addresses as documents may hold them."""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import quote

from aggregator.config.types import check_http_url
from aggregator.model.characters import HARMFUL

_LINE_ENDS = re.compile("\r\n?|\x85")
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# The site (whose host may have brackets), the rest up to the first #, the fragment.
_ADDRESS = re.compile(r"((?:[^/?#]*//)?[^/?#]*)([^#]*)(?:#(.*))?", re.DOTALL)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_BREAKS = frozenset({"blockquote", "br", "div", "figcaption", "h2", "h3", "h4", "li", "p", "td", "tr"})


def xml_text(value: str) -> str:
    """``value`` without what XML 1.0 forbids or discourages; line ends become ``\\n``.

    Goes: control characters (C1 too), lone surrogates, noncharacters. Every string of a document passes here
    last. Source: https://www.w3.org/TR/xml/#charsets.
    """
    if value.replace("\n", "").isprintable():  # most are, and what goes is not
        return value
    return HARMFUL.sub("", _LINE_ENDS.sub("\n", value))


def one_line(value: str) -> str:
    """``value`` fit for a title or a name: XML-safe, one line, without controls of the reading direction."""
    return " ".join(_BIDI_CONTROLS.sub("", xml_text(value)).split())


def inert(value: str) -> str:
    """Plain text that stays text where a reader takes it for HTML: no ``<`` of it begins a tag."""
    return _TAG_START.sub("< ", value)


@lru_cache(maxsize=4_000)
def is_address(url: str) -> bool:
    """Whether ``url`` is absolute http(s), without user information, spaces or unprintable characters.

    Remembered: an address stands in documents of every format, and most are asked for before and behind printing.
    """
    try:
        check_http_url(url)
    except ValueError:
        return False
    return one_line(url) == url


def as_uri(address: str) -> str:
    """An address (``is_address``) as RFC 3986 has it: what may not stand where it stands is percent-encoded.

    Partners write brackets, a second ``#`` and bare ``%``, which browsers bear and validators do not.
    """
    site, path, fragment = _ADDRESS.fullmatch(address).groups()  # type: ignore[union-attr]  # every string matches
    return site + "#".join(
        _STRAY_PERCENT.sub("%25", quote(part, safe="%/:?@!$&'()*+,;=~"))
        for part in (path, fragment)
        if part is not None
    )


def text_of(markup: str) -> str:
    """The words of ``markup`` on one line."""
    reader = _Words()
    reader.feed(markup)
    reader.close()
    return one_line("".join(reader.words))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _BREAKS:
            self.words.append(" ")
