"""A full disk, under the database and under ``public/``: readers notice nothing, and space is all that it takes.

AGGREGATOR_FULL_DISKS says how often (50); AGGREGATOR_REQUIRE_TMPFS=1 forbids to skip where nothing can be mounted.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from required import skip_unless_required
from service_checks import (
    PATHS,
    assert_database_is_whole,
    assert_nothing_is_left_lying,
    is_up_to_date,
    shown_headlines,
    stored_headlines,
)
from service_ledger import Ledger
from service_partners import Partners, partners
from service_press import Press
from service_process import Service, partners_config, service

ROUNDS = int(os.environ.get("AGGREGATOR_FULL_DISKS", "50"))
LIMIT = 60
EVERY_S = 2
# Until the service notices, and after its next poll until it has published.
PATIENCE_S = 10


@pytest.mark.slow
@pytest.mark.timeout(120 + 25 * ROUNDS)
@pytest.mark.xdist_group("machine")
def test_a_full_disk_costs_readers_nothing_and_heals_by_itself(tmp_path: Path) -> None:
    press = Press(6, datetime.now(UTC), publish_every_s=6, window=10, revised_after_s=(3,))
    recoveries_s = []
    with (
        small_disk(tmp_path / "data") as data,
        small_disk(tmp_path / "web") as web,
        partners(press) as server,
    ):
        raw = partners_config(server, LIMIT)
        with service(tmp_path, raw, EVERY_S, database=data / "desk.db", public=web / "public") as desk:
            desk.start()
            desk.wait_for(desk.is_ready, 30, "the start")
            desk.wait_for(lambda: len(shown_headlines(desk)) > 0, 30, "the first documents")
            ledger = Ledger(LIMIT)
            for number in range(ROUNDS):
                folder = (data, web)[number % 2]
                recoveries_s.append(one_round(desk, server, folder, ledger))
                assert ledger.complaints == []
                assert_nothing_is_left_lying(desk.public)
            stopped_s = server.stop_publishing()
            truth = server.press.headlines(stopped_s)
            desk.wait_for(
                lambda: is_up_to_date(desk, server.press, stopped_s) and _is_shown(desk, truth),
                EVERY_S + PATIENCE_S,
                "what was published last",
            )
            assert desk.terminate() == 0
            stored = stored_headlines(desk.database)
            assert {story: headline for story, (_, headline) in stored.items()} == truth
            assert_database_is_whole(desk.database)
            assert_nothing_is_left_lying(desk.public)
    print(
        f"{ROUNDS} full disks: recovered within {max(recoveries_s):.1f} s (mean {_mean(recoveries_s):.1f} s)"
    )


def one_round(desk: Service, server: Partners, folder: Path, ledger: Ledger) -> float:
    """Fill the disk, let partners publish, free it; the seconds until everything of that time is published."""
    full_at_s = server.now_s()
    with no_space_left(folder):
        desk.wait_for(
            lambda: desk.get("readyz")[0] == 503, EVERY_S + PATIENCE_S, f"notice that {folder} is full"
        )
        words = desk.get("readyz")[1].decode()
        assert re.search(r"disk|space|full", words), words
        while server.now_s() < full_at_s + EVERY_S + 2:
            read_all(desk, ledger)
            time.sleep(0.2)
        freed_at_s = server.now_s()
    return desk.wait_for(
        lambda: desk.is_ready() and is_up_to_date(desk, server.press, freed_at_s),
        EVERY_S + PATIENCE_S,
        f"recover on {folder}",
    )


def read_all(desk: Service, ledger: Ledger) -> None:
    """Every document is served, whole, and takes nothing back; and the service says that it lives."""
    assert desk.get("healthz")[0] == 200
    for path in PATHS:
        status, body = desk.get(path)
        assert status == 200, f"{path}: {status}"
        ledger.see(path, body)


def _is_shown(desk: Service, truth: dict[int, str]) -> bool:
    shown = shown_headlines(desk)
    return len(shown) == min(LIMIT, len(truth)) and shown.items() <= truth.items()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "aggregator-test", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        reason = f"no small disk could be mounted (needs root): {mounted.stderr.strip()}"
        skip_unless_required("AGGREGATOR_REQUIRE_TMPFS", reason)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def no_space_left(folder: Path) -> Iterator[None]:
    """A ballast file takes what is left on the disk, to the last byte."""
    ballast = folder / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            for piece in (b"x" * 1_000_000, b"x" * 4096, b"x"):
                _write_all(file.fileno(), piece)
        yield
    finally:
        ballast.unlink()


def _write_all(file: int, piece: bytes) -> None:
    try:
        while True:
            os.write(file, piece)
    except OSError:
        return


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
