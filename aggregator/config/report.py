"""The mistakes of one file: placed, worded alike, without secrets, in file order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from aggregator.config.syntax import LINE_BREAK
from aggregator.config.types import shown
from aggregator.config.yaml_nodes import Loc, YamlText
from aggregator.model.problem import ConfigProblem

_WIDEST_LINE = 500
_MOST_NAMES = 200  # beyond, looking for the nearest name costs more than it helps
_WEBHOOK_BELOW = re.compile(r"""webhook["']?\s*:\s*([|>][-+]?\s*)?(#.*)?$""")
_WEBHOOK_KEY = re.compile(r"""webhook["']?\s*:\s*(?!["']?\$\{)""")


class Report:
    """Collects mistakes. One value gets one message: the first found, as later ones follow from it."""

    def __init__(self, file: str, text: str, source: YamlText) -> None:
        self._file = file
        self._lines = LINE_BREAK.split(text)
        self._secret_lines = set(_lines_below_webhook(self._lines))
        self._places = source.places
        self._unread = set(source.unread)
        self._found: dict[tuple[Loc, int, int], ConfigProblem] = {}
        for mistake in source.mistakes:
            self._add(mistake.loc, mistake.loc, mistake.line, mistake.column, mistake.message)

    def at_value(self, loc: Loc, message: str) -> None:
        """The value is wrong."""
        if not self._is_unread(loc):
            place = self._places[self._nearest(loc)]
            self._add(loc, loc, place.line, place.column, message)

    def at_key(self, loc: Loc, message: str) -> None:
        """The key should not be there; the mapping it stands in is named."""
        if not self._is_unread(loc[:-1]):
            place = self._places[self._nearest(loc)]
            self._add(loc, loc[:-1], place.key_line, place.key_column, message)

    def at_mapping(self, loc: Loc, message: str) -> None:
        """The key ``loc[-1]`` is missing from the mapping ``loc[:-1]``."""
        if not self._is_unread(loc[:-1]):
            place = self._places[self._nearest(loc[:-1])]
            self._add(loc, loc[:-1], place.line, place.column, message)

    def leave_out(self, loc: Loc) -> None:
        """Say nothing more about this value: what stands there is known to be wrong."""
        self._unread.add(loc)

    def raw(self, loc: Loc) -> str | None:
        """A scalar as the file has it."""
        place = self._places.get(loc)
        return place.raw if place else None

    def line_of(self, loc: Loc) -> int:
        """The line of a value."""
        return self._places[self._nearest(loc)].line

    def problems(self) -> tuple[ConfigProblem, ...]:
        """Every mistake, in file order."""
        return tuple(sorted(self._found.values(), key=lambda problem: (problem.line_number, problem.column)))

    def _add(self, loc: Loc, shown_loc: Loc, line: int, column: int, message: str) -> None:
        problem = ConfigProblem(
            self._file, line, column, path_words(shown_loc), message, self._shown_line(loc, line, column)
        )
        self._found.setdefault((loc, line, column), problem)

    def _is_unread(self, loc: Loc) -> bool:
        return any(loc[:length] in self._unread for length in range(len(loc) + 1))

    def _nearest(self, loc: Loc) -> Loc:
        """The location itself, or the nearest one above it that the file has."""
        while loc not in self._places:
            loc = loc[:-1]
        return loc

    def _shown_line(self, loc: Loc, line_number: int, column: int) -> str:
        """The line for the caret; passwords and the webhook are blotted out without moving a column."""
        line = self._lines[line_number - 1] if line_number <= len(self._lines) else ""
        if len(line) > _WIDEST_LINE:
            return ""
        line = re.sub(r"(?<=//)\S+(?=@)", lambda match: "*" * len(match[0]), line)
        webhook = _WEBHOOK_KEY.search(line)
        secret_from = webhook.end() if webhook else len(line)
        if loc in (("alerts",), ("alerts", "webhook")) and not line[column - 1 :].strip("\"'").startswith(
            "${"
        ):
            secret_from = min(secret_from, column - 1)  # the value may stand below its key
        if line_number in self._secret_lines:
            secret_from = 0
        return line[:secret_from] + re.sub(r"\S", "*", line[secret_from:])


def _lines_below_webhook(lines: Iterable[str]) -> Iterator[int]:
    """The numbers of the lines that hold a webhook whose key stands alone above."""
    expected = False
    for number, line in enumerate(lines, start=1):
        if expected and line.lstrip()[:1] not in ("", "#"):
            yield number
            expected = False
        expected = expected or _WEBHOOK_BELOW.search(line) is not None


def path_words(loc: Loc) -> str:
    """``("sources", 2, "every")`` -> ``sources[2].every``."""
    words = ""
    for step in loc:
        if isinstance(step, int):
            words += f"[{step}]"
        elif re.fullmatch(r"\w{1,40}", step, re.ASCII):
            words += f".{step}" if words else step
        else:
            words += f"[{shown(step)}]"
    return words


def suggestion(name: str, known: Iterable[str]) -> str:
    """What was probably meant, else what there is; begins with its punctuation, '' when neither helps."""
    names = [one for one in known if re.fullmatch(r"[\w/-]{1,80}", one)]
    near = (
        get_close_matches(name.lower(), names, n=1) if len(name) <= 64 and len(names) <= _MOST_NAMES else []
    )
    if near:
        return f'; did you mean "{near[0]}"?'
    return f"; known: {', '.join(names)}" if 0 < len(names) <= 20 else ""
