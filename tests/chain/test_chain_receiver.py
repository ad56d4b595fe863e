"""The receiver that docs/websub.md gives to those who follow us, run as it stands there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest
from desk import Desk
from hub_followers import FEEDS, ask, bring, do_due, followers, pending
from partner_server import PartnerServer
from service_process import free_port

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "websub.md"
SECRET = "rahasia-penerima"
PATH = "feeds/all.atom"
STARTED_WITHIN_S = 10.0


def example() -> str:
    (code,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return str(code)


@contextmanager
def receiving(folder: Path, port: int) -> Iterator[Path]:
    """The example runs, with our address and a free port in place of its own; what it says is in that file."""
    folder.mkdir()
    log = folder.with_suffix(".log")
    code = example()
    for written, ours in (
        ("https://feeds.example.com/", FEEDS),
        ('"127.0.0.1", 8000', f'"127.0.0.1", {port}'),
    ):
        assert code.count(written) == 1, written
        code = code.replace(written, ours)
    environ = {**os.environ, "WEBSUB_SECRET": SECRET}
    with log.open("wb") as said:
        running = subprocess.Popen([sys.executable, "-c", code], cwd=folder, env=environ, stderr=said)
    try:
        until_s = time.monotonic() + STARTED_WITHIN_S
        while not is_open(port):
            assert running.poll() is None and time.monotonic() < until_s, "it does not start"
            time.sleep(0.05)
        yield log
    finally:
        running.terminate()
        running.wait()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def asked(port: int, method: str, target: str, body: bytes = b"", **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, target, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_receiver_of_the_documentation_follows_and_takes_what_we_sign(
    hub_desk: Desk, server: PartnerServer, tmp_path: Path
) -> None:
    folder, port = tmp_path / "receiver", free_port()
    newest, callback = folder / "newest.atom", f"http://127.0.0.1:{port}/callback/7f3a"
    with receiving(folder, port):
        assert ask(hub_desk, callback, PATH, secret=SECRET).status == 202
        do_due(hub_desk)
        assert [one.path for one in followers(hub_desk)] == [PATH]
        bring(hub_desk, server, 2)
        assert do_due(hub_desk) == ["delivered"]
        document = (hub_desk.public / PATH).read_bytes()
        assert newest.read_bytes() == document
        for signature in ("", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "é"):
            forged = {"X-Hub-Signature": signature} if signature else {}
            assert asked(port, "POST", "/callback/7f3a", b"palsu", **forged) == 204
        assert [one.name for one in folder.iterdir()] == ["newest.atom"]
        assert newest.read_bytes() == document
        other = (
            f"/callback/7f3a?hub.mode=subscribe&hub.challenge=x&hub.topic={quote(FEEDS + 'feeds/lain.atom')}"
        )
        assert asked(port, "GET", other) == 404
        assert ask(hub_desk, callback, PATH, mode="unsubscribe").status == 202
        do_due(hub_desk)
        assert followers(hub_desk) == ()


def test_the_receiver_says_when_the_feed_is_over(hub_desk: Desk, tmp_path: Path) -> None:
    port = free_port()
    with receiving(tmp_path / "receiver", port) as log:
        ask(hub_desk, f"http://127.0.0.1:{port}/callback/7f3a", PATH, secret=SECRET)
        do_due(hub_desk)
        assert len(followers(hub_desk)) == 1
        del hub_desk.raw["hub"]
        do_due(hub_desk)
        assert (followers(hub_desk), pending(hub_desk)) == ((), ())
        assert "this feed is over: this hub tells of no feed any more" in log.read_text("utf-8")
