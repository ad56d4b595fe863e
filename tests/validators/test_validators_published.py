"""Nobody finds a fault in what is published: of the demo, and of all real documents of the shared folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import validators_others as others
from corpus_desk import FEEDS, SHARED
from validators_checks import document_problems
from validators_schemas import REFERENCE, mutated, schema_problems

from aggregator.demo.play import play_once

Paths = dict[str, list[Path]]  # by family
OUTPUTS_OF_THE_DEMO = 6
FEEDS_AND_LISTS = ("atom", "opml", "rss")
CHECK_OUTPUT = SHARED / "data" / "hostile" / "check_output.py"


@pytest.fixture(
    scope="module",
    params=[
        "demo",
        pytest.param(
            "corpus",
            marks=[
                pytest.mark.slow,
                pytest.mark.skipif(not FEEDS.is_dir(), reason="no shared material here"),
            ],
        ),
    ],
)
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    if request.param == "corpus":
        folder = request.getfixturevalue("polled").desk.public
    else:
        folder = tmp_path_factory.mktemp("demo") / "public"
        asyncio.run(play_once(None, f"sqlite:///{folder.parent}/demo.db", folder))
    found = {family: sorted(folder.rglob(f"*.{family}")) for family in (*FEEDS_AND_LISTS, "json")}
    assert min(len(found[family]) for family in ("atom", "json", "rss")) >= OUTPUTS_OF_THE_DEMO
    assert found["opml"]
    return found


pytestmark = [pytest.mark.xdist_group("corpus"), pytest.mark.timeout(600)]


@pytest.mark.parametrize("family", ["atom", "json", "rss"])
def test_our_own_checks(published: Paths, family: str) -> None:
    found = {path.name: document_problems(family, path.read_bytes()) for path in published[family]}
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.parametrize("family", FEEDS_AND_LISTS)
def test_schemas(published: Paths, family: str) -> None:
    found = {path.name: schema_problems(family, path.read_bytes()) for path in published[family]}
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.parametrize("validator", [others.xmllint, others.jing], ids=lambda validator: validator.__name__)
@pytest.mark.parametrize("family", FEEDS_AND_LISTS)
def test_schemas_by_commands(
    published: Paths, family: str, validator: Callable[[str, Sequence[Path]], list[str]]
) -> None:
    assert validator(family, published[family]) == []


def test_ruby_rss(published: Paths) -> None:
    assert others.ruby_rss(published["rss"] + published["atom"]) == []


def test_jsonfeed_schema_by_ajv(published: Paths) -> None:
    assert others.ajv(published["json"]) == []


@pytest.mark.skipif(not CHECK_OUTPUT.exists(), reason="no shared material here")
def test_the_check_of_the_shared_folder(published: Paths) -> None:
    assert others.shared_check(CHECK_OUTPUT, published["rss"] + published["atom"]) == []


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder of documents, each with a fault that each of the others must find."""
    rss, atom = tmp_path / "broken.rss", tmp_path / "broken.atom"
    rss.write_bytes(mutated("rss", "<link>https://contoh.example/</link>", ""))
    atom.write_bytes(mutated("atom", "<id>urn:uuid:3f0c2f39-6a5e-5c55-9d5b-6a1f2c5f8a00</id>", ""))
    feed = (REFERENCE / "reference.json").read_text("utf-8")
    (tmp_path / "broken.json").write_text(
        feed.replace("https://contoh.example/2026/duku", "duku panen"), "utf-8"
    )
    return tmp_path


def test_the_others_can_fail(broken: Path) -> None:
    for family in ("rss", "atom"):
        path = broken / f"broken.{family}"
        for said in (others.ruby_rss([path]), others.xmllint(family, [path]), others.jing(family, [path])):
            assert any(str(path) in line for line in said), said
    assert any("broken.json: /items/1/url" in line for line in others.ajv([broken / "broken.json"]))
