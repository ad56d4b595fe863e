"""How connections are made: through the guard, with names resolved by threads of our own."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.errors import ForbiddenAddressError
from aggregator.net.guard import Guard


class GuardedResolver(AbstractResolver):
    """Resolves names with the system's resolver and refuses a name if any of its addresses is forbidden.

    Refusing all of a mixed answer keeps aiohttp's race between addresses out of the decision. A lookup that nobody
    answers holds one of the ``at_once`` places for as long as the system waits, whatever the deadline of who asked.
    """

    def __init__(self, guard: Guard, at_once: int) -> None:
        self._guard = guard
        # Not the event loop's own few threads: a partner's silent name server would keep everybody waiting.
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of ``host``. Raises socket.gaierror, UnicodeError or ForbiddenAddressError."""
        lookup = partial(
            socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
        answers = await asyncio.get_running_loop().run_in_executor(self._threads, lookup)
        return [
            ResolveResult(
                hostname=host,
                host=self._checked(host, str(address[0]), port),
                port=port,
                family=family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family, _, protocol, _, address in answers
        ]

    async def close(self) -> None:
        """Lets go of the threads; a lookup still under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _checked(self, host: str, address: str, port: int) -> str:
        try:
            self._guard.check_address(address, port)
        except ForbiddenAddressError as error:
            raise ForbiddenAddressError(f"{host}: {error}") from None
        return address


def guarded_connector(guard: Guard, resolver: GuardedResolver) -> aiohttp.TCPConnector:
    """A connector whose every socket, whether to a name or to an IP literal, is made by the guard's leave.

    Connections are not kept: an answer can never be mistaken for the next one's, and the guard sees each.
    """

    def guarded_socket(addr_info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        guard.check_address(address[0], address[1])
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(
        resolver=resolver, socket_factory=guarded_socket, force_close=True, limit=0, use_dns_cache=False
    )
