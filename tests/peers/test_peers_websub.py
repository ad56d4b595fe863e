"""Programs of others as followers of our hub, and as a hub that we subscribe to: whole processes over loopback."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from clients import toolbox
from desk import item, raw_config, rss
from partner_server import PartnerServer, partner_server
from service_process import Service, free_port, service
from validators_others import require_clients

DRIVERS = Path(__file__).parent / "drivers"
SOON_S = 20.0

pytestmark = pytest.mark.slow


@dataclass
class Peer:
    """A program of somebody else's; ``said`` are its lines."""

    process: subprocess.Popen[str]
    said: list[dict[str, Any]] = field(default_factory=list)

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                self.said.append(json.loads(line))

    def events(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.said if one["event"] == name]

    def tell(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()


@contextmanager
def peer(*command: object) -> Iterator[Peer]:
    """It runs until the block ends."""
    with subprocess.Popen(
        [str(one) for one in command], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        running = Peer(process)
        threading.Thread(target=running.read, daemon=True).start()
        try:
            yield running
        finally:
            process.kill()


@pytest.fixture
def partner() -> Iterator[PartnerServer]:
    require_clients()
    with partner_server() as server:
        server.bodies["/a"] = rss(item(1, "Harga Karet di Jambi Naik"))
        yield server


def desk_of(folder: Path, source_url: str) -> Any:
    port = free_port()
    raw = raw_config({"a": source_url}, hub="own")
    raw["site"]["feeds_url"] = f"http://127.0.0.1:{port}/"
    raw["fetch"]["first_poll_max_age"] = "36500d"
    return service(folder, raw, 1.0, port=port)


def soon(desk: Service, what: Callable[[], object], words: str) -> None:
    desk.wait_for(what, SOON_S, words)


def flask_follower(tmp_path: Path, topic: str) -> tuple[object, ...]:
    return (toolbox.PYTHON, DRIVERS / "flask_follower.py", free_port(), tmp_path, topic)


def npm_follower(topic: str, hub: str) -> tuple[object, ...]:
    return ("node", DRIVERS / "npm_follower.cjs", toolbox.NODE_MODULES, free_port(), topic, hub)


@pytest.mark.parametrize("program", ["Flask-WebSub", "pubsubhubbub"])
def test_others_follow_our_feeds_and_leave_again(
    tmp_path: Path, partner: PartnerServer, program: str
) -> None:
    with desk_of(tmp_path, partner.url("/a")) as desk:
        desk.start()
        soon(desk, lambda: b"Karet" in desk.get("feeds/all.atom")[1], "the first story")
        base = f"http://127.0.0.1:{desk.port}"
        topic, hub = f"{base}/feeds/all.atom", f"{base}/hub"
        command = flask_follower(tmp_path, topic) if program == "Flask-WebSub" else npm_follower(topic, hub)
        with peer(*command) as follower:
            soon(desk, lambda: follower.events("subscribe"), "the subscription")
            if program == "Flask-WebSub":
                assert follower.events("discovered") == [
                    {"event": "discovered", "hub_url": hub, "topic_url": topic}
                ]
            assert follower.events("content") == []
            time.sleep(1)  # verified a moment before it is kept
            partner.bodies["/a"] = rss(
                item(1, "Harga Karet di Jambi Naik"), item(2, "Jalan Lintas Timur Ditutup")
            )
            soon(desk, lambda: follower.events("content"), "the news")
            assert b"Lintas" in desk.get("feeds/all.atom")[1]
            content = follower.events("content")[-1]
            assert content["topic"] == topic
            assert len(set(content["ids"])) >= 2
            published = desk.get("feeds/all.atom")[1].decode()
            assert all(one in published for one in content["ids"])
            follower.tell("unsubscribe")
            soon(desk, lambda: follower.events("unsubscribe"), "the end of it")
            time.sleep(1)
            number = len(follower.events("content"))
            partner.bodies["/a"] = rss(
                item(2, "Jalan Lintas Timur Ditutup"), item(3, "Sungai Batanghari Surut")
            )
            soon(desk, lambda: b"Batanghari" in desk.get("feeds/all.atom")[1], "the third story")
            time.sleep(2)
            assert len(follower.events("content")) == number


def test_a_hub_of_others_pushes_to_us(tmp_path: Path, partner: PartnerServer) -> None:
    del partner
    (tmp_path / "feed.rss").write_bytes(rss(item(1, "Harga Karet di Jambi Naik")))
    hub_port = free_port()
    with (
        peer(toolbox.PYTHON, DRIVERS / "flask_hub.py", hub_port, tmp_path) as hub,
        desk_of(tmp_path, f"http://127.0.0.1:{hub_port}/feed") as desk,
    ):
        # Polled once at the start, and then not for a quarter of an hour: what comes sooner was pushed.
        desk.every_s = 900.0
        time.sleep(2)
        desk.start()
        soon(desk, lambda: b"Karet" in desk.get("feeds/all.atom")[1], "the first story")
        soon(desk, lambda: is_subscribed(desk), "the subscription")
        time.sleep(1)  # its hub, too, keeps it only after we confirmed
        (tmp_path / "feed.rss").write_bytes(rss(item(2, "Jalan Lintas Timur Ditutup")))
        hub.tell("news")
        soon(desk, lambda: b"Lintas" in desk.get("feeds/all.atom")[1], "the pushed story")


def is_subscribed(desk: Service) -> bool:
    with closing(sqlite3.connect(f"file:{desk.database}?mode=ro", uri=True)) as database:
        return database.execute("SELECT state FROM subscriptions").fetchall() == [("active",)]
