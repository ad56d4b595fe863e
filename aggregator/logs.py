"""Structured logs on standard error: for people on a terminal, one JSON object a line otherwise."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress

import structlog


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
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer()
    )
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
