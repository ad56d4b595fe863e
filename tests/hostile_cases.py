"""The hostile cases of the shared folder, which is no part of the repository, by id."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[2] / "shared")) / "data" / "hostile"
CATEGORIES = ("xml", "encoding", "semantics", "text")
needs_cases = pytest.mark.skipif(not (FOLDER / "index.tsv").exists(), reason="no shared data")


@dataclass(frozen=True)
class Case:
    """One line of index.tsv."""

    case_id: str
    category: str
    file: str
    delivery: str
    expected: str

    @cached_property
    def body(self) -> bytes:
        """The document; of one that holds many cases only the item of this one."""
        if not self.file.startswith("gen:"):
            path, _, item = self.file.partition("#")
            document = (FOLDER / path).read_bytes()
            return _with_one_item(document, item.removeprefix("title=xss ").removeprefix("urn:xss:"))
        command = [sys.executable, str(FOLDER / "gen.py"), self.file[4:]]
        return subprocess.run(command, capture_output=True, check=True).stdout

    @property
    def content_type(self) -> str:
        stated: str = json.loads(self.delivery)["headers"]["Content-Type"]
        return stated


def _with_one_item(document: bytes, name: str) -> bytes:
    """The document as it is where ``name`` is ''."""
    items: list[bytes] = re.findall(rb"<item>.*?</item>", document, re.DOTALL) if name else []
    for item in items:
        if f"<title>xss {name}</title>".encode() not in item:
            document = document.replace(item, b"")
    return document


def templates() -> dict[str, str]:
    """The templates of the category ``template`` by id."""
    path = FOLDER / "tpl" / "templates.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {one["id"]: one["template"] for one in map(json.loads, lines)}


def cases(category: str) -> dict[str, Case]:
    """The cases of a category by id; none where there is no shared folder."""
    index = FOLDER / "index.tsv"
    if not index.exists():
        return {}
    with index.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {
        row["id"]: Case(row["id"], row["category"], row["file"], row["delivery"], row["expected"])
        for row in rows
        if row["category"] == category
    }
