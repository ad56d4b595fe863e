"""A partner's hub on loopback: it keeps what it is asked, and a test lets it verify, deny, redirect and deliver."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

from aiohttp import web
from desk import Desk, rss
from partner_server import PartnerServer

from aggregator import subscriptions
from aggregator.app import App, open_app
from aggregator.model.push import PushAnswer, Pushed
from aggregator.model.report import SourceReport
from aggregator.model.subscription import Subscription
from aggregator.receiving import receive

RSS = "application/rss+xml; charset=utf-8"
ATOM_LINK = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="{}" href="{}"/>'


@dataclass(frozen=True)
class Asked:
    """One request that the hub was sent."""

    content_type: str
    fields: dict[str, str]

    @property
    def mode(self) -> str:
        return self.fields["hub.mode"]

    @property
    def token(self) -> str:
        return self.fields["hub.callback"].rpartition("/")[2]

    def query(self, challenge: str = "tantangan-1", lease_s: int | None = 864_000, **changes: str) -> str:
        """The query by which a hub verifies it; names of ``changes`` without the ``hub.``."""
        fields = {"mode": self.mode, "topic": self.fields["hub.topic"], "challenge": challenge}
        if lease_s is not None:
            fields["lease_seconds"] = str(lease_s)
        return urlencode({f"hub.{name}": value for name, value in (fields | changes).items()})

    def pushed(self, body: bytes, method: str = "sha256", content_type: str = RSS) -> Pushed:
        """A body as the hub delivers it, signed by ``method``."""
        digest = hmac.new(self.fields["hub.secret"].encode(), body, getattr(hashlib, method)).hexdigest()
        return Pushed(body, content_type, f"{method}={digest}")


@dataclass
class PartnerHub:
    """Stands at ``path`` of a server and answers ``status``."""

    server: PartnerServer
    path: str = "/hub"
    status: int = 202
    words: str = ""
    location: str = ""
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.handlers[self.path] = self._answer

    @property
    def url(self) -> str:
        return self.server.url(self.path)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        form = parse_qs((await request.read()).decode("ascii"), strict_parsing=True)
        fields = {name: value for name, [value] in form.items()}
        self.asked.append(Asked(request.headers["Content-Type"], fields))
        headers = {"Location": self.location} if self.location else {}
        return web.Response(status=self.status, text=self.words, headers=headers)

    def feed(self, path: str, *items: str, self_url: str | None = None) -> bytes:
        """Let the feed at ``path`` hold these items and offer this hub; returns its bytes."""
        own_url = self.server.url(path) if self_url is None else self_url
        links = ATOM_LINK.format("hub", self.url) + ATOM_LINK.format("self", own_url)
        body = rss(*items).replace(b"<channel>", f"<channel>{links}".encode())
        self.server.bodies[path] = body
        return body


@asynccontextmanager
async def opened(desk: Desk) -> AsyncIterator[App]:
    """The desk's App, for as long as a test wants it."""
    async with open_app(
        desk.config, desk.database, desk.public, lambda: desk.now, spacing_s=desk.spacing_s
    ) as app:
        yield app


async def keep_up(app: App) -> list[str]:
    """Do what is due at hubs, as the service does it now and then; returns what was wrong with each request."""
    return [await subscriptions.ask(app, one) for one in await subscriptions.take_steps(app, ())]


async def subscribed(app: App, hub: PartnerHub, lease_s: int = 864_000) -> Asked:
    """Ask for what is offered and let the hub verify it."""
    assert await keep_up(app) == [""]
    asked = hub.asked[-1]
    assert await subscriptions.verify_intent(app, asked.token, asked.query(lease_s=lease_s)) == "tantangan-1"
    return asked


async def push(app: App, token: str, pushed: Pushed) -> SourceReport | PushAnswer:
    """What comes of a push, as the service takes it."""
    found = await subscriptions.judge_push(app, token, pushed)
    if isinstance(found, PushAnswer):
        return found
    assert found.can_be_decided
    return await receive(app, found.source, found.subscription, pushed)


async def known(app: App, source_id: str = "a") -> tuple[Subscription, ...]:
    return await app.read(lambda tx: tx.subscriptions_of(source_id))


async def states(app: App, source_id: str = "a") -> list[str]:
    return [one.state for one in await known(app, source_id)]
