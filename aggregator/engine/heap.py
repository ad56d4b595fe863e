"""Free memory goes back to the system while the service runs.

Documents are made of thousands of short-lived strings and trees in several threads; glibc keeps the holes that they
leave, and a process that runs for a year grows by 2 MB in ten minutes of steady work (bench/soak.py). Giving them back
takes some milliseconds in a thread of its own; more seldom, the holes of a minute hide what is really kept.
"""

from __future__ import annotations

import asyncio
import ctypes
import time

TRIM_EVERY_S = 10.0


class Heap:
    """malloc_trim(3), now and then; nothing where the C library has none."""

    def __init__(self) -> None:
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        self._trimmed_s = time.monotonic()

    async def tend(self) -> None:
        """At each tick."""
        if self._trim is not None and time.monotonic() - self._trimmed_s > TRIM_EVERY_S:
            await asyncio.to_thread(self._trim, 0)
            self._trimmed_s = time.monotonic()
