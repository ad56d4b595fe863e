"""``kill -9`` of the running service, again and again: nothing is lost, doubled, moved or broken.

AGGREGATOR_KILLS says how often (200), AGGREGATOR_SEED when.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from service_checks import (
    assert_database_is_whole,
    assert_nothing_is_left_lying,
    is_up_to_date,
    shown_headlines,
    stored_headlines,
)
from service_partners import Partners, partners
from service_press import Press
from service_process import OUTPUTS, Service, partners_config, service
from service_reader import reading

KILLS = int(os.environ.get("AGGREGATOR_KILLS", "200"))
SEED = int(os.environ.get("AGGREGATOR_SEED", secrets.randbelow(1_000_000)))
LIMIT = 60
EVERY_S = 2
READS_PER_S = 50
DEATHS_WHILE_STARTING = 0.5
KILLS_IN_A_ROW = 20
# How long it lives at the most once it serves: a poll and a publish fit in.
LIFE_S = 2.5
# A worker may outlive its killed parent by this long.
DEATH_THROES_S = 5


@pytest.mark.slow
@pytest.mark.timeout(300 + 6 * KILLS)
@pytest.mark.xdist_group("machine")
def test_a_thousand_deaths_lose_double_and_move_nothing(tmp_path: Path) -> None:
    # An article stands in its feed for two minutes: longer than any row of unlucky deaths.
    press = Press(20, datetime.now(UTC), publish_every_s=12, window=10, revised_after_s=(5, 11))
    with (
        partners(press) as server,
        service(tmp_path, partners_config(server, LIMIT), EVERY_S) as desk,
    ):
        desk.start()
        start_s = desk.wait_for(desk.is_ready, 30, "the first start")
        print(f"seed {SEED}, a start takes {start_s:.2f} s")
        with reading(desk.port, desk.public, OUTPUTS, READS_PER_S, LIMIT, tmp_path / "report.json") as reader:
            kill_often(desk, server, random.Random(SEED), start_s)
            end_s = server.stop_publishing()
            truth = server.press.headlines(end_s)
            caught_up_s = catch_up(desk, truth, 90)
            time.sleep(2)
            report = reader.finish()
        assert desk.terminate() == 0
        desk.wait_for_quiet(DEATH_THROES_S)
    print(f"{KILLS} kills, {_starts(desk)} of {KILLS + 1} starts got to serve; {len(truth)} stories")
    print(f"caught up in {caught_up_s:.1f} s; {report.versions} versions in {report.fetched}")
    print(f"every document was read {report.rate_per_s:.1f} times a second")
    stored = stored_headlines(desk.database)
    assert {story: headline for story, (_, headline) in stored.items()} == truth
    assert report.complaints == []
    assert report.ids == {story: story_id for story, (story_id, _) in stored.items()}
    assert_database_is_whole(desk.database)
    assert_nothing_is_left_lying(desk.public)


def kill_often(desk: Service, server: Partners, chance: random.Random, start_s: float) -> None:
    """The service is running; it is in the end again. Fails when a killed start's workers live on.

    Some deaths come while it starts, the others once it serves. Now and then it may finish a round, so that no
    article leaves its feed unread, however busy the machine is.
    """
    killed: dict[int, float] = {}
    for number in range(KILLS):
        if number % KILLS_IN_A_ROW and chance.random() < DEATHS_WHILE_STARTING:
            time.sleep(chance.uniform(0, start_s))
        else:
            desk.wait_for(desk.is_alive, 60, "a start")
            if number % KILLS_IN_A_ROW == 0:
                finish_a_round(desk, server.press, server.now_s())
            time.sleep(chance.uniform(0, LIFE_S))
        desk.kill()
        killed[desk.pid] = time.monotonic()
        desk.start()
        killed.pop(desk.pid, None)  # numbers of processes come round
        now_s = time.monotonic()
        for pid, session in desk.survivors_by_session():
            died_s = killed.get(session, now_s)
            assert now_s - died_s < DEATH_THROES_S, (
                f"worker {pid} outlives its service, killed {now_s - died_s} s ago"
            )


def finish_a_round(desk: Service, press: Press, now_s: float) -> None:
    desk.wait_for(lambda: is_up_to_date(desk, press, now_s), 60, "some work between two kills")


def catch_up(desk: Service, truth: dict[int, str], within_s: float) -> float:
    """Seconds until the truth is stored and its newest part shown; gives up quietly, what is missing is told later."""
    began_s = time.monotonic()
    while (waited_s := time.monotonic() - began_s) < within_s:
        shown = shown_headlines(desk)
        if len(shown) == min(LIMIT, len(truth)) and shown.items() <= truth.items():
            stored = stored_headlines(desk.database)
            if {story: headline for story, (_, headline) in stored.items()} == truth:
                break
        time.sleep(0.2)
    return waited_s


def _starts(desk: Service) -> int:
    return sum(b'"serving"' in line for line in desk.log.read_bytes().splitlines())
