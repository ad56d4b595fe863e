"""Commands as ops meet them: exit status and words."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from desk import NOW, item, raw_config, rss
from partner_server import PartnerServer
from typer.testing import CliRunner, Result

from aggregator.cli import app
from aggregator.errors import StoreError

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path, server: PartnerServer) -> Path:
    """A folder with a feeds.yaml whose sources are served."""
    server.bodies |= {"/a": rss(item(1, "satu"), item(2, "dua", category="Iklan")), "/b": rss()}
    raw = raw_config({"a": server.url("/a"), "b": server.url("/b")})
    raw["partners"][0]["terms"]["exclude_categories"] = ["Iklan"]
    raw["fetch"]["first_poll_max_age"] = (
        "36500d"  # commands read the real clock, the sample's dates are fixed
    )
    (tmp_path / "feeds.yaml").write_text(yaml.safe_dump(raw, sort_keys=False))
    return tmp_path


def run(folder: Path, *arguments: str, database: str = "data/desk.db") -> Result:
    places = {
        "AGGREGATOR_CONFIG": str(folder / "feeds.yaml"),
        "AGGREGATOR_DATABASE": f"sqlite:///{folder / database}",
        "AGGREGATOR_PUBLIC": str(folder / "public"),
    }
    return CliRunner(env=places).invoke(app, arguments)


def test_poll_status_hide_unhide(folder: Path) -> None:
    polled = run(folder, "poll", "--all")
    assert polled.exit_code == 0
    assert "a: 2 entries: 2 new" in polled.output
    status = run(folder, "status")
    assert "a: well: 2 entries in the feed" in status.output
    assert "b: trouble: the feed is readable but empty" in status.output
    assert 'in no feed now: 1 story: terms T-1 exclude category "Iklan"' in status.output
    (story,) = json.loads((folder / "public/feeds/all.json").read_bytes())["items"]
    assert "hidden: satu" in run(folder, "hide", story["id"], "--reason", "salah").output
    again = run(folder, "hide", story["id"], "--reason", "lain")
    assert "was hidden already (salah): satu" in again.output
    shown = json.loads(run(folder, "status", "--json").stdout)
    assert shown["hidden"] == [{"id": story["id"], "title": "satu", "reason": "salah"}]
    assert "shown again: satu" in run(folder, "unhide", story["id"]).output
    assert json.loads((folder / "public/feeds/all.json").read_bytes())["items"] == [story]


def test_status_of_one_source_and_release(folder: Path, server: PartnerServer) -> None:
    age = NOW - datetime.now(UTC)  # commands read the real clock
    server.bodies["/a"] = rss(item(1, "satu", age=age + timedelta(hours=1)), item(2, age=age))
    run(folder, "poll", "a")
    one = run(folder, "status", "a")
    assert one.exit_code == 0
    assert "polled about every 15 min (as feeds.yaml says)" in one.output
    assert re.search(r"visit \d{4}-.*: 2 new, 0 copies, 0 revised", one.output)
    assert "b:" not in one.output
    assert 'no source "c" in feeds.yaml' in run(folder, "status", "c").output
    assert json.loads(run(folder, "status", "b", "--json").stdout)["sources"][0]["id"] == "b"
    crowd = [item(number, age=age) for number in range(100, 300)]
    server.bodies["/a"] = rss(item(1, "satu"), *crowd)
    run(folder, "poll", "a")
    flooded = run(folder, "status", "a")
    assert "200 entries are held: aggregator release a" in flooded.output
    assert flooded.output.count("held: Berita nomor") == 20
    assert "held: and 180 more" in flooded.output
    assert "released: 200 entries of a" in run(folder, "release", "a").output
    assert "released: 0 entries of a" in run(folder, "release", "a").output
    assert 'no source "c" in feeds.yaml' in run(folder, "release", "c").output


def test_a_failed_source_is_told_and_does_not_fail_the_round(folder: Path, server: PartnerServer) -> None:
    del server.bodies["/a"]
    polled = run(folder, "poll", "--all")
    assert polled.exit_code == 0
    assert "1 of 2 sources could not be read" in polled.output
    assert "404" in run(folder, "status").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["poll"], "name at least one source"),
        (["poll", "aa"], 'did you mean "a"'),
        (["poll", "a", "--all"], "not both"),
        (["hide", "x", "--reason", " "], "say why"),
        (["status", "--database", "mysql://x/y"], "the database address must be like"),
        (["status", "--database", "sqlite:////nonexistent/x.db"], "there is no database at"),
        (["check", "--config", "/nonexistent.yaml"], "nonexistent.yaml"),
    ],
)
def test_a_wrong_command_line_exits_with_2(folder: Path, arguments: list[str], words: str) -> None:
    result = run(folder, *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.output.replace("│", " ").split())
    assert not Path("/nonexistent").exists()


def test_a_database_that_fails_in_the_middle_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder, "poll", "--all")

    def full(*_: object) -> None:
        raise StoreError("the database cannot grow: the disk is full")

    monkeypatch.setattr("aggregator.store.writes.WriteTx.record_visits", full)
    result = run(folder, "poll", "--all")
    assert result.exit_code == 1
    assert "aggregator: the database cannot grow: the disk is full" in result.output


def test_an_unknown_story_exits_with_2(folder: Path) -> None:
    run(folder, "poll", "--all")
    result = run(folder, "hide", "urn:uuid:00000000-0000-4000-8000-000000000000", "--reason", "uji")
    assert result.exit_code == 2
    assert "no story" in result.output


def test_a_mistyped_file_is_refused_with_every_mistake_before_anything_is_done(folder: Path) -> None:
    file = folder / "feeds.yaml"
    file.write_text(file.read_text().replace("every: 15m", "every: '15'").replace("languag", "langag"))
    result = run(folder, "poll", "--all")
    assert result.exit_code == 2
    assert 'sources[0].every: expected a duration such as 15m, got "15"' in result.output
    assert "sources[1].every" in result.output
    assert "^" in result.output
    assert not (folder / "data").exists()


def test_a_mistyped_database_does_not_begin_anew_over_published_feeds(folder: Path) -> None:
    run(folder, "poll", "--all")
    before = (folder / "public/feeds/all.rss").read_bytes()
    slip = run(folder, "poll", "--all", database="data/dsek.db")
    assert slip.exit_code == 2
    assert "is new or empty, but" in slip.output
    assert not (folder / "data/dsek.db").exists()
    assert (folder / "public/feeds/all.rss").read_bytes() == before


def test_an_id_that_is_dropped_is_warned_of_before_and_after(folder: Path) -> None:
    run(folder, "poll", "--all")
    assert "answers 410" not in run(folder, "check").output
    file = folder / "feeds.yaml"
    raw = yaml.safe_load(file.read_text())
    raw["topics"] = raw["topics"][:1]
    file.write_text(yaml.safe_dump(raw, sort_keys=False))
    words = "feeds/topics/hukum.* was published here and answers 410 now"
    assert f"warning: {words}" in run(folder, "check").output
    run(folder, "publish")
    assert f"warning: {words}" in run(folder, "status").output
    raw["outputs"]["retired"] = [{"id": "topics/hukum"}]
    file.write_text(yaml.safe_dump(raw, sort_keys=False))
    assert "answers 410" not in run(folder, "check").output + run(folder, "status").output


def test_check_looks_into_a_database_without_making_or_changing_one(folder: Path) -> None:
    assert run(folder, "check").exit_code == 0
    assert not (folder / "data").exists()
    (folder / "data").mkdir()
    (folder / "data/desk.db").write_bytes(b"no database" * 100)
    checked = run(folder, "check")
    assert checked.exit_code == 0
    assert "what is published could not be compared" in checked.output


def test_demo_news_and_real_news_never_meet_whichever_comes_first(folder: Path) -> None:
    assert run(folder, "demo", "--once").exit_code == 0
    real = run(folder, "poll", "--all")
    assert real.exit_code == 2
    assert "demo" in real.output
    shutil.rmtree(folder / "public")  # what the demo published there would be lost by a new database
    assert run(folder, "poll", "--all", database="real.db").exit_code == 0
    demo = run(folder, "demo", "--once", database="real.db")
    assert demo.exit_code == 2
    assert "must not meet" in demo.output


def test_check_warns_of_what_a_contract_or_an_open_guard_would_do(folder: Path) -> None:
    result = run(folder, "check")
    assert result.exit_code == 0
    assert "2 partners, 2 sources, 2 topics, 3 outputs" in result.output
    assert "fetch.allow_networks lets every feed lead into 127.0.0.0/8" in result.output
