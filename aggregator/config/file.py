"""feeds.yaml as a file that people edit while the service runs."""

from __future__ import annotations

import codecs
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aggregator.config.load import MAX_FILE_BYTES, parse_config, read_config_text
from aggregator.config.model import Config
from aggregator.errors import ConfigEditError

# A save in several steps is over when nothing has changed for so long.
STILL_S = 1.0


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
        self._seen_s = 0.0  # since when it looks like that

    def load(self) -> LoadedConfig:
        """Raises ConfigError with every problem, also when the file cannot be read."""
        text = read_config_text(self.path)
        return LoadedConfig(self.parse(text), text)

    def parse(self, text: str) -> Config:
        """A text of this file, perhaps an older one. Raises ConfigError."""
        return parse_config(text, str(self.path), self._environ)

    def replace(self, before: str, after: str) -> None:
        """Put a new text in the place of ``before``, in one step, with the file's own mode and owner.

        Where the path is a symbolic link, what it leads to is replaced. Raises ConfigError for a text with
        mistakes, and ConfigEditError when the file has changed since ``before`` was read, would be too large,
        or cannot be written.
        """
        self.parse(after)
        target = self.path.resolve()
        try:
            mark = codecs.BOM_UTF8 if (found := target.read_bytes()).startswith(codecs.BOM_UTF8) else b""
            if found != mark + before.encode():
                raise ConfigEditError(f"{self.path} was changed at this moment; start the command again")
            body = mark + after.encode()
            if len(body) > MAX_FILE_BYTES:
                raise ConfigEditError(f"{self.path} would be larger than {MAX_FILE_BYTES:,} bytes")
            _replace(target, body)
        except OSError as error:
            raise ConfigEditError(f"{self.path} cannot be written: {error.strerror or error}") from error

    def has_changed(self, now_s: float) -> bool:
        """True once for each change, when the file has looked the same for a second: not in the middle of a save.

        ``now_s`` is a reading of a clock that nobody can set.
        """
        last, self._seen = self._seen, self._look()
        if self._seen != last:
            self._seen_s = now_s
        if self._seen == self._taken or now_s - self._seen_s < STILL_S:
            return False
        self._taken = self._seen
        return True

    def _look(self) -> tuple[int, int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        # The last two tell a file that may be read at last, and one put there with its old date.
        return found.st_mtime_ns, found.st_size, found.st_ino, found.st_ctime_ns


def _replace(target: Path, body: bytes) -> None:
    """Write beside the file and take its place: whoever reads at any moment finds one or the other, whole."""
    was = target.stat()
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            if (was.st_uid, was.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, was.st_uid, was.st_gid)  # the service must still be able to read it
            os.fchmod(descriptor, stat.S_IMODE(was.st_mode))
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
