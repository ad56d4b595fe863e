"""robots.txt (RFC 9309): what a host lets us ask for, how fast, and which sitemaps it names."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from protego import Protego
from yarl import URL

from aggregator.errors import BadStatusError, FetchError, RestingError
from aggregator.model.fetch import Fetched

PRODUCT = "aggregator"
# RFC 9309, section 2.5: at least 500 kibibytes are to be read.
MAX_READ_BYTES = 512_000
# Section 2.4: not longer than a day.
KEPT_S = 24 * 3600.0
# How long a robots.txt that cannot be had forbids everything, until it is asked for again.
UNREACHABLE_KEPT_S = 600.0
MAX_CRAWL_DELAY_S = 10.0
MAX_HOSTS_KEPT = 500
MAX_SITEMAPS = 50

_AGENT_LINE = re.compile(r"[ \t]*user[- ]?agent[ \t]*[:\s][ \t]*([^\s#]*)", re.IGNORECASE)
_PRODUCT_TOKEN = re.compile(r"[A-Za-z_-]*")  # section 2.2.1


class Robots:
    """The rules of one host for our product token. ``problem`` says why everything is forbidden for now, else ''."""

    def __init__(self, text: str, problem: str = "") -> None:
        self._rules = Protego.parse("\n".join(map(_ours_or_other, text.removeprefix("\ufeff").splitlines())))
        self.problem = problem
        self.delay_s = min(self._rules.crawl_delay(PRODUCT) or 0.0, MAX_CRAWL_DELAY_S)
        self.sitemaps = tuple(self._rules.sitemaps)[:MAX_SITEMAPS]

    def is_allowed(self, url: str) -> bool:
        """Whether we may ask for this address: the longest rule that fits it decides (section 2.2.2)."""
        return not self.problem and self._rules.can_fetch(url, PRODUCT)


class RobotsFiles:
    """The robots.txt of every host asked so far, kept for a day; ``fetch`` brings one, following redirects."""

    def __init__(self, fetch: Callable[[str], Awaitable[Fetched]], kept_s: float) -> None:
        self._fetch = fetch
        self._kept_s = kept_s
        self._files: dict[
            URL, tuple[float, Robots]
        ] = {}  # until when it is good; the one asked for last at the end
        self._being_fetched: dict[URL, asyncio.Task[Robots]] = {}

    async def of(self, target: URL) -> Robots:
        """The rules that hold for ``target``; its host is asked once, however many want to know."""
        origin = target.origin()
        good_until_s, robots = self._files.get(origin, (0.0, None))
        if robots is not None and asyncio.get_running_loop().time() < good_until_s:
            return robots
        if (task := self._being_fetched.get(origin)) is None:
            task = asyncio.create_task(self._fetch_anew(origin, robots))
            self._being_fetched[origin] = task
            task.add_done_callback(lambda _: self._being_fetched.pop(origin, None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Break off what is still being fetched."""
        tasks = list(self._being_fetched.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch_anew(self, origin: URL, known: Robots | None) -> Robots:
        """Section 2.3.1: refused (4xx) allows everything, a server that fails or is out of reach forbids it."""
        kept_s = self._kept_s
        try:
            answer = await self._fetch(str(origin / "robots.txt"))
            robots = Robots(answer.body[:MAX_READ_BYTES].decode("utf-8", "replace"))
        except FetchError as error:
            if isinstance(error, BadStatusError) and 400 <= error.status < 500 and error.status != 429:
                robots = Robots("")
            else:
                # A host that rests was not asked at all: that is no answer to be kept.
                kept_s = 0.0 if isinstance(error, RestingError) else min(kept_s, UNREACHABLE_KEPT_S)
                robots = known or Robots("", f"its robots.txt cannot be had: {error}")
        self._files.pop(origin, None)
        self._files[origin] = (asyncio.get_running_loop().time() + kept_s, robots)
        if len(self._files) > MAX_HOSTS_KEPT:
            self._files.pop(next(iter(self._files)))
        return robots


def _ours_or_other(line: str) -> str:
    """The line, with every product token but ours and ``*`` made one and the same.

    Protego takes a part of our name for our name, and needs a minute where thousands of names share thousands of rules.
    """
    if (match := _AGENT_LINE.match(line)) is None:
        return line
    token = _PRODUCT_TOKEN.match(match[1])
    if match[1] == "*" or (token and token[0].lower() == PRODUCT):
        return f"User-agent: {match[1] if match[1] == '*' else PRODUCT}"
    return "User-agent: other"
