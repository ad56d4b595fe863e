"""What a machine may lack, and must not where the whole suite is asked for."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def skip_unless_required(variable: str, reason: str) -> NoReturn:
    """Skip for that reason; with ``AGGREGATOR_REQUIRE_...=1`` in the environment fail instead."""
    if os.environ.get(variable) == "1":
        pytest.fail(reason)
    pytest.skip(reason)
