"""Real feeds over weeks and months, snapshot by snapshot: every article once, and no edit that was none."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from desk import raw_config
from partner_server import PartnerServer

from aggregator import jobs
from aggregator.app import open_app
from aggregator.config.load import parse_config
from aggregator.config.model import Config
from aggregator.model.report import SourceReport

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[3] / "shared"))
REPLAY = SHARED / "data" / "replay"
# Stories as labelled. All snapshots but an edited headline's are free of edits, as far as a reader can see.
STORIES = {"poskota": 20, "tempo-hukum": 3070}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not REPLAY.is_dir(), reason="the shared material is not on this machine"),
]


def snapshots(name: str) -> list[tuple[datetime, bytes]]:
    paths = sorted((REPLAY / name).glob("*.xml"))
    return [
        (datetime.fromtimestamp(int(path.stem.partition("_")[2]), UTC), path.read_bytes()) for path in paths
    ]


async def play(
    config: Config, server: PartnerServer, folder: Path, name: str
) -> tuple[list[SourceReport], int]:
    played = snapshots(name)
    now = played[0][0]
    reports: list[SourceReport] = []
    async with open_app(config, f"sqlite:///{folder / 'desk.db'}", folder / "public", lambda: now) as app:
        for at, body in played:
            now = at
            server.bodies["/a"] = body
            reports += await jobs.poll(app, ["a"])
            await jobs.publish(app)
        with app.store.read() as tx:
            return reports, tx.counts().stories


@pytest.mark.parametrize("name", STORIES)
def test_every_article_once_and_no_noise(name: str, server: PartnerServer, tmp_path: Path) -> None:
    raw = raw_config({"a": server.url("/a")})
    raw["fetch"] |= {"max_body": "10MB", "deadline": "30s"}
    config = parse_config(yaml.safe_dump(raw), "feeds.yaml", environ={})
    reports, stories = asyncio.run(play(config, server, tmp_path, name))
    outcomes = Counter(report.outcome for report in reports)
    assert outcomes["failed"] == sum(not body.strip() for _, body in snapshots(name))
    assert stories == STORIES[name]
    assert sum(report.revised for report in reports) == 0
