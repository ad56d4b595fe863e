"""Fetching a source: conditional, capped, within a deadline, through the guard at every hop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import TypeVar
from weakref import WeakValueDictionary

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from aggregator.config.model import FetchRules
from aggregator.config.types import format_duration
from aggregator.errors import (
    BadResponseError,
    BadStatusError,
    DeadlineError,
    ForbiddenAddressError,
    RobotsError,
)
from aggregator.model.fetch import Fetched, NotModified, Reply, Validators
from aggregator.net.body import read_body
from aggregator.net.connect import GuardedResolver, guarded_connector
from aggregator.net.guard import Guard
from aggregator.net.headers import fresh_s, retry_after_s
from aggregator.net.rest import HOST_REST_S, Rests
from aggregator.net.robots import KEPT_S, PRODUCT, Robots, RobotsFiles
from aggregator.net.trouble import (
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    in_few_words,
    in_words,
    refused_post,
    status_error,
)
from aggregator.net.wall import wall_before

T = TypeVar("T")

SPACING_S = 1.0
# To hubs and callbacks of one host. A callback that hangs must not keep its neighbours waiting.
SENT_AT_ONCE = 8
# Names that are looked up at once: of partners and what they lead to, and of hubs and callbacks. Of these any stranger
# can bring some whose name servers never answer, for all that is verified and delivered at once, and for what lingers.
_LOOKUPS_AT_ONCE = 16
_SENT_LOOKUPS_AT_ONCE = 512
_MAX_REDIRECTS = 5
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)


def user_agent(version: str, feeds_url: str, contact: str) -> str:
    """``aggregator/0.1 (+https://feeds.example.com/; contact)`` (RFC 9110, 10.1.5), header-safe."""
    comment = re.sub(r"[^\x20-\x7e]|[()\\]", "", f"+{URL(feeds_url)}; {contact}")
    return f"{PRODUCT}/{version} ({comment})"


@dataclass(frozen=True, slots=True)
class _Redirect:
    target: URL
    is_permanent: bool  # 301 and 308 (RFC 9110, sections 15.4.2 and 15.4.9)


class Net:
    """All that is fetched goes through one of these: ``async with Net(rules, user_agent) as net``.

    ``spacing_s`` lies between the beginnings of two polite requests to one host, whose robots.txt is asked for anew
    after ``robots_kept_s``.
    """

    def __init__(
        self,
        rules: FetchRules,
        user_agent: str,
        *,
        spacing_s: float = SPACING_S,
        robots_kept_s: float = KEPT_S,
    ) -> None:
        self._rules = rules
        self._user_agent = user_agent
        self._spacing_s = spacing_s
        self._robots = RobotsFiles(self._fetch_robots, robots_kept_s)
        self._rests = Rests()
        self._next_turn_s: dict[str, float] = {}
        self._guard = Guard(rules.allow_networks)
        self._slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._sending: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def __aenter__(self) -> Net:
        self._loop = asyncio.get_running_loop()
        numbers = (_LOOKUPS_AT_ONCE, _SENT_LOOKUPS_AT_ONCE)
        self._resolvers = [GuardedResolver(self._guard, at_once) for at_once in numbers]
        self._session, self._sender = map(self._opened, self._resolvers)
        return self

    def _opened(self, resolver: GuardedResolver) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=guarded_connector(self._guard, resolver),
            headers={
                "User-Agent": self._user_agent,
                "Accept": _ACCEPT,
                "Accept-Encoding": "gzip, deflate, br",
            },
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            max_headers=MAX_HEADERS,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._robots.close()
        for session, resolver in zip((self._session, self._sender), self._resolvers, strict=True):
            await session.close()
            await resolver.close()

    async def fetch(self, url: str, validators: Validators) -> Fetched | NotModified:
        """What stands at ``url``, or that it is still what ``validators`` were given for.

        Follows up to five redirects. ``fetch.deadline`` covers all of it, from the name's lookup to the last
        byte, but not the wait for one of the ``fetch.per_host`` places. Validators are shown only to the host
        of ``url``. A host that answered 429 is left alone for as long as it asked for, five minutes where it did not
        say: RestingError. Raises FetchError, in words.
        """
        return await self._follow(url, validators, is_polite=False)

    async def fetch_politely(self, url: str) -> Fetched:
        """What stands at ``url``, an address that nobody gave us: a guess, or found on a page.

        As fetch(), but robots.txt is obeyed at every hop (RFC 9309), and requests to one host are spaced by its
        Crawl-delay, up to ten seconds, or our own spacing. Waiting for that turn is not covered by the deadline either.
        Raises RobotsError where we may not ask, and FetchError.
        """
        answer = await self._follow(url, Validators(), is_polite=True)
        assert isinstance(answer, Fetched)  # nothing was asked that "not modified" would answer
        return answer

    async def post(self, url: str, body: bytes, content_type: str) -> None:
        """Send ``body`` to an address that ops gave us, such as the webhook for alerts, and see that it is taken (2xx).

        Redirects are not followed, and the answer's body is not read. The words of errors name the host only, since
        such addresses are secret. Raises FetchError.
        """
        target = self._guard.check_url(url)
        async with self._slot(target):
            deadline_s = self._rules.deadline.total_seconds()
            await self._within(deadline_s, target, partial(self._post, target, body, content_type))

    async def _post(self, target: URL, body: bytes, content_type: str) -> None:
        headers = {"Content-Type": content_type, "Accept": "*/*"}
        try:
            async with self._session.post(
                target, data=body, headers=headers, allow_redirects=False
            ) as response:
                if not 200 <= response.status < 300:
                    raise refused_post(
                        response.status,
                        str(target.host),
                        retry_after_s(response.headers, datetime.now(UTC)),
                    )
        except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
            raise in_words(error, target) from error

    def may_ask(self, url: str) -> bool:
        """Whether an address may be asked, as far as that can be told without looking its name up."""
        try:
            self._guard.check_url(url)
        except ForbiddenAddressError:
            return False
        return True

    async def send(
        self,
        url: str,
        *,
        deadline_s: float,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        read_bytes: int = 0,
    ) -> Reply:
        """Ask ``url`` once, by POST when there is a ``body`` and by GET when not; any status is an answer.

        For hubs and the callbacks of followers. The address is used exactly as it is spelt, redirects are not followed,
        of the answer's body no more than ``read_bytes`` are read. At most ``SENT_AT_ONCE`` go to one host at once;
        ``deadline_s`` does not cover the wait for that. Raises FetchError.
        """
        checked = self._guard.check_url(url)
        target = URL(url, encoded=True).with_fragment(None) if url.isascii() else checked
        places = self._sending.setdefault(target.raw_host or "", asyncio.Semaphore(SENT_AT_ONCE))
        async with places:
            try:
                async with asyncio.timeout(deadline_s):
                    return await self._send(target, body, headers or {}, read_bytes)
            except TimeoutError:
                raise DeadlineError(f"{target.host} did not answer within {deadline_s:g} s") from None

    async def _send(
        self, target: URL, body: bytes | None, headers: Mapping[str, str], read_bytes: int
    ) -> Reply:
        method = "GET" if body is None else "POST"
        plain = {"Accept": "*/*", "Accept-Encoding": "identity", **headers}
        try:
            async with self._sender.request(
                method, target, data=body, headers=plain, allow_redirects=False
            ) as response:
                start = bytearray()
                while len(start) < read_bytes and (
                    piece := await response.content.read(read_bytes - len(start))
                ):
                    start += piece
                return Reply(response.status, bytes(start), _header(response, "Location"))
        except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
            raise in_few_words(error, target) from error

    def resting(self) -> dict[str, float]:
        """Hosts that asked us to wait, and for how many more seconds. May be asked in any thread."""
        return self._rests.left_s(self._loop.time())

    def let_rest(self, host: str, length_s: float) -> None:
        """Leave a host alone that asked somebody else of us to wait."""
        now_s = asyncio.get_running_loop().time()
        self._rests.begin(host, now_s + length_s, now_s)

    async def robots(self, url: str) -> Robots:
        """What the robots.txt of the host of ``url`` says. Raises ForbiddenAddressError."""
        return await self._robots.of(self._guard.check_url(url))

    async def _fetch_robots(self, url: str) -> Fetched:
        await self._turn(URL(url), self._spacing_s)
        answer = await self._follow(url, Validators(), is_polite=False)
        assert isinstance(answer, Fetched)
        return answer

    async def _leave(self, target: URL) -> None:
        """Wait for our turn at a host, by the leave of its robots.txt. Raises RobotsError and RestingError."""
        self._rests.check(target.raw_host or "", asyncio.get_running_loop().time())
        robots = await self._robots.of(target)
        if robots.problem:
            raise RobotsError(f"{target.host} is not asked for now: {robots.problem}")
        if not robots.is_allowed(str(target)):
            raise RobotsError(f"{target.host} does not let us read {target.raw_path_qs[:200]} (robots.txt)")
        await self._turn(target, max(robots.delay_s, self._spacing_s))

    async def _turn(self, target: URL, spacing_s: float) -> None:
        """Wait until ``spacing_s`` after the last polite request to the host, and behind all that wait already."""
        now_s = asyncio.get_running_loop().time()
        self._next_turn_s = {host: at_s for host, at_s in self._next_turn_s.items() if at_s > now_s}
        host = target.raw_host or ""
        turn_s = self._next_turn_s.get(host, now_s)
        self._next_turn_s[host] = turn_s + spacing_s
        await asyncio.sleep(turn_s - now_s)

    async def _follow(self, url: str, validators: Validators, *, is_polite: bool) -> Fetched | NotModified:
        """The answer at the end of the redirects."""
        first = target = moved_to = self._guard.check_url(url)
        has_moved = True
        left_s = self._rules.deadline.total_seconds()
        clock = asyncio.get_running_loop().time
        for _ in range(1 + _MAX_REDIRECTS):
            if is_polite:
                await self._leave(target)
            shown = validators if target.host == first.host else Validators()
            async with self._slot(target):
                started_s = clock()
                answer = await self._within(left_s, target, partial(self._visit, target, shown))
                left_s -= clock() - started_s
            if not isinstance(answer, _Redirect):
                return replace(answer, moved_to="" if moved_to == first else str(moved_to))
            target = answer.target
            has_moved = has_moved and answer.is_permanent
            moved_to = target if has_moved else moved_to
        raise BadResponseError(
            f"{first.host} redirects more than {_MAX_REDIRECTS} times, which is a fixed limit"
        )

    def _slot(self, target: URL) -> asyncio.Semaphore:
        """The places of a host; forgotten when nobody is at it."""
        return self._slots.setdefault(target.raw_host or "", asyncio.Semaphore(self._rules.per_host))

    async def _within(self, left_s: float, target: URL, ask: Callable[[], Awaitable[T]]) -> T:
        """What ``ask`` brings from a host in that time, unless the host rests.

        A host that answers 429 is not asked again, by anybody, before the time that it names has passed.
        """
        host, clock = target.raw_host or "", asyncio.get_running_loop().time
        self._rests.check(host, clock())
        try:
            async with asyncio.timeout(left_s):
                return await ask()
        except TimeoutError:
            allowed = format_duration(self._rules.deadline)
            raise DeadlineError(
                f"{target.host} did not answer completely within {allowed} (fetch.deadline)"
            ) from None
        except BadStatusError as error:
            if error.is_of_host:
                now_s = clock()
                self._rests.begin(host, now_s + (error.retry_after_s or HOST_REST_S), now_s)
            raise

    async def _visit(self, target: URL, validators: Validators) -> Fetched | NotModified | _Redirect:
        """One request."""
        try:
            async with self._session.get(
                target, headers=_conditions(validators), allow_redirects=False
            ) as response:
                return await self._read(response, target, validators)
        except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
            raise in_words(error, target) from error

    async def _read(
        self, response: aiohttp.ClientResponse, target: URL, validators: Validators
    ) -> Fetched | NotModified | _Redirect:
        match response.status:
            case 200 | 203:
                body = await read_body(response, self._rules.max_body)
                content_type = _header(response, "Content-Type")
                links = ", ".join(response.headers.getall("Link", ()))
                validators, fresh_s = _validators(response), _fresh_s(response)
                return Fetched(str(target), body, content_type, validators, fresh_s, links=links)
            case 301 | 302 | 303 | 307 | 308:
                return self._redirect(response, target)
            case 304 if validators != Validators():
                new = _validators(response)
                current = Validators(
                    new.etag or validators.etag, new.last_modified or validators.last_modified
                )
                return NotModified(current, _fresh_s(response))
            case 304:
                raise BadResponseError(f"{target.host} answered 304 'not modified' to a question not asked")
            case status:
                raise status_error(
                    status,
                    str(target.host),
                    self._user_agent,
                    retry_after_s=retry_after_s(response.headers, datetime.now(UTC)),
                    wall=await wall_before(response),
                )

    def _redirect(self, response: aiohttp.ClientResponse, target: URL) -> _Redirect:
        location = response.headers.get("Location", "").strip()
        if not location:
            raise BadResponseError(f"{target.host} redirects without saying where to")
        try:
            leads_to = self._guard.check_url(location, base=target)
        except ForbiddenAddressError as error:
            raise ForbiddenAddressError(f"{target.host} redirects where we do not go: {error}") from None
        return _Redirect(leads_to, response.status in (301, 308))


def _conditions(validators: Validators) -> dict[str, str]:
    conditions = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _validators(response: aiohttp.ClientResponse) -> Validators:
    return Validators(_header(response, "ETag"), _header(response, "Last-Modified"))


def _fresh_s(response: aiohttp.ClientResponse) -> float:
    return fresh_s(response.headers, datetime.now(UTC))


def _header(response: aiohttp.ClientResponse, name: str) -> str:
    """A header's value verbatim; '' when it is absent or holds what could be neither stored nor sent back."""
    value = response.headers.get(name, "")
    return value if value.isascii() and value.isprintable() else ""
