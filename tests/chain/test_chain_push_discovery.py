"""Where a source's hub is found, however the source is read; and pushes whose article pages are read too."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from article_site import ArticleSite, desk_of
from desk import Desk, item, rss
from partner_hub import PartnerHub, keep_up, opened, push, subscribed
from partner_server import Handler, PartnerServer
from partner_site import FEED_LINK, PartnerSite

from aggregator import jobs
from aggregator.model.report import SourceReport
from aggregator.model.subscription import HubOffer

MINUTE = timedelta(minutes=1)


async def offered(desk: Desk) -> HubOffer:
    """What is offered after one poll."""
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        desk.now += MINUTE
        state = await app.read(lambda tx: tx.source_state("a"))
    assert state is not None
    return state.offer


def serving(body: bytes, *links: str) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        reply = web.Response(body=body, content_type="application/rss+xml")
        for link in links:
            reply.headers.add("Link", link)
        return reply

    return answer


async def test_link_headers_come_before_the_document_and_tell_without_its_being_read(
    desk: Desk, server: PartnerServer
) -> None:
    hub = PartnerHub(server)
    body = hub.feed("/a", item(1, "satu"))
    own, other = server.url("/a"), server.url("/hub-lain")
    assert await offered(desk) == HubOffer(hub.url, own)
    server.handlers["/a"] = serving(body, '</hub-lain>; rel="hub"', '</a>; rel="self"')
    assert await offered(desk) == HubOffer(other, own)
    server.handlers["/a"] = serving(body)
    assert await offered(desk) == HubOffer(other, own)  # not read: what the document itself says is not known
    server.handlers["/a"] = serving(hub.feed("/a", item(2)))
    assert await offered(desk) == HubOffer(hub.url, own)
    server.handlers["/a"] = serving(rss(item(3)))
    assert await offered(desk) == HubOffer()


async def test_where_the_address_redirects_what_stands_at_the_end_counts(
    desk: Desk, server: PartnerServer
) -> None:
    hub = PartnerHub(server)
    hub.feed("/baru/feed", item(1, "satu"), self_url="?asli=1")

    async def moved(_: web.Request) -> web.StreamResponse:
        raise web.HTTPMovedPermanently("/baru/feed")

    server.handlers["/a"] = moved
    assert await offered(desk) == HubOffer(hub.url, server.url("/baru/feed?asli=1"))


async def test_of_a_home_page_the_feed_that_is_really_read_counts(home_desk: Desk, site: PartnerSite) -> None:
    hub = PartnerHub(site.server)
    links = '<link rel="hub" href="/hub-halaman"><link rel="self" href="/">'
    site.home(FEED_LINK.format("/feed/") + links)
    hub.feed("/feed/", item(1, "satu"), item(2))
    assert await offered(home_desk) == HubOffer(hub.url, site.server.url("/feed/"))
    async with opened(home_desk) as app:
        asked = await subscribed(app, hub)
        report = await push(app, asked.token, asked.pushed(rss(item(3))))
        assert isinstance(report, SourceReport) and report.new == 1


async def test_a_feed_that_names_a_hub_but_not_itself_is_polled(desk: Desk, server: PartnerServer) -> None:
    hub = PartnerHub(server)
    hub.feed("/a", item(1), self_url="")
    assert await offered(desk) == HubOffer()
    (note,) = (one for source in desk.status().sources for one in source.notes)
    assert "does not name its own address" in note


@pytest.mark.parametrize("has_page", [True, False])
async def test_pushed_teasers_get_their_pages_or_are_polled_again_for_them(
    article_site: ArticleSite, tmp_path: Path, has_page: bool
) -> None:
    desk = desk_of(article_site.server, tmp_path)
    hub = PartnerHub(article_site.server)
    article_site.feed([1, 2])
    pushed = article_site.server.bodies["/a"]
    article_site.feed([1])
    polled = article_site.server.bodies["/a"]
    # Pages stand on the partner's own name; so does the feed's own address.
    links = f'<atom:link rel="hub" href="{hub.url}"/><atom:link rel="self" href="{article_site.server.url("/a")}"/>'
    article_site.server.bodies["/a"] = polled.replace(b"<channel>", f"<channel>{links}".encode())
    article_site.page(1)
    article_site.page(2, status=200 if has_page else 500)
    async with opened(desk) as app:
        await jobs.poll(app, ["a"])
        before = await app.read(lambda tx: tx.source_state("a"))
        asked = await subscribed(app, hub)
        desk.now += MINUTE
        report = await push(app, asked.token, asked.pushed(pushed))
        assert isinstance(report, SourceReport) and report.new == 1
        after = await app.read(lambda tx: tx.source_state("a"))
        assert before is not None and after is not None
        assert bool(after.body_hash) is has_page
        assert after.entries_in_feed == 1
        assert after.next_poll_at is not None and after.next_poll_at <= desk.now + 15 * MINUTE
        await jobs.publish(app)
        assert await keep_up(app) == []
    whole = [
        f"Naskah utuh nomor {number}" in one["content_html"] for number in (1, 2) for one in desk.items()
    ]
    assert sum(whole) == 1 + has_page
