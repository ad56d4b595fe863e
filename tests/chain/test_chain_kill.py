"""``kill -9`` at every stage: after a restart nothing is lost or doubled, and every file was whole all the time."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import brotli
import pytest
import yaml
from desk import item, raw_config, rss
from lxml import etree
from partner_server import PartnerServer, partner_server

TESTS = Path(__file__).parent.parent
SOURCES = [f"s{number}" for number in range(6)]
EDITORS = ("Ani", "Budi", "Citra", "Dedi", "Eka", "Fajar")
TEXT = " ".join(f"kalimat {n} menyebut warga kampung nomor {n * 17} dan pasar induk" for n in range(30))

# (point, passage): at least five deaths in each of fetch, parse, commit, render and replace
DEATHS = [
    *[("fetch", n) for n in (1, 4)],
    *[("fetched", n) for n in (1, 3, 6)],
    *[("parse", n) for n in (1, 5)],
    *[("parsed", n) for n in (1, 2, 6)],
    # On a busy machine visits end together, and are committed together: there are not many more of these.
    *[("commit", n) for n in (2, 4, 5, 6, 7)],
    *[("committed", n) for n in (1, 3, 4, 5, 7)],
    *[("render", n) for n in (1, 2, 3)],
    *[("rendered", n) for n in (1, 3)],
    *[("replace", n) for n in (1, 2, 5, 9)],
    *[("swapped", n) for n in (2, 7)],
    *[("replaced", n) for n in (1, 3, 8)],
]


def first_bodies() -> dict[str, bytes]:
    return {f"/{name}": rss(*items(index)) for index, name in enumerate(SOURCES)}


def items(index: int) -> list[str]:
    host = f"s{index}.example"
    own = [item(index * 10 + n, category=("Politik", "Hukum")[n % 2], host=host) for n in range(4)]
    copy = item(900 + index, f"Berita bersama versi {EDITORS[index]}", TEXT, host=host)
    return [*own, copy]


def second_bodies() -> dict[str, bytes]:
    """Every source brings one new article and corrects one."""
    bodies = {}
    for index, name in enumerate(SOURCES):
        host = f"s{index}.example"
        fresh = item(500 + index, f"Baru {index}", category=("Politik", "Hukum")[index % 2], host=host)
        corrected = item(index * 10, f"Dikoreksi {index}", f"Isi baru {index}", category="Politik", host=host)
        bodies[f"/{name}"] = rss(fresh, corrected, *items(index)[1:])
    return bodies


@pytest.fixture(scope="module")
def server() -> Any:
    with partner_server() as running:
        yield running


@pytest.fixture(scope="module")
def first_round(server: PartnerServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the first round polled and published, to be copied by every case."""
    folder = tmp_path_factory.mktemp("first")
    server.bodies |= first_bodies()
    raw = raw_config({name: server.url(f"/{name}") for name in SOURCES})
    raw["fetch"]["first_poll_max_age"] = "36500d"
    (folder / "feeds.yaml").write_text(yaml.safe_dump(raw, sort_keys=False))
    run(folder, [sys.executable, "-m", "aggregator"])
    assert len(published(folder)) == len(SOURCES) * 4 + 1
    return folder


def run(folder: Path, program: list[str]) -> int:
    places = [
        "--config",
        folder / "feeds.yaml",
        "--database",
        f"sqlite:///{folder}/desk.db",
        "--public",
        folder / "public",
    ]
    command = [*program, "poll", "--all", *map(str, places)]
    environment = os.environ | {"PYTHONPATH": str(TESTS.parent)}
    return subprocess.run(command, capture_output=True, env=environment, timeout=180, check=False).returncode


def published(folder: Path) -> dict[str, dict[str, Any]]:
    loaded = json.loads((folder / "public/feeds/all.json").read_bytes())
    ids = [one["id"] for one in loaded["items"]]
    assert len(ids) == len(set(ids))
    return {one["id"]: one for one in loaded["items"]}


def assert_every_file_is_whole(public: Path) -> None:
    """Each document reads to its end; each compressed neighbour unpacks to some whole document."""
    for path in public.rglob("*"):
        if path.name.startswith(".") or not path.is_file():
            continue
        body = path.read_bytes()
        if path.suffix == ".gz":
            body = gzip.decompress(body)
        elif path.suffix == ".br":
            body = brotli.decompress(body)
        name = path.name.removesuffix(".gz").removesuffix(".br")
        if name.endswith(".json"):
            json.loads(body)
        elif name.endswith((".rss", ".atom", ".opml")):
            etree.fromstring(body)
        else:
            assert body.rstrip().endswith(b"</html>"), path


@pytest.mark.slow
@pytest.mark.parametrize(("point", "nth"), DEATHS, ids=[f"{point}-{nth}" for point, nth in DEATHS])
def test_nothing_is_lost_or_doubled(
    server: PartnerServer, first_round: Path, tmp_path: Path, point: str, nth: int
) -> None:
    folder = tmp_path / "desk"
    shutil.copytree(first_round, folder)
    before = published(folder)
    server.bodies |= second_bodies()
    killed = run(folder, [sys.executable, str(TESTS / "killer.py"), point, str(nth)])
    assert killed == -9, f"the point {point} was not passed {nth} times"
    assert_every_file_is_whole(folder / "public")

    assert run(folder, [sys.executable, "-m", "aggregator"]) == 0
    assert_every_file_is_whole(folder / "public")
    after = published(folder)
    assert before.keys() <= after.keys()
    for story_id, story in before.items():
        promised = ("url", "date_published")
        assert [after[story_id][name] for name in promised] == [story[name] for name in promised]
    titles = sorted(one["title"] for one in after.values())
    for index in range(len(SOURCES)):
        assert titles.count(f"Baru {index}") == 1
        assert titles.count(f"Dikoreksi {index}") == 1
    assert len(titles) == len(SOURCES) * 5 + 1
    assert sum("bersama" in title for title in titles) == 1
    assert not [path for path in (folder / "public").rglob("*") if path.name.startswith(".tmp")]


def test_every_stage_dies_at_least_five_times() -> None:
    stages = ("fetch", "parse", "commit", "render", "replace")
    for stage in stages:
        assert sum(point.startswith(stage) for point, _ in DEATHS) >= 5
