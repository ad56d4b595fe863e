"""One HTTP/1.1 connection (RFC 9112): requests in, answers out, in the order they were asked."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import structlog

from aggregator.web.answer import Answer, text
from aggregator.web.listener import Listener
from aggregator.web.reader import RefusedError, RequestReader
from aggregator.web.request import Request

# A read may hold thousands of small requests: they are parsed in pieces, so that few wait for a client that sends
# faster than it reads.
_PIECE_BYTES = 4096
_JOINED_BYTES = 4096  # up to here it is cheaper to copy head and body together than to hand over two buffers

_FAILED = "a request could not be answered"
_SORRY = "Something went wrong here; the log says what"

log = structlog.get_logger()


class Connection(asyncio.Protocol):
    """While an answer is being made or the client does not take what was sent, nothing more is parsed or read.

    So a connection holds at most the requests of one piece, two reads of bytes, and one answer beyond the
    transport's high-water mark (64 kB), and the bodies of documents are shared.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._limits = listener.limits
        self._loop = asyncio.get_running_loop()
        self._reader = RequestReader(listener.limits, listener.body_bytes_of)
        self._unparsed = b""
        self._running: asyncio.Task[None] | None = None
        self._refusal: Answer | None = None  # the last word, when everything before it is answered
        self._is_write_paused = False
        self._is_read_paused = False
        self._is_lingering = False
        self._has_eof = False
        self._given_bytes = 0  # to the transport
        self._seen: tuple[int, int, str] | None = None  # at the last sweep, and since when it is so:
        self._seen_at_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._listener.arrived(self):
            return
        self._listener.metrics.cut("full")
        if self._listener.is_overrun:
            self._transport.abort()
        else:
            self._refusal = text(
                503, "All connections are in use; try again in a minute", headers=(("Retry-After", "60"),)
            )
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 the reason changes nothing
        self._listener.left(self)
        if self._running is not None:
            self._running.cancel()

    def data_received(self, data: bytes) -> None:
        if not self._is_lingering:
            self._unparsed += data
            self._go_on()

    def eof_received(self) -> bool:
        """A client that will send no more still gets what it asked for."""
        self._has_eof = True
        return self._is_blocked and not self._is_lingering

    def pause_writing(self) -> None:
        self._is_write_paused = True

    def resume_writing(self) -> None:
        self._is_write_paused = False
        self._go_on()

    @property
    def _is_blocked(self) -> bool:
        return self._running is not None or self._is_write_paused

    def _go_on(self) -> None:
        """Answer, parse and read as far as possible."""
        requests, transport = self._reader.requests, self._transport
        while self._running is None and not self._is_write_paused and not transport.is_closing():
            if requests:
                self._answer(requests.popleft())
            elif self._unparsed:
                self._parse()
            elif self._refusal is not None:
                self._linger(self._refusal)
            elif self._has_eof:
                transport.close()
            else:
                if self._is_read_paused:
                    self._pause_reading(False)
                return
        if not self._is_read_paused and not transport.is_closing():
            self._pause_reading(True)

    def _parse(self) -> None:
        piece, self._unparsed = self._unparsed[:_PIECE_BYTES], self._unparsed[_PIECE_BYTES:]
        reader = self._reader
        try:
            reader.feed(piece)
        except RefusedError as error:
            self._refusal = text(error.status, str(error))
            self._unparsed = b""
        if reader.phase == "body" and reader.awaits_continue and not reader.requests:
            reader.awaits_continue = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _answer(self, request: Request) -> None:
        try:
            answer = self._listener.respond(request)
        except Exception:
            log.exception(_FAILED, method=request.method)
            answer = text(500, _SORRY)
        if isinstance(answer, Answer):
            self._send(answer, request)
        else:
            self._running = self._loop.create_task(self._make(answer, request))

    async def _make(self, work: Coroutine[Any, Any, Answer], request: Request) -> None:
        try:
            async with asyncio.timeout(self._limits.handler_s):
                answer = await work
        except TimeoutError:
            answer = text(503, f"No answer was ready within {self._limits.handler_s:g} s; try again later")
        except Exception:
            log.exception(_FAILED, method=request.method)
            answer = text(500, _SORRY)
        self._running = None
        self._send(answer, request)
        self._go_on()

    def _send(self, answer: Answer, request: Request) -> None:
        body = b"" if request.method == "HEAD" else answer.body
        if not request.keep_alive or self._listener.is_stopping:
            self._write(answer, b"Connection: close\r\n", body)
            self._transport.close()
        else:
            self._write(answer, b"Connection: keep-alive\r\n" if request.is_http_1_0 else b"", body)

    def _write(self, answer: Answer, connection_line: bytes, body: bytes) -> None:
        listener = self._listener
        head = b"".join((listener.start_lines(answer.status), connection_line, answer.head))
        self._given_bytes += len(head) + len(body)
        listener.metrics.answered(answer.route, answer.status, answer.encoding)
        if not body:
            self._transport.write(head)
        elif len(body) <= _JOINED_BYTES:
            self._transport.write(head + body)
        else:
            # Not writelines: asyncio's own loop forgets to pause the protocol there (Python 3.12 and 3.13), and
            # whoever reads nothing would be given answer after answer. uvloop sends the two together anyway.
            self._transport.write(head)
            self._transport.write(body)

    def _linger(self, refusal: Answer) -> None:
        """Refuse, and close only when the client has read it: bytes unread at a close would reset the connection
        and take the answer away (RFC 9112, section 9.6)."""
        self._refusal = None
        self._is_lingering = True
        self._write(refusal, b"Connection: close\r\n", refusal.body)
        self._transport.write_eof()

    def _pause_reading(self, is_paused: bool) -> None:
        self._is_read_paused = is_paused
        if self._has_eof:
            return
        if is_paused:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def sweep(self, now_s: float) -> None:
        """Time is taken here and not with every request: a phase is as old as the sweep that first saw it.

        Bytes that drip in move nothing; a request, an answer and bytes that were taken do.
        """
        taken_bytes = self._given_bytes - self._transport.get_write_buffer_size()
        seen = (taken_bytes, self._reader.begun, self._phase)
        if seen != self._seen or self._running is not None:
            self._seen, self._seen_at_s = seen, now_s
        elif now_s - self._seen_at_s > self._allowed_s(seen[2]):
            self._cut(seen[2])

    @property
    def _phase(self) -> str:
        if self._transport.get_write_buffer_size():
            return "stalled"
        return "linger" if self._is_lingering else self._reader.phase

    def _allowed_s(self, phase: str) -> float:
        limits = self._limits
        if phase == "idle":
            return limits.idle_s if self._reader.begun else limits.head_s
        allowed = {
            "head": limits.head_s,
            "body": limits.body_s,
            "linger": limits.linger_s,
            "stalled": limits.stalled_s,
        }
        return allowed[phase]

    def _cut(self, reason: str) -> None:
        if reason != "linger":
            self._listener.metrics.cut(reason)
        self._transport.abort()

    def finish(self) -> None:
        if self._running is None:
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()
