"""Bytes to requests: llhttp parses, this measures and refuses. It knows no connection."""

from __future__ import annotations

from collections import deque

import httptools

from aggregator.web.limits import Limits
from aggregator.web.request import Request, flaw

# What a header may take beyond the limit before it ends and can be counted.
_UNCOUNTED_BYTES = 4096


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
        self._target = b""
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()
        self._header_count = self._head_bytes = self._unfinished_bytes = 0

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
                True  # no upgrade is offered: the request was read as any other, what follows is not HTTP
            )
        except httptools.HttpParserError as error:
            if not self.is_ended:
                self.is_ended = True
                raise _refusal(error) from None
        if self.phase == "head":
            self._unfinished_bytes += len(data)
            if self._unfinished_bytes > self._limits.head_bytes + _UNCOUNTED_BYTES:
                self.is_ended = True
                raise self._head_too_large()

    def on_message_begin(self) -> None:
        self.phase = "head"
        self.begun += 1
        self.awaits_continue = False
        self._target = b""
        self._headers = {}
        self._body = bytearray()
        self._header_count = self._head_bytes = self._unfinished_bytes = 0

    def on_url(self, part: bytes) -> None:
        self._target += part
        if len(self._target) > self._limits.target_bytes:
            raise RefusedError(414, f"Addresses here have at most {self._limits.target_bytes} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_count += 1
        self._head_bytes += len(name) + len(value) + 4
        if self._header_count > self._limits.headers or self._head_bytes > self._limits.head_bytes:
            raise self._head_too_large()
        if self.phase != "head":
            return  # a trailer: it must not pass for a header (RFC 9110, section 6.5.1)
        name = name.lower()
        known = self._headers.get(name)
        self._headers[name] = value if known is None else known + b", " + value

    def on_headers_complete(self) -> None:
        self.phase = "body"
        version = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):
            raise RefusedError(505, "HTTP/1.1 and HTTP/1.0 are spoken here")
        if words := flaw(version, self._headers):
            raise RefusedError(400, words)
        if int(self._headers.get(b"content-length", 0)) > self._limits.body_bytes:
            raise self._body_too_large()
        expectation = self._headers.get(b"expect")
        if expectation is not None and expectation.lower() != b"100-continue":
            raise RefusedError(417, "Only 100-continue can be expected")
        self.awaits_continue = expectation is not None and version == "1.1"

    def on_body(self, part: bytes) -> None:
        self._body += part
        if len(self._body) > self._limits.body_bytes:
            raise self._body_too_large()

    def on_message_complete(self) -> None:
        self.phase = "idle"
        parser = self._parser
        self.is_ended = parser.should_upgrade() or not parser.should_keep_alive()
        self.requests.append(
            Request(
                method=parser.get_method().decode(),
                target=self._target,
                headers=self._headers,
                body=bytes(self._body),
                keep_alive=not self.is_ended,
                is_http_1_0=parser.get_http_version() == "1.0",
            )
        )

    def _head_too_large(self) -> RefusedError:
        limits = self._limits
        return RefusedError(
            431, f"A request here has at most {limits.headers} headers and {limits.head_bytes} bytes of them"
        )

    def _body_too_large(self) -> RefusedError:
        return RefusedError(413, f"Bodies here have at most {self._limits.body_bytes} bytes")


def _refusal(error: httptools.HttpParserError) -> RefusedError:
    """What to say when the parser stopped: our own reason when one of the calls above gave it."""
    if isinstance(error.__context__, RefusedError):
        return error.__context__
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return RefusedError(501, "This method is not known here")
    return RefusedError(400, f"This is no HTTP request: {error}")
