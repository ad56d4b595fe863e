"""The shared hostile cases of WebSub that are aimed at us as subscriber: at callbacks, pushes and discovery."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, item, raw_config, rss
from hostile_cases import cases, needs_cases
from partner_hub import PartnerHub, keep_up, known, opened, push, states, subscribed
from partner_server import PartnerServer, partner_server
from service_process import Service, service

from aggregator import jobs
from aggregator.model.push import PushAnswer, Pushed
from aggregator.model.report import SourceReport
from aggregator.subscriptions import TAKEN, verify_intent

pytestmark = needs_cases

CASES = cases("websub")
AT_THE_SUBSCRIBER = {"K15", "K19", "K20", "K22", "K24", "K25", "K27", "K30", "K42"}
# Of followers that misbehave, and of what they are sent: tests/chain/test_chain_hub.py and tests of the deliverer.
AT_THE_HUB = {"K33", "K36", "K37", "K44"}


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        yield running


@pytest.fixture
def hub(server: PartnerServer) -> PartnerHub:
    hub = PartnerHub(server)
    hub.feed("/a", item(1, "satu"))
    return hub


@pytest.fixture
def desk(server: PartnerServer, tmp_path: Path) -> Desk:
    return Desk(tmp_path, raw_config({"a": server.url("/a")}))


def said(case_id: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(CASES[case_id].body)
    return loaded


def test_every_case_is_tried() -> None:
    assert set(CASES) == AT_THE_SUBSCRIBER | AT_THE_HUB
    names = {name.upper() for name in globals() if name.startswith("test_k")}
    assert {name.split("_")[1] for name in names} == AT_THE_SUBSCRIBER


async def test_k15_a_challenge_that_is_markup_is_not_echoed(desk: Desk, hub: PartnerHub) -> None:
    (fields,) = said("K15").values()
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        await keep_up(app)
        (asked,) = hub.asked
        changes = {"mode": fields["hub.mode"], "challenge": fields["hub.challenge"]}
        lease_s = int(fields["hub.lease_seconds"])
        assert await verify_intent(app, asked.token, asked.query(lease_s=lease_s, **changes)) is None
        assert await states(app) == ["pending"]
        assert await verify_intent(app, asked.token, asked.query(lease_s=lease_s)) == "tantangan-1"


async def test_k19_a_verification_that_nobody_waits_for_changes_nothing(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub, lease_s=86_400)
        before = await known(app)
        assert await verify_intent(app, asked.token, asked.query(lease_s=999_999)) is None
        assert await verify_intent(app, "x" * 43, asked.query()) is None
        assert await known(app) == before


async def test_k20_nobody_else_unsubscribes_us(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        before = await known(app)
        query = asked.query(mode=said("K20")["hub.mode"])
        assert await verify_intent(app, asked.token, query) is None
        assert await known(app) == before


@pytest.mark.parametrize("case_id", ["K22", "K25"])
async def test_k22_k25_what_is_not_signed_is_ignored(desk: Desk, hub: PartnerHub, case_id: str) -> None:
    body = rss(item(2, "dua"))
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        secret = asked.fields["hub.secret"].encode()
        valid = hmac.new(secret, body, hashlib.md5).hexdigest()
        signature = said(case_id).get("X-Hub-Signature", "").replace("<valid>", valid)
        answer = await push(app, asked.token, Pushed(body, "application/rss+xml", signature))
        assert answer == TAKEN and TAKEN.status == 202
        await jobs.publish(app)
    assert desk.titles() == ["satu"]


async def test_k24_sha1_by_who_knows_the_secret_is_taken(desk: Desk, hub: PartnerHub) -> None:
    assert said("K24") == {"X-Hub-Signature": "sha1=<valid>"}
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        report = await push(app, asked.token, asked.pushed(rss(item(2)), "sha1"))
        assert isinstance(report, SourceReport) and report.new == 1


async def test_k25_no_other_name_of_a_method_is_taken(desk: Desk, hub: PartnerHub) -> None:
    body = rss(item(2, "dua"))
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        good = asked.pushed(body)
        digest = good.signature.removeprefix("sha256=")
        for signature in (f"md5={digest}", "none=", "sha256", f"SHA256={digest}", f"sha256={digest}; none="):
            assert await push(app, asked.token, replace(good, signature=signature)) == TAKEN, signature
        assert (await app.read(lambda tx: tx.counts())).entries == 1


async def test_k30_what_is_of_another_feed_is_the_subscribed_partners(desk: Desk, hub: PartnerHub) -> None:
    foreign = rss(item(91, "asing", host="b.example")).replace(b"Sumber", b"Bukan")
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        await push(app, asked.token, asked.pushed(foreign))
        state = await app.read(lambda tx: tx.source_state("a"))
        assert state is not None and state.feed.title == "Sumber"
        await jobs.publish(app)
    assert {one.title: (one.source_id, one.partner_id) for one in desk.listed()} == {
        "satu": ("a", "a"),
        "asing": ("a", "a"),
    }


async def test_k42_a_feed_that_calls_itself_somebody_else_is_not_subscribed(
    desk: Desk, hub: PartnerHub
) -> None:
    hub.feed("/a", item(1, "satu"), self_url="https://lain.example/feed")
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        assert await keep_up(app) == []
    assert not hub.asked
    (note,) = desk.status().sources[0].notes
    assert "the feed calls itself https://lain.example/feed, on a foreign host" in note
    hub.feed("/a", item(1, "satu"), self_url="https://rss.a.example/feed")  # the partner's own
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        assert await keep_up(app) == [""]
    assert hub.asked[0].fields["hub.topic"] == "https://rss.a.example/feed"


async def test_k27_a_body_beyond_the_limit_is_refused(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        answer = await push(app, asked.token, asked.pushed(bytes(1_000_001)))
        assert isinstance(answer, PushAnswer) and answer.status == 413


@pytest.mark.slow
@pytest.mark.parametrize("framing", ["Content-Length: 100000000", "Transfer-Encoding: chunked"])
def test_k27_a_hundred_megabytes_are_not_held(tmp_path: Path, server: PartnerServer, framing: str) -> None:
    hub = PartnerHub(server)
    hub.feed("/a", item(1, "satu"))
    raw = raw_config({"a": server.url("/a")})
    with service(tmp_path, raw, 60.0) as desk:
        raw["site"]["feeds_url"] = f"http://127.0.0.1:{desk.port}/"
        desk.configure(raw)
        desk.start()
        desk.wait_for(lambda: hub.asked, 20, "the request to the hub")
        assert desk.get(f"websub/{hub.asked[0].token}?{hub.asked[0].query()}")[0] == 200
        before_kb = resident_kb(desk)
        assert refusal(desk, hub.asked[0].token, framing).startswith(b"HTTP/1.1 413 ")
        assert resident_kb(desk) - before_kb < 20_000


def refusal(desk: Service, token: str, framing: str) -> bytes:
    """What is answered to who sends a hundred megabytes, as long as it is let."""
    head = f"POST /websub/{token} HTTP/1.1\r\nHost: kami.example\r\n{framing}\r\n\r\n".encode()
    megabyte = b"x" * 1_000_000
    chunk = b"f4240\r\n%s\r\n" % megabyte if "chunked" in framing else megabyte
    with socket.create_connection(("127.0.0.1", desk.port), timeout=10) as client:
        client.sendall(head)
        with suppress(OSError):  # it may hang up on us
            for _ in range(100):
                client.sendall(chunk)
        return client.recv(1000)


def resident_kb(desk: Service) -> int:
    status = Path(f"/proc/{desk.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
