"""What the net room brings back."""

from __future__ import annotations

from dataclasses import dataclass

# Nobody is believed that there will be no news for longer.
FRESH_AT_MOST_S = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified exactly as the server sent them (RFC 9110, section 8.8); '' when it sent none."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a partner says of when there can be news. Zero and empty say nothing.

    ``fresh_s``: not for so long. ``skip_hours`` (0 to 23) and ``skip_days`` (0 is Monday), in GMT: not then.
    """

    fresh_s: float = 0.0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A complete body. ``url`` is where it was found after redirects.

    ``fresh_s`` is how long the answer stays true by its own word (RFC 9111, section 4.2.1), 0 when it gives none.
    ``moved_to`` is where the address asked for has moved for good (301 and 308 only, from the first hop on), or ''.
    ``links`` are its Link headers, joined by commas (RFC 8288).
    """

    url: str
    body: bytes
    content_type: str
    validators: Validators
    fresh_s: float = 0.0
    moved_to: str = ""
    links: str = ""


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: what we have is current. ``fresh_s`` and ``moved_to`` as for ``Fetched``."""

    validators: Validators
    fresh_s: float = 0.0
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for something that was sent; ``body`` is its beginning, ``location`` the header, '' for none."""

    status: int
    body: bytes = b""
    location: str = ""
