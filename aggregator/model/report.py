"""What jobs tell of themselves when they are done."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.model.problem import Problem


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one visit to one source brought. ``problem`` is '' when it went well."""

    source_id: str
    outcome: str  # unchanged | read | failed
    entries: int = 0
    new: int = 0
    copies: int = 0
    revised: int = 0
    touched: int = 0  # stories that publish must look at
    problem: str = ""
    notes: tuple[str, ...] = ()
    took_s: float = 0.0
    hub_missed: bool = False  # the poll brought what the source's hub should have pushed before


@dataclass(frozen=True, slots=True)
class PublishReport:
    """``files`` are the paths under public/ that were replaced, ``removed`` those that were taken away."""

    files: tuple[str, ...]
    removed: tuple[str, ...]
    problems: tuple[Problem, ...]
