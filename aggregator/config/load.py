"""feeds.yaml -> Config, or every mistake in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from aggregator.config.cross import check_across
from aggregator.config.explain import explain
from aggregator.config.model import Config
from aggregator.config.report import Report
from aggregator.config.secrets import fill_secrets
from aggregator.config.syntax import end_position
from aggregator.config.yaml_nodes import read_yaml
from aggregator.errors import ConfigError
from aggregator.model.problem import ConfigProblem

MAX_FILE_BYTES = 1_000_000


def load_config(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and check the file. Raises ConfigError with every problem, also when it cannot be read at all."""
    return parse_config(read_config_text(path), str(path), environ)


def read_config_text(path: Path) -> str:
    """The file's text, unchecked. Raises ConfigError when it cannot be read, is too large or not UTF-8."""
    try:
        with path.open("rb") as file:
            body = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _unreadable(path, f"cannot be read: {reason}; name another file with --config") from None
    if len(body) > MAX_FILE_BYTES:
        raise _unreadable(path, f"is larger than {MAX_FILE_BYTES:,} bytes; this cannot be a feeds.yaml")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = end_position(error.object[: error.start].decode("utf-8"))
        raise _unreadable(path, "is not UTF-8 text; save it as UTF-8", *place) from None


def parse_config(text: str, file: str, environ: Mapping[str, str]) -> Config:
    """Check the text of a feeds.yaml that messages call ``file``. Raises ConfigError with every problem."""
    source = read_yaml(text)
    report = Report(file, text, source)
    config = None
    if source.complete:
        values = fill_secrets(source.values, environ, report)
        try:
            config = Config.model_validate(values)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                explain(details, report)
        check_across(values, report)
    problems = report.problems()
    if problems or config is None:
        raise ConfigError(problems)
    return config


def _unreadable(path: Path, message: str, line: int = 1, column: int = 1) -> ConfigError:
    return ConfigError([ConfigProblem(str(path), line, column, "", f"the file {message}")])
