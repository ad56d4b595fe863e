"""30 of 100 partners fail at once, each in its own way: the others' news is out in time, and the service answers."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from service_checks import shown_headlines
from service_partners import Partners, partners
from service_press import Press, story_of
from service_process import Service, partners_config, service
from service_trouble import TROUBLES

PARTNERS = 100
FAILING = 30
EVERY_S = 15
LIMIT = 100
WATCHED_S = 120
PROBE_S = 0.05
HEALTH_P99_S = 0.25
PUBLISHED_P99_S = EVERY_S + 10  # 19 s beside other work on two cores


@dataclass
class Probe:
    """What was measured while the failing went on, in seconds."""

    health_s: list[float] = field(default_factory=list)
    seen_s: dict[int, float] = field(default_factory=dict)  # story -> time.monotonic() of its first sight
    is_over: threading.Event = field(default_factory=threading.Event)

    def watch_health(self, desk: Service) -> None:
        while not self.is_over.wait(PROBE_S):
            began_s = time.monotonic()
            status, _ = desk.get("healthz")
            # Nobody answering within the time-out counts as what it is: endless.
            self.health_s.append(time.monotonic() - began_s if status == 200 else float("inf"))

    def watch_news(self, desk: Service) -> None:
        while not self.is_over.wait(2 * PROBE_S):
            now_s = time.monotonic()
            for story in shown_headlines(desk):
                self.seen_s.setdefault(story, now_s)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.xdist_group("machine")
def test_thirty_failing_partners_hold_up_nobody(tmp_path: Path) -> None:
    press = Press(PARTNERS, datetime.now(UTC), publish_every_s=20, window=10)
    failing = {3 * number: kind for number, kind in zip(range(FAILING), _in_turn(), strict=False)}
    with partners(press) as server, service(tmp_path, _config(server), EVERY_S) as desk:
        desk.start()
        desk.wait_for(lambda: len(shown_headlines(desk)) >= PARTNERS // 2, 60, "the first round")
        time.sleep(EVERY_S)
        from_s = server.now_s()
        server.make_trouble(failing)
        with probing(desk) as probe:
            time.sleep(WATCHED_S)
            until_s = server.now_s() - PUBLISHED_P99_S
            lags_s = lags(press, server.began_s, probe, failing, from_s, until_s)
        assert desk.is_ready(), desk.get("readyz")[1]
        assert desk.terminate() == 0
    lag_p99_s, health_p99_s = p99(lags_s), p99(probe.health_s)
    print(
        f"{len(lags_s)} articles: published after {statistics.median(lags_s):.1f} s (median), {lag_p99_s:.1f} s (p99)"
    )
    print(
        f"{len(probe.health_s)} answers of /healthz: {1000 * statistics.median(probe.health_s):.0f} ms (median), "
        f"{1000 * health_p99_s:.0f} ms (p99), {1000 * max(probe.health_s):.0f} ms (longest)"
    )
    assert len(lags_s) > 150
    assert lag_p99_s <= PUBLISHED_P99_S
    assert health_p99_s < HEALTH_P99_S


def _config(server: Partners) -> dict[str, Any]:
    """As for all partners, but what one of them brings up from years ago is no news."""
    raw = partners_config(server, LIMIT)
    raw["fetch"]["first_poll_max_age"] = "48h"
    return raw


def lags(
    press: Press, began_s: float, probe: Probe, failing: dict[int, str], from_s: float, until_s: float
) -> list[float]:
    """For each article that a well partner published between the two moments: how long until readers had it.

    An article that copies one of a failing partner's is a story all the same, and so is looked for by its story.
    """
    found = []
    for partner in range(press.partners):
        for article in press.articles(partner, until_s):
            if partner in failing or article.published_s < from_s or article.number != article.story:
                continue
            seen_s = probe.seen_s.get(story_of(article.number), float("inf"))
            found.append(seen_s - began_s - article.published_s)
    return found


def p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


@contextmanager
def probing(desk: Service) -> Iterator[Probe]:
    probe = Probe()
    watches = [
        threading.Thread(target=watch, args=(desk,)) for watch in (probe.watch_health, probe.watch_news)
    ]
    for watch in watches:
        watch.start()
    try:
        yield probe
    finally:
        probe.is_over.set()
        for watch in watches:
            watch.join(timeout=20)


def _in_turn() -> Iterator[str]:
    while True:
        yield from TROUBLES
