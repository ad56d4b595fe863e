"""Files that no row knows go, and nothing that is not ours does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, item, raw_config, rss
from partner_server import PartnerServer

pytestmark = pytest.mark.slow

KEY = "a" * 32


@pytest.fixture
def desk(server: PartnerServer, tmp_path: Path) -> Desk:
    """Four stories, of which two stand in the documents and all in an archive page; a feed beside, and a subscriber."""
    raw = raw_config({"a": server.url("/a")}, subscribers=[{"id": "kabar-muaro", "name": "Kabar Muaro"}])
    raw["outputs"] |= {
        "defaults": {"limit": 2},
        "custom": [{"id": "mitra", "title": "Mitra", "where": {"partner": "a"}}],
    }
    desk = Desk(tmp_path, raw)
    for number in range(1, 5):
        server.bodies["/a"] = rss(item(number, f"Judul {number}", category="politik"))
        desk.poll()
    return desk


def feeds_of(desk: Desk, output: str) -> set[str]:
    """The files that stand there of an output, archive pages too."""
    return {path for path in desk.files() if path.startswith((f"feeds/{output}.", f"feeds/{output}/"))}


def brought_back(desk: Desk, files: dict[str, tuple[bytes, int]]) -> None:
    """As if the process had been killed before it took them away."""
    for path, (body, _) in files.items():
        (desk.public / path).parent.mkdir(parents=True, exist_ok=True)
        (desk.public / path).write_bytes(body)


@pytest.mark.parametrize(
    ("output", "edit"),
    [
        ("mitra", lambda raw: raw["outputs"].pop("custom")),
        ("topics/politik", lambda raw: raw["topics"].pop(0)),
        ("s", lambda raw: raw.pop("subscribers")),
    ],
    ids=["custom", "topic", "subscriber"],
)
def test_a_kill_before_files_are_taken_away_leaves_none_for_good(desk: Desk, output: str, edit: Any) -> None:
    before = {path: desk.files()[path] for path in feeds_of(desk, output)}
    assert len(before) == 6 if output == "s" else f"feeds/{output}/archive-1.atom" in before
    edit(desk.raw)
    desk.publish()
    assert feeds_of(desk, output) == set()
    rest = desk.files()
    brought_back(desk, before)
    assert {path for path in before if not path.endswith((".gz", ".br"))} == set(desk.publish().removed)
    assert desk.files() == rest


def test_pages_of_a_restored_backup_are_the_backup_s(
    desk: Desk, server: PartnerServer, tmp_path: Path
) -> None:
    """The address of a subscriber and the pages that came after it are unknown to it."""
    backup = shutil.copy(tmp_path / "desk.db", tmp_path / "backup.db")
    rest = desk.files()
    desk.raw["subscribers"].append({"id": "warta-tebo", "name": "Warta Tebo"})
    for number in range(5, 9):
        server.bodies["/a"] = rss(item(number, f"Judul {number}", category="politik"))
        desk.poll()
    assert rest.keys() < desk.files().keys()
    shutil.copy(backup, tmp_path / "desk.db")
    desk.raw["subscribers"].pop()
    desk.publish()
    assert desk.files().keys() == rest.keys()


FOREIGN = (
    "feeds/lama.rss",
    "feeds/lama.rss.gz",
    "feeds/all/arsip-1.atom",
    "feeds/all/archive-1.atom.bak",
    "feeds/s/catatan.txt",
    f"feeds/s/{KEY}.html",
    f"feeds/s/{KEY[1:]}.rss",
    f"feeds/s/{KEY.upper()}.rss",
    "archive-1.atom",
    "robots.txt",
)


def test_what_others_put_there_stays(desk: Desk) -> None:
    for path in FOREIGN:
        (desk.public / path).parent.mkdir(exist_ok=True)
        (desk.public / path).write_bytes(b"x")
    before = desk.files()
    (desk.public / f"feeds/s/{KEY}.rss").write_bytes(b"x")
    assert desk.publish().removed == (f"feeds/s/{KEY}.rss",)
    assert desk.files() == before
