"""Partner text made harmless as text: characters, spaces, lengths, addresses. Markup is editorial's."""

from __future__ import annotations

import html
import re
from urllib.parse import quote, urljoin, urlsplit

import nh3

from aggregator.intake.mojibake import repair
from aggregator.model.characters import HARMFUL

MAX_TITLE = 1_000
MAX_GUID = 2_000
MAX_NAME = 200
MAX_URL = 2_000
MAX_HTML = 2_000_000
_MAX_ENCODED = 5  # times over

# An absolute address that is as it should be already, as most are; none with `;`, `//` or `#`, which urllib may drop.
_IN_PATH = r"[\w.~%:@!$&'()*+,=-]"
_PLAIN_URL = re.compile(
    r"https?://(?:[a-z0-9_-]{1,63}\.)+[a-z0-9_-]{1,63}/"
    rf"(?:{_IN_PATH}++/)*+{_IN_PATH}*+(?:\?(?:{_IN_PATH}|[/?])++)?",
    re.ASCII,
)
_MARKUP = re.compile("<[A-Za-z/!?]|&[#A-Za-z]")

# Bidirectional embeddings, overrides and isolates turn a line around; the others are invisible. Joiners
# stay: they make emoji and several scripts.
_INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\u00ad]")


def clean_markup(text: str) -> str:
    """Markup or text of several lines, encoded once, without characters that break documents and terminals."""
    repaired = repair(text)
    if repaired.replace("\n", " ").replace("\t", " ").isprintable():  # nothing that is removed is printable
        return repaired
    return HARMFUL.sub("", repaired)


def clean_line(text: str, max_characters: int) -> str:
    """Plain text on one line, cut to length; '' when nothing visible is left."""
    visible = _INVISIBLE.sub("", clean_markup(text[: max_characters * 20]))
    return " ".join(visible.split())[:max_characters].rstrip()


def plain_line(markup: str, max_characters: int) -> str:
    """Like ``clean_line`` for text that may contain markup: tags go, references become their characters.

    Some systems encode titles twice, and what stays encoded is markup again for whoever decodes it.
    """
    bare = markup[: max_characters * 20]
    if "<" not in bare and "&" not in bare and bare.isprintable():  # then there is nothing to take out
        return clean_line(bare, max_characters)
    for _round in range(_MAX_ENCODED):
        bare = html.unescape(nh3.clean(bare, tags=set()))
        if not _MARKUP.search(bare):
            break
    return clean_line(bare, max_characters)


def paragraphs(text: str) -> str:
    """Plain text as markup: escaped, an empty line begins a paragraph."""
    blocks = (block.strip() for block in re.split(r"\n[ \t\r]*\n", text.replace("\r\n", "\n")))
    return "".join(f"<p>{html.escape(block, quote=False)}</p>" for block in blocks if block).replace(
        "\n", "<br>"
    )


def absolute_url(address: str, base_url: str) -> str:
    """An absolute http(s) address in ASCII, resolved against ``base_url``; '' for everything else.

    Spaces and other characters that RFC 3986 does not allow are percent-encoded, as browsers do.
    """
    if len(address) <= MAX_URL and _PLAIN_URL.fullmatch(address):
        return address
    address = re.sub(r"[\t\r\n]", "", clean_markup(address)).strip()
    if not address or len(address) > MAX_URL:
        return ""
    try:
        parts = urlsplit(urljoin(base_url, address))
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return ""
    if (
        parts.scheme not in ("http", "https")
        or "@" in parts.netloc
        or not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host)
    ):
        return ""
    host = f"[{host}]" if ":" in host else host
    rest = quote(parts._replace(scheme="", netloc="").geturl(), safe="%/:?#[]@!$&'()*+,;=~")
    return f"{parts.scheme}://{host}{port}{rest}"
