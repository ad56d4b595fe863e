"""What is free goes back to the system."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path

import pytest

from aggregator.engine.heap import TRIM_EVERY_S, Heap

CLIB = ctypes.CDLL(None)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not hasattr(CLIB, "malloc_trim"), reason="the C library has no malloc_trim")
async def test_holes_between_what_is_kept_are_given_back_now_and_then() -> None:
    CLIB.malloc.restype = ctypes.c_void_p
    CLIB.free.argtypes = [ctypes.c_void_p]
    blocks = [CLIB.malloc(60_000) for _ in range(2000)]  # below what glibc asks the system for one by one
    for block in blocks:
        ctypes.memset(block, 1, 60_000)
    for number, block in enumerate(blocks):
        if number % 20:
            CLIB.free(block)
    heap = Heap()
    before_bytes = resident_bytes()
    await heap.tend()
    assert resident_bytes() > before_bytes - 10_000_000, "not before its time"
    heap._trimmed_s = time.monotonic() - TRIM_EVERY_S - 1
    await heap.tend()
    assert resident_bytes() < before_bytes - 50_000_000
    for block in blocks[::20]:
        CLIB.free(block)
