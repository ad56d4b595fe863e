"""Structured logs on standard error: for people on a terminal, one JSON object a line otherwise."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from typing import TextIO

import structlog

_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}


class _Logger(structlog.PrintLogger):
    """A full disk under the log, or a reader that went away, ends nobody's work."""

    def msg(self, message: str) -> None:
        """Print a line where that is possible."""
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def configure_logs(verbose: bool) -> None:
    """Set up structlog for this process. Without ``verbose`` a terminal gets errors only: commands print the rest."""
    people = sys.stderr.isatty()
    level = logging.INFO if verbose or not people else logging.ERROR
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if people:
        renderer = structlog.dev.ConsoleRenderer()
    elif _is_journal(sys.stderr):
        renderer = _with_priority
    processors: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if not people:
        processors.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Logger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _is_journal(stream: TextIO) -> bool:
    """Whether systemd's journal reads this stream (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _with_priority(
    logger: structlog.typing.WrappedLogger, name: str, event: structlog.typing.EventDict
) -> str:
    """The journal takes a line's priority from ``<N>`` before it (sd-daemon(3)): ``journalctl -p warning`` finds it."""
    priority = _PRIORITIES.get(event.get("level", ""), 6)
    line = structlog.processors.JSONRenderer()(logger, name, event)
    return f"<{priority}>{line if isinstance(line, str) else line.decode()}"
