"""A second look at markup, independent of the sanitizer.

Markup in which every ``<`` begins a plain tag with quoted attributes means the same to every HTML parser, as
long as no element changes how its content is read (script, svg, textarea ...). So that narrow grammar is
demanded first, then tags and attributes are looked at.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

_TAG = re.compile(
    r"""<(?>/?[A-Za-z][A-Za-z0-9]*+)(?>\s++[A-Za-z][A-Za-z0-9:_-]*+(?>=(?>"[^"]*+"|'[^']*+'))?+)*+\s*+/?>"""
)
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


def markup_problem(markup: str) -> str:
    """What is forbidden in ``markup``, '' when nothing is.

    Allowed are plain tags with absolute http(s) addresses (mailto: in links) and sandboxed frames of players.
    """
    if "<" in _TAG.sub("", markup):
        return "markup that parsers may read differently"
    look = _Look()
    look.feed(markup)
    look.close()
    return look.problem


class _Look(HTMLParser):
    """Remembers the first problem; tokens are enough, since the grammar leaves nothing to interpretation."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problem = ""
        self._inside_iframe = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._inside_iframe or _FORBIDDEN_TAGS.fullmatch(tag):
            self._refuse(f"forbidden element {tag}")
        for name, value in attrs:
            self._check_attribute(tag, name, value or "")
        if tag == "iframe":
            self._inside_iframe = True
            self._check_iframe(dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # in HTML the slash of <iframe/> or <b/> closes nothing

    def handle_endtag(self, tag: str) -> None:
        self._inside_iframe = False if tag == "iframe" else self._inside_iframe

    def handle_data(self, data: str) -> None:
        if self._inside_iframe and data.strip():
            self._refuse("text inside an iframe")

    def _check_attribute(self, tag: str, name: str, value: str) -> None:
        if _FORBIDDEN_ATTRIBUTES.fullmatch(name):
            self._refuse(f"forbidden attribute {name} of {tag}")
        is_mail = tag == "a" and name == "href" and re.match(r"mailto:[^\s\\]+$", value, re.IGNORECASE)
        if name in _ADDRESSES and not is_mail and not _is_absolute(value):
            self._refuse(f"{name} of {tag} is no absolute http(s) address: {value[:80]}")

    def _check_iframe(self, attributes: dict[str, str | None]) -> None:
        if not _EMBED.fullmatch(attributes.get("src") or ""):
            self._refuse("iframe other than a player's")
        if "sandbox" not in attributes:
            self._refuse("iframe without sandbox")

    def _refuse(self, problem: str) -> None:
        self.problem = self.problem or problem


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
    look = _PageLook()
    look.feed(body.decode(errors="replace"))
    look.close()
    return look.problem


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
