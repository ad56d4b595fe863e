"""Whether the service is fit to work, as ``/readyz`` tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the service needs. ``words`` say how it is, also when it is well."""

    name: str  # database | tick | disk
    ok: bool
    words: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """All of them."""

    checks: tuple[Check, ...]

    @property
    def is_ready(self) -> bool:
        return all(check.ok for check in self.checks)
