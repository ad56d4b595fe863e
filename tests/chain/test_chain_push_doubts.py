"""Pushes that are not what they seem: of a former partner, out of order, sent again, of nothing; against a hub on
loopback."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import unquote

import pytest
from aiohttp import web
from desk import Desk, item, rss
from partner_hub import PartnerHub, keep_up, known, opened, push, states, subscribed
from partner_server import PartnerServer

from aggregator import jobs
from aggregator.app import App
from aggregator.model.report import SourceReport
from aggregator.model.source import SourceState
from aggregator.receiving import receive
from aggregator.subscriptions import OVER, Accepted, judge_push, poll_instead, verify_intent
from aggregator.visiting import visit

pytestmark = pytest.mark.slow

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OLD, NEW = item(1, "satu", "Isi lama " * 20), item(1, "satu", "Isi baru " * 20)


@pytest.fixture
def hub(server: PartnerServer) -> PartnerHub:
    """Of the partner a, whose feed at /a offers it."""
    hub = PartnerHub(server)
    hub.feed("/a", item(1, "satu"))
    server.bodies["/b"] = rss(item(90, "lain", host="b.example"))
    return hub


async def state_of(app: App) -> SourceState:
    state = await app.read(lambda tx: tx.source_state("a"))
    assert state is not None
    return state


# --- whose it is --------------------------------------------------------------------------------------------------


async def test_the_hub_of_a_former_partner_is_over(desk: Desk, hub: PartnerHub) -> None:
    """However the edit and what comes by the old subscription fall: nothing of it is the new partner's."""
    theirs = rss(item(77, "artikel mitra a"))
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        under_way = await judge_push(app, asked.token, asked.pushed(theirs))
        assert isinstance(under_way, Accepted) and under_way.can_be_decided
    desk.raw["sources"][0] |= {"partner": "b", "url": hub.server.url("/b-baru")}
    other = PartnerHub(hub.server, "/hub-b")
    other.feed("/b-baru", item(50, "punya b", host="b.example"))
    async with opened(desk) as app:
        # The file is in force, and not known to the store yet.
        judged = await judge_push(app, asked.token, asked.pushed(theirs))
        assert isinstance(judged, Accepted) and not judged.can_be_decided
        await jobs.sync_sources(app)
        assert await push(app, asked.token, asked.pushed(theirs)) == OVER
        found = await receive(app, app.config.sources[0], under_way.subscription, asked.pushed(theirs))
        assert (found.new, found.touched) == (0, 0)
        await jobs.poll(app, ["a"])
        # Before the old subscription is left it may not be decided upon, afterwards it is over.
        judged = await judge_push(app, asked.token, asked.pushed(theirs))
        assert isinstance(judged, Accepted) and not judged.can_be_decided
        found = await receive(app, app.config.sources[0], under_way.subscription, asked.pushed(theirs))
        assert found.new == 0
        await keep_up(app)
        new = other.asked[-1]
        desk.now += MINUTE
        assert await verify_intent(app, new.token, new.query()) == "tantangan-1"
        assert await states(app) == ["leaving", "active"]
        assert await push(app, asked.token, asked.pushed(theirs)) == OVER
        await jobs.publish(app)
    assert sorted(desk.titles()) == ["punya b", "satu"]


# --- in which order -----------------------------------------------------------------------------------------------


async def test_an_old_push_sent_again_undoes_nothing_until_a_poll_tells_so(
    desk: Desk, hub: PartnerHub
) -> None:
    hub.feed("/a", OLD)
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        desk.now += HOUR
        corrected = await push(app, asked.token, asked.pushed(rss(NEW)))
        assert isinstance(corrected, SourceReport) and corrected.revised == 1
        await jobs.poll(app, ["a"])
        desk.now += HOUR
        again = await push(app, asked.token, asked.pushed(rss(OLD, item(2))))
        assert isinstance(again, SourceReport) and (again.revised, again.new) == (0, 1)
        assert (await state_of(app)).next_poll_at == desk.now
        # Where the partner really took the correction back a poll tells, though the document is the one it had polled.
        assert [one.revised for one in await jobs.poll(app, ["a"])] == [1]


class SlowFeed:
    """The feed at /a answers ``body`` when it is let go on."""

    def __init__(self, hub: PartnerHub, body: bytes) -> None:
        self.arrived, self.goes_on = asyncio.Event(), asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._body = body
        hub.server.handlers["/a"] = self._answer

    async def _answer(self, _: web.Request) -> web.StreamResponse:
        self._loop.call_soon_threadsafe(self.arrived.set)
        waits = asyncio.run_coroutine_threadsafe(self._goes_on(), self._loop)
        await asyncio.wrap_future(waits)
        return web.Response(body=self._body, content_type="application/rss+xml")

    async def _goes_on(self) -> None:
        await self.goes_on.wait()


