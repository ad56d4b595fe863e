"""explain, show and list stories: what the commands say, from partners' feeds to the words on the screen."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from desk import NOW, Desk, item, raw_config, rss
from partner_server import PartnerServer
from typer.testing import CliRunner, Result

from aggregator import jobs
from aggregator.app import open_app
from aggregator.cli import app
from aggregator.demo.play import demo_config
from aggregator.demo.sites import serve_partners

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "explained.txt"
KARET = " ".join(
    f"Petani karet desa {n} di Merangin menjual {n * 7} kilogram getah kepada koperasi." for n in range(3, 15)
)
WIDE = {"COLUMNS": "400", "NO_COLOR": "1"}


def run(folder: Path, database: str, config: Path, *arguments: str) -> Result:
    places = {
        "AGGREGATOR_CONFIG": str(config),
        "AGGREGATOR_DATABASE": database,
        "AGGREGATOR_PUBLIC": str(folder / "public"),
    }
    return CliRunner(env=places | WIDE).invoke(app, arguments)


async def _play(database: str, public: Path) -> None:
    """The demo's partners, polled one after the other: a copy first, then its origin."""
    async with (
        serve_partners(lambda: NOW) as base_url,
        open_app(demo_config(base_url), database, public, lambda: NOW) as opened,
    ):
        for source_id in ("demo-indonesia-daily", "demo-pikiran-rakyat"):
            await jobs.poll(opened, [source_id])
        await jobs.publish(opened)


def test_the_demos_story_of_two_partners_on_one_screen(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'demo.db'}"
    asyncio.run(_play(database, tmp_path / "public"))
    config = ROOT / "aggregator" / "demo" / "feeds.yaml"

    result = run(tmp_path, database, config, "explain", "1")

    assert result.exit_code == 0, result.output
    assert result.stdout == GOLDEN.read_text("utf-8")
    assert len(result.stdout.splitlines()) <= 40


