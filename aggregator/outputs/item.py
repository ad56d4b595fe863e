"""A story in the shape that all formats share; what is decided once for every format is decided here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TypeVar
from urllib.parse import urlsplit

from aggregator.model.document import Output, Profile
from aggregator.model.entry import Image
from aggregator.model.story import Category, Origin, PrintStory, RelatedLink
from aggregator.outputs.text import as_uri, inert, is_address, one_line, text_of, xml_text

_T = TypeVar("_T")
# Stories whose items, and what each format makes of them, are kept: those that stand in several outputs, and those that
# stand there still at the next publication.
KEPT = 1_000

IPTC_SCHEME = "http://cv.iptc.org/newscodes/mediatopic/"
# What partners write, and IANA does not know.
_TYPES_AS_REGISTERED = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
_IMAGE_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A topic or a facet: ``scheme`` + ``code`` is the IPTC concept's address, or ``scheme`` is '' and the code ours.

    ``kind`` is place, genre or language for a facet, whose ``scheme`` is a tag URI of the site's, and '' for a topic.
    """

    code: str
    scheme: str
    label: str
    kind: str = ""
    topic: str = ""  # a topic's id


@dataclass(frozen=True, slots=True)
class Item:
    """A story ready to be written: strings XML 1.0-safe, dates UTC in whole seconds, addresses absolute
    or ''.

    ``summary`` is plain text and never '' unless there is no content either; ``html`` is sanitized markup.
    ``image`` has a media type; ``origin`` is None where the source cannot be named by an address; the
    addresses of ``related`` are those that their own items have.
    """

    id: str
    url: str
    title: str
    published_at: datetime
    updated_at: datetime
    authors: tuple[str, ...]
    terms: tuple[Term, ...]
    summary: str
    html: str
    origin: Origin | None
    via_url: str
    image: Image | None
    language: str
    related: tuple[RelatedLink, ...]


# What WordPress makes a category of each of.
_WORDPRESS_KINDS = ("", "genre")


def item_of(story: PrintStory, site_host: str, output: Output) -> Item:
    """The story as the output's documents carry it; facets have schemes in the name of our own site's host.

    Never fails on a story that ``gate.story_problem`` passes. An address that is none (image, origin, via) is
    left out: it costs an ornament, not the story. Without a summary the words of the content (the credit)
    stand in. ``updated_at`` is never before ``published_at``.
    """
    return _item_of(story, site_host, output.content == "full", output.link == "site", output.profile)


@lru_cache(maxsize=KEPT)
def _item_of(
    story: PrintStory, site_host: str, is_full: bool, is_linked_to_site: bool, profile: Profile
) -> Item:
    """For all outputs that show it in the same way."""
    shown = story.content if is_full else story.excerpt
    body = shown.markup if shown else ""
    if profile == "wordpress" and story.picture and "<img" not in body:
        body = story.picture.markup + body  # importers feature the first picture of the text
    html = xml_text(body).strip()
    terms = _distinct(_term(category, site_host) for category in story.categories)
    if profile == "wordpress":
        terms = tuple(term for term in terms if term.kind in _WORDPRESS_KINDS)
    published_at = utc_seconds(story.published_at)
    return Item(
        id=story.id,
        url=_link(story, is_linked_to_site),
        title=inert(one_line(story.title)),
        published_at=published_at,
        updated_at=max(published_at, utc_seconds(story.updated_at)),
        authors=_distinct(inert(one_line(author)) for author in story.authors),
        terms=terms,
        summary=xml_text(story.summary).strip() or text_of(html),
        html=html,
        origin=_origin(story.origin),
        via_url=_address(story.via_url),
        image=_image(story.image),
        language=story.language if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", story.language) else "",
        related=tuple(
            RelatedLink(one.id, _link(one, is_linked_to_site), inert(one_line(one.title)))
            for one in story.related
        ),
    )


def _link(story: PrintStory | RelatedLink, is_linked_to_site: bool) -> str:
    return as_uri(story.site_url if is_linked_to_site and is_address(story.site_url) else story.url)


def rfc3339(moment: datetime) -> str:
    """A UTC moment with Z, which more clients read than a numeric offset: ``2026-11-23T06:00:00Z``."""
    return moment.isoformat().replace("+00:00", "Z")


def utc_seconds(moment: datetime) -> datetime:
    """The moment in UTC, whole seconds: the precision that all three formats have."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _distinct(values: Iterable[_T | None]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _address(url: str) -> str:
    return as_uri(url) if is_address(url) else ""


def facet_scheme(kind: str, site_host: str) -> str:
    """The scheme of a kind of facets (RFC 4151): it names the site, and stays when the feeds move."""
    return f"tag:{site_host},2026:{kind}/"


def _term(category: Category, site_host: str) -> Term | None:
    label = inert(one_line(category.title) or one_line(category.id))
    if not label:
        return None
    if category.kind:
        return Term(
            inert(one_line(category.id)), facet_scheme(category.kind, site_host), label, category.kind
        )
    if match := re.fullmatch(r"medtop:(\d{8})", category.iptc, re.ASCII):
        return Term(code=match[1], scheme=IPTC_SCHEME, label=label, topic=inert(one_line(category.id)))
    return Term(
        code=inert(one_line(category.id)) or label, scheme="", label=label, topic=inert(one_line(category.id))
    )


def _image(image: Image | None) -> Image | None:
    if image is None or not is_address(image.url):
        return None
    return replace(
        image,
        url=as_uri(image.url),
        media_type=_image_type(image),
        length_bytes=_positive(image.length_bytes),
        width=_positive(image.width),
        height=_positive(image.height),
        alt=inert(one_line(image.alt)),
        credit=inert(one_line(image.credit)),
    )


def _image_type(image: Image) -> str:
    """The partner's word, else by the address; enclosures must state one, and most pictures are JPEG."""
    if re.fullmatch(r"image/[a-z0-9][a-z0-9.+-]*", image.media_type):
        return _TYPES_AS_REGISTERED.get(image.media_type, image.media_type)
    return _IMAGE_TYPES.get(PurePosixPath(urlsplit(image.url).path).suffix.lower(), "image/jpeg")


def _positive(number: int | None) -> int | None:
    return number if number is not None and number > 0 else None


def _origin(origin: Origin) -> Origin | None:
    """The source, its id a URI (RFC 4287, section 4.2.6) and never untitled; None when it has no address."""
    feed_url, site_url = _address(origin.feed_url), _address(origin.site_url)
    is_uri = re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+", origin.feed_id)
    feed_id = origin.feed_id if is_uri else feed_url or site_url
    if not (feed_url or site_url):
        return None
    title = inert(one_line(origin.title)) or urlsplit(feed_url or site_url).netloc
    return Origin(title=title, site_url=site_url, feed_url=feed_url, feed_id=feed_id)
