"""The server from outside: a desk, a place to listen at, and a base URL while it listens."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from aggregator.errors import ServeError
from aggregator.web.limits import Limits
from aggregator.web.listener import Listener
from aggregator.web.metrics import Metrics
from aggregator.web.protocol import Connection
from aggregator.web.site import Desk, Site

__all__ = ["Desk", "serve"]

_BACKLOG = 1024  # connections that the kernel keeps while the loop is busy
_DRAIN_S = 5.0


def _number_of(error: OSError) -> int:
    """asyncio's own loop tells an address that is not ours by words alone since Python 3.13."""
    return errno.EADDRNOTAVAIL if "could not bind on any address" in str(error) else error.errno or 0


_REASONS = {
    errno.EADDRINUSE: "another program listens there; stop it or take another port",
    errno.EACCES: "this user may not; ports below 1024 belong to root",
    errno.EADDRNOTAVAIL: "no such address on this machine",
}


@asynccontextmanager
async def serve(
    desk: Desk,
    metrics: Metrics,
    *,
    host: str,
    port: int,
    ops_token: str = "",
    limits: Limits | None = None,
) -> AsyncIterator[str]:
    """Answer HTTP in the running loop; gives the base URL really bound, without a slash at its end.

    Port 0 takes any free one. Without ``ops_token`` the page for ops is not there. On leaving, no connection is
    taken any more, running answers have 5 s to finish. Raises ServeError when it cannot listen there.
    """
    limits = limits or Limits()
    site = Site(desk, metrics, ops_token)
    listener = Listener(site.respond, metrics, limits, partial(site.body_bytes_of, limits.body_bytes))
    loop = asyncio.get_running_loop()
    if not 0 <= port <= 65_535:  # uvloop would take another one
        raise ServeError(f"cannot listen at port {port}: the last one is 65535")
    try:
        server = await loop.create_server(lambda: Connection(listener), host, port, backlog=_BACKLOG)
    except OSError as error:
        reason = _REASONS.get(_number_of(error), error.strerror or str(error))
        raise ServeError(f"cannot listen at {host}:{port}: {reason}") from error
    watch = asyncio.create_task(listener.watch())
    try:
        address, bound_port = server.sockets[0].getsockname()[:2]
        yield f"http://[{address}]:{bound_port}" if ":" in address else f"http://{address}:{bound_port}"
    finally:
        server.close()
        await listener.drain(_DRAIN_S)
        watch.cancel()
