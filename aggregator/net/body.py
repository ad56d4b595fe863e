"""Reading a body: raw, in chunks, with a cap on the bytes as sent and on the bytes unpacked."""

from __future__ import annotations

import zlib

import brotli
from aiohttp import ClientResponse

from aggregator.errors import BadResponseError, BodyTooLargeError

_CHUNK_BYTES = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
# Each further member copies what is left, so work grows with their square; real feeds have one.
_MAX_GZIP_MEMBERS = 16
_PADDING = b"\0\r\n\t "
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


async def read_body(response: ClientResponse, max_bytes: int) -> bytes:
    """The whole body, unpacked; the session must have been made with ``auto_decompress=False``.

    Raises BodyTooLargeError beyond ``max_bytes``, and BadResponseError for a content coding that is unknown,
    stacked, damaged or cut short. aiohttp's errors pass.
    """
    coding = _coding(",".join(response.headers.getall("Content-Encoding", ())))
    if (response.content_length or 0) > max_bytes:
        raise _too_large(f"announces {response.content_length:,} bytes, more", max_bytes)
    raw = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        raw += chunk
        if len(raw) > max_bytes:
            raise _too_large("is larger", max_bytes)
    return unpack(bytes(raw), coding, max_bytes)


def unpack(raw: bytes, coding: str, max_bytes: int) -> bytes:
    """The body without its content coding: '' (none), gzip, deflate or br (RFC 9110, 8.4.1; RFC 7932).

    A gzip body that nobody labelled is unpacked too. Raises BodyTooLargeError and BadResponseError.
    """
    if not raw:
        return raw
    if coding == "":
        coding = "gzip" if raw.startswith(_GZIP_MAGIC) else ""
    try:
        match coding:
            case "gzip":
                return _gunzip(raw, max_bytes)
            case "deflate":
                return _inflate(raw, max_bytes)
            case "br":
                return _unbrotli(raw, max_bytes)
    except (zlib.error, brotli.error):
        raise BadResponseError(f"the {coding} body is damaged or something else") from None
    return raw


def _coding(header: str) -> str:
    """The one coding of a Content-Encoding header, '' for none."""
    codings = [name for part in header.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(codings) > 1:
        raise BadResponseError(f"the body is packed more than once: {header[:100]!r}")
    coding = codings[0].removeprefix("x-") if codings else ""
    if coding not in ("", "gzip", "deflate", "br"):
        raise BadResponseError(f"the body is packed in a way we did not ask for: {header[:100]!r}")
    return coding


def _gunzip(raw: bytes, max_bytes: int) -> bytes:
    body = b""
    for _ in range(_MAX_GZIP_MEMBERS):
        part, raw = _inflate_one(raw, _GZIP_WINDOW, max_bytes - len(body), max_bytes)
        body += part
        if not raw.startswith(_GZIP_MAGIC):
            _check_padding(raw)
            return body
    raise BadResponseError(f"the gzip body has more than {_MAX_GZIP_MEMBERS} members, which is a fixed limit")


def _inflate(raw: bytes, max_bytes: int) -> bytes:
    # RFC 9110, section 8.4.1.2: some servers send deflate without the zlib wrapper (RFC 1950, section 2.2).
    wrapped = raw[0] & 0x0F == 8 and int.from_bytes(raw[:2], "big") % 31 == 0
    body, rest = _inflate_one(raw, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS, max_bytes, max_bytes)
    _check_padding(rest)
    return body


def _inflate_one(raw: bytes, window: int, left_bytes: int, max_bytes: int) -> tuple[bytes, bytes]:
    """One stream unpacked, and what follows it."""
    stream = zlib.decompressobj(window)
    body = stream.decompress(raw, left_bytes + 1)
    if len(body) > left_bytes:
        raise _too_large("unpacks to more", max_bytes)
    if not stream.eof:
        raise _cut_short()
    return body, stream.unused_data


def _unbrotli(raw: bytes, max_bytes: int) -> bytes:
    stream = brotli.Decompressor()
    body: bytes = stream.process(raw, output_buffer_limit=max_bytes + 1)
    if len(body) > max_bytes:
        raise _too_large("unpacks to more", max_bytes)
    if not stream.is_finished():
        raise _cut_short()
    return body


def _check_padding(rest: bytes) -> None:
    if rest.strip(_PADDING):
        raise BadResponseError("something else follows the packed body")


def _cut_short() -> BadResponseError:
    return BadResponseError("the packed body is cut short")


def _too_large(words: str, max_bytes: int) -> BodyTooLargeError:
    return BodyTooLargeError(f"the body {words} than fetch.max_body, {max_bytes:,} bytes")
