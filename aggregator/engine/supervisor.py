"""What systemd is told (sd_notify(3)): that the service is ready, alive, or ending. Nothing where nobody listens."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress


class Supervisor:
    """Speaks to the socket that ``NOTIFY_SOCKET`` names: a path, or an abstract name behind ``@``."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def ready(self) -> None:
        """The service does its work from now on."""
        self._tell("READY=1")

    def alive(self) -> None:
        """To be said more often than ``WatchdogSec``: whoever falls silent is restarted."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The service drains."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        # A supervisor that does not listen is no reason to end.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.setblocking(False)
            notify.sendto(message.encode(), self._address)
