"""WebSub over HTTP: our hub, and the callbacks that partners' hubs verify and push to (W3C WebSub, 5 to 7)."""

from __future__ import annotations

import re
from typing import Protocol

from aggregator.errors import StoreError
from aggregator.model.push import PushAnswer, Pushed
from aggregator.web.answer import NO_STORE, Answer, answer, text
from aggregator.web.listener import Response
from aggregator.web.request import Request, path_of

HUB_PATH = b"/hub"
_CALLBACK = re.compile(rb"/websub/([A-Za-z0-9_-]{1,100})")
_ROUTE = "websub"
_BUSY_S = 60
_NO_SUCH = text(404, "Nobody subscribed with this address", route=_ROUTE)
# Not to be run, sniffed or framed by any browser, whatever a hub wants to have echoed.
_ECHO_HEADERS = (("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),)


class PushDesk(Protocol):
    """What WebSub asks of the desk."""

    async def hub_request(self, body: bytes, content_type: str) -> PushAnswer:
        """Somebody wants to follow a feed of ours, or no longer. Raises StoreError."""

    async def verify_intent(self, token: str, query: str) -> str | None:
        """The challenge to echo where a hub asks whether we meant it; None where we did not. Raises StoreError."""

    async def take_push(self, token: str, pushed: Pushed) -> PushAnswer:
        """A hub sends what is new. Raises StoreError."""

    def push_bytes(self, token: str) -> int:
        """How large a body may be that is pushed there, 0 where nobody is expected to push."""


def token_of(path: bytes) -> str:
    """The token of a callback's path; '' for any other."""
    called = _CALLBACK.fullmatch(path)
    return called[1].decode("ascii") if called else ""


def body_bytes(desk: PushDesk, method: str, target: bytes, usual: int) -> int:
    """How large a request's body may be: whole feeds only where a hub is expected to push one."""
    token = token_of(path_of(target)) if method == "POST" else ""
    return max(usual, desk.push_bytes(token)) if token else usual


async def answer_hub(desk: PushDesk, request: Request) -> Answer:
    """202, or why a request to our hub was not taken, as plain text (section 5.1.2)."""
    content_type = request.headers.get(b"content-type", b"").decode("latin-1")
    try:
        return _told(await desk.hub_request(request.body, content_type))
    except StoreError:
        return _told(PushAnswer(503, "The desk cannot keep requests now; try again later", _BUSY_S))


def respond_to_hub(desk: PushDesk, token: str, request: Request) -> Response:
    """What a partner's hub gets at a callback: GET verifies intent, POST distributes content."""
    if request.method == "POST":
        return _take(desk, token, request)
    return _verify(desk, token, request.target.partition(b"?")[2].decode("latin-1"))


async def _verify(desk: PushDesk, token: str, query: str) -> Answer:
    try:
        challenge = await desk.verify_intent(token, query)
    except StoreError:
        return _told(PushAnswer(503, "The desk cannot look it up now; try again later", _BUSY_S))
    if challenge is None:
        return _NO_SUCH
    # Exactly the challenge, as something that no browser makes a page of.
    return answer(
        200,
        "text/plain; charset=utf-8",
        challenge.encode(),
        route=_ROUTE,
        cache_control=NO_STORE,
        headers=_ECHO_HEADERS,
    )


async def _take(desk: PushDesk, token: str, request: Request) -> Answer:
    headers = request.headers
    pushed = Pushed(
        request.body,
        headers.get(b"content-type", b"").decode("latin-1"),
        headers.get(b"x-hub-signature", b"").decode("latin-1"),
    )
    try:
        return _told(await desk.take_push(token, pushed))
    except StoreError:
        return _told(PushAnswer(503, "The desk cannot keep it now; try again later", _BUSY_S))


def _told(told: PushAnswer) -> Answer:
    wait = (("Retry-After", str(told.retry_after_s)),) if told.retry_after_s else ()
    return text(told.status, told.words, route=_ROUTE, headers=wait)
