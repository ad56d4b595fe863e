"""The issue's sample: one article in both partners' feeds becomes one story, credited to its origin."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path

import feedparser
import pytest

HEADLINE = "Rusia-Belarusia Sepakati Kerja Sama Militer, AS: Kami Prihatin"
CREDIT = (
    "seperti dikutip dari laman pikiran-rakyat.com (jaringan media indonesiadaily.co.id, partner jambiseru.com) "
    f"dari artikel yang berjudul {HEADLINE}"
)
ORIGINAL = (
    "https://www.pikiran-rakyat.com/internasional/pr-015956337/"
    "rusia-belarusia-sepakati-kerja-sama-militer-as-kami-prihatin"
)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public folder after ``aggregator demo --once``, run as a person would run it."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "aggregator", "demo", "--once"]
    places = ["--database", f"sqlite:///{folder}/demo.db", "--public", str(folder / "public")]
    done = subprocess.run([*command, *places], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert str(folder / "public" / "feeds" / "all.rss") in done.stdout
    return folder / "public"


def military(public: Path, output: str) -> list[dict[str, str]]:
    items = json.loads((public / f"feeds/{output}.json").read_bytes())["items"]
    return [item for item in items if "Belarusia" in item["title"] + item["content_html"]]


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


@pytest.mark.slow
@pytest.mark.parametrize("output", ["all", "topics/internasional"])
def test_exactly_one_story_with_the_origins_headline_and_address(played: Path, output: str) -> None:
    (story,) = military(played, output)
    assert story["title"] == HEADLINE
    assert story["url"] == ORIGINAL


@pytest.mark.slow
def test_the_credit_line_reads_character_for_character(played: Path) -> None:
    (story,) = military(played, "all")
    last_paragraph = re.findall(r"<p>.*?</p>", story["content_html"], re.S)[-1]
    assert text_of(last_paragraph) == CREDIT
    assert text_of(story["content_html"]).count("seperti dikutip dari laman") == 1
    assert "<" not in last_paragraph.removeprefix("<p>").split(HEADLINE[:10])[0].removesuffix(
        f'<a href="{ORIGINAL}" rel="noopener">'
    )


@pytest.mark.parametrize("format", ["rss", "atom"])
def test_the_same_facts_stand_there_for_machines(played: Path, format: str) -> None:
    parsed = feedparser.parse(str(played / f"feeds/all.{format}"))
    (entry,) = [entry for entry in parsed.entries if entry.title == HEADLINE]
    assert entry.source.title == "Pikiran Rakyat"
    assert entry.author == "Nadia Ramadhani"
    assert ORIGINAL in [link.href for link in entry.links if link.rel == "via"]


def test_leftovers_of_themes_are_gone_from_every_document(played: Path) -> None:
    documents = sorted(
        path for path in (played / "feeds").rglob("*.*") if path.suffix in {".rss", ".atom", ".json"}
    )
    assert len(documents) == 18
    for document in documents:
        text = document.read_text("utf-8")
        for leftover in (
            "Bacaan Lainnya",
            "Pos terkait",
            "Baca Juga",
            "appeared first on",
            "Kabar lain dari daerah",
        ):
            assert leftover not in text, f"{leftover} in {document.name}"


def test_a_paid_article_is_left_out_as_the_terms_demand(played: Path) -> None:
    titles = [item["title"] for item in json.loads((played / "feeds/all.json").read_bytes())["items"]]
    assert not [title for title in titles if title.startswith("Promo")]
    assert len(titles) == 6