@pytest.mark.parametrize("is_unchanged", [False, True])
async def test_what_is_to_be_polled_instead_is_polled_after_the_visit_that_is_under_way(
    desk: Desk, hub: PartnerHub, is_unchanged: bool
) -> None:
    two = item(2, "dua", age=-HOUR)
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        desk.now += HOUR
        await push(app, asked.token, asked.pushed(rss(two)))
        body = hub.feed("/a", item(1, "satu"), two)
        if is_unchanged:
            await jobs.poll(app, ["a"])
        slow = SlowFeed(hub, body)
        desk.now += HOUR
        polling = asyncio.create_task(visit(app, app.config.sources[0], await state_of(app)))
        await slow.arrived.wait()
        await poll_instead(app, ["a"])
        slow.goes_on.set()
        assert (await polling).outcome == ("unchanged" if is_unchanged else "read")
        assert (await state_of(app)).next_poll_at == desk.now
        await jobs.poll(app, ["a"])
        assert (await state_of(app)).planned_s == DAY.total_seconds()
        assert (await state_of(app)).next_poll_at != desk.now


@pytest.mark.parametrize("is_news", [False, True])
async def test_a_poll_that_another_process_began_before_a_push_undoes_nothing(
    desk: Desk, hub: PartnerHub, is_news: bool
) -> None:
    """In one process they wait for each other; over two the document that was polled is the older one."""
    hub.feed("/a", OLD)
    async with opened(desk) as app, opened(desk) as other:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        slow = SlowFeed(hub, hub.feed("/a", OLD, item(2, "dua")))
        desk.now += HOUR
        polling = asyncio.create_task(visit(app, app.config.sources[0], await state_of(app)))
        await slow.arrived.wait()
        await push(other, asked.token, asked.pushed(rss(NEW if is_news else OLD)))
        slow.goes_on.set()
        report = await polling
        assert (report.new, report.revised) == ((0, 0) if is_news else (1, 0))
        state = await state_of(app)
        assert state.next_poll_at is not None and state.next_poll_at <= desk.now  # it is polled again
        hub.server.handlers.pop("/a")
        hub.feed("/a", NEW, item(2, "dua"))
        await jobs.poll(app, ["a"])
        await jobs.publish(app)
    assert sorted(desk.titles()) == ["dua", "satu"]
    (satu,) = (one for one in desk.items() if one["title"] == "satu")
    assert "Isi baru" in satu["content_html"]


def atom(title: str, updated: str) -> bytes:
    entry = (
        f"<entry><id>urn:e1</id><title>{title}</title><link href='https://www.a.example/berita/0000001/x'/>"
        f"<published>2026-11-23T05:00:00Z</published><updated>{updated}</updated>"
        f"<content type='text'>{f'Kabar {title} ' * 20}</content></entry>"
    )
    head = f"<id>urn:x</id><title>Sumber</title><updated>{updated}</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{entry}</feed>'.encode()


@pytest.mark.parametrize(("updated", "revised"), [("2026-11-23T05:30:00Z", 0), ("2026-11-23T06:30:00Z", 1)])
async def test_what_says_itself_that_it_is_older_waits_for_a_poll(
    desk: Desk, hub: PartnerHub, updated: str, revised: int
) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        await push(app, asked.token, asked.pushed(atom("ketiga", "2026-11-23T06:00:00Z")))
        desk.now += HOUR
        report = await push(app, asked.token, asked.pushed(atom("kedua", updated)))
        assert isinstance(report, SourceReport) and report.revised == revised
        is_read_again = (await state_of(app)).body_hash == ""
        assert is_read_again is not bool(revised)


async def test_a_version_that_comes_and_goes_is_settled_by_a_poll(desk: Desk, hub: PartnerHub) -> None:
    hub.feed("/a", NEW)
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        for body in (OLD, NEW):
            desk.now += HOUR
            hub.feed("/a", body)
            await jobs.poll(app, ["a"])
        assert (await state_of(app)).body_hash
        desk.now += MINUTE
        await push(app, asked.token, asked.pushed(rss(OLD)))
        assert (await state_of(app)).body_hash == ""  # as after a poll that held it


# --- what it brings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [rss(), rss(item(1, "satu")), b"", b"bukan umpan"])
async def test_what_brings_nothing_proves_nothing_and_has_the_source_polled(
    desk: Desk, hub: PartnerHub, body: bytes
) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        desk.now += MINUTE
        await push(app, asked.token, asked.pushed(body))
        polled_at = (await state_of(app)).last_polled_at
        assert polled_at is not None
        # No oftener than sources that are not pushed.
        due_at = (await state_of(app)).next_poll_at
        assert due_at is not None and polled_at + 13 * MINUTE < due_at <= polled_at + 15 * MINUTE
        desk.now += HOUR
        await push(app, asked.token, asked.pushed(body))
        assert (await state_of(app)).next_poll_at == min(due_at, desk.now)
        await push(app, asked.token, asked.pushed(rss(item(2))))
        await jobs.poll(app, ["a"])
        assert (await state_of(app)).planned_s == DAY.total_seconds()
        await push(app, asked.token, asked.pushed(body))
        due_at = (await state_of(app)).next_poll_at
        assert due_at == desk.now + 15 * MINUTE


