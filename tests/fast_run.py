"""``fast_run.py EVERY_S run --config ...``: the command line with every source polled each EVERY_S seconds.

feeds.yaml allows a minute at the least, which is what partners can bear and no test can wait for. Only the value of
the loaded configuration is another one; the program itself knows nothing of it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta

from aggregator.config import load
from aggregator.config.model import Config


def poll_every(every: timedelta) -> None:
    """From now on each feeds.yaml is read as if it said so. Before anything imports the loader by name."""
    parse = load.parse_config

    def parse_fast(text: str, file: str, environ: Mapping[str, str]) -> Config:
        config = parse(text, file, environ)
        sources = tuple(source.model_copy(update={"every": every}) for source in config.sources)
        return config.model_copy(update={"sources": sources})

    load.parse_config = parse_fast


if __name__ == "__main__":
    poll_every(timedelta(seconds=float(sys.argv[1])))
    from aggregator.cli import app

    app(sys.argv[2:])
