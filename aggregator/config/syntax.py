"""Text that is not YAML at all: where it is to be mended, and how.

PyYAML stops where the text no longer fits; what was forgotten often stands lines above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from yaml.error import Mark, MarkedYAMLError
from yaml.reader import ReaderError
from yaml.tokens import ScalarToken

Found = tuple[int, int, str]  # line and column, counted from 1, and what is wrong there

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # the breaks that PyYAML counts
_KEY = "a key needs a colon and a space after it"
_DASH = "a dash needs a space after it"
_QUOTE = "a quote is not closed"
# What PyYAML says, and what it means to somebody who mends the file: where it stopped, or where that had begun.
_STOPPED = {
    "mapping values are not allowed": 'a colon cannot stand here: quote text with ": ", mend the indentation, '
    "or give the line above its colon",
    "cannot start any token": "text that begins like this needs quotes",
    "expected <block end>": "the indentation does not fit the lines above, a dash is missing, "
    "or there is text beside quotes",
    "expected ',' or": "a bracket or brace is not closed, or a comma is missing; it is opened in line {began}",
    "expected the node content": "a value is missing, or a bracket is not closed",
    "unknown escape character": r"in double quotes a backslash must be doubled (\\)",
}
_BEGAN = {
    "could not find expected ':'": _KEY,
    "unexpected end of stream": _QUOTE,
    "unexpected document separator": _QUOTE,
}
_DASH_WITHOUT_SPACE = re.compile(r"\s*(?=-\w[\w-]*:(\s|$))")
_COLON_WITHOUT_SPACE = re.compile(r"\s*(- +)*(?=[^\W\d]\w*:(?!//)\S)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_CURLY_QUOTE = re.compile(r"(^|[:,\[{-])\s*[“”„‘’]")


def end_position(text: str) -> tuple[int, int]:
    """The line and column, counted from 1, of what would follow the text."""
    lines = LINE_BREAK.split(text)
    return len(lines), len(lines[-1]) + 1


def syntax_mistake(
    error: MarkedYAMLError | ReaderError, text: str, long_quotes: Sequence[ScalarToken]
) -> Found:
    """The place to mend and the words for it; ``long_quotes`` are the quoted texts over several lines, in order."""
    if isinstance(error, ReaderError):
        words = "a control character or half a character pair; retype this place"
        line, column = end_position(text[: error.position])
    else:
        line, column, words = _to_mend(error, LINE_BREAK.split(text), long_quotes)
    return line, column, f"not valid YAML: {words}"


def _to_mend(error: MarkedYAMLError, lines: list[str], long_quotes: Sequence[ScalarToken]) -> Found:
    problem, stopped = str(error.problem), error.problem_mark
    if stopped is None:
        return 1, 1, problem
    began = error.context_mark or stopped
    if words := _meaning(problem, _BEGAN):
        late = _late_quote(stopped, long_quotes) or _late_quote(began, long_quotes)
        return late or (began.line + 1, began.column + 1, words)
    words = (_meaning(problem, _STOPPED) or problem).replace("{began}", str(began.line + 1))
    slip = _late_quote(stopped, long_quotes) or next(_slips(stopped, lines), None)
    return slip or (stopped.line + 1, stopped.column + 1, words)


def _meaning(problem: str, meanings: dict[str, str]) -> str:
    return next((words for fragment, words in meanings.items() if fragment in problem), "")


def _late_quote(mark: Mark, long_quotes: Sequence[ScalarToken]) -> Found | None:
    """The quote that swallowed lines down to the one of ``mark``.

    It ends where the next quoted text should begin, and the end of that one may swallow further lines.
    """
    first = None
    for quote in reversed(long_quotes):
        if quote.end_mark.line == mark.line and quote.end_mark.index <= mark.index:
            first, mark = quote, quote.start_mark
    if first is None:
        return None
    line = mark.line + 1
    words = f"a quote opened in line {line} is closed only in line {first.end_mark.line + 1}"
    return line, mark.column + 1, f"{words}: probably the closing quote is missing in line {line}"


def _slips(mark: Mark, lines: list[str]) -> Iterator[Found]:
    """What can be seen in the line that does not fit, or in the one above it; the likeliest first."""
    line = lines[mark.line] if mark.line < len(lines) else ""
    if line[mark.column : mark.column + 1] == "\t":
        yield mark.line + 1, mark.column + 1, "a tab character; use spaces"
    unquoted = _QUOTED.sub(lambda match: "x" * len(match[0]), line)
    if curly := _CURLY_QUOTE.search(unquoted[: mark.column]):
        yield mark.line + 1, curly.end(), "curly quotes are no quotes; use straight ones"
    for number in (mark.line, _line_above(mark.line, lines)):
        for look, words in ((_DASH_WITHOUT_SPACE, _DASH), (_COLON_WITHOUT_SPACE, _KEY)):
            if slip := look.match("".join(lines[number : number + 1])):
                yield number + 1, slip.end() + 1, words


def _line_above(number: int, lines: list[str]) -> int:
    """The nearest line above that is neither empty nor a comment; the first when there is none."""
    above = range(min(number, len(lines)) - 1, 0, -1)
    return next((n for n in above if lines[n].lstrip()[:1] not in ("", "#")), 0)