async def test_only_news_earn_trust(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        desk.now += HOUR
        for body in (rss(), rss(item(1, "satu"))):
            await push(app, asked.token, asked.pushed(body))
            assert (await known(app))[0].pushed_at is None
        await jobs.poll(app, ["a"])
        assert (await state_of(app)).planned_s == 900
        await push(app, asked.token, asked.pushed(rss(item(1, "satu", "Isi yang dikoreksi " * 9))))
        assert (await known(app))[0].pushed_at == desk.now


# --- what it is worth ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("full_text", "is_found_out"), [("feed", True), ("article", False)])
async def test_a_hub_that_does_not_push_corrections_is_found_out(
    desk: Desk, hub: PartnerHub, full_text: str, is_found_out: bool
) -> None:
    """Not where articles are read from their pages, of which no hub knows."""
    desk.raw["sources"][0]["full_text"] = full_text
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        desk.now += HOUR
        two = item(2, "dua", age=-HOUR)
        await push(app, asked.token, asked.pushed(rss(two)))
        hub.feed("/a", item(1, "satu"), two)
        await jobs.poll(app, ["a"])
        desk.now += DAY
        hub.feed("/a", item(1, "satu dikoreksi"), two)
        assert [one.revised for one in await jobs.poll(app, ["a"])] == [1]
        assert (await known(app))[0].missed_at == (desk.now if is_found_out else None)


# --- what it is told ----------------------------------------------------------------------------------------------


async def test_a_verification_whose_answer_was_lost_is_answered_again(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        asked = await subscribed(app, hub)
        before = await known(app)
        desk.now += MINUTE
        assert await verify_intent(app, asked.token, asked.query(challenge="lagi")) == "lagi"
        assert await known(app) == before
        desk.now += HOUR
        assert await verify_intent(app, asked.token, asked.query()) is None


async def test_what_a_hub_quotes_of_our_request_is_kept_nowhere(desk: Desk, hub: PartnerHub) -> None:
    async def quotes(request: web.Request) -> web.StreamResponse:
        return web.Response(status=422, text=f"tak terjangkau: {unquote((await request.read()).decode())}")

    hub.server.handlers["/hub"] = quotes
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        (trouble,) = await keep_up(app)
        (one,) = await known(app)
    for words in (trouble, one.problem, desk.status().sources[0].push):
        assert "127.0.0.1 answered 422: tak terjangkau: hub.callback=" in words
        assert one.token[:8] not in words and one.secret[:8] not in words


# --- what it costs ------------------------------------------------------------------------------------------------


async def test_hubs_are_told_where_we_are_now(desk: Desk, hub: PartnerHub) -> None:
    """And left as they know us."""
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        old = await subscribed(app, hub)
        await push(app, old.token, old.pushed(rss(item(2))))
    desk.now += HOUR
    desk.raw["site"]["feeds_url"] = "https://umpan.baru.example/"
    async with opened(desk) as app:
        new = await subscribed(app, hub)
        assert new.fields["hub.callback"] == f"https://umpan.baru.example/websub/{new.token}"
        assert await keep_up(app) == [""]
        left = hub.asked[-1]
        assert (left.mode, left.fields["hub.callback"]) == ("unsubscribe", old.fields["hub.callback"])
        assert (await known(app))[-1].pushed_at is not None
        assert await keep_up(app) == []


async def test_a_document_that_names_another_hub_each_time_costs_little(desk: Desk, hub: PartnerHub) -> None:
    hubs = [PartnerHub(hub.server, f"/hub{number}") for number in range(40)]
    async with opened(desk) as app:
        for one in hubs:
            one.feed("/a", item(1, "satu"))
            await jobs.poll(app, ["a"])
            await keep_up(app)
            desk.now += 3 * MINUTE
        assert 2 <= sum(len(one.asked) for one in hubs) <= 9
        assert len(await known(app)) <= 5


async def test_a_hub_that_grants_the_shortest_leases_costs_little(desk: Desk, hub: PartnerHub) -> None:
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        await subscribed(app, hub, lease_s=1)
        for _ in range(24 * 60):
            desk.now += MINUTE
            asked = len(hub.asked)
            await keep_up(app)
            for one in hub.asked[asked:]:
                await verify_intent(app, one.token, one.query(lease_s=1))
        assert len(hub.asked) <= 2 * 24 * 60 / 42 + 1
        assert len(await known(app)) <= 6
        assert "active" in await states(app)
