"""An editor's review, from a partner's feed to the words on the screen, on each kind of database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from desk import NOW, item, raw_config, rss
from partner_server import PartnerServer
from typer.testing import CliRunner, Result

from aggregator.cli import app

pytestmark = pytest.mark.slow

PROSE = " ".join(f"Warga Desa{n} memperbaiki jembatan nomor {n} bersama perangkat desa." for n in range(12))
REPOST = "Artikel ini telah tayang di kabarjauh.com dengan judul Jembatan Gantung Diperbaiki Warga"
DAMAGED = "Menteri AlAMerika exander meninjau jembatan di Muaro Jambi."
POISON = "<script>alert(1)</script>\u202e"


class EditorsDesk:
    """A folder with a feeds.yaml over the partners a.example and b.example, and a database."""

    def __init__(self, folder: Path, server: PartnerServer, database_url: str) -> None:
        self.folder, self.server, self.database_url = folder, server, database_url
        self.raw = raw_config({"a": server.url("/a"), "b": server.url("/b")})
        self.raw["fetch"]["first_poll_max_age"] = "36500d"  # commands read the real clock

    def serve(self, *items: str, source: str = "a") -> None:
        self.server.bodies[f"/{source}"] = rss(*items)

    def run(self, *arguments: str) -> Result:
        (self.folder / "feeds.yaml").write_text(yaml.safe_dump(self.raw, sort_keys=False))
        places = {
            "AGGREGATOR_CONFIG": str(self.folder / "feeds.yaml"),
            "AGGREGATOR_DATABASE": self.database_url,
            "AGGREGATOR_PUBLIC": str(self.folder / "public"),
        }
        return CliRunner(env=places).invoke(app, arguments)

    def review(self, *options: str) -> str:
        result = self.run("review", *options)
        assert result.exit_code == 0, result.output
        return result.output

    def found(self, *options: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.review("--json", *options))
        return found


@pytest.fixture
def editors(tmp_path: Path, server: PartnerServer, database_url: str) -> EditorsDesk:
    """One article with a line to cut, one reposted from a stranger, one damaged; of b one on a stranger's host."""
    desk = EditorsDesk(tmp_path, server, database_url)
    age = NOW - datetime.now(UTC)
    desk.serve(
        item(1, "Jembatan", f"{PROSE}</p><p>Baca juga: Harga Karet Naik di Jambi", age=age),
        item(2, "Kiriman", f"Kiriman tiba di pasar. {PROSE[::-1]}</p><p>{REPOST}", age=age),
        item(
            3,
            "Rusak",
            f"{DAMAGED}</p><p>{PROSE.replace('jembatan', 'pasar').replace('desa', 'kota')}",
            age=age,
        ),
    )
    desk.serve(item(4, "Tamu", host="blog.example", age=age), source="b")
    assert desk.run("poll", "--all").exit_code == 0
    return desk


def test_what_was_cut_is_shown_with_its_rule(editors: EditorsDesk) -> None:
    words = editors.review()
    assert "Jembatan\n    a, " in words
    assert "    https://a.example/berita/0000001/judul-1\n" in words
    assert "    cut by readmore-title: Baca juga: Harga Karet Naik di Jambi\n" in words
    assert f"    cut by source-credit: {REPOST}\n" in words
    assert "4 entries of the last 7 days, 4 of them with something to review" in words
    assert "    cut by readmore-title: 1 time\n" in words


def test_doubts_alone(editors: EditorsDesk) -> None:
    words = editors.review("--doubts")
    assert "AlAMerika exander" in words
    assert (
        "its origin kabarjauh.com is no partner of ours: published in full, as the terms of a allow" in words
    )
    assert "its address is on blog.example, in nobody's domains: is it published by b?" in words
    assert "Jembatan\n" not in words
    assert "cut by" not in words
    assert "to look at, origin (its origin is no partner of ours): 1" in words


def test_published_doubts_come_first_and_hidden_ones_say_so(editors: EditorsDesk) -> None:
    first, *_ = editors.found("--doubts")["findings"]
    assert editors.run("hide", str(first["story_id"]), "--reason", "bukan milik mitra").exit_code == 0
    found = editors.found("--doubts")["findings"]
    assert [one["standing"] for one in found] == [
        "published",
        "published",
        "in no feed: hidden: bukan milik mitra",
    ]
    assert found[-1]["title"] == first["title"]


