"""Everything that is published, in memory, with the heads of its answers written in advance."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from aggregator.model.document import Packed, private_key
from aggregator.web.answer import PAGE_HEADERS, Answer, header_lines, http_date, text
from aggregator.web.files import filed_page
from aggregator.web.negotiate import IDENTITY, acceptable, held_coding, is_unmodified

# Readers come every few minutes: a minute in a cache costs nobody anything. While the server is down for a day,
# yesterday's feed is better than none.
_CACHING = (("Cache-Control", "max-age=60, stale-while-revalidate=60, stale-if-error=86400"),)
_RETIRED_CACHE_CONTROL = "max-age=3600"
# Nobody between us and a subscriber keeps its feed, and no search engine makes its address known.
_PRIVATE_CACHING = (("Cache-Control", "private, max-age=60"), ("X-Robots-Tag", "noindex"))
_INDEX = "index.html"
_URL_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"  # may stand in a Location as they are (RFC 3986)

Heads = tuple[tuple[str, bytes, bytes, bytes], ...]  # coding, entity tag, head of 200, head of 304


@dataclass(frozen=True, slots=True)
class ShelvedDocument:
    """One document, ready to be sent in any of its codings. ``codings`` stand smallest first."""

    codings: tuple[str, ...]
    full: Mapping[str, Answer]
    unchanged: Mapping[str, Answer]
    coding_of: Mapping[bytes, str]
    changed_at_s: int
    key: str = ""  # of the subscriber whose it is

    def answer(self, headers: Mapping[bytes, bytes], now_s: float) -> Answer:
        """200 or 304 to a GET with these headers. Range is ignored, as RFC 9110 (section 14.2) allows."""
        accepted = acceptable(headers.get(b"accept-encoding"), self.codings)
        if (held := headers.get(b"if-none-match")) is not None:
            coding = held_coding(held, self.coding_of, accepted)
            found = self.full[accepted[0]] if coding is None else self.unchanged[coding]
        elif (since := headers.get(b"if-modified-since")) and is_unmodified(since, self.changed_at_s, now_s):
            found = self.unchanged[accepted[0]]
        else:
            found = self.full[accepted[0]]
        if self.changed_at_s > now_s:  # the clock was set back: Last-Modified must not lie ahead of Date
            return replace(found, head=found.head.replace(_last_modified(self.changed_at_s), b""))
        return found


class Shelf:
    """What is answered at which address. Immutable: a change makes a new one, which costs 10 µs a document.

    Paths are those of documents (``feeds/all.rss``); ``/`` shows ``index.html``. ``moved`` leads from paths to
    absolute URLs or other paths (301), ``gone`` holds paths that answer 410; a document at the same path wins.
    Archive pages are read from ``folder`` when they are asked for. ``links_of`` gives a path's Link header (RFC 8288).
    """

    def __init__(
        self,
        documents: Iterable[Packed],
        moved: Mapping[str, str] | None = None,
        gone: Collection[str] = (),
        folder: Path | None = None,
        links_of: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._folder = folder
        self._answers: dict[bytes, ShelvedDocument | Answer] = {_key(path): _gone() for path in gone}
        self._answers |= {_key(path): _moved_to(place) for path, place in (moved or {}).items()}
        self._answers |= {
            _key(packed.document.path): _shelved(packed, links_of(packed.document.path))
            for packed in documents
        }
        if (index := self._answers.get(_key(_INDEX))) is not None:
            self._answers[b"/"] = index

    def find(self, path: bytes) -> ShelvedDocument | Answer | None:
        """What stands at a path such as ``/feeds/all.rss``: a document, an answer that says where it went, or None."""
        found = self._answers.get(path)
        if found is None and self._folder and (packed := filed_page(self._folder, path)):
            return _shelved(packed)
        return found


def _key(path: str) -> bytes:
    return b"/" + path.encode()


def _shelved(packed: Packed, links: str = "") -> ShelvedDocument:
    document = packed.document
    route = "index" if document.path == _INDEX else "document"
    bodies = {IDENTITY: document.body, **packed.variants}
    changed_at_s = int(packed.changed_at.timestamp())
    codings = tuple(sorted(bodies, key=lambda coding: len(bodies[coding])))
    sizes = tuple((coding, len(bodies[coding])) for coding in codings)
    key = private_key(document.path)
    heads = _heads(document.media_type, document.etag, changed_at_s, sizes, bool(key), links)
    return ShelvedDocument(
        codings=codings,
        full={coding: Answer(200, head, bodies[coding], route, coding) for coding, _, head, _ in heads},
        unchanged={coding: Answer(304, head, b"", route, coding) for coding, _, _, head in heads},
        coding_of={tag: coding for coding, tag, _, _ in heads},
        changed_at_s=changed_at_s,
        key=key,
    )


@lru_cache(maxsize=512)
def _heads(
    media_type: str,
    digest: str,
    changed_at_s: int,
    sizes: tuple[tuple[str, int], ...],
    is_private: bool,
    links: str,
) -> Heads:
    """Kept by what they say, so that unchanged documents cost a look-up when the shelf is made anew."""
    linked = (("Link", links),) if links else ()
    shared = (*(_PRIVATE_CACHING if is_private else _CACHING), *linked)
    return tuple(_heads_of_coding(media_type, digest, changed_at_s, *size, shared) for size in sizes)


def _heads_of_coding(
    media_type: str,
    digest: str,
    changed_at_s: int,
    coding: str,
    size_bytes: int,
    shared: tuple[tuple[str, str], ...],
) -> tuple[str, bytes, bytes, bytes]:
    # Strong tags differ between codings (RFC 9110, section 8.8.3.3): the bytes do.
    tag = f'"{digest}"' if coding == IDENTITY else f'"{digest}-{coding}"'
    is_page = media_type.startswith("text/html")
    common = (
        ("ETag", tag),
        *shared,
        ("Vary", "Accept-Encoding"),
        # Readers that run in a browser come from other origins. Pages are for people.
        *(() if is_page else (("Access-Control-Allow-Origin", "*"),)),
    )
    content = (
        ("Content-Type", _with_charset(media_type)),
        ("Content-Length", str(size_bytes)),
        *(() if coding == IDENTITY else (("Content-Encoding", coding),)),
        ("X-Content-Type-Options", "nosniff"),
        *(PAGE_HEADERS if is_page else ()),
    )
    dated = _last_modified(changed_at_s)
    return coding, tag.encode(), dated + header_lines((*common, *content)), dated + header_lines(common)


def _last_modified(changed_at_s: int) -> bytes:
    return f"Last-Modified: {http_date(changed_at_s)}\r\n".encode()


def _with_charset(media_type: str) -> str:
    """XML and text say utf-8. JSON does not: there the parameter has no meaning (RFC 8259, section 11)."""
    if "charset=" in media_type or media_type.endswith(("/json", "+json")):
        return media_type
    return f"{media_type}; charset=utf-8"


def _moved_to(place: str) -> Answer:
    """301. Whatever cannot stand in a URL is percent-encoded, line ends too: they would start another header."""
    address = place if "://" in place else f"/{place.lstrip('/')}"
    return text(
        301,
        "This feed has moved; its new address is in the Location header.",
        route="document",
        cache_control=_RETIRED_CACHE_CONTROL,
        headers=(("Location", quote(address, safe=_URL_CHARACTERS)),),
    )


def _gone() -> Answer:
    return text(
        410,
        "This feed is no longer published. The feeds there are: /",
        route="document",
        cache_control=_RETIRED_CACHE_CONTROL,
    )
