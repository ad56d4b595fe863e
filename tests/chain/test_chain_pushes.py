"""Partners whose hub pushes to us: subscribed, verified, pushed, renewed and left, against a hub on loopback."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from desk import Desk, item, rss
from partner_hub import PartnerHub, keep_up, known, opened, push, states, subscribed
from partner_server import PartnerServer

from aggregator import jobs
from aggregator.app import App
from aggregator.model.push import PushAnswer
from aggregator.model.report import SourceReport
from aggregator.model.source import SourceState
from aggregator.subscriptions import NOBODY, OVER, TAKEN, listen, verify_intent
from aggregator.visiting import visit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def hub(server: PartnerServer) -> PartnerHub:
    """Of the partner a, whose feed at /a offers it."""
    hub = PartnerHub(server)
    hub.feed("/a", item(1, "satu"))
    server.bodies["/b"] = rss(item(90, "lain", host="b.example"))
    return hub


async def state_of(app: App, source_id: str = "a") -> SourceState:
    state = await app.read(lambda tx: tx.source_state(source_id))
    assert state is not None
    return state


async def test_a_source_that_offers_a_hub_is_subscribed_and_pushed(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a", "b"])
        assert await keep_up(app) == [""]
        (asked,) = hub.asked
        assert asked.content_type == "application/x-www-form-urlencoded"
        secret = asked.fields.pop("hub.secret")
        assert 32 <= len(secret) < 200
        assert asked.fields == {
            "hub.callback": f"https://feeds.jambiseru.com/websub/{asked.token}",
            "hub.mode": "subscribe",
            "hub.topic": hub.server.url("/a"),
            "hub.lease_seconds": "864000",
        }
        assert len(asked.token) >= 32
        asked.fields["hub.secret"] = secret
        assert await states(app) == ["pending"]
        assert await push(app, asked.token, asked.pushed(rss(item(2)))) == NOBODY

        assert await verify_intent(app, asked.token, asked.query("abc-123")) == "abc-123"
        before = await state_of(app)
        desk.now += timedelta(minutes=3)
        report = await push(app, asked.token, asked.pushed(rss(item(2, "dua"))))
        assert isinstance(report, SourceReport)
        assert (report.outcome, report.new, report.touched) == ("pushed", 1, 1)
        await jobs.publish(app)
        (subscription,) = await known(app)
        assert subscription.pushed_at == desk.now
        after = await state_of(app)
    assert sorted(desk.titles()) == ["dua", "lain", "satu"]
    # What a part of the document cannot tell stays as it was.
    assert after.pushed_at == desk.now
    assert replace(after, last_new_at=before.last_new_at, habit=before.habit, pushed_at=None) == before
    (source, _) = desk.status().sources
    assert [(one.outcome, one.new) for one in source.visits] == [("pushed", 1), ("read", 1)]


async def test_only_where_somebody_could_reach_us_and_as_the_file_says(desk: Desk, hub: PartnerHub) -> None:
    desk.raw["sources"][0]["push"] = False
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        assert await keep_up(app) == []
    desk.raw["sources"][0]["push"] = True
    desk.raw["site"]["feeds_url"] = "http://127.0.0.1:8080/"
    desk.raw["fetch"]["allow_networks"] = []
    async with opened(desk) as app:
        assert await keep_up(app) == []
    desk.raw["fetch"]["allow_networks"] = ["127.0.0.0/8"]
    async with opened(desk) as app:
        assert await keep_up(app) == [""]


async def test_a_hub_that_refuses_or_never_verifies_is_asked_again_and_seldomer(
    desk: Desk, hub: PartnerHub
) -> None:
    hub.status, hub.words = 422, "topik\x1b[31m tidak dikenal"
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        assert await keep_up(app) == ["127.0.0.1 answered 422: topik[31m tidak dikenal"]
        for minutes in (5, 15, 45):
            desk.now += timedelta(minutes=minutes - 1)
            assert await keep_up(app) == []
            desk.now += timedelta(minutes=1)
            assert len(await keep_up(app)) == 1
        assert "answered 422" in (await known(app))[0].problem
        hub.status = 202
        desk.now += timedelta(hours=3)
        assert await keep_up(app) == [""]
        desk.now += timedelta(minutes=59)
        assert await keep_up(app) == []
    assert "not verified yet after 5 requests" in desk.status().sources[0].push
    async with opened(desk) as app:
        desk.now += timedelta(days=1)
        assert await keep_up(app) == [""]
        assert {one.token for one in hub.asked} == {hub.asked[0].token}  # one wish, one callback


@pytest.mark.parametrize("status", [307, 308])
async def test_a_hub_that_redirects_is_followed_with_the_same_request(
    desk: Desk, hub: PartnerHub, status: int
) -> None:
    other = PartnerHub(hub.server, "/hub-lain")
    hub.status, hub.location = status, "/hub-lain"
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        assert await keep_up(app) == [""]
        assert other.asked == hub.asked
        other.status, other.location = status, "/hub"
        desk.now += 2 * HOUR
        (words,) = await keep_up(app)
        assert "redirects more than 3 times" in words
        hub.location = "http://169.254.169.254/latest"
        desk.now += DAY
        (words,) = await keep_up(app)
        assert "cloud metadata address" in words


async def test_a_hub_named_by_http_is_asked_by_https_first(
    desk: Desk, hub: PartnerHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here nobody answers by either."""
    named = hub.server.bodies["/a"].replace(hub.url.encode(), b"http://hub.example/")
    hub.server.bodies["/a"] = named
    ports: list[int] = []

    def resolve(host: str, port: int, *_: object, **__: object) -> None:
        ports.append(port)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        (words,) = await keep_up(app)
    assert "hub.example" in words
    assert ports == [443, 80]


