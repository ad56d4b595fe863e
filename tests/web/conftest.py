"""Both event loops that the server may run in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import uvloop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Their transports differ where it matters: half-close, buffers, resets."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
