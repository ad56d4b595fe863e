"""Runs the command line and kills it without warning at the nth passage of a point: ``killer.py POINT N COMMAND...``.

The points hang on the real calls from outside; the program itself knows nothing of them.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from aggregator import printing
from aggregator.cli import app
from aggregator.engine.pool import WorkerPool
from aggregator.net.fetch import Net
from aggregator.store import public, swap

POINTS = (
    "fetch",
    "fetched",
    "parse",
    "parsed",
    "commit",
    "committed",
    "render",
    "rendered",
    "replace",
    "swapped",
    "replaced",
)


def arm(point: str, nth: int) -> None:
    """Make this process die by SIGKILL at the ``nth`` passage of ``point``."""
    passages = 0

    def pass_by() -> None:
        nonlocal passages
        passages += 1
        if passages == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            pass_by()
            return function(*args, **kwargs)

        return wrapper

    def after(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            pass_by()
            return result

        return wrapper

    def after_await(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            result = await function(*args, **kwargs)
            pass_by()
            return result

        return wrapper

    places: dict[str, tuple[Any, str, Callable[[Callable[..., Any]], Callable[..., Any]]]] = {
        "fetch": (Net, "fetch", before),
        "fetched": (Net, "fetch", after_await),
        "parse": (WorkerPool, "run", before),
        "parsed": (WorkerPool, "run", after_await),
        "commit": (DefaultDialect, "do_commit", before),
        "committed": (DefaultDialect, "do_commit", after),
        "render": (printing, "render", before),
        "rendered": (printing, "render", after),
        "replace": (public, "replace", before),
        "swapped": (swap, "_swapped", after),
        "replaced": (public, "replace", after),
    }
    owner, name, wrap = places[point]
    setattr(owner, name, wrap(getattr(owner, name)))


if __name__ == "__main__":
    arm(sys.argv[1], int(sys.argv[2]))
    app(sys.argv[3:])