async def test_other_redirects_are_refusals(desk: Desk, hub: PartnerHub) -> None:
    other = PartnerHub(hub.server, "/hub-lain")
    hub.status, hub.location = 302, "/hub-lain"
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        assert await keep_up(app) == ["127.0.0.1 answered 302"]
        assert not other.asked


async def test_a_lease_is_renewed_by_a_new_subscription_before_it_ends(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        first = await subscribed(app, hub, lease_s=100_000)
        desk.now += timedelta(seconds=69_999)
        assert await keep_up(app) == []
        await push(app, first.token, first.pushed(rss(item(2))))
        desk.now += timedelta(seconds=2)
        assert await keep_up(app) == [""]
        second = hub.asked[-1]
        assert (second.mode, second.fields["hub.topic"]) == ("subscribe", first.fields["hub.topic"])
        assert second.token != first.token
        assert second.fields["hub.secret"] != first.fields["hub.secret"]
        assert await states(app) == ["active", "pending"]

        assert await verify_intent(app, second.token, second.query()) == "tantangan-1"
        assert await states(app) == ["leaving", "active"]
        old, new = await known(app)
        assert new.pushed_at == old.pushed_at is not None
        assert await keep_up(app) == [""]
        left = hub.asked[-1]
        assert (left.mode, left.token) == ("unsubscribe", first.token)
        report = await push(app, first.token, first.pushed(rss(item(3))))
        assert isinstance(report, SourceReport) and report.new == 1  # until it is verified that it is left
        assert await verify_intent(app, left.token, left.query(lease_s=None)) == "tantangan-1"
        assert await states(app) == ["ended", "active"]
        assert await push(app, first.token, first.pushed(rss(item(4)))) == OVER
        desk.now += timedelta(days=6)
        assert await keep_up(app) == []


async def test_a_lease_that_ends_unrenewed_lets_polling_resume_at_once(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub, lease_s=100_000)
        await push(app, asked.token, asked.pushed(rss(item(2))))
        hub.status = 500
        desk.now += timedelta(seconds=80_000)
        await jobs.poll(app, ["a"])
        assert (await state_of(app)).planned_s == DAY.total_seconds()
        assert "answered 500" in (await keep_up(app))[0]
        desk.now += timedelta(seconds=30_000)
        await keep_up(app)
        assert await states(app) == ["ended", "pending"]
        assert (await state_of(app)).next_poll_at == desk.now


async def test_the_hub_may_deny_at_any_time(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        await push(app, asked.token, asked.pushed(rss(item(2))))
        desk.now += HOUR
        await jobs.poll(app, ["a"])
        assert (await state_of(app)).planned_s == DAY.total_seconds()
        denied = asked.query(mode="denied", reason="kontrak\nberakhir")
        assert await verify_intent(app, asked.token, denied) == ""
        assert (await state_of(app)).next_poll_at == desk.now
        assert await push(app, asked.token, asked.pushed(rss(item(3)))) == OVER
        assert "the hub denied it: kontrak berakhir" in (await known(app))[0].problem
        assert await keep_up(app) == []
        await jobs.poll(app, ["a"])
        assert (await state_of(app)).planned_s == 900
        desk.now += 8 * DAY
        assert await keep_up(app) == [""]
        assert hub.asked[-1].token != asked.token


@pytest.mark.parametrize("edit", ["push", "enabled", "removed"])
async def test_what_the_file_no_longer_wants_is_unsubscribed(desk: Desk, hub: PartnerHub, edit: str) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
    if edit == "removed":
        del desk.raw["sources"][0]
    else:
        desk.raw["sources"][0][edit] = False
    async with opened(desk) as app:
        await jobs.sync_sources(app)
        assert await push(app, asked.token, asked.pushed(rss(item(2)))) == OVER
        assert (OVER.status, NOBODY.status) == (410, 404)  # never a redirect
        assert await keep_up(app) == [""]
        left = hub.asked[-1]
        assert (left.mode, left.token) == ("unsubscribe", asked.token)
        assert "hub.secret" not in left.fields
        assert await verify_intent(app, left.token, left.query()) == "tantangan-1"
        assert await states(app) == ["ended"]
        desk.now += 16 * DAY
        assert await keep_up(app) == []
        assert await states(app) == []
        assert await push(app, asked.token, asked.pushed(rss(item(2)))) == NOBODY


async def test_a_hub_that_takes_no_farewell_is_left_by_itself(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        await subscribed(app, hub)
        hub.feed("/a", item(1, "satu"))
        hub.server.bodies["/a"] = rss(item(1, "satu"))  # offers no hub any more
        desk.now += HOUR
        await jobs.poll(app, ["a"])
        hub.status = 500
        for _ in range(4):
            assert len(await keep_up(app)) == 1
            desk.now += DAY
        assert await keep_up(app) == []
        assert await states(app) == ["ended"]


async def test_another_hub_takes_over_once_it_has_verified(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        await push(app, asked.token, asked.pushed(rss(item(2))))
        other = PartnerHub(hub.server, "/hub-baru")
        other.feed("/a", item(1, "satu"), item(2))
        desk.now += HOUR
        await jobs.poll(app, ["a"])
        assert await keep_up(app) == [""]
        assert await states(app) == ["active", "pending"]
        new = other.asked[-1]
        assert new.token != asked.token
        assert new.fields["hub.secret"] != asked.fields["hub.secret"]
        await verify_intent(app, new.token, new.query())
        assert (await known(app))[-1].pushed_at is None  # what the other one pushed says nothing of it
        assert await keep_up(app) == [""]
        assert hub.asked[-1].mode == "unsubscribe"


@pytest.mark.parametrize(
    ("signature", "is_taken"),
    [
        ("sha1", True),  # K24
        ("sha256", True),
        ("sha384", True),
        ("sha512", True),
        ("md5", False),
        ("sha224", False),
    ],
)
async def test_signatures(desk: Desk, hub: PartnerHub, signature: str, is_taken: bool) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        answer = await push(app, asked.token, asked.pushed(rss(item(2, "dua")), signature))
        assert isinstance(answer, SourceReport) is is_taken
        assert is_taken or answer == TAKEN
        await jobs.publish(app)
        problem = (await known(app))[0].problem
    assert ("dua" in desk.titles()) is is_taken
    assert bool(problem) is not is_taken


async def test_what_is_not_signed_by_our_secret_is_ignored_and_answered_2xx(
    desk: Desk, hub: PartnerHub
) -> None:
    body = rss(item(2, "dua"))
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        good = asked.pushed(body)
        for signature in ("", "sha256=", f"sha256={'0' * 64}", f"{good.signature};", good.signature[7:]):
            answer = await push(app, asked.token, replace(good, signature=signature))
            assert answer == PushAnswer(202, "Received") == TAKEN, signature
        assert await push(app, asked.token, replace(good, body=body + b" ")) == TAKEN
        await jobs.publish(app)
    assert desk.titles() == ["satu"]
    assert "without our signature" in desk.status().sources[0].push


async def test_a_push_too_large_is_refused(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        answer = await push(app, asked.token, asked.pushed(b" " * 1_000_001))
        assert isinstance(answer, PushAnswer) and answer.status == 413


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><html><head><title>x</title></head><body>x</body></html>", "HTML"),
        (b"", "empty"),
        (b"\x00\xff\x00", ""),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><rss version="2.0"><channel/></rss>', ""),
    ],
)
async def test_what_cannot_be_read_is_told_and_polls_go_on_as_they_did(
    desk: Desk, hub: PartnerHub, body: bytes, words: str
) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        before = await state_of(app)
        report = await push(app, asked.token, asked.pushed(body))
        assert isinstance(report, SourceReport)
        assert report.problem.startswith("what its hub pushed could not be used: ")
        assert words in report.problem
        assert replace(await state_of(app), wanted=before.wanted) == before
        (subscription,) = await known(app)
        assert (subscription.pushed_at, subscription.problem) == (None, report.problem)
    (source, _) = desk.status().sources
    assert source.state == "well"
    assert source.visits[0].problem == report.problem


async def test_what_is_pushed_of_another_feed_is_the_subscribed_sources(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a", "b"])
        asked = await subscribed(app, hub)
        foreign = rss(item(91, "asing", host="b.example")).replace(b"Sumber", b"Bukan")
        await push(app, asked.token, asked.pushed(foreign))
        assert (await state_of(app)).feed.title == "Sumber"
        await jobs.publish(app)
    found = {one.title: (one.source_id, one.partner_id) for one in desk.listed()}
    assert found == {"satu": ("a", "a"), "lain": ("b", "b"), "asing": ("a", "a")}


async def test_a_pushed_flood_is_held_as_a_polled_one(desk: Desk, hub: PartnerHub) -> None:
    ages = [timedelta(days=day, hours=1) for day in range(20)]
    hub.feed("/a", *(item(number, age=age) for number, age in enumerate(ages, 1)))
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        desk.now += HOUR
        flood = rss(*(item(number, age=timedelta(0)) for number in range(1000, 1080)))
        report = await push(app, asked.token, asked.pushed(flood))
        assert isinstance(report, SourceReport) and report.new == 80
        state = await state_of(app)
        assert state.flooded_at == desk.now
        await jobs.publish(app)
    assert desk.status().sources[0].held == 80


async def test_a_push_waits_for_the_visit_that_is_under_way_and_is_not_dropped(
    desk: Desk, hub: PartnerHub
) -> None:
    """The document that the poll brings is the older one: were it stored last, the correction would be undone."""
    old, new = item(1, "satu", "Isi lama " * 20), item(1, "satu", "Isi baru " * 20)
    hub.feed("/a", old)
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        arrived, goes_on = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        body = hub.feed("/a", old, item(2, "dua"))

        async def slowly(_: web.Request) -> web.StreamResponse:
            loop.call_soon_threadsafe(arrived.set)
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(goes_on.wait(), loop))
            return web.Response(body=body, content_type="application/rss+xml")

        hub.server.handlers["/a"] = slowly
        desk.now += HOUR
        polling = asyncio.create_task(visit(app, app.config.sources[0], await state_of(app)))
        await arrived.wait()
        pushes = [
            asyncio.create_task(push(app, asked.token, asked.pushed(rss(one)))) for one in (new, item(3))
        ]
        await asyncio.sleep(0.3)
        assert not any(one.done() for one in pushes)
        goes_on.set()
        report, first, second = await polling, *(await asyncio.gather(*pushes))
        assert (report.outcome, report.new) == ("read", 1)
        assert isinstance(first, SourceReport) and first.revised == 1
        assert isinstance(second, SourceReport) and second.new == 1


async def test_a_source_that_is_pushed_is_audited_once_a_day(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        desk.now += HOUR
        await jobs.poll(app, ["a"])
        assert (await state_of(app)).planned_s == 900  # nothing was pushed yet
        two = item(2, "dua", age=-HOUR)
        await push(app, asked.token, asked.pushed(rss(two)))
        hub.feed("/a", item(1, "satu"), two)
        await jobs.poll(app, ["a"])
        state = await state_of(app)
        assert (state.planned_s, state.planned_why) == (86_400, "its hub tells us; asked once a day to audit")
    assert (
        desk.status()
        .sources[0]
        .push.startswith("pushed by 127.0.0.1 since 23 Nov 13:00 WIB, last push 23 Nov 14:00")
    )


async def test_a_hub_that_misses_entries_is_found_out_and_polling_resumes(
    desk: Desk, hub: PartnerHub
) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        desk.now += HOUR
        two = item(2, "dua", age=-HOUR)
        await push(app, asked.token, asked.pushed(rss(two)))
        fresh = item(3, "tiga", age=-HOUR + timedelta(minutes=2))
        hub.feed("/a", item(1, "satu"), two, fresh)
        await jobs.poll(app, ["a"])  # so new that it may still be pushed
        assert (await state_of(app)).planned_s == 86_400
        desk.now += DAY
        four = item(4, "empat", age=-DAY)
        hub.feed("/a", item(1, "satu"), two, fresh, four)
        (report,) = await jobs.poll(app, ["a"])
        assert report.hub_missed
        assert (await state_of(app)).planned_s == 900
        assert (await known(app))[0].missed_at == desk.now
    assert (
        "the hub missed news, seen 24 Nov 14:00 WIB: polled as usual for 7 days"
        in desk.status().sources[0].push
    )
    async with opened(desk) as app:
        desk.now += timedelta(days=7, minutes=1)
        await jobs.poll(app, ["a"])
        assert (await state_of(app)).planned_s == 900  # it may be dead
    assert "polled as usual until it pushes again" in desk.status().sources[0].push
    async with opened(desk) as app:
        await push(app, asked.token, asked.pushed(rss(item(5))))
        await jobs.poll(app, ["a"])
        assert (await state_of(app)).planned_s == 86_400


async def test_nobody_is_blamed_for_what_came_while_we_did_not_listen(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        await push(app, asked.token, asked.pushed(rss(item(2))))
        desk.now += HOUR
        await jobs.poll(app, ["a"])
        assert (await state_of(app)).planned_s == 86_400
    desk.now += 5 * HOUR
    hub.feed("/a", item(1, "satu"), item(2), item(3, age=-3 * HOUR))
    async with opened(desk) as app:
        await listen(app)
        assert (await state_of(app)).next_poll_at == desk.now
        desk.now += timedelta(minutes=1)
        assert [one.new for one in await jobs.poll(app, ["a"])] == [1]
        assert (await known(app))[0].missed_at is None
        assert (await state_of(app)).planned_s == 86_400


async def test_the_command_that_polls_never_subscribes(desk: Desk, hub: PartnerHub) -> None:
    await asyncio.to_thread(desk.poll)
    assert not hub.asked
    assert desk.status().sources[0].push == ""
