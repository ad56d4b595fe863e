"""``aggregator run`` as ops meet it: a process that polls, publishes, serves, takes up edits and ends when told."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
import yaml
from aiohttp import web
from desk import item, raw_config, rss
from partner_server import PartnerServer, partner_server
from service_process import Service, service

# Each starts the service anew, which takes seconds.
pytestmark = pytest.mark.slow

EVERY_S = 1.0
# A tick a second, an edit is looked at twice, publishing gathers for a moment: what is not there then does not come.
SOON_S = 8.0


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        running.bodies |= {
            "/a": rss(item(1, "satu", category="Politik")),
            "/b": rss(item(2, "dua", host="b.example")),
        }
        yield running


def config(server: PartnerServer, **more: Any) -> dict[str, Any]:
    raw = raw_config({"a": server.url("/a"), "b": server.url("/b")}, **more)
    raw["fetch"]["first_poll_max_age"] = "36500d"  # the sample's dates are fixed, the service's clock is real
    return raw


@contextmanager
def running(folder: Path, raw: dict[str, Any], every_s: float = EVERY_S, **more: Any) -> Iterator[Service]:
    """A service that has published everything once."""
    with service(folder, raw, every_s, **more) as desk:
        desk.start()
        desk.wait_for(lambda: len(titles(desk)) == 2, 20, "the first publish")
        yield desk


def titles(desk: Service, output: str = "all") -> list[str]:
    status, body = desk.get(f"feeds/{output}.json")
    return sorted(one["title"] for one in json.loads(body)["items"]) if status == 200 else []


def nobody_left(desk: Service) -> bool:
    """Whether its workers end with it, within a moment."""
    give_up_s = time.monotonic() + 3
    while desk.survivors() and time.monotonic() < give_up_s:
        time.sleep(0.05)
    return not desk.survivors()


def command(desk: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    places = ["--config", str(desk.folder / "feeds.yaml"), "--database", desk.database_url]
    whole = [sys.executable, "-m", "aggregator", *arguments, *places, "--public", str(desk.public)]
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False)


def status_of(desk: Service) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(command(desk, "status", "--json").stdout)
    return loaded


def test_news_is_served_and_a_signal_ends_it(
    tmp_path: Path, server: PartnerServer, database_url: str
) -> None:
    with running(tmp_path, config(server), database_url=database_url) as desk:
        server.bodies["/a"] = rss(item(3, "tiga"), item(1, "satu", category="Politik"))
        desk.wait_for(lambda: titles(desk) == ["dua", "satu", "tiga"], SOON_S, "news")
        assert (desk.public / "feeds/all.json").read_bytes() == desk.get("feeds/all.json")[1]
        assert desk.is_ready()
        (source, _) = status_of(desk)["sources"]
        assert source["next_poll_at"] > source["last_polled_at"]
        assert source["visits"][0]["outcome"] in ("unchanged", "read")
        assert sum(number for _, number in source["entries_per_day"]) == 2
        assert "no service works" not in command(desk, "status").stdout
        assert desk.terminate() == 0
        assert nobody_left(desk)
        assert "no service works on" in command(desk, "status").stdout


def test_edits_are_taken_up_and_mistakes_are_not(tmp_path: Path, server: PartnerServer) -> None:
    raw = config(server)
    server.bodies["/c"] = rss(item(9, "sembilan", host="c.example"))
    with running(tmp_path, raw) as desk:
        before = json.loads(desk.get("feeds/all.json")[1])["items"]
        with_third = raw_config({name: server.url(f"/{name}") for name in "abc"}) | {"fetch": raw["fetch"]}
        desk.configure(with_third)
        desk.wait_for(lambda: titles(desk) == ["dua", "satu", "sembilan"], SOON_S, "the new source")
        now = {one["id"]: one for one in json.loads(desk.get("feeds/all.json")[1])["items"]}
        assert all(now[one["id"]] == one for one in before)

        file = desk.folder / "feeds.yaml"
        file.write_text(file.read_text().replace("language", "langage").replace("contact:", "contct:"))
        desk.wait_for(lambda: bool(status_of(desk)["config_problems"]), SOON_S, "the refusal")
        shown = status_of(desk)
        assert any('unknown key "contct"' in line for line in shown["config_problems"])
        assert desk.is_ready()
        assert titles(desk) == ["dua", "satu", "sembilan"]
        told = command(desk, "status")
        assert "feeds.yaml is refused since" in told.stdout

        desk.kill()
        desk.start()
        desk.wait_for(desk.is_ready, 20, "the restart over a file with mistakes")
        server.bodies["/c"] = rss(
            item(10, "sepuluh", host="c.example"), item(9, "sembilan", host="c.example")
        )
        desk.wait_for(
            lambda: "sepuluh" in titles(desk), SOON_S, "news of the source that the last good file has"
        )

        desk.configure(with_third)
        desk.wait_for(lambda: not status_of(desk)["config_problems"], SOON_S, "the mended file")


def test_an_editor_hides_a_story_at_once_even_over_a_broken_file(
    tmp_path: Path, server: PartnerServer
) -> None:
    with running(tmp_path, config(server)) as desk:
        story_id = next(
            one["id"] for one in json.loads(desk.get("feeds/all.json")[1])["items"] if one["title"] == "satu"
        )
        (desk.folder / "feeds.yaml").write_text("site: [")
        hidden = command(desk, "hide", story_id, "--reason", "salah foto")
        assert hidden.returncode == 0, hidden.stderr
        assert "working with the last good one" in hidden.stderr
        desk.wait_for(lambda: titles(desk) == ["dua"], SOON_S, "the hidden story's absence")


def test_two_services_never_work_on_one_folder(tmp_path: Path, server: PartnerServer) -> None:
    with running(tmp_path, config(server)) as desk:
        second = command(desk, "run", "--port", "0")
        assert second.returncode == 1
        assert "another aggregator run works on" in second.stderr


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path, server: PartnerServer) -> None:
    with running(tmp_path, config(server)) as desk:
        other = Service(tmp_path / "other", EVERY_S, public=tmp_path / "public2", database=tmp_path / "b.db")
        other.folder.mkdir()
        other.configure(config(server))
        second = command(other, "run", "--port", str(desk.port))
        assert second.returncode == 1
        assert f"cannot listen at 127.0.0.1:{desk.port}" in second.stderr


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def answer(desk: Service, path: str) -> tuple[int, str]:
    """Status and Location, redirects not followed."""
    try:
        with build_opener(_Stay).open(f"http://127.0.0.1:{desk.port}/{path}", timeout=5) as found:
            return found.status, ""
    except HTTPError as error:
        return error.code, error.headers.get("Location", "")


def test_addresses_that_were_promised_once_say_where_they_went(tmp_path: Path, server: PartnerServer) -> None:
    raw = config(server)
    retired = [{"id": "topics/lama", "moved_to": "topics/politik"}, {"id": "topics/bekas"}]
    raw["outputs"]["retired"] = retired
    with running(tmp_path, raw) as desk:
        place = "https://feeds.jambiseru.com/feeds/topics/politik.atom"
        assert answer(desk, "feeds/topics/lama.atom") == (301, place)
        assert answer(desk, "feeds/topics/bekas.rss") == (410, "")
        assert answer(desk, "feeds/topics/never.rss") == (404, "")
        assert answer(desk, "feeds/topics/politik.rss") == (200, "")
        raw["topics"] = [topic for topic in raw["topics"] if topic["id"] != "politik"]
        raw["outputs"]["retired"] = retired[1:]
        desk.configure(raw)
        desk.wait_for(
            lambda: answer(desk, "feeds/topics/politik.rss") == (410, ""),
            SOON_S,
            "410 of a topic that was removed",
        )


def test_a_story_leaves_at_its_moment_without_any_poll(tmp_path: Path, server: PartnerServer) -> None:
    raw = config(server)
    raw["outputs"]["defaults"] = {"max_age": "4s"}
    with running(tmp_path, raw, every_s=3600) as desk:
        desk.wait_for(lambda: titles(desk) == [], 4 + SOON_S, "the end of max_age")
        assert sum(server.requests.values()) == 2


def test_an_edit_made_while_the_database_is_locked_is_taken_up_when_it_is_free(
    tmp_path: Path, server: PartnerServer
) -> None:
    raw = config(server)
    server.bodies["/c"] = rss(item(9, "sembilan", host="c.example"))
    with running(tmp_path, raw) as desk:
        with closing(sqlite3.connect(desk.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            desk.configure(
                raw_config({name: server.url(f"/{name}") for name in "abc"}) | {"fetch": raw["fetch"]}
            )
            desk.wait_for(
                lambda: not desk.is_ready(), 50, "the trouble, once the lock was waited for in vain"
            )
            assert titles(desk) == ["dua", "satu"], "what was published last is served"
            other.execute("ROLLBACK")
        desk.wait_for(lambda: titles(desk) == ["dua", "satu", "sembilan"], 40, "the edit")
        desk.wait_for(desk.is_ready, SOON_S, "readiness")


def test_a_drain_waits_for_visits_and_breaks_off_what_hangs(tmp_path: Path, server: PartnerServer) -> None:
    raw = config(server)
    raw["fetch"]["deadline"] = "2m"
    with running(tmp_path, raw) as desk:
        asked = hang(server)
        desk.wait_for(lambda: bool(asked), SOON_S, "a visit that hangs")
        began_s = time.monotonic()
        assert desk.terminate(within_s=20) == 0
        assert 10 < time.monotonic() - began_s < 18
        assert nobody_left(desk)


def test_a_second_signal_ends_it_at_once(tmp_path: Path, server: PartnerServer) -> None:
    raw = config(server)
    raw["fetch"]["deadline"] = "2m"
    with running(tmp_path, raw) as desk:
        asked = hang(server)
        desk.wait_for(lambda: bool(asked), SOON_S, "a visit that hangs")
        desk.signal(signal.SIGTERM)
        time.sleep(0.5)
        assert desk.ended() is None
        began_s = time.monotonic()
        desk.signal(signal.SIGTERM)
        assert desk.wait(within_s=5) == 128 + signal.SIGTERM
        assert time.monotonic() - began_s < 2


def hang(server: PartnerServer) -> list[str]:
    """From now on /a keeps everybody waiting; the list fills as it is asked."""
    asked: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.2)

    server.handlers["/a"] = handler
    return asked


def test_a_short_token_is_refused(
    tmp_path: Path, server: PartnerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "feeds.yaml").write_text(yaml.safe_dump(config(server)))
    monkeypatch.setenv("AGGREGATOR_OPS_TOKEN", "short")
    refused = command(Service(tmp_path, EVERY_S), "run", "--port", "0")
    assert refused.returncode == 2
    assert "at least 16 characters" in " ".join(refused.stderr.replace("│", " ").split())
