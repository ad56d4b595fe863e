"""When sources are asked again, and what is said of those that fail, fall silent, lose entries or flood."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web
from desk import NOW, Desk, item, raw_config, rss
from partner_server import PartnerServer

from aggregator.app import open_store
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceState
from aggregator.model.status import SourceStatus

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def one(server: PartnerServer, tmp_path: Path) -> Desk:
    """A desk with one source that is polled by its rhythm."""
    raw = raw_config({"a": server.url("/a")})
    raw["sources"][0]["every"] = "auto"
    return Desk(tmp_path, raw)


def state_of(desk: Desk) -> SourceState:
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        found = tx.source_state("a")
    assert found is not None
    return found


def rhythm_of(desk: Desk) -> Rhythm:
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        return tx.rhythm("a")


def wait_of(desk: Desk) -> timedelta:
    """From the last visit to the next."""
    state = state_of(desk)
    assert state.next_poll_at is not None and state.last_polled_at is not None
    return state.next_poll_at - state.last_polled_at


def status_of(desk: Desk) -> SourceStatus:
    (found,) = desk.status().sources
    return found


def kinds(desk: Desk) -> list[str]:
    return [flag.kind for flag in status_of(desk).flags]


def hourly(number: int, *, first: int = 0) -> list[str]:
    """So many items, an hour apart; the newest is half an hour old when the desk is at its first moment."""
    return [item(1000 - n, age=(n + 0.5) * HOUR) for n in range(first, first + number)]


def answers(status: int, **headers: str) -> object:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={name.replace("_", "-"): v for name, v in headers.items()})

    return handler


@pytest.mark.slow
def test_failures_back_off_and_one_success_resets(one: Desk, server: PartnerServer) -> None:
    server.handlers["/a"] = answers(500)  # type: ignore[assignment]
    waits = []
    for _ in range(14):
        one.poll()
        waits.append(wait_of(one))
    assert waits[0] <= 15 * MINUTE
    assert all(1.3 < later / earlier < 1.7 for earlier, later in pairwise(waits[:7]))
    assert 21 * HOUR < waits[-1] <= 24 * HOUR
    assert kinds(one) == ["failing"]
    del server.handlers["/a"]
    server.bodies["/a"] = rss(*hourly(20))
    one.poll()
    assert wait_of(one) <= 2 * HOUR
    assert (status_of(one).state, kinds(one)) == ("well", [])


def test_withdrawn_three_times_it_is_asked_no_more_until_its_address_is_edited(
    one: Desk, server: PartnerServer
) -> None:
    server.bodies["/a"] = rss(*hourly(3))
    one.poll()
    server.handlers["/a"] = answers(410)  # type: ignore[assignment]
    for _ in range(2):
        one.poll()
        assert state_of(one).next_poll_at is not None
    one.poll()
    assert state_of(one).next_poll_at is None
    found = status_of(one)
    assert (found.state, kinds(one)) == ("trouble", ["gone"])
    assert "ask the partner for the new address, for sources[].url" in found.words
    assert len(one.titles()) == 3, "what was published stays"
    server.bodies["/new"] = rss(*hourly(3))
    one.raw["sources"][0]["url"] = server.url("/new")
    one.poll()
    assert (status_of(one).state, kinds(one)) == ("well", [])
    assert wait_of(one) > timedelta(0)


def test_only_withdrawals_in_a_row_count(one: Desk, server: PartnerServer) -> None:
    for status in (500, 500, 410, 410, 404, 410):
        server.handlers["/a"] = answers(status)  # type: ignore[assignment]
        one.poll()
        assert state_of(one).next_poll_at is not None


def test_a_withdrawn_source_that_answers_a_visit_by_hand_is_back(one: Desk, server: PartnerServer) -> None:
    server.handlers["/a"] = answers(410)  # type: ignore[assignment]
    for _ in range(3):
        one.poll()
    assert state_of(one).next_poll_at is None
    del server.handlers["/a"]
    server.bodies["/a"] = rss(*hourly(3))
    one.poll()
    assert state_of(one).gone_at is None
    assert wait_of(one) > timedelta(0)


@pytest.mark.parametrize(
    ("status", "asked", "least", "most"),
    [
        pytest.param(429, "7200", 2 * HOUR, 2 * HOUR, id="seconds"),
        pytest.param(503, "7200", 2 * HOUR, 2 * HOUR, id="unavailable"),
        pytest.param(503, "99999999", 24 * HOUR, 24 * HOUR, id="capped"),
        pytest.param(503, "Wed, 01 Jan 2020 00:00:00 GMT", 13 * MINUTE, 15 * MINUTE, id="a past date"),
        pytest.param(503, "kapan-kapan", 13 * MINUTE, 15 * MINUTE, id="junk"),
    ],
)
def test_who_asks_us_to_wait_is_let_wait(
    one: Desk, server: PartnerServer, status: int, asked: str, least: timedelta, most: timedelta
) -> None:
    server.handlers["/a"] = answers(status, Retry_After=asked)  # type: ignore[assignment]
    one.poll()
    assert least <= wait_of(one) <= most


def test_one_source_that_is_asked_to_wait_lets_the_whole_host_rest(
    server: PartnerServer, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, raw_config({"a": server.url("/a"), "b": server.url("/b")}))
    server.handlers["/a"] = answers(429, Retry_After="3600")  # type: ignore[assignment]
    server.bodies["/b"] = rss(*hourly(3))
    desk.poll("a")
    desk.poll("b")
    assert server.requests == {"/a": 1}, "b stands at the same host"
    assert "asked us to wait" in desk.reports[0].problem
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        found = tx.source_states()["b"]
    assert (found.failures_in_a_row, found.last_polled_at) == (0, None), "nobody was asked"
    assert found.next_poll_at is not None and found.next_poll_at >= NOW + HOUR


@pytest.mark.slow
def test_a_window_that_rolled_over_is_told_and_the_interval_shortened(
    one: Desk, server: PartnerServer
) -> None:
    server.bodies["/a"] = rss(*hourly(20))
    one.poll()
    usual = wait_of(one)
    one.now = NOW + 4 * HOUR
    server.bodies["/a"] = rss(*(item(2000 + n, age=-3 * HOUR - n * MINUTE) for n in range(20)))
    one.poll()
    assert kinds(one) == ["loss"]
    assert "no entry was left that we knew" in status_of(one).words
    assert wait_of(one) < usual
    one.now += timedelta(days=7)
    assert "loss" not in kinds(one), "it is shown for a week"


def test_an_ordinary_visit_is_no_loss(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(*hourly(20))
    one.poll()
    server.bodies["/a"] = rss(item(5000, age=-MINUTE), *hourly(19))
    one.poll()
    assert state_of(one).lost_at is None


def flooded(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(*hourly(20))
    one.poll()
    server.bodies["/a"] = rss(*(item(2000 + n, age=-MINUTE) for n in range(200)), *hourly(10))
    one.poll()


@pytest.mark.slow
def test_a_flood_is_held_and_shown_and_released(one: Desk, server: PartnerServer) -> None:
    flooded(one, server)
    assert len(one.titles()) == 20, "nothing of the flood is published"
    found = status_of(one)
    assert (kinds(one), found.held) == (["flooding"], 200)
    assert "aggregator release a" in found.words
    (refused,) = one.status().refused
    assert refused == (
        "held: its source brought far more news at once than usual, see aggregator release",
        200,
    )
    server.bodies["/a"] = rss(item(9000, age=-2 * MINUTE), *hourly(10))
    one.poll()
    assert status_of(one).held == 201, "what is new since is held with it"
    assert one.release("a") == 201
    assert (kinds(one), status_of(one).held) == ([], 0)
    assert len(one.titles()) == 50
    server.bodies["/a"] = rss(item(9001, age=-2 * MINUTE), *hourly(10))
    one.poll()
    assert one.titles()[0].startswith("Berita nomor 9001 ")


@pytest.mark.slow
def test_a_flood_that_is_discarded_is_never_news_and_the_next_article_is(
    one: Desk, server: PartnerServer
) -> None:
    flooded(one, server)
    assert one.release("a", discard=True) == 200
    one.poll()
    assert len(one.titles()) == 20
    server.bodies["/a"] = rss(item(9001, age=-2 * MINUTE), *hourly(10))
    one.poll()
    assert len(one.titles()) == 21


@pytest.mark.slow
def test_a_flood_in_the_old_address_holds_nothing_at_the_new_one(one: Desk, server: PartnerServer) -> None:
    flooded(one, server)
    server.bodies["/new"] = rss(*(item(3000 + n, age=n * MINUTE) for n in range(100)))
    one.raw["sources"][0]["url"] = server.url("/new")
    one.poll()
    assert kinds(one) == []
    assert one.titles()[0].startswith("Berita nomor 30")


@pytest.mark.slow
def test_a_held_copy_publishes_nothing_old(server: PartnerServer, tmp_path: Path) -> None:
    """What partner b had before we knew it is backlog; a's copy of it comes in a flood."""
    desk = Desk(tmp_path, raw_config({"a": server.url("/a"), "b": server.url("/b")}))
    old = "Kisah lama tentang jembatan yang dibangun warga bersama di hulu sungai. " * 20
    server.bodies["/b"] = rss(item(1, "Jembatan", old, host="b.example", age=timedelta(days=10)))
    server.bodies["/a"] = rss(*hourly(20))
    desk.poll()
    assert "Jembatan" not in desk.titles()
    crowd = [item(2000 + n, age=-MINUTE) for n in range(200)]
    server.bodies["/a"] = rss(item(2, "Jembatan", old, age=-MINUTE), *crowd, *hourly(10))
    desk.poll()
    assert len(desk.titles()) == 20
    desk.raw["outputs"]["defaults"] = {"limit": 500}
    desk.release("a")
    assert "Jembatan" in desk.titles()


