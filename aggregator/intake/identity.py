"""By what an entry is known again: guid, the partner's article number, canonical address, text."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

from aggregator.model.entry import Entry, Identity
from aggregator.model.tracking import is_tracking

CONTENT_VERSION = 1

# A guid and address under more headlines than these are the feed's, not an article's.
MAX_VERSIONS = 3

_PORTS = {"http": 80, "https": 443}
_FRONT_HOSTS = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_ALSO_TRACKING = {"ref", "spm"}  # in the address of an article; elsewhere they may be what finds a page
_WHOLE_ARTICLE = {
    ("page", "all"),
    ("showpage", "all"),
    ("single", "1"),
    ("outputtype", "amp"),
    ("view", "amp"),
    ("m", "0"),  # Blogger's page for telephones
    ("m", "1"),
}
# The address that an AMP cache keeps a page under: /c/s/www.a.example/x (an s: the page's own is https).
_AMP_CACHE_HOST = re.compile(r"(?:[\w-]+\.)?cdn\.ampproject\.org|(?:www\.)?google\.[a-z.]{2,6}")
_AMP_CACHE_PATH = re.compile(r"/(?:[acvir]/|amp/)(?:s/)?((?:[\w-]+\.)+[a-z]{2,}(?:/.*)?)")

_AMP_FOLDER = re.compile(r"^/amp(?=/.)")
_PATH_TAIL = re.compile(r"(?:/+|/(?:index\.(?:html?|php)|amp)|\.amp)$")
_UNRESERVED = "-._~"

# Where partners write an article's number, most telling first. Six digits at least: fewer are days, pages
# and years.
_NUMBERS = (
    re.compile(r"/pr-(\d{6,})(?=/|$)"),  # Promedia: /internasional/pr-015956337/rusia-belarusia
    re.compile(r"/d-(\d{6,})(?=/|$)"),  # detik: /berita/d-7966123/judul
    re.compile(
        r"/(?:read|berita|news|artikel)/(\d{6,})(?=/|$)"
    ),  # liputan6, tempo, antara: /read/6051205/judul
    re.compile(
        r"/\d{14}-\d{1,4}-(\d{6,})(?=/|$)"
    ),  # CNN Indonesia: /nasional/20250613103015-12-1240979/judul
    re.compile(
        r"/read/\d{4}/\d{2}/\d{2}/\d{1,5}/(\d{6,})(?=/|$)"
    ),  # Okezone: /read/2025/06/18/340/3148219/judul
    # Kompas numbers within the day: /read/2025/06/18/19465821/judul
    re.compile(r"/read/(\d{4}/\d{2}/\d{2}/\d{7,})(?=/|$)"),
    re.compile(r"/(\d{6,})-(?=[a-z])"),  # VIVA: /berita/1823456-judul
    re.compile(r"(?<!-rp)-(\d{6,})(?:-mvk)?(?:\.html?)?$"),  # /hukum/judul-berita-6055946
)
# Those at either end of a slug may be an amount: bansos-rp-600000, 500000-warga.
_IN_SLUGS = _NUMBERS[-2:]
# Addresses: a document's entries are compared by theirs several times over.
_REMEMBERED = 512
_TAG = re.compile(r"<[^<>]*+>")


class _Rungs(NamedTuple):
    """An entry's identity before it is known what else stands in its document."""

    guid: str
    article_id: str
    canonical_url: str
    content: str


@lru_cache(_REMEMBERED)
def canonical_url(url: str) -> str:
    """The one form of all addresses of an article; '' when it is no http(s) address. Idempotent.

    Always https; host in lower case without www., m., amp. and default port; no user, fragment, tracking
    parameters, AMP and whole-article forms, index file and trailing slash; the other parameters in order of
    their names; percent-encoding as in RFC 3986, section 6.2.2.
    """
    try:
        parts = urlsplit(_uncached(re.sub(r"[\x00-\x20\x7f]", "", url)))
        port = parts.port
    except ValueError:
        return ""
    host = _canonical_host(parts)
    if parts.scheme not in _PORTS or not host:
        return ""
    shown_port = "" if port in (None, *_PORTS.values()) else f":{port}"
    path = _canonical_path(parts.path)
    query = _canonical_query(parts.query)
    return f"https://{host}{shown_port}{path}{'?' if query else ''}{query}"