def test_one_rule_one_source_few_entries_few_days(editors: EditorsDesk) -> None:
    assert [one["title"] for one in editors.found("--rule", "readmore-title")["findings"]] == ["Jembatan"]
    assert editors.found("--rule", "readmore-title")["doubts"] == {}
    assert {one["source_id"] for one in editors.found("--source", "b")["findings"]} == {"b"}
    assert "and 3 more: see --limit" in editors.review("--limit", "1")
    assert editors.found("--limit", "1")["cuts"] == editors.found()["cuts"]
    assert editors.review("--rule", "paging") == "nothing to review in 4 entries of the last 7 days\n"
    assert "of the last 1 day\n" in editors.review("--rule", "paging", "--days", "1")


def test_status_counts_published_stories_and_names_the_command(editors: EditorsDesk) -> None:
    words = "for a person to look at: {} of the last week: aggregator review --doubts"
    assert words.format("3 published stories") in editors.run("status").output
    stories = json.loads(editors.run("status", "--json").stdout)["doubtful_stories"]
    for story in stories[:2]:
        editors.run("hide", str(story["story_id"]), "--reason", "uji")
    assert words.format("1 published story") in editors.run("status").output
    editors.raw["partners"][1]["domains"].append("blog.example")
    editors.raw["partners"][0]["domains"].append("kabarjauh.com")
    remaining = editors.found("--doubts")
    assert remaining["doubts"] == {"pasted-in": 1}


def test_a_partners_own_rule_is_reviewed_too(editors: EditorsDesk) -> None:
    assert editors.run("review", "--rule", "cut[0]").exit_code == 2
    editors.raw["partners"][1]["cut"] = [{"line": "Ikuti saluran kami di sini"}]
    age = NOW - datetime.now(UTC) - timedelta(minutes=1)
    editors.serve(
        item(5, "Saluran", f"{PROSE[50:]}</p><p>Ikuti saluran kami di sini!", host="b.example", age=age),
        source="b",
    )
    editors.run("poll", "b")
    (finding,) = editors.found("--rule", "cut[0]")["findings"]
    assert finding["cuts"] == [{"rule": "cut[0]", "text": "Ikuti saluran kami di sini!"}]


def test_what_was_read_before_an_edit_says_so(editors: EditorsDesk) -> None:
    assert "before that" not in editors.review()
    editors.raw["partners"][0]["cut"] = [{"line": "Ikuti saluran kami di sini"}]
    assert "the program was changed since these entries were read" in editors.review()
    assert editors.run("publish").exit_code == 0
    assert "before that" not in editors.review()


def test_what_partners_write_commands_no_terminal(editors: EditorsDesk) -> None:
    age = NOW - datetime.now(UTC) - timedelta(minutes=1)
    body = PROSE.replace("jembatan", "sawah").replace("desa", "dusun")[::-1]
    text = f"{body}</p><p>Baca juga: {POISON}Harga &amp;#x1b;[31m Karet &#x9b;31m Naik"
    editors.serve(item(6, f"Judul &#x9b;31m {POISON}", text, host="blog.example", age=age), source="b")
    editors.run("poll", "b")
    for words in (editors.review(), editors.review("--json"), editors.run("status", "--json").output):
        assert "Judul" in words
        assert all(character.isprintable() or character == "\n" for character in words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--source", "aa"], 'no source "aa" in feeds.yaml; did you mean "a"?'),
        (["--rule", "readmore-titel"], 'no rule "readmore-titel"; did you mean "readmore-title"?'),
        (["--rule", "xyz"], "there are: "),
        (["--rule", "dateline", "--doubts"], "not both"),
        (["--limit", "0"], "--limit"),
        (["--days", "0"], "--days"),
        (["--database", "sqlite:////nonexistent/x.db"], "there is no database at"),
    ],
    ids=["source", "rule", "rule like no other", "rule and doubts", "limit", "days", "database"],
)
def test_a_slip_exits_with_2_and_says_what_was_meant(
    editors: EditorsDesk, options: list[str], words: str
) -> None:
    result = editors.run("review", *options)
    assert result.exit_code == 2
    assert words in " ".join(result.output.replace("│", " ").split())
