"""How the service ends: asked once it drains, asked twice it ends at once, and it never takes longer than allowed."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

import structlog

log = structlog.get_logger()

# Everything has ended so long after the first signal.
DRAIN_S = 20.0


class Ending:
    """Made in the event loop of the main thread, which then answers SIGTERM and SIGINT."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._answer, number)

    def _answer(self, number: int) -> None:
        if self.asked.is_set():
            os._exit(128 + number)  # nothing needs to be tidied up: a kill at any moment is provided for
        # A thread, because a hanging disk or database keeps the event loop's own threads from ending.
        deadline = threading.Timer(DRAIN_S, _end_anyway)
        deadline.daemon = True
        deadline.start()
        self.asked.set()


def _end_anyway() -> None:
    log.warning("did not drain in time; what is missing is done after the next start")
    os._exit(0)