class CommandDesk(Desk):
    """A desk whose commands are typed."""

    def run(self, *arguments: str) -> Result:
        path = self.folder / "feeds.yaml"
        path.write_text(yaml.safe_dump(self.raw, sort_keys=False))
        return run(self.folder, self.database, path, *arguments)

    def said(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def told(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.said(*arguments, "--json"))
        return found

    def linked(self) -> dict[str, list[str]]:
        """By headline, those of the related stories that readers of the combined output are led to."""
        facts = {one["title"]: one.get("_aggregator", {}) for one in self.items()}
        return {
            title: [one["title"] for one in fact["related"]]
            for title, fact in facts.items()
            if "related" in fact
        }


@pytest.fixture
def desk(server: PartnerServer, tmp_path: Path, database_url: str) -> CommandDesk:
    """a has an article on rubber and one on a flood, b a copy of the first."""
    raw = raw_config({"a": server.url("/a"), "b": server.url("/b")})
    raw["topics"] = [
        {"id": "ekonomi", "title": "Ekonomi", "categories": ["bisnis"]},
        {"id": "peristiwa", "title": "Peristiwa"},
    ]
    server.bodies["/a"] = rss(
        item(1, "Harga Karet di Merangin Naik", KARET, category="Bisnis"),
        item(
            2,
            "Banjir Rendam Desa di Batang Hari",
            "Banjir dan longsor. Warga mengungsi, BPBD Jambi siaga. " * 9,
        ),
    )
    server.bodies["/b"] = rss(item(1, "Karet Merangin Naik", KARET, host="b.example"))
    made = CommandDesk(tmp_path, raw, database_url)
    made.poll("a")
    made.poll("b")
    return made


def test_a_story_is_explained_by_number_id_and_address(desk: CommandDesk) -> None:
    explained = desk.told("explain", "1")
    assert [(one["source_id"], one["is_shown"]) for one in explained["copies"]] == [("a", True), ("b", False)]
    assert explained["copies"][1]["reason"].startswith("similarity ")
    assert explained["copies"][1]["similarity"] > 0.95
    for ref in (
        explained["id"],
        explained["id"].removeprefix("urn:uuid:"),
        explained["copies"][1]["address"],
    ):
        assert desk.told("explain", ref)["story_id"] == 1
    ekonomi = explained["topics"][0]
    assert (ekonomi["topic"], ekonomi["is_in"], ekonomi["rules"]) == ("ekonomi", True, ["category Bisnis"])
    assert ekonomi["channels"] == ["Bisnis"]
    assert {"karet", "petani"} <= {word["words"] for word in ekonomi["words"]}
    assert {(one["kind"], one["label"]) for one in explained["facets"]} == {
        ("place", "Merangin"), ("place", "Jambi"), ("language", "Bahasa Indonesia"),
    }  # fmt: skip
    assert explained["outputs"] == [
        {"output_id": "all", "place": 2, "of": 2},
        {"output_id": "topics/ekonomi", "place": 1, "of": 1},
    ]
    assert explained["terms"] == ["T-1 of A, since 2022-01-01: shown in full, pictures are linked"]


def test_revisions_are_told_word_by_word(desk: CommandDesk, server: PartnerServer) -> None:
    corrected = KARET.replace("menjual 35 kilogram", "menjual 350 kilogram")
    server.bodies["/a"] = rss(item(1, "Harga Karet di Merangin Melonjak", corrected, category="Bisnis"))
    desk.poll("a")
    said = desk.said("explain", "1")
    assert "Harga Karet di Merangin [-Naik-] {+Melonjak+}" in said
    assert "di Merangin menjual [-35-] {+350+} kilogram getah kepada" in said
    (change,) = desk.told("explain", "1")["changes"]
    assert [piece["kind"] for piece in change["headline"][0]] == ["kept", "gone", "new"]


def test_what_is_in_no_feed_says_why(desk: CommandDesk) -> None:
    desk.hide("2", "salah foto")
    assert "story 2: hidden: salah foto" in desk.said("explain", "2")
    result = desk.run("show", "2")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "readers get nothing of it: hidden: salah foto" in result.stderr


def test_a_story_is_shown_as_readers_get_it(desk: CommandDesk) -> None:
    said = desk.said("show", "1")
    assert said.startswith("Harga Karet di Merangin Naik\n")
    assert "topic Ekonomi; place Merangin; place Jambi" in said
    assert "Petani karet desa 3 di Merangin menjual 21 kilogram" in said
    assert said.rstrip().endswith("dikutip dari a.example dengan judul Harga Karet di Merangin Naik")
    assert desk.told("show", "1")["id"].startswith("urn:uuid:")


LISTED: tuple[tuple[tuple[str, ...], list[int]], ...] = (
    ((), [2, 1]),
    (("--topic", "ekonomi"), [1]),
    (("--partner", "b"), [1]),
    (("--partner", "a"), [2, 1]),
    (("--search", "karet merangin"), [1]),
    (("--search", "getah banjir"), []),
    (("--search", '"warga mengungsi"'), [2]),
    (("--search", "mengung*"), [2]),
    (("--search", "karet", "--topic", "peristiwa"), []),
    (("--since", "2026-11-23"), [2, 1]),
    (("--since", "2026-11-24"), []),
    (("--limit", "1"), [2]),
)


def test_stories_are_listed_newest_first(desk: CommandDesk) -> None:
    for options, expected in LISTED:
        found = desk.told("list", "stories", *options)
        assert [one["story_id"] for one in found["stories"]] == expected, options
        said = desk.said("list", "stories", *options)
        assert ("no story is like that" in said) is (not expected), options


SLIPS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("explain", "99"), "no story has the id or address 99"),
    (("show", "https://a.example/nowhere"), "no story has the id or address https://a.example/nowhere"),
    (
        ("list", "stories", "--topic", "ekonmi"),
        'no topic "ekonmi" in feeds.yaml; did you mean "ekonomi"?',
    ),
    (("list", "stories", "--partner", "c"), 'no partner "c" in feeds.yaml; there are: a, b'),
    (("list", "stories", "--since", "kemarin"), 'a duration such as 7d, got "kemarin"'),
    (("list", "stories", "--since", "2026-13-01"), 'a duration such as 7d, got "2026-13-01"'),
    (("list", "stories", "--search", "?!"), "there is no word in it"),
)


def test_slips_are_told_and_end_in_2(desk: CommandDesk) -> None:
    for arguments, words in SLIPS:
        result = desk.run(*arguments)
        assert result.exit_code == 2, arguments
        assert words in " ".join(result.stderr.replace("│", " ").split()), arguments


def test_related_stories_are_named(desk: CommandDesk, server: PartnerServer) -> None:
    names = "Bupati Mahmud Siregar, Camat Rina Wulandari, Kepala Desa Anton Saputra dan Kapolsek Budi Hartono"
    one = (
        f"{names} meninjau banjir di Tebo, Senin (23/11/2026). " + "Air surut perlahan sejak pagi hari. " * 12
    )
    two = (
        f"Posko dibuka. {names} membagikan beras, Senin (23/11/2026). "
        + "Antrean warga panjang di balai desa. " * 12
    )
    server.bodies["/a"] = rss(item(5, "Banjir Tebo Ditinjau", one, age=timedelta(minutes=5)))
    desk.poll("a")
    server.bodies["/b"] = rss(
        item(6, "Beras untuk Korban di Tebo", two, host="b.example", age=timedelta(minutes=4))
    )
    desk.poll("b")
    assert "related: story 4, Beras untuk Korban di Tebo" in desk.said("explain", "3")
    first, second = "Banjir Tebo Ditinjau", "Beras untuk Korban di Tebo"
    assert desk.linked() == {first: [second], second: [first]}
    desk.said("hide", "4", "--reason", "salah")
    assert desk.linked() == {}
