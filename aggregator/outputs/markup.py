"""A second look at markup, independent of the sanitizer.

Markup in which every ``<`` begins a plain tag with quoted attributes means the same to every HTML parser, as
long as no element changes how its content is read (script, svg, textarea ...). So that narrow grammar is
demanded first, then tags and attributes are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from aggregator.outputs.item import KEPT

_SPACE = r"[ \t\n\r\f]"
_TAG = re.compile(
    rf"""<(/?)([A-Za-z][A-Za-z0-9]*+)((?>{_SPACE}++[A-Za-z][A-Za-z0-9:_-]*+(?>=(?>"[^"]*+"|'[^']*+'))?+)*+){_SPACE}*+/?>"""
)
_ARTICLE = re.compile("(?=<article>)")
_ATTRIBUTE = re.compile(rf"""{_SPACE}++([^\s=]++)(?:=(?:"([^"]*+)"|'([^']*+)'))?+""")
_FORBIDDEN_TAGS = re.compile(
    "applet|area|base|body|button|dialog|embed|form|frame|frameset|head|html|image|input|isindex|keygen|link|map|"
    "marquee|math|meta|noembed|noframes|noscript|object|option|param|plaintext|portal|script|select|style|svg|"
    "template|textarea|title|xmp"
)
_FORBIDDEN_ATTRIBUTES = re.compile(
    "on.*|.*:.*|action|background|code|codebase|data|formaction|id|is|longdesc|name|ping|srcdoc|srcset|style|"
    "usemap|xmlns"
)
_ADDRESSES = frozenset({"href", "src", "poster", "cite"})
_EMBED = re.compile(
    r"https://(?:www\.youtube(?:-nocookie)?\.com/embed/[\w-]+|player\.vimeo\.com/video/\d+)(?:\?[\w=&;%.-]*)?",
    re.ASCII,
)


@lru_cache(maxsize=2 * KEPT)
def markup_problem(markup: str) -> str:
    """What is forbidden in ``markup``, '' when nothing is; remembered, for a text stands in documents of every format.

    Allowed are plain tags with absolute http(s) addresses (mailto: in links) and sandboxed frames of players.
    """
    if "<" not in markup:
        return ""
    if not _is_plain(markup):
        return "markup that parsers may read differently"
    return next(_problems(markup), "")


def _is_plain(markup: str) -> bool:
    return "<" not in _TAG.sub("", markup)


def _problems(markup: str) -> Iterator[str]:
    """The grammar leaves nothing to interpretation: in HTML the slash of <iframe/> or <b/> closes nothing."""
    is_framed, end = False, 0
    for match in _TAG.finditer(markup):
        slash, name, written = match.groups()
        tag = name.lower()
        if is_framed and unescape(markup[end : match.start()]).strip():
            yield "text inside an iframe"
        end = match.end()
        if slash:
            is_framed = is_framed and tag != "iframe"
            continue
        if is_framed or _is_forbidden(tag):
            yield f"forbidden element {tag}"
        attributes = _attributes(written) if written else []
        for one, value in attributes:
            yield from _attribute_problems(tag, one, value)
        if tag == "iframe":
            is_framed = True
            yield from _frame_problems(dict(attributes))
    if is_framed and unescape(markup[end:]).strip():
        yield "text inside an iframe"


@lru_cache(maxsize=100)
def _is_forbidden(tag: str) -> bool:
    return _FORBIDDEN_TAGS.fullmatch(tag) is not None


def _attributes(written: str) -> list[tuple[str, str]]:
    found = _ATTRIBUTE.findall(written)
    return [(name.lower(), unescape(double or single)) for name, double, single in found]


def _attribute_problems(tag: str, name: str, value: str) -> Iterator[str]:
    if _FORBIDDEN_ATTRIBUTES.fullmatch(name):
        yield f"forbidden attribute {name} of {tag}"
    is_mail = tag == "a" and name == "href" and re.match(r"mailto:[^\s\\]+$", value, re.IGNORECASE)
    if name in _ADDRESSES and not is_mail and not _is_absolute(value):
        yield f"{name} of {tag} is no absolute http(s) address: {value[:80]}"


def _frame_problems(attributes: Mapping[str, str]) -> Iterator[str]:
    if not _EMBED.fullmatch(attributes.get("src", "")):
        yield "iframe other than a player's"
    if "sandbox" not in attributes:
        yield "iframe without sandbox"


def _is_absolute(url: str) -> bool:
    """Milder than what our own links must be (quotes may stand in it), and nothing that readers resolve differently."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    plain = parts.scheme in ("http", "https") and host and "@" not in parts.netloc
    return bool(plain) and not re.search(r"[\x00-\x20\x7f\\]", url)


def page_problem(body: bytes) -> str:
    """The first script, handler, frame, form or request in a page of ours, '' when there is none."""
    text = body.decode(errors="replace")
    looks = [_look(piece) for piece in _ARTICLE.split(text)]
    if not all(is_whole for _, is_whole in looks[:-1]):  # something reaches over an edge
        return _look(text)[0]
    return next((problem for problem, _ in looks if problem), "")


@lru_cache(maxsize=KEPT)
def _look(text: str) -> tuple[str, bool]:
    """The first problem of a page or a piece of one, and whether what follows is read as if it began there: most pieces
    stand in many pages.

    Only plain tags are sure to end where they seem to: ``<a title= 'x>`` does, until a quote follows.
    """
    look = _PageLook()
    look.feed(text)
    is_plain = _is_plain(text.removeprefix("<!DOCTYPE html>"))
    is_whole = is_plain and not look.rawdata and look.cdata_elem is None
    look.close()
    return look.problem, is_whole


class _PageLook(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problem = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        forbidden = sorted(
            name for name in values if name.startswith("on") or name in ("src", "srcset", "srcdoc")
        )
        if tag in ("script", "iframe", "object", "embed", "form", "base", "svg") or forbidden:
            self.problem = self.problem or f"forbidden on a page: {tag} {' '.join(forbidden)}".rstrip()
        address = values.get("href") or ""
        if re.match(r"\s*[a-z][a-z0-9+.-]*:", address, re.IGNORECASE) and not _is_absolute(address):
            self.problem = self.problem or f"link to {address[:80]}"
