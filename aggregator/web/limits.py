"""How much of us a client may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one connection and on their number. docs/ops.md shows them to ops."""

    target_bytes: int = 8000  # at least so many must be understood: RFC 9110, section 4.1
    head_bytes: int = 16_384
    headers: int = 100
    body_bytes: int = 65_536  # but of what a partner's hub pushes as much as fetch.max_body
    connections: int = 1000
    head_s: float = (
        10.0  # from the first byte of a request (or from the connection) until its head is complete
    )
    body_s: float = 20.0  # from the head until the body is complete
    idle_s: float = (
        75.0  # between requests; longer than the 60 s after which nginx drops a connection kept to us
    )
    handler_s: float = 15.0  # for an answer that must be made first
    stalled_s: float = 20.0  # without a byte taken by the client
    linger_s: float = 2.0  # after a refusal, so that the client reads it before the connection is reset
