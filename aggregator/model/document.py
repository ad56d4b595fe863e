"""Outputs and the documents they are rendered to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Output:
    """A feed that we publish. ``topic`` is None for the combined one; ``max_age_s`` counts from first publication."""

    id: str  # 'all', 'topics/politik'
    title: str
    topic: str | None
    limit: int
    max_age_s: float


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


@dataclass(frozen=True, slots=True)
class OutputState:
    """What the store knows of an output: when its documents must be made again.

    They are due when ``touched`` (counts changes) differs from ``rendered`` (its value when they were last made),
    when ``next_change_at`` has come, or when ``render_key`` (definition and renderer version) is another.
    ``updated_at`` is the newest change the documents ever showed; it never goes back.
    """

    output_id: str
    touched: int = 0
    rendered: int = -1
    render_key: str = ""
    next_change_at: datetime | None = None
    updated_at: datetime | None = None
