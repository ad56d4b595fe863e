"""What is said over WebSub."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """What a hub, or a partner's hub that pushes, is answered: an HTTP status, and words for its developer.

    ``retry_after_s``: when to ask again, 0 where that is not said.
    """

    status: int
    words: str
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True)
class Pushed:
    """A content distribution request (W3C WebSub, section 7). Headers verbatim, '' where they are absent."""

    body: bytes
    content_type: str
    signature: str
