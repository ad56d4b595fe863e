"""Outputs and the documents they are rendered to."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from aggregator.model.facet import Facet


@dataclass(frozen=True, slots=True)
class Where:
    """What a story must be to stand in an output: of each kind that names anything, one of the named.

    ``partners`` are ids, of the partner whose entry readers are given; ``places``, ``genres`` and ``languages`` are
    codes of facets. Of no entry of the story may the partner be one of ``not_partners``, or the article's address or
    origin stand on one of ``not_hosts`` or below, or a credit name one of ``not_names``: nobody wants their own
    articles back.
    """

    topics: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    not_partners: tuple[str, ...] = ()
    not_hosts: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()

    def takes(self, topics: Collection[str], partner_id: str, facets: Collection[Facet]) -> bool:
        """Whether a story of these topics and facets, of which this partner's entry is shown, stands in the output."""
        named: dict[str, set[str]] = {"place": set(), "genre": set(), "language": set()}
        for facet in facets:
            named[facet.kind].add(facet.code)
        pairs: tuple[tuple[tuple[str, ...], Collection[str]], ...] = (
            (self.topics, topics),
            (self.partners, (partner_id,)),
            (self.places, named["place"]),
            (self.genres, named["genre"]),
            (self.languages, named["language"]),
        )
        return all(not wanted or not set(wanted).isdisjoint(there) for wanted, there in pairs)


EVERYTHING = Where()


# For whom an output is written: any reader, WordPress' importers, or Google News (a sitemap of the last 48 hours).
Profile = Literal["plain", "wordpress", "google-news"]


@dataclass(frozen=True, slots=True)
class Output:
    """A feed that we publish; ``max_age_s`` counts from first publication."""

    id: str  # 'all', 'topics/politik'
    title: str
    limit: int
    max_age_s: float
    where: Where = EVERYTHING
    content: Literal["full", "excerpt"] = "full"  # at most; terms may allow less
    link: Literal["origin", "site"] = "origin"  # where a story's link leads
    profile: Profile = "plain"
    subscriber_id: str = ""  # whose it is; '' for one that everybody may read

    @property
    def name(self) -> str:
        """What it is called where people look who need not know a subscriber's key."""
        return f"subscriber {self.subscriber_id}" if self.subscriber_id else self.id


# Begins the id of a subscriber's output; what follows is its key, which nobody can guess.
PRIVATE = "s/"
KEY_CHARACTERS = 32
_PRIVATE_PATH = f"feeds/{PRIVATE}"
_PRIVATE_PLACE = re.compile(rf"({_PRIVATE_PATH})[a-z2-7]{{{KEY_CHARACTERS}}}")


def is_private(output_id: str) -> bool:
    """Whether the output of that id is a subscriber's."""
    return output_id.startswith(PRIVATE)


def private_key(path: str) -> str:
    """The key in a document's path; '' for a document that everybody may read."""
    return path.removeprefix(_PRIVATE_PATH)[:KEY_CHARACTERS] if path.startswith(_PRIVATE_PATH) else ""


def without_key(path: str) -> str:
    """A path as messages may show it: who reads them need not know a subscriber's address."""
    return _PRIVATE_PLACE.sub(r"\1...", path)


@dataclass(frozen=True, slots=True)
class Document:
    """One file of ``public/``: ``path`` is relative, ``etag`` the SHA-256 of the body in hex."""

    path: str
    media_type: str
    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Packed:
    """A document ready to be served: ``variants`` are its body by content coding (gzip, br, zstd), each packed once.

    ``changed_at`` is when its bytes last changed.
    """

    document: Document
    changed_at: datetime
    variants: Mapping[str, bytes]


class Shown(NamedTuple):
    """A story as documents show it: in the version of this ``updated_at``, which they first showed at ``since_at``.

    Whether it is the newest is told by whether the story has another ``updated_at`` now, never by which is later:
    several desks' clocks may differ, and any may be set back.
    """

    story_id: int
    updated_at: datetime
    since_at: datetime


@dataclass(frozen=True, slots=True)
class OutputState:
    """What the store knows of an output: when its documents must be made again.

    They are due when ``touched`` (counts changes) differs from ``rendered`` (its value when they were last made),
    when ``next_change_at`` has come, or when ``render_key`` (definition and renderer version) is another.
    ``updated_at`` is the newest change the documents ever showed; it never goes back. ``owed`` are the paths of
    documents that lack news which the others brought, because the gate refused them then.
    """

    output_id: str
    touched: int = 0
    rendered: int = -1
    render_key: str = ""
    next_change_at: datetime | None = None
    updated_at: datetime | None = None
    owed: tuple[str, ...] = ()
