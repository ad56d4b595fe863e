"""Bytes to requests: llhttp parses, this measures and refuses. It knows no connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import chain

import httptools

from aggregator.web.limits import Limits
from aggregator.web.request import Request, flaw

BodyBytesOf = Callable[[str, bytes], int]

_CHUNKED_FACTOR = 8  # a chunk of one byte takes six on the wire


class RefusedError(Exception):
    """The bytes break a limit or a rule; nothing behind them can be understood. ``str`` of it tells the client."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class RequestReader:
    """Reads the requests of one connection. Complete ones stand in ``requests``, oldest first.

    ``body_bytes_of`` says how large a body may be that is sent by a method to a target.

    llhttp calls the methods ``on_...``, seven times for a common request: they do as little as can be.
    """

    def __init__(self, limits: Limits, body_bytes_of: BodyBytesOf) -> None:
        self.requests: deque[Request] = deque()
        self.phase = "idle"  # idle | head | body: what is awaited
        self.begun = 0  # requests of which at least a byte was read
        self.awaits_continue = False  # the client sends the body when told to (RFC 9110, section 10.1.1)
        self.is_ended = False  # the last request was read: it closes the connection, or was refused
        self._limits = limits
        self._body_bytes_of = body_bytes_of
        self._body_bytes = limits.body_bytes  # of the request that is being read
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""
        self._headers: dict[bytes, bytes] = {}
        self._lines = self._headers  # where the next header line goes
        self._body = bytearray()
        self._earlier_bytes = 0  # of the unfinished request, in pieces before this one
        self._is_last = self._is_http_1_0 = False

    def feed(self, piece: bytes) -> None:
        """Read on, some kilobytes at once: everything complete in them is kept, and no head that fits in one piece
        is too large.

        Raises RefusedError, after which nothing is read any more. Requests that were complete before stay.
        """
        if self.is_ended:
            return
        try:
            self._parser.feed_data(piece)
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
            self._earlier_bytes += len(piece)
            if refusal := self._excess_of_unfinished():
                self.is_ended = True
                raise refusal

    def _excess_of_unfinished(self) -> RefusedError | None:
        """What there is too much of already, also of what the parser has not handed over yet."""
        limits = self._limits
        if len(self._target) > limits.target_bytes:
            return self._target_too_long()
        if len(self._lines) > limits.headers:
            return self._head_too_large()
        if self.phase == "head":
            return self._head_too_large() if self._earlier_bytes > limits.head_bytes else None
        all_bytes = limits.head_bytes + _CHUNKED_FACTOR * self._body_bytes
        return self._body_too_large() if self._earlier_bytes > all_bytes else None

    def on_message_begin(self) -> None:
        self.phase = "head"
        self.begun += 1
        self._target = b""
        self._headers = self._lines = {}
        self._earlier_bytes = 0

    def on_url(self, part: bytes) -> None:
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        key = name.lower()
        lines = self._lines
        lines[key] = lines[key] + b", " + value if key in lines else value

    def on_headers_complete(self) -> None:
        self.phase = "body"
        headers, limits, parser = self._headers, self._limits, self._parser
        self._lines = {}  # trailers come here: they must not pass for headers (RFC 9110, section 6.5.1)
        if len(headers) > limits.headers:
            raise self._head_too_large()
        if self._earlier_bytes:
            if len(self._target) > limits.target_bytes:
                raise self._target_too_long()
            if sum(map(len, chain.from_iterable(headers.items()))) > limits.head_bytes:
                raise self._head_too_large()
        keep_alive = parser.should_keep_alive()
        # Without a Connection header only HTTP/1.1 is kept alive. To ask llhttp for the version takes a third of the
        # time that it takes to parse.
        version = "1.1" if keep_alive and b"connection" not in headers else parser.get_http_version()
        if version not in ("1.0", "1.1"):
            raise RefusedError(505, "HTTP/1.1 and HTTP/1.0 are spoken here")
        if words := flaw(version, headers):
            raise RefusedError(400, words)
        has_length = b"content-length" in headers
        if has_length or b"transfer-encoding" in headers:
            self._body_bytes = self._body_bytes_of(parser.get_method().decode(), self._target)
        if has_length and int(headers[b"content-length"]) > self._body_bytes:
            raise self._body_too_large()
        if b"expect" in headers:
            if headers[b"expect"].lower() != b"100-continue":
                raise RefusedError(417, "Only 100-continue can be expected")
            self.awaits_continue = version == "1.1"
        self._is_http_1_0 = version == "1.0"
        self._is_last = not keep_alive or parser.should_upgrade()

    def on_body(self, part: bytes) -> None:
        self._body += part
        if len(self._body) > self._body_bytes:
            raise self._body_too_large()

    def on_message_complete(self) -> None:
        self.phase = "idle"
        body = b""
        if self._body:
            body, self._body = bytes(self._body), bytearray()
        self.awaits_continue = False
        self.is_ended = is_last = self._is_last
        method = self._parser.get_method().decode()
        request = Request(method, self._target, self._headers, body, not is_last, self._is_http_1_0)
        self.requests.append(request)

    def _target_too_long(self) -> RefusedError:
        return RefusedError(414, f"Addresses here have at most {self._limits.target_bytes} bytes")

    def _head_too_large(self) -> RefusedError:
        limits = self._limits
        return RefusedError(
            431, f"A request here has at most {limits.headers} headers and {limits.head_bytes} bytes of them"
        )

    def _body_too_large(self) -> RefusedError:
        return RefusedError(413, f"Bodies here have at most {self._body_bytes} bytes")
