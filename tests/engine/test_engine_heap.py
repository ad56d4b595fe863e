"""What is free goes back to the system."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
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


FREED = """
import ctypes, os, pathlib, sys
from aggregator.engine.heap import keep_small
if sys.argv[1] == "small":
    keep_small()
clib = ctypes.CDLL(None)
clib.malloc.restype, clib.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
clib.free(clib.malloc(20_000_000))  # glibc then keeps up to 40 MB free at the end of its heap
room = clib.malloc(100_000)  # for what Python asks for meanwhile: at the end of the heap it would hold what is below it
blocks = [0] * 500  # made first: a list that grows moves there, too
for number in range(500):
    blocks[number] = clib.malloc(60_000)
    ctypes.memset(blocks[number], 1, 60_000)
clib.free(room)
for block in reversed(blocks):
    clib.free(block)
print(int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
"""


@pytest.mark.skipif(not hasattr(CLIB, "mallopt"), reason="the C library has no mallopt")
def test_what_is_freed_is_given_back_at_once() -> None:
    usual, small = (
        int(subprocess.run([sys.executable, "-c", FREED, how], check=True, capture_output=True).stdout)
        for how in ("usual", "small")
    )
    assert small < usual - 20_000_000
