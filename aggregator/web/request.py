"""A request as the routes see it, and what makes one unfit to be answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

_NO_HOST = re.compile(rb"[\s/?#@\\,]")  # no host name, address or port has one of these


@dataclass(slots=True)
class Request:
    """One request with its whole body. Header names are lower case; repeated headers are joined by commas.

    Not frozen: that would take four times as long to make, a fifth of the time for a whole answer.
    """

    method: str
    target: bytes
    headers: Mapping[bytes, bytes]
    body: bytes
    keep_alive: bool  # the client lets the connection be used again
    is_http_1_0: bool


def flaw(version: str, headers: Mapping[bytes, bytes]) -> str:
    """Why a request with this head must be refused with 400, in words; '' when it may be answered.

    What llhttp lets pass and RFC 9112 forbids: sections 3.2 (Host) and 6.1 (HTTP/1.0 knows no transfer coding).
    """
    host = headers.get(b"host")
    if host is None:
        if version == "1.1":
            return "HTTP/1.1 requests must name their host"
    elif not _is_host(host):
        return "The Host header names no single host"
    if version == "1.0" and b"transfer-encoding" in headers:
        return "HTTP/1.0 knows no Transfer-Encoding"
    return ""


@lru_cache(maxsize=64)
def _is_host(value: bytes) -> bool:
    return _NO_HOST.search(value) is None


def path_of(target: bytes) -> bytes:
    """The path that a request target means: ``/feeds/all.rss``; b'' for ``*`` and ``host:port``.

    Absolute form, query, percent encoding, doubled slashes and dot segments are resolved as nginx resolves them
    (RFC 9112, section 3.2; RFC 3986, section 5.2.4), so that an address means the same with and without nginx in
    front. The result is only ever looked up, never opened, so it may hold anything.
    """
    path = target.partition(b"?")[0].partition(b"#")[0]
    if not path.startswith(b"/"):
        _, is_absolute, rest = path.partition(b"://")
        if not is_absolute:
            return b""
        path = b"/" + rest.partition(b"/")[2]
    segments: list[bytes] = []
    *folders, last = unquote_to_bytes(path).split(b"/")
    for segment in folders:
        if segment == b"..":
            segments = segments[:-1]
        elif segment not in (b"", b"."):
            segments.append(segment)
    if last == b"..":
        segments = segments[:-1]
    name = b"" if last in (b".", b"..") else last
    return b"".join(b"/" + segment for segment in segments) + b"/" + name
