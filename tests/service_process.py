"""``aggregator run`` as a process of its own, with all that the hardship tests do to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import yaml
from desk import raw_config
from service_partners import Partners
from service_press import CATEGORIES

TESTS = Path(__file__).parent
OUTPUTS = ("all", *(f"topics/{category.lower()}" for category in CATEGORIES))
# Between a probe's first refusal and its next question.
_STEP_S = 0.05
# In the environment of a service and of all its processes: the folder that it works in.
_MARK = "AGGREGATOR_TEST_SERVICE"


@dataclass
class Service:
    """One desk in ``folder``, started and ended as often as a test likes, always on the same port."""

    folder: Path
    every_s: float
    environ: Mapping[str, str] = field(default_factory=dict)
    database: Path = Path()  # an SQLite file
    database_url: str = ""  # another database instead
    public: Path = Path()
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _sessions: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.database = self.folder / "data" / "desk.db" if self.database == Path() else self.database
        self.public = self.folder / "public" if self.public == Path() else self.public
        self.database_url = self.database_url or f"sqlite:///{self.database}"
        self.port = self.port or free_port()

    @property
    def log(self) -> Path:
        return self.folder / "service.log"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def configure(self, raw: dict[str, Any]) -> None:
        (self.folder / "feeds.yaml").write_text(yaml.safe_dump(raw, sort_keys=False))

    def start(self) -> None:
        command = [sys.executable, str(TESTS / "fast_run.py"), str(self.every_s), "run"]
        command += ["--config", str(self.folder / "feeds.yaml"), "--database", self.database_url]
        command += ["--public", str(self.public), "--host", "127.0.0.1", "--port", str(self.port)]
        environ = os.environ | {"PYTHONPATH": str(TESTS.parent), _MARK: str(self.folder)} | dict(self.environ)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stderr=log, env=environ, start_new_session=True)
        self._sessions.add(self._process.pid)

    def kill(self) -> None:
        """SIGKILL to the main process alone: what becomes of its workers is its own affair."""
        assert self._process is not None
        assert self._process.poll() is None, f"it ended by itself: {self._process.poll()}\n{self.log_tail()}"
        self._process.kill()
        self._process.wait()

    def terminate(self, within_s: float = 20) -> int:
        """SIGTERM; the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait(within_s)

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self, within_s: float) -> int:
        """The exit status, once it has ended."""
        assert self._process is not None
        return self._process.wait(timeout=within_s)

    def ended(self) -> int | None:
        """The exit status; None while it runs."""
        return self._process.poll() if self._process else None

    def get(self, path: str, timeout_s: float = 10) -> tuple[int, bytes]:
        """Status and body; 0 while nobody listens."""
        try:
            with urlopen(Request(f"http://127.0.0.1:{self.port}/{path}"), timeout=timeout_s) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def is_alive(self) -> bool:
        return self.get("healthz")[0] == 200

    def is_ready(self) -> bool:
        return self.get("readyz")[0] == 200

    def survivors(self) -> list[int]:
        """Processes of any start of this service that are still there."""
        return [pid for pid, _ in self.survivors_by_session()]

    def survivors_by_session(self) -> list[tuple[int, int]]:
        """The same, each with the process of the start that it belongs to."""
        mark = f"{_MARK}={self.folder}".encode()
        return [(pid, session) for pid, session in _sessions(mark) if session in self._sessions]

    def wait_for_quiet(self, within_s: float) -> None:
        """Until no process of it is left; fails when one outlives the main process for longer."""
        give_up_s = time.monotonic() + within_s
        while pids := self.survivors():
            assert time.monotonic() < give_up_s, f"still there: {pids}"
            time.sleep(_STEP_S)

    def log_tail(self, length_bytes: int = 4000) -> str:
        return self.log.read_bytes()[-length_bytes:].decode(errors="replace") if self.log.exists() else ""

    def wait_for(self, what: Callable[[], object], within_s: float, words: str) -> float:
        """Seconds until ``what`` is true; fails with ``words`` and the end of the log when it is not in time."""
        began_s = time.monotonic()
        while not what():
            assert self.ended() is None, f"the service ended with {self.ended()}\n{self.log_tail()}"
            waited_s = time.monotonic() - began_s
            assert waited_s < within_s, f"{words}: not within {within_s:g} s\n{self.log_tail()}"
            time.sleep(_STEP_S)
        return time.monotonic() - began_s


@contextmanager
def service(folder: Path, raw: dict[str, Any], every_s: float, **more: Any) -> Iterator[Service]:
    """A desk that is not started yet; in the end nothing of it is left running."""
    desk = Service(folder, every_s, **more)
    desk.configure(raw)
    try:
        yield desk
    finally:
        for pid in desk.survivors():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def partners_config(partners: Partners, limit: int) -> dict[str, Any]:
    """feeds.yaml with a source and a topic for everything that those partners publish."""
    raw = raw_config({f"p{number}": partners.url(number) for number in range(partners.press.partners)})
    raw["topics"] = [
        {"id": category.lower(), "title": category, "categories": [category]} for category in CATEGORIES
    ]
    raw["outputs"]["defaults"] = {"limit": limit}
    raw["fetch"] = {"allow_networks": ["127.0.0.0/8"], "first_poll_max_age": "36500d"}
    return raw


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _sessions(mark: bytes) -> Iterator[tuple[int, int]]:
    """Every living process with that mark in its environment, and its session.

    proc(5): the fields behind the name are state, ppid, pgrp, session. Numbers alone tell nothing: on a busy machine
    they come round within an hour.
    """
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, session = (path / "stat").read_text().rpartition(")")[2].split()[:4]
            is_marked = mark in (path / "environ").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if state != "Z" and is_marked:
            yield int(path.name), int(session)
