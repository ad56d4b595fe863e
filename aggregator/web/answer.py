"""Answers as bytes, all but the lines that change with the second and the connection."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action {form_action}; frame-ancestors 'none'"
)
PAGE_POLICY = _POLICY.format(form_action="'none'")
FORM_POLICY = _POLICY.format(form_action="'self'")
_NO_REFERRER = ("Referrer-Policy", "no-referrer")
PAGE_HEADERS = (("Content-Security-Policy", PAGE_POLICY), _NO_REFERRER)
NO_STORE = "no-store"


@dataclass(frozen=True, slots=True)
class Answer:
    """``head`` ends with the empty line and lacks the status line, Date, Server and Connection.

    ``route`` and ``encoding`` are the labels it is counted by. A HEAD request gets the same without ``body``.
    """

    status: int
    head: bytes
    body: bytes
    route: str = "other"
    encoding: str = "identity"


def header_lines(headers: Iterable[tuple[str, str]]) -> bytes:
    """Header lines with the empty line behind them. Values must be free of control characters."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("latin-1") + b"\r\n"


def http_date(at_s: float) -> str:
    """Seconds since 1970 as an IMF-fixdate (RFC 9110, section 5.6.7)."""
    return formatdate(at_s, usegmt=True)


def answer(
    status: int,
    media_type: str,
    body: bytes,
    *,
    route: str,
    cache_control: str,
    headers: Iterable[tuple[str, str]] = (),
) -> Answer:
    """An answer that nothing was prepared for."""
    head = header_lines(
        (
            ("Content-Type", media_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", cache_control),
            ("X-Content-Type-Options", "nosniff"),
            *headers,
        )
    )
    return Answer(status, head, body, route)


def text(
    status: int,
    words: str,
    *,
    route: str = "other",
    cache_control: str = NO_STORE,
    headers: Iterable[tuple[str, str]] = (),
) -> Answer:
    """A sentence for whoever reads the answer."""
    return answer(
        status,
        "text/plain; charset=utf-8",
        f"{words}\n".encode(),
        route=route,
        cache_control=cache_control,
        headers=headers,
    )


def json_answer(status: int, value: object, *, route: str) -> Answer:
    """A JSON document that nobody keeps."""
    body = json.dumps(value, ensure_ascii=False, indent=1).encode()
    return answer(status, "application/json", body + b"\n", route=route, cache_control=NO_STORE)


def page(status: int, html: str, *, route: str, policy: str = PAGE_POLICY) -> Answer:
    """An HTML page that nobody keeps."""
    return answer(
        status,
        "text/html; charset=utf-8",
        html.encode(),
        route=route,
        cache_control=NO_STORE,
        headers=(("Content-Security-Policy", policy), _NO_REFERRER),
    )
