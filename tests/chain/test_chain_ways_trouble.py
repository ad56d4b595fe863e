"""Searches for a way in that find nothing, are forbidden, run out of time, or are led astray."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiohttp import web
from desk import NOW, Desk, item, rss
from partner_server import partner_server
from partner_site import FEED_LINK, PartnerSite, way, words

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


# --- nothing there ---


def test_when_nothing_is_found_it_says_what_was_tried(home_desk: Desk, site: PartnerSite) -> None:
    site.home(FEED_LINK.format("/kosong.xml"))
    site.feed("/kosong.xml")
    site.home(path="/rss")
    home_desk.poll()
    told = words(home_desk)
    assert "trouble: no way in was found from" in told
    assert "/feed/, " in told and "answered 404" in told
    assert "/kosong.xml: a feed (rss20) with 0 entries" in told
    assert "HTML page" in told
    assert "sources[].url" in told and "23 Nov 12:00 UTC" in told
    assert sum(site.asked().values()) <= 17
    home_desk.poll()
    assert site.asked() == {"/": 1}  # for six hours only the page is asked for
    assert words(home_desk).startswith(told)
    site.feed("/feed/", 1)
    home_desk.now += timedelta(hours=6)
    home_desk.poll()
    assert way(home_desk) == ("feed", "/feed/")
    assert words(home_desk).startswith("well")


def test_a_way_that_is_withdrawn_retires_no_source(home_desk: Desk, site: PartnerSite) -> None:
    async def gone(request: web.Request) -> web.StreamResponse:
        return web.Response(status=410)

    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 1)
    home_desk.poll()
    site.server.handlers["/feed/"] = gone
    site.home()
    for _ in range(5):
        home_desk.poll()
    site.feed("/baru.xml", 2)
    site.home(FEED_LINK.format("/baru.xml"))
    (source,) = home_desk.status().sources
    assert source.next_poll_at is not None
    home_desk.now += timedelta(hours=7)
    home_desk.poll()
    assert way(home_desk) == ("feed", "/baru.xml")


def test_robots_txt_that_forbids_is_obeyed_and_told(home_desk: Desk, site: PartnerSite) -> None:
    site.home(FEED_LINK.format("/feed/"))
    site.robots("User-agent: *\nDisallow: /\nSitemap: /sitemap.xml")
    site.feed("/feed/", 1)
    site.news("/sitemap.xml", 1)
    home_desk.poll()
    assert "does not let us read" in words(home_desk)
    assert site.asked() == {"/": 1, "/robots.txt": 1}
    site.robots("User-agent: *\nDisallow: /sitemap\nUser-agent: GPTBot\nDisallow: /")
    home_desk.now += timedelta(hours=6)
    home_desk.poll()
    assert way(home_desk) == ("feed", "/feed/")


def test_who_asks_us_to_wait_is_not_asked_for_more(home_desk: Desk, site: PartnerSite) -> None:
    async def wait(request: web.Request) -> web.StreamResponse:
        return web.Response(status=429)

    site.home()
    site.robots("")
    site.server.handlers["/rss"] = wait
    home_desk.poll()
    assert set(site.asked()) == {"/", "/robots.txt", "/feed/", "/rss"}


def test_a_search_ends_in_time_with_what_it_found(
    home_desk: Desk, site: PartnerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.ways.SEARCH_MARGIN_S", 0.0)  # a search of two seconds: fetch.deadline
    site.home(FEED_LINK.format("/lama.xml"))
    site.feed("/lama.xml", 1, age=timedelta(days=100))
    site.server.handlers["/feed/"] = _hang
    home_desk.poll()
    assert way(home_desk) == ("feed", "/lama.xml")
    assert home_desk.reports[0].took_s < 4


def test_a_search_that_takes_too_long_names_the_setting(
    home_desk: Desk, site: PartnerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.ways.SEARCH_MARGIN_S", 0.0)
    site.home()
    site.server.handlers["/feed/"] = _hang
    home_desk.poll()
    assert "the rest: not tried, it took too long; a longer fetch.deadline gives" in words(home_desk)


def test_a_search_in_vain_is_not_repeated_when_the_way_fails_too(home_desk: Desk, site: PartnerSite) -> None:
    site.home()
    site.news("/sitemap-news.xml", 1)
    home_desk.poll()
    site.remove("/sitemap-news.xml")
    site.server.handlers["/sitemap-news.xml"] = _fail
    home_desk.now += timedelta(days=8)
    site.asked()
    home_desk.poll()
    assert site.asked()["/feed/"] == 1
    assert "answered 500" in words(home_desk) and "no other way in was found" in words(home_desk)
    for _ in range(4):
        home_desk.now += HOUR
        home_desk.poll()
        assert site.asked() == {"/sitemap-news.xml": 1}
    home_desk.now += 2 * HOUR  # six hours later it is taken for dead
    home_desk.poll()
    assert site.asked()["/feed/"] == 1


def test_a_search_whose_find_cannot_be_read_is_not_repeated_at_each_visit(
    home_desk: Desk, site: PartnerSite
) -> None:
    site.home()
    site.news("/sitemap-news.xml", 1)
    home_desk.poll()
    site.put("/", b'{"status": "maintenance"}', "application/json")  # begins as a JSON Feed does
    home_desk.now += timedelta(days=8)
    home_desk.poll()
    assert "not a feed" in words(home_desk)
    site.asked()
    home_desk.poll()
    assert site.asked() == {"/sitemap-news.xml": 1}
    assert words(home_desk).startswith("well")


async def _hang(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def _fail(request: web.Request) -> web.StreamResponse:
    return web.Response(status=500)


def test_what_takes_long_to_look_at_is_looked_at_again_with_more_time(
    home_desk: Desk, site: PartnerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.seeking.QUICK_DEADLINE_S", 0.0001)
    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 1)
    home_desk.poll()
    assert way(home_desk) == ("feed", "/feed/")


# --- hostile ---


def test_broken_addresses_on_the_way_are_passed_over(home_desk: Desk, site: PartnerSite) -> None:
    broken = (
        "http://[rusak",
        "http://127.0.0.1:99999999/rss",
        "http://127.0.0.1:x/rss",
        f"http://{'a' * 70}/rss",
    )
    site.home(
        "".join(map(FEED_LINK.format, broken)), body="".join(f"<a href='{url}'>RSS</a>" for url in broken)
    )
    site.robots("".join(f"Sitemap: {url}\n" for url in (*broken, "/peta.xml")))
    site.news("/peta.xml", 1)
    home_desk.poll()
    assert way(home_desk) == ("sitemap", "/peta.xml")


@pytest.fixture
def stranger() -> Iterator[PartnerSite]:
    with partner_server() as running:
        yield PartnerSite(running)


def test_a_hostile_page_costs_little_and_leads_nowhere(
    home_desk: Desk, site: PartnerSite, stranger: PartnerSite
) -> None:
    elsewhere = stranger.server.base_url.replace("127.0.0.1", "localhost")

    async def loop(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/putar")

    async def lead_away(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"{elsewhere}/feed")

    site.home(
        FEED_LINK.format("http://169.254.169.254/latest/meta-data") + FEED_LINK.format("/putar"),
        body="".join(f"<a href='{elsewhere}/rss/{n}'>RSS</a>" for n in range(10_000)),
    )
    site.robots(f"Sitemap: {elsewhere}/sitemap.xml\n" + "Sitemap: /s.xml\n" * 1000)
    stranger.feed("/feed", 66)
    stranger.news("/sitemap.xml", 66)
    site.server.handlers |= {"/putar": loop, "/feed/": lead_away}
    site.index("/s.xml", *((f"/{n}.xml", NOW) for n in range(1000)))
    home_desk.poll()
    told = words(home_desk)
    assert "link-local address" in told or "metadata address" in told
    assert "redirects more than 5 times" in told
    assert "leads to localhost" in told
    assert set(stranger.asked()) <= {"/robots.txt", "/feed"}
    assert sum(site.asked().values()) <= 24  # seventeen, and the hops of the loop
    assert home_desk.items() == []


@pytest.mark.parametrize(
    ("hosts", "is_taken"),
    [
        (("b.example",) * 2, False),
        (("a.example", "b.example"), False),
        (("a.example", "a.example", "b.example"), True),
    ],
)
def test_a_feed_that_stands_elsewhere_must_lead_home(
    home_desk: Desk, site: PartnerSite, stranger: PartnerSite, hosts: tuple[str, ...], is_taken: bool
) -> None:
    elsewhere = stranger.server.base_url.replace("127.0.0.1", "localhost")
    site.home(FEED_LINK.format(f"{elsewhere}/rss"))
    items = (item(number, host=host) for number, host in enumerate(hosts, 1))
    stranger.put("/rss", rss(*items), "application/rss+xml")
    home_desk.poll()
    assert way(home_desk) == (("feed", "/rss") if is_taken else ("", ""))
    if not is_taken:
        assert "of its articles stand on the partner's domains" in words(home_desk)


def test_a_home_page_that_became_another_sites_is_not_searched(
    home_desk: Desk, site: PartnerSite, stranger: PartnerSite
) -> None:
    async def lead_away(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(stranger.server.base_url.replace("127.0.0.1", "localhost"))

    site.server.handlers["/"] = lead_away
    stranger.home(FEED_LINK.format("/feed"))
    stranger.feed("/feed", 66)
    home_desk.poll()
    assert "not on the partner's domains" in words(home_desk)
    assert set(stranger.asked()) == {"/"}