@lru_cache(_REMEMBERED)
def article_id(canonical: str) -> str:
    """Host and article number, as in 'pikiran-rakyat.com#015956337'; '' where the address shows none.

    Numbers that read as a date (20250613, 13062025, 202511) and amounts in a slug (bansos-rp-600000) are none.
    WordPress' ``?p=123`` may be of any length.
    """
    parts = urlsplit(canonical)
    post = re.search(r"(?:^|&)p=(\d+)(?=&|$)", parts.query)
    if post and parts.path in ("", "/index.php"):
        return f"{parts.netloc}#{post[1]}"
    for pattern in _NUMBERS:
        match = pattern.search(parts.path)
        if match and not _is_date(match[1]) and not (pattern in _IN_SLUGS and _is_amount(match[1])):
            return f"{parts.netloc}#{match[1]}"
    return ""


def without_repetitions(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Each article once: of its versions in one document one with a text, of these the latest, else the first.

    Versions are entries with the same guid and article number (or address), with the same guid, address and
    title, and with the same guid, title and text. Partners' systems sometimes list every entry twice, once in full
    and once without its text (Poskota did in February 2026), or the corrected article above the first one. Taken for
    two articles, the empty and the old ones would be published.
    """
    articles = [_article(entry) for entry in entries]
    titles: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for article, entry in zip(articles, entries, strict=True):
        titles[article].add(entry.title.casefold())
    told = _told_under_one_guid(entries)
    kept: dict[object, Entry] = {}
    for position, (article, entry) in enumerate(zip(articles, entries, strict=True)):
        address = canonical_url(entry.url)
        if position in told:
            same: object = told[position]
        elif all(article) and len(titles[article]) <= MAX_VERSIONS:
            same = article
        else:
            same = (entry.guid, address, entry.title.casefold()) if entry.guid or address else position
        kept[same] = max(kept.get(same, entry), entry, key=_completeness)
    return tuple(kept.values())


def _told_under_one_guid(entries: Sequence[Entry]) -> dict[int, tuple[str, str]]:
    """By position: guid and content of entries that tell the same under the same guid, at whatever address."""
    guids = Counter(guid for entry in entries if (guid := _guid(entry)))
    told = {
        position: (entry.guid, _content_hash(entry))
        for position, entry in enumerate(entries)
        if guids[_guid(entry)] > 1 and entry.html
    }
    times = Counter(told.values())
    return {position: same for position, same in told.items() if times[same] > 1}


def identify_all(entries: Sequence[Entry]) -> tuple[Identity, ...]:
    """The identities of one document's entries, in their order; each is the same whatever that order is.

    A guid, article number or address that stands on two entries that differ in anything identifies neither.
    Exact repetitions of an entry share their identity.
    """
    rungs = [_rungs(entry) for entry in entries]
    owners: defaultdict[tuple[str, str], set[_Rungs]] = defaultdict(set)
    for own in rungs:
        for kind in ("guid", "article_id", "canonical_url"):
            owners[kind, getattr(own, kind)].add(own)

    def unless_shared(kind: str, own: _Rungs) -> str:
        value: str = getattr(own, kind)
        return value if len(owners[kind, value]) == 1 else ""

    return tuple(
        Identity(
            guid=unless_shared("guid", own),
            article_id=unless_shared("article_id", own),
            canonical_url=unless_shared("canonical_url", own),
            content=own.content,
        )
        for own in rungs
    )


def is_told_apart(entry: Entry, identity: Identity) -> bool:
    """Whether all that names the entry names it alone in its document, and its guid, if any, is no mere position.

    ``identity`` is what ``identify_all`` found.
    """
    address = _address(entry)
    named = (_guid(entry), article_id(address), address)
    is_nameless = bool(entry.guid.strip()) and not identity.guid
    return (
        any(named)
        and not is_nameless
        and named == (identity.guid, identity.article_id, identity.canonical_url)
    )


def _article(entry: Entry) -> tuple[str, str]:
    """Guid, and article number or address; '' where either is missing or worthless."""
    address = _address(entry)
    return _guid(entry), article_id(address) or address


def _completeness(entry: Entry) -> tuple[bool, float]:
    """Orders versions of one article."""
    changed_at = entry.updated_at or entry.published_at
    return bool(entry.html or entry.summary_html), changed_at.timestamp() if changed_at else 0.0


def _rungs(entry: Entry) -> _Rungs:
    address = _address(entry)
    return _Rungs(
        guid=_guid(entry),
        article_id=article_id(address),
        canonical_url=address,
        content=_content_hash(entry),
    )


def _guid(entry: Entry) -> str:
    """'' for a position in the document, which is nobody's name."""
    return "" if re.fullmatch(r"\s*\d{0,3}\s*", entry.guid) else entry.guid


def _address(entry: Entry) -> str:
    """The canonical URL, '' for a front page."""
    canonical = canonical_url(entry.url)
    parts = urlsplit(canonical)
    return canonical if parts.path or parts.query else ""


def _content_hash(entry: Entry) -> str:
    """'<version>:<hex>' of title and text without markup, case and spacing; '' where there is neither."""
    text = html.unescape(_TAG.sub(" ", entry.html))
    words = " ".join(unicodedata.normalize("NFKC", f"{entry.title}\n{text}").casefold().split())
    return f"{CONTENT_VERSION}:{hashlib.sha256(words.encode()).hexdigest()}" if words else ""


def _canonical_host(parts: SplitResult) -> str:
    try:
        host = (parts.hostname or "").encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        return ""
    while match := _FRONT_HOSTS.match(host):
        host = host[match.end() :]
    if ":" in host:
        return f"[{host}]"
    return host if re.fullmatch(r"[a-z0-9._-]+", host) else ""


def _uncached(url: str) -> str:
    """The page's own address where an AMP cache's is given. Raises ValueError for what is no address."""
    parts = urlsplit(url)
    cached = _AMP_CACHE_PATH.fullmatch(parts.path)
    if not cached or not _AMP_CACHE_HOST.fullmatch((parts.hostname or "").lower()):
        return url
    return f"https://{cached[1]}{'?' if parts.query else ''}{parts.query}"


def _canonical_path(path: str) -> str:
    path = re.sub(r"/{2,}", "/", _percent_normal(path))
    while folder := _AMP_FOLDER.match(path):
        path = path[folder.end() :]
    while match := _PATH_TAIL.search(path):
        path = path[: match.start()]
    return path


def _canonical_query(query: str) -> str:
    kept = []
    unescaped = re.sub(r"(^|&)(?:amp;)+", r"\1", _percent_normal(query))
    for parameter in unescaped.split("&"):
        name, _, value = parameter.partition("=")
        lowered = (name.lower(), value.lower())
        if (
            name
            and lowered not in _WHOLE_ARTICLE
            and name.lower() != "amp"
            and name.lower() not in _ALSO_TRACKING
            and not is_tracking(name)
        ):
            kept.append(parameter)
    return "&".join(sorted(kept, key=lambda parameter: parameter.partition("=")[0]))


def _percent_normal(text: str) -> str:
    """RFC 3986, section 6.2.2.2: unreserved characters bare, all others encoded in upper case."""
    pieces = re.split(r"(%[0-9a-fA-F]{2})", text)
    pieces[::2] = (
        quote(piece, safe="/:@!$&'()*+,;=" + _UNRESERVED, errors="replace") for piece in pieces[::2]
    )
    pieces[1::2] = (_percent_piece(piece) for piece in pieces[1::2])
    return "".join(pieces)


def _percent_piece(piece: str) -> str:
    character = unquote(piece, encoding="latin-1")
    return (
        character
        if character.isascii() and (character.isalnum() or character in _UNRESERVED)
        else piece.upper()
    )


def _is_amount(digits: str) -> bool:
    """Whether a number in a slug is more likely a sum (600000) or a telephone's (081234567890)."""
    return digits.endswith("000") or digits.startswith("0") or len(digits) > 10


def _is_date(digits: str) -> bool:
    """Whether a number begins with a day (20250613, 13062025, 20250613103015, 250613), or is a month or a season
    (202511, 20252026).
    """
    if not digits.isdigit():
        return False
    if re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])", digits):
        return True
    if len(digits) == 8 and int(digits[4:]) == int(digits[:4]) + 1 and digits[:2] in ("19", "20"):
        return True
    first, second, third = (int(digits[at : at + 2]) for at in (0, 2, 4))
    if len(digits) == 6:
        return _is_day(2000 + first, second, third) or _is_day(2000 + third, second, first)
    if len(digits) not in (8, 10, 12, 14):
        return False
    year_first = _is_day(int(digits[:4]), third, int(digits[6:8]))
    return year_first or (len(digits) == 8 and _is_day(int(digits[4:]), second, first))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return 1990 <= date(year, month, day).year <= 2099
    except ValueError:
        return False
