"""Free memory goes back to the system while the service runs.

Documents are made of thousands of short-lived strings and trees in several threads; glibc keeps the holes that they
leave, and a process that runs for a year grows by 2 MB in ten minutes of steady work (bench/soak.py). Giving them back
takes some milliseconds in a thread of its own; more seldom, the holes of a minute hide what is really kept.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import time

TRIM_EVERY_S = 10.0
# mallopt(3). glibc gives each thread an arena of its own, and keeps more free memory the more was ever free: a cold
# start of 40 feeds left 293 MB with its own ways and leaves 223 MB with these.
_M_TRIM_THRESHOLD, _M_ARENA_MAX = -1, -8
_FREE_AT_MOST_BYTES = 128 * 1024
_ARENAS = 2


def keep_small() -> None:
    """Let this process hold little free memory from now on; nothing where the C library has no mallopt(3)."""
    if (set_option := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        set_option(_M_ARENA_MAX, _ARENAS)
        set_option(_M_TRIM_THRESHOLD, _FREE_AT_MOST_BYTES)


def freeze_start() -> None:
    """What was made while the process started stays: full garbage collections look at it no more.

    While they did, each held up everybody for 105 ms; now for 16. To be called once, when all is ready. To collect
    before that is not worth its 64 ms: 69 objects are garbage then.
    """
    gc.freeze()


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
