"""All real documents of the shared folder, served on loopback and polled in one go: a fixture for the whole run."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from desk import Desk, raw_config
from partner_server import partner_server

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[1].parent / "shared"))
FEEDS = SHARED / "data" / "feeds"
PER_TOPIC = 10


@dataclass(frozen=True)
class Round:
    """One poll of everything: the index of the corpus by source id, and the desk after it."""

    rows: dict[str, dict[str, str]]
    desk: Desk


@pytest.fixture(scope="session")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Round]:
    """Who uses it belongs to the xdist group ``corpus``, so that everything is polled once."""
    if not FEEDS.is_dir():
        pytest.skip("the shared material is not on this machine")
    with (FEEDS / "index.tsv").open(newline="", encoding="utf-8") as lines:
        rows = {f"d{number}": row for number, row in enumerate(csv.DictReader(lines, delimiter="\t"))}
    with partner_server() as server:
        for source, row in rows.items():
            server.bodies[f"/{source}"] = (FEEDS / row["file"]).read_bytes()
        raw = raw_config({source: server.url(f"/{source}") for source in rows})
        topics = [f"t{number}" for number in range(len(rows) // PER_TOPIC + 1)]
        raw["topics"] = [{"id": topic, "title": topic} for topic in topics]
        for number, source in enumerate(raw["sources"]):
            source["topics"] = [topics[number // PER_TOPIC]]
        raw["outputs"]["defaults"] = {"limit": 1000}
        raw["fetch"] |= {
            "max_body": "10MB",
            "deadline": "60s",
            "first_poll_max_age": "36500d",
            "per_host": 16,
        }
        desk = Desk(tmp_path_factory.mktemp("corpus"), raw)
        desk.poll()
        yield Round(rows, desk)
