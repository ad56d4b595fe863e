"""Bot walls: what stands before a partner's server and refuses programs, by its headers and its page."""

from __future__ import annotations

import asyncio
import zlib

import aiohttp
import brotli

from aggregator.model.wall import WALL_WORDS
from aggregator.net.headers import Headers

UNNAMED = "a wall of no known make"
_PEEK_BYTES = 8192
_PEEK_S = 2.0
# Headers that a wall sends only when it refuses.
_MARKS = {"cf-mitigated": "Cloudflare", "x-amzn-waf-action": "AWS WAF", "x-sucuri-block": "Sucuri"}
# Servers that refuse in their own name, or pass on what the partner's server says: then a 403 is most often theirs.
_SERVERS = {
    "cloudflare": "Cloudflare",
    "akamaighost": "Akamai",
    "sucuri": "Sucuri",
    "ddos-guard": "DDoS-Guard",
    "imunify360": "Imunify360",
    "datadome": "DataDome",
    "imperva": "Imperva",
    "incapsula": "Imperva",
    "qrator": "Qrator",
}
_REFUSALS = (403, 406, 503)


async def wall_before(response: aiohttp.ClientResponse) -> str:
    """The make of the wall that gave this answer, ``UNNAMED`` for one of no known make, '' where there is none.

    A little of the body is read where the headers do not tell.
    """
    if named := wall_in_headers(response.status, response.headers):
        return named
    is_page = response.content_type in ("text/html", "application/xhtml+xml")
    if response.status not in _REFUSALS or not is_page:
        return ""
    page = _unpacked(await _beginning(response), response.headers.get("Content-Encoding", ""))
    return UNNAMED if WALL_WORDS.search(page.decode("utf-8", "replace")) else ""


def wall_in_headers(status: int, headers: Headers) -> str:
    """The make of the wall that the headers of a refusal name, or ''."""
    if mark := next((name for name in _MARKS if name in headers), ""):
        return _MARKS[mark]
    server = headers.get("Server", "").lower()
    return next((name for word, name in _SERVERS.items() if status == 403 and word in server), "")


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """What arrives of the body in a short time; it is not worth more."""
    raw = b""
    try:
        async with asyncio.timeout(_PEEK_S):
            while len(raw) < _PEEK_BYTES and (chunk := await response.content.read(_PEEK_BYTES - len(raw))):
                raw += chunk
    except (aiohttp.ClientError, OSError):  # TimeoutError is one
        pass
    return raw


def _unpacked(raw: bytes, coding: str) -> bytes:
    """The beginning of a body without its content coding; nothing where that is damaged or unknown."""
    try:
        match coding.strip().lower():
            case "gzip" | "x-gzip":
                return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(raw, _PEEK_BYTES)
            case "br":
                unpacked: bytes = brotli.Decompressor().process(raw, output_buffer_limit=_PEEK_BYTES)
                return unpacked
            case "" | "identity":
                return raw
    except (zlib.error, brotli.error):
        pass
    return b""
