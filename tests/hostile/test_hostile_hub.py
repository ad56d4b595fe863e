"""The shared hostile cases of followers of our hub, by id (K33, K36, K37, K44)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from desk import Desk, item, raw_config, rss
from hostile_cases import FOLDER, cases, needs_cases
from hub_followers import FEEDS, Callback, do_due, follow, followers
from partner_server import PartnerServer, partner_server

from aggregator.following import DEADLINE_S
from aggregator.push.hub import RETRY_AFTER_S

pytestmark = needs_cases

# What each case says that the follower does, and what this file makes of it.
CASES = {
    "K33": {"callback": "never answers"},
    "K36": {"callback": "500 forever"},
    "K37": {"callback": "answers 200 with 1 GB body"},
    "K44": {"note": "delivered POST has Link: rel=hub, rel=self"},
}
# A few KB, and what the buffers of two kernels take in before anybody reads.
UNREAD_BYTES = 20_000_000


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        yield running


@pytest.fixture
def hub(server: PartnerServer, tmp_path: Path) -> Desk:
    server.bodies["/a"] = rss(item(1, "satu"))
    desk = Desk(tmp_path, raw_config({"a": server.url("/a")}, hub="own"))
    desk.poll()
    return desk


def bring(desk: Desk, server: PartnerServer, number: int) -> None:
    server.bodies["/a"] = rss(item(number, f"nomor {number}"))
    desk.poll()


@pytest.mark.parametrize("case_id", CASES)
def test_the_case_is_what_we_take_it_for(case_id: str) -> None:
    assert json.loads((FOLDER / cases("websub")[case_id].file).read_bytes()) == CASES[case_id]


@pytest.mark.slow
def test_k33_who_never_answers_is_let_go_after_its_deadline_and_tried_again(
    hub: Desk, server: PartnerServer
) -> None:
    """That others are not delayed is told by tests/service/test_service_deliverer.py."""
    hangs = Callback(server, "hangs")
    follow(hub, hangs)

    async def hang(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(3 * DEADLINE_S)
        raise web.HTTPNotFound

    answer, server.handlers["/cb/hangs"] = server.handlers["/cb/hangs"], hang
    bring(hub, server, 2)
    assert do_due(hub) == ["failed"]
    (found,) = followers(hub)
    assert found.problem == f"127.0.0.1 did not answer within {DEADLINE_S:g} s"
    server.handlers["/cb/hangs"] = answer
    assert do_due(hub) == []
    hub.now += timedelta(seconds=RETRY_AFTER_S[0])
    assert do_due(hub) == ["delivered"]


@pytest.mark.slow
def test_k36_who_always_fails_is_given_up_follows_on_and_is_tried_with_the_next_news(
    hub: Desk, server: PartnerServer
) -> None:
    """However much news there is, one delivery is owed."""
    fails = Callback(server, "fails", answers=[500] * 1_000)
    follow(hub, fails)
    outcomes = []
    for number in range(2, 12):
        bring(hub, server, number)
        outcomes += do_due(hub)
        hub.now += timedelta(seconds=max(RETRY_AFTER_S))
    assert outcomes == ["failed"] * 7 + ["given-up"] + ["failed"] * 2
    (found,) = followers(hub)
    assert (found.wanted, found.sent, found.tries) == (10, 0, 2)
    assert len(fails.received) == 10


def test_k37_an_answer_of_a_gigabyte_is_not_read(hub: Desk, server: PartnerServer) -> None:
    floods = Callback(server, "floods")
    follow(hub, floods)
    sent_bytes = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent_bytes
        await request.read()
        answer = web.StreamResponse()
        answer.content_length = 1_000_000_000
        await answer.prepare(request)
        for _ in range(1_000):
            await answer.write(b"x" * 1_000_000)
            sent_bytes += 1_000_000
        return answer

    server.handlers["/cb/floods"] = flood
    bring(hub, server, 2)
    assert do_due(hub) == ["delivered"]
    assert sent_bytes < UNREAD_BYTES


@pytest.mark.parametrize("path", ["feeds/all.atom", "feeds/all.rss", "feeds/all.json"])
def test_k44_hub_and_topic_are_named_in_one_link_header(hub: Desk, server: PartnerServer, path: str) -> None:
    callback = Callback(server, "ani")
    follow(hub, callback, path)
    bring(hub, server, 2)
    assert do_due(hub) == ["delivered"]
    (received,) = callback.received
    assert received.headers["Link"] == f'<{FEEDS}hub>; rel="hub", <{FEEDS}{path}>; rel="self"'
