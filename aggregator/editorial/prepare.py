"""An entry becomes a candidate: everything the decision needs, made once, without a database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from aggregator.editorial.blocks import one_line
from aggregator.editorial.plain_text import read_credited
from aggregator.editorial.sketch import marks, name_marks
from aggregator.model.entry import Candidate, Entry, Identity, RawEntry, Reread
from aggregator.model.reading import CutRule

# Part of every content hash: hashes of different versions say nothing about each other ("an upgrade is not
# news"). Raise it when plain_text, its boilerplate rules or the hash itself change what is hashed.
HASH_VERSION = 4

_NOBODY = Identity("", "", "", "")  # who an entry is plays no part in how it reads
_SIGNS = {
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‐": "-", "‑": "-", "–": "-", "—": "-", "…": "...",
    "\u200c": "", "\u200d": "",
}  # fmt: skip
_NAMED_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
# A picture's name without what tells its rendering: "-300x200", "_1200x675", "@2x", "-scaled", a second extension.
_RENDERING = re.compile(
    r"(?:[-_]\d{2,4}x\d{2,4}|@\dx|-scaled|\.(?:jpe?g|png|gif|webp|avif))+$", re.IGNORECASE
)
_OF_A_RENDERING = frozenset(
    {
        "w",
        "h",
        "q",
        "width",
        "height",
        "quality",
        "size",
        "format",
        "dpr",
        "sig",
        "signature",
        "token",
        "expires",
        "t",
    }
)
# From this length on a file's name is the picture's own, wherever it is kept; "image.jpg" is any picture's.
_TELLING_NAME = 16


def prepare(entry: Entry, identity: Identity, cut: Sequence[CutRule] = ()) -> Candidate:
    """Read an entry the way the desk compares entries; one without a body is read by its summary.

    ``cut`` are its partner's own rules for lines to be cut.
    """
    body = entry.html or entry.summary_html
    text, facts, credit = read_credited(body, cut)
    return Candidate(
        entry=entry,
        identity=identity,
        text=text,
        content_hash=content_hash(entry, text, cut),
        marks=marks(entry.title, text, credit.title if credit else ""),
        name_marks=name_marks(text),
        provenance=credit,
        facts=facts,
    )


def prepare_anew(entries: Sequence[RawEntry], cut: Sequence[CutRule] = ()) -> tuple[Reread, ...]:
    """Stored entries of one partner as today's rules read them. Takes about 2 ms each."""
    return tuple(
        Reread.of(one.entry_id, one.content_hash, prepare(one.entry, _NOBODY, cut)) for one in entries
    )


def version(cut: Sequence[CutRule] = ()) -> str:
    """Of the rules that texts are read by: the house's, and a digest of the partner's own where it has some."""
    own = "\n".join(f"{rule.line}\t{rule.pattern}" for rule in cut)
    return f"{HASH_VERSION}-{_digest(own)[:8]}" if own else str(HASH_VERSION)


def is_of_another_version(content_hash: str, cut: Sequence[CutRule] = ()) -> bool:
    """Whether a hash was made by other rules than today's."""
    return content_hash.partition(":")[0] != version(cut)


def content_hash(entry: Entry, text: str, cut: Sequence[CutRule] = ()) -> str:
    """``<version>:<title>.<text>.<image>``, 64 bits of SHA-256 each: what a reader would call a change.

    Other quotation marks, dashes and line breaks are none, nor is the same picture in another size or place.
    """
    image = _picture(entry.image.url) if entry.image else ""
    parts = (_words(entry.title), _words(text), image)
    return f"{version(cut)}:{'.'.join(map(_digest, parts))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _words(text: str) -> str:
    words = one_line(text)
    for sign, plain in _SIGNS.items():  # ten times faster than str.translate, which is slow beyond ASCII
        words = words.replace(sign, plain)
    return words


def _picture(url: str) -> str:
    """What stays the same of a picture's address while sites resize it, sign it and move it from host to host.

    Where the path names no file, the query names the picture: by an address of its own, or by what is left of it
    without sizes and signatures.
    """
    parts = urlsplit(url)
    if _NAMED_FILE.search(parts.path):
        name = _RENDERING.sub("", parts.path.rpartition("/")[2])
        return name if len(name) >= _TELLING_NAME else f"{parts.path.rpartition('/')[0]}/{name}"
    stated = parse_qsl(parts.query)
    resized = next((value for name, value in stated if name in ("url", "src") and "/" in value), "")
    if resized and not parts.path.endswith(resized):
        return resized.rpartition("/")[2].partition("?")[0]
    kept = sorted((name, value) for name, value in stated if name.lower() not in _OF_A_RENDERING)
    return f"{parts.netloc}{parts.path}?{kept}"
