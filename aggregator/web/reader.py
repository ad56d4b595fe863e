"""Bytes to requests: llhttp parses, this measures and refuses. It knows no connection."""

from __future__ import annotations

from collections import deque
from itertools import chain

import httptools

from aggregator.web.limits import Limits
from aggregator.web.request import Request, flaw

_CHUNKED_FACTOR = 8  # a chunk of one byte takes six on the wire


class RefusedError(Exception):
    """The bytes break a limit or a rule; nothing behind them can be understood. ``str`` of it tells the client."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class RequestReader:
    """Reads the requests of one connection. Complete ones stand in ``requests``, oldest first."""

    def __init__(self, limits: Limits) -> None:
        self.requests: deque[Request] = deque()
        self.phase = "idle"  # idle | head | body: what is awaited
        self.begun = 0  # requests of which at least a byte was read
        self.awaits_continue = False  # the client sends the body when told to (RFC 9110, section 10.1.1)
        self.is_ended = False  # the last request was read: it closes the connection, or was refused
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._version = ""
        self._target = b""
        self._lines: list[tuple[bytes, bytes]] = []
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()
        self._raw_bytes = 0  # of the unfinished request, give or take a piece

    def feed(self, data: bytes) -> None:
        """Read on; at most some kilobytes at once, because everything complete in them is kept.

        Raises RefusedError, after which nothing is read any more. Requests that were complete before stay.
        """
        if self.is_ended:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.is_ended = (
                True  # none is offered: the request was read as any other, what follows is not HTTP
            )
        except httptools.HttpParserCallbackError as error:
            self.is_ended = True
            raise error.__context__ or error from None  # what one of the calls below raised
        except httptools.HttpParserError as error:
            if self.is_ended:
                return  # the last request was read, and more followed
            self.is_ended = True
            unknown = isinstance(error, httptools.HttpParserInvalidMethodError)
            words = "This method is not known here" if unknown else f"This is no HTTP request: {error}"
            raise RefusedError(501 if unknown else 400, words) from None
        if self.phase != "idle":
            self._measure(len(data))

    def _measure(self, piece_bytes: int) -> None:
        """Hold what is not finished to the limits, also what the parser has not handed over yet."""
        self._raw_bytes += piece_bytes
        in_head = self.phase == "head"
        if len(self._lines) > self._limits.headers or (in_head and self._raw_bytes > self._limits.head_bytes):
            refusal = self._head_too_large()
        elif self._raw_bytes > self._limits.head_bytes + _CHUNKED_FACTOR * self._limits.body_bytes:
            refusal = self._body_too_large()
        else:
            return
        self.is_ended = True
        raise refusal

    def on_message_begin(self) -> None:
        self.phase = "head"
        self.begun += 1
        self._target = b""
        self._lines = []
        self._raw_bytes = 0

    def on_url(self, part: bytes) -> None:
        self._target += part
        if len(self._target) > self._limits.target_bytes:
            raise RefusedError(414, f"Addresses here have at most {self._limits.target_bytes} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._lines.append((name, value))

    def on_headers_complete(self) -> None:
        self.phase = "body"
        self._headers = headers = self._joined()
        self._version = version = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):
            raise RefusedError(505, "HTTP/1.1 and HTTP/1.0 are spoken here")
        if words := flaw(version, headers):
            raise RefusedError(400, words)
        if b"content-length" in headers and int(headers[b"content-length"]) > self._limits.body_bytes:
            raise self._body_too_large()
        if b"expect" in headers:
            if headers[b"expect"].lower() != b"100-continue":
                raise RefusedError(417, "Only 100-continue can be expected")
            self.awaits_continue = version == "1.1"

    def _joined(self) -> dict[bytes, bytes]:
        """The headers so far. What comes later are trailers: they must not pass for headers (RFC 9110, 6.5.1)."""
        lines = self._lines
        if len(lines) > self._limits.headers:
            raise self._head_too_large()
        # One piece is always within the limit: only heads that took several are counted.
        if self._raw_bytes and sum(map(len, chain(*lines))) > self._limits.head_bytes:
            raise self._head_too_large()
        headers: dict[bytes, bytes] = {}
        for name, value in lines:
            key = name.lower()
            headers[key] = headers[key] + b", " + value if key in headers else value
        return headers

    def on_body(self, part: bytes) -> None:
        self._body += part
        if len(self._body) > self._limits.body_bytes:
            raise self._body_too_large()

    def on_message_complete(self) -> None:
        self.phase = "idle"
        self.awaits_continue = False
        parser, body = self._parser, b""
        if self._body:
            body, self._body = bytes(self._body), bytearray()
        self.is_ended = parser.should_upgrade() or not parser.should_keep_alive()
        self.requests.append(
            Request(
                parser.get_method().decode(),
                self._target,
                self._headers,
                body,
                keep_alive=not self.is_ended,
                is_http_1_0=self._version == "1.0",
            )
        )

    def _head_too_large(self) -> RefusedError:
        limits = self._limits
        return RefusedError(
            431, f"A request here has at most {limits.headers} headers and {limits.head_bytes} bytes of them"
        )

    def _body_too_large(self) -> RefusedError:
        return RefusedError(413, f"Bodies here have at most {self._limits.body_bytes} bytes")