@pytest.mark.slow
def test_a_flood_is_no_habit(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(*hourly(20))
    one.poll()
    before = status_of(one).rhythm
    server.bodies["/a"] = rss(*(item(2000 + n, age=-MINUTE) for n in range(200)), *hourly(10))
    one.poll()
    assert status_of(one).rhythm == before


@pytest.mark.slow
def test_dates_that_lag_behind_make_nobody_quiet(one: Desk, server: PartnerServer) -> None:
    """A partner whose clock is twelve hours slow: what counts is when its entries come."""
    server.bodies["/a"] = rss(*(item(1000 - n, age=(n + 12) * HOUR) for n in range(20)))
    one.poll()
    for step in range(1, 6):
        one.now = NOW + step * 20 * HOUR
        server.bodies["/a"] = rss(item(2000 + step, age=(12 - 20 * step) * HOUR), *hourly(10))
        one.poll()
        assert kinds(one) == []


@pytest.mark.slow
def test_a_feed_of_one_entry_is_not_called_lossy_and_is_not_asked_ever_more_often(
    one: Desk, server: PartnerServer
) -> None:
    for week in range(6):
        one.now = NOW + week * timedelta(weeks=1) - 6 * HOUR
        one.poll()
        one.now = NOW + week * timedelta(weeks=1)
        server.bodies["/a"] = rss(item(100 + week, age=-week * timedelta(weeks=1)))
        one.poll()
        one.now += HOUR
        one.poll()
        assert "loss" not in kinds(one)
    assert wait_of(one) > HOUR


@pytest.mark.slow
def test_a_loss_wears_off_at_visits_without_news(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(*hourly(20))
    one.poll()
    one.now = NOW + 4 * HOUR
    server.bodies["/a"] = rss(*(item(2000 + n, age=-3 * HOUR - n * MINUTE) for n in range(20)))
    one.poll()
    hurried_s = rhythm_of(one).hurry_s
    assert hurried_s is not None
    for _ in range(3):
        one.poll()
    assert rhythm_of(one).hurry_s == pytest.approx(1.2**3 * hurried_s)


@pytest.mark.slow
def test_corrections_pass_while_a_flood_is_held(one: Desk, server: PartnerServer) -> None:
    flooded(one, server)
    server.bodies["/a"] = rss(item(1000, "Judul yang dibetulkan", age=0.5 * HOUR), *hourly(10, first=1))
    one.poll()
    assert "Judul yang dibetulkan" in one.titles()


@pytest.mark.slow
def test_a_first_document_is_no_flood(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(*(item(n, age=n * MINUTE) for n in range(1, 300)))
    one.poll()
    assert (kinds(one), status_of(one).held) == ([], 0)


def test_silence_is_told_by_the_sources_own_rhythm(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(*hourly(20))
    one.poll()
    found = status_of(one)
    assert re.match("2[345] entries a day, ", found.rhythm)
    assert "entries a day" in found.planned_why
    one.now = NOW + 67 * HOUR
    assert kinds(one) == []
    one.now = NOW + 73 * HOUR
    one.poll()
    assert (status_of(one).state, kinds(one)) == ("trouble", ["quiet"])
    assert "nothing new since" in status_of(one).words


def test_the_next_visit_is_kept_over_a_restart(one: Desk, server: PartnerServer) -> None:
    """A day of waiting after failures is no mistake of a clock."""
    server.handlers["/a"] = answers(500)  # type: ignore[assignment]
    for _ in range(10):
        one.poll()
    before = state_of(one).next_poll_at
    one.publish()
    one.sync()
    assert state_of(one).next_poll_at == before
