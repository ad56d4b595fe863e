"""The shared hostile ids wherever an id can be given: in feeds.yaml, to a command, in an address of the server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from config_sample import SAMPLE, mistakes
from hostile_cases import FOLDER, cases, needs_cases
from typer.testing import CliRunner
from web_desk import running

from aggregator.cli import app
from aggregator.outputs.render import DIRECTORY_PATHS, document_paths

pytestmark = needs_cases

# Names that another program may have a use for. Ours stand below feeds/, where nothing else does, so these take
# nobody's place: test_a_name_that_sounds_reserved_takes_nobodys_place.
HARMLESS = {"I25": "index", "I26": "combined", "I39": "aux", "I43": "hub"}
PLACES = {
    "a source": ("- {id: agency, ", "- {id: VALUE, "),
    "a partner": ("- id: paper\n    name: Paper", "- id: VALUE\n    name: Paper"),
    "a topic": ("- id: politik\n", "- id: VALUE\n"),
    "the combined output": ("combined: {title: Semua}", "combined: {id: VALUE, title: Semua}"),
    "a retired output": ("id: topics/lama", "id: VALUE"),
}


def values() -> dict[str, str]:
    path = FOLDER / "ids" / "ids.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {one["id"]: one["value"] for one in map(json.loads, lines)}


VALUES = values()
each_value = pytest.mark.parametrize(("case_id", "value"), VALUES.items(), ids=VALUES)


def test_every_id_of_the_index_is_tried() -> None:
    assert set(cases("path-traversal")) == set(VALUES)
    assert all(VALUES[case_id] == value for case_id, value in HARMLESS.items())


@each_value
@pytest.mark.parametrize("place", PLACES)
def test_it_is_refused_in_feeds_yaml(case_id: str, value: str, place: str) -> None:
    old, new = PLACES[place]
    text = SAMPLE.replace(old, new.replace("VALUE", json.dumps(value)))
    assert text != SAMPLE
    line = text[: text.index(json.dumps(value))].count("\n") + 1
    said = [one for one in mistakes(text) if one.startswith(f"feeds.yaml:{line}:")]
    about_it = [one for one in said if re.search(r"expected (an id|the id of an output)", one)]
    assert bool(about_it) is (case_id not in HARMLESS), mistakes(text)


@each_value
def test_a_command_knows_no_such_source(case_id: str, value: str, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(SAMPLE)
    result = CliRunner(env={"AGGREGATOR_CONFIG": str(tmp_path / "feeds.yaml")}).invoke(
        app, ["poll", "--database", f"sqlite:///{tmp_path / 'desk.db'}", "--", value]
    )
    assert result.exit_code == 2, case_id
    assert [path.name for path in tmp_path.iterdir()] == ["feeds.yaml"]


@each_value
async def test_the_server_has_nothing_there(case_id: str, value: str) -> None:
    async with running() as server:
        for segment in (value, quote(value, safe="")):
            reply = await server.get(f"/feeds/{segment}.rss")
            assert reply.status == 404, (case_id, segment)


@pytest.mark.parametrize("value", HARMLESS.values())
def test_a_name_that_sounds_reserved_takes_nobodys_place(value: str) -> None:
    paths = {*document_paths(value), *document_paths(f"topics/{value}")}
    assert len(paths) == 10
    assert all(re.fullmatch(rf"feeds/(topics/)?{value}\.(rss|atom|json|xml|html)", path) for path in paths)
    assert not paths & {*DIRECTORY_PATHS}
