"""The files of deploy/ in their tests: the programs they are for, and copies that differ in places only."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from required import skip_unless_required

DEPLOY = Path(__file__).parent.parent / "deploy"


def program(name: str) -> str:
    """The path of a program of the machine.

    Without it the test is skipped, or fails when ``AGGREGATOR_REQUIRE_DEPLOY=1``.
    """
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        skip_unless_required("AGGREGATOR_REQUIRE_DEPLOY", f"no {name} on this machine")
    return found


def adapted(path: str, places: dict[str, str]) -> str:
    """The file of deploy/ with other places in it. Each of them must stand there as it is named."""
    text = (DEPLOY / path).read_text("utf-8")
    for old, new in places.items():
        assert old in text, f"deploy/{path} has no {old}"
        text = text.replace(old, new)
    return text
