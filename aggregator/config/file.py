"""feeds.yaml as a file that people edit while the service runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aggregator.config.load import parse_config, read_config_text
from aggregator.config.model import Config


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A configuration with the text that it was read from; secrets stand in the former only."""

    config: Config
    text: str


class ConfigFile:
    """The file at ``path``; ``environ`` holds the secrets that it may name."""

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        self.path = path
        self._environ = environ
        self._taken = self._seen = self._look()

    def load(self) -> LoadedConfig:
        """Raises ConfigError with every problem, also when the file cannot be read."""
        text = read_config_text(self.path)
        return LoadedConfig(self.parse(text), text)

    def parse(self, text: str) -> Config:
        """A text of this file, perhaps an older one. Raises ConfigError."""
        return parse_config(text, str(self.path), self._environ)

    def has_changed(self) -> bool:
        """True once for each change, when two calls in a row found the file the same: not in the middle of a save."""
        last, self._seen = self._seen, self._look()
        if self._seen == self._taken or self._seen != last:
            return False
        self._taken = self._seen
        return True

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
