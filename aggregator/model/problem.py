"""Trouble as a value: shown to ops, never raised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One mistake in feeds.yaml: where it stands (line and column count from 1) and what would mend it."""

    file: str
    line_number: int
    column: int
    path: str
    message: str
    source_line: str = ""

    def line(self) -> str:
        """``feeds.yaml:14:5: sources[2].every: expected a duration ...``, as editors and terminals link it."""
        where = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line_number}:{self.column}: {where}{self.message}"

    def caret(self) -> str:
        """The offending line of the file with a caret under the column; '' when the line is unknown."""
        if not self.source_line:
            return ""
        pad = "".join("\t" if ch == "\t" else " " for ch in self.source_line[: self.column - 1])
        return f"    {self.source_line}\n    {pad}^"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one entry, story or document that did not stop the rest.

    ``subject`` names it (a guid, URL or output id), ``message`` says it in words for ops.
    """

    subject: str
    message: str
