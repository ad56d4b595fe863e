"""``${NAME}`` in feeds.yaml: secrets come from the environment, and only where one is meant to stand."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aggregator.config.report import Report
from aggregator.config.yaml_nodes import Loc

_SECRET_LOCS: tuple[Loc, ...] = (("alerts", "webhook"), ("alerts", "email"))
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,99})\}")


def fill_secrets(value: object, environ: Mapping[str, str], report: Report, loc: Loc = ()) -> object:
    """The values with variables replaced, once; whatever is wrong with one is put into the report."""
    if isinstance(value, dict):
        return {key: fill_secrets(below, environ, report, (*loc, key)) for key, below in value.items()}
    if isinstance(value, tuple):
        return tuple(fill_secrets(below, environ, report, (*loc, index)) for index, below in enumerate(value))
    if isinstance(value, str) and "${" in value:
        return _filled(value, environ, report, loc)
    return value


def _filled(text: str, environ: Mapping[str, str], report: Report, loc: Loc) -> str:
    if loc not in _SECRET_LOCS:
        report.at_value(loc, "${...} is read in alerts.webhook and alerts.email only; write the value itself")
        return text
    names = _VARIABLE.findall(text)
    unset = [name for name in names if not environ.get(name)]
    if "${" in _VARIABLE.sub("", text):
        report.at_value(loc, "expected ${NAME} of letters, digits and underscores")
    elif unset:
        report.at_value(loc, f"the environment variable {unset[0]} is not set; set it, or remove the key")
    else:
        return _VARIABLE.sub(lambda match: environ[match[1]], text)
    report.leave_out(loc)
    return text
