"""Which address answers what."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from aggregator.errors import StoreError, UnknownStoryError
from aggregator.model.explanation import Explanation
from aggregator.model.health import Readiness
from aggregator.model.listing import StoryPage, StoryQuery
from aggregator.model.status import DeskStatus
from aggregator.web.answer import FORM_POLICY, NO_STORE, Answer, answer, json_answer, page, text
from aggregator.web.listener import Response
from aggregator.web.metrics import Metrics
from aggregator.web.ops import is_allowed, render_ops
from aggregator.web.request import Request, path_of
from aggregator.web.shelf import Shelf, ShelvedDocument
from aggregator.web.stories import fields_of, query_of, render_stories, render_story, story_address
from aggregator.web.websub import HUB_PATH, PushDesk, answer_hub, body_bytes, respond_to_hub, token_of

_READ = ("GET", "HEAD")
_CHALLENGE = (("WWW-Authenticate", 'Basic realm="aggregator ops", charset="UTF-8"'),)


class Desk(PushDesk, Protocol):
    """What the server asks of the desk."""

    @property
    def shelf(self) -> Shelf:
        """What is published now."""

    def was_read(self, key: str, *, unchanged: bool) -> None:
        """A subscriber's document was asked for: sent, or ``unchanged`` since it was."""

    async def readiness(self) -> Readiness:
        """Whether the service is fit to work."""

    async def status(self) -> DeskStatus:
        """How the desk is. Raises StoreError when the database fails."""

    async def stories(self, query: StoryQuery) -> StoryPage:
        """Stories that are asked for. Raises StoreError."""

    async def explanation(self, ref: str) -> Explanation:
        """Why a story is where it is. Raises UnknownStoryError and StoreError."""


@dataclass(frozen=True, slots=True)
class Route:
    """A fixed address. ``respond`` gets the request with its body, whatever method of ``methods`` it has."""

    respond: Callable[[Request], Response]
    methods: Collection[str] = _READ


class Site:
    """Answers requests: documents from the desk's shelf, and the fixed addresses."""

    def __init__(self, desk: Desk, metrics: Metrics, ops_token: str) -> None:
        self._desk = desk
        self._metrics = metrics
        self._ops_token = ops_token
        self._routes = {
            b"/healthz": Route(lambda _: text(200, "ok", route="health")),
            b"/readyz": Route(lambda _: self._readiness()),
            b"/metrics": Route(lambda _: self._exposition()),
            HUB_PATH: Route(lambda request: answer_hub(desk, request), ("POST",)),
        }
        if ops_token:
            moved = text(301, "The page is at /ops/", route="ops", headers=(("Location", "/ops/"),))
            self._routes |= {
                b"/ops": Route(lambda _: moved),
                b"/ops/": Route(lambda request: self._guarded(request, self._ops_page)),
                b"/ops/status.json": Route(lambda request: self._guarded(request, self._ops_json)),
                b"/ops/stories": Route(
                    lambda request: self._guarded(request, lambda: self._stories(request))
                ),
                b"/ops/story": Route(lambda request: self._guarded(request, lambda: self._story(request))),
            }

    def respond(self, request: Request) -> Response:
        """The answer, or the work of making it."""
        found = self._desk.shelf.find(request.target)
        if found is None:
            path = path_of(request.target)
            if not path:  # OPTIONS *, CONNECT host:port
                return _not_allowed(_READ)
            if (route := self._route(path)) is not None:
                return (
                    route.respond(request) if request.method in route.methods else _not_allowed(route.methods)
                )
            found = self._desk.shelf.find(path)
        if found is None:
            return _NOT_FOUND
        if request.method not in _READ:
            return _not_allowed(_READ)
        if isinstance(found, ShelvedDocument):
            made = found.answer(request.headers, time.time())
            if found.key and request.method == "GET":
                self._desk.was_read(found.key, unchanged=made.status == 304)
            return made
        return found

    def _route(self, path: bytes) -> Route | None:
        if token := token_of(path):
            return Route(lambda request: respond_to_hub(self._desk, token, request), ("GET", "POST"))
        return self._routes.get(path)

    def body_bytes_of(self, usual: int, method: str, target: bytes) -> int:
        """How large a body may be that is sent by ``method`` to ``target``; ``usual`` for most."""
        return body_bytes(self._desk, method, target, usual)

    async def _readiness(self) -> Answer:
        readiness = await self._desk.readiness()
        return json_answer(200 if readiness.is_ready else 503, _plain(readiness), route="ready")

    def _exposition(self) -> Answer:
        body, media_type = self._metrics.exposition()
        return answer(200, media_type, body, route="metrics", cache_control=NO_STORE)

    def _guarded(self, request: Request, respond: Callable[[], Response]) -> Response:
        if is_allowed(request.headers.get(b"authorization", b""), self._ops_token):
            return respond()
        return text(401, "This page needs the token for ops", route="ops", headers=_CHALLENGE)

    async def _ops_page(self) -> Answer:
        readiness = await self._desk.readiness()
        try:
            status, trouble = await self._desk.status(), ""
        except StoreError as error:
            status, trouble = None, str(error)
        html = await render_ops(status, readiness, trouble)
        return page(503 if trouble else 200, html, route="ops")

    async def _stories(self, request: Request) -> Answer:
        query = query_of(request.target)
        if address := story_address(query.search):
            return text(303, f"The story is at {address}", route="ops", headers=(("Location", address),))
        try:
            found = await self._desk.stories(query)
        except StoreError as error:
            return text(503, f"No story could be read: {error}", route="ops")
        return page(200, await render_stories(found), route="ops", policy=FORM_POLICY)

    async def _story(self, request: Request) -> Answer:
        try:
            found = await self._desk.explanation(fields_of(request.target).get("story", ""))
        except UnknownStoryError as error:
            return text(404, str(error), route="ops")
        except StoreError as error:
            return text(503, f"No story could be read: {error}", route="ops")
        return page(200, await render_story(found), route="ops")

    async def _ops_json(self) -> Answer:
        readiness = await self._desk.readiness()
        try:
            status = (await self._desk.status()).as_dict()
        except StoreError as error:
            return json_answer(503, {"readiness": _plain(readiness), "trouble": str(error)}, route="ops")
        return json_answer(200, {"readiness": _plain(readiness), "desk": status}, route="ops")


_NOT_FOUND = text(404, "Nothing is published here. The feeds there are: /", cache_control="max-age=30")


def _not_allowed(methods: Collection[str]) -> Answer:
    allowed = ", ".join(methods)
    return text(405, f"This address takes {allowed}", headers=(("Allow", allowed),))


def _plain(readiness: Readiness) -> dict[str, object]:
    checks = [{"name": check.name, "ok": check.ok, "words": check.words} for check in readiness.checks]
    return {"ready": readiness.is_ready, "checks": checks}
