"""Sources whose address is a home page, a sitemap index, a sitemap: how they are found, kept, and found anew."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from desk import NOW, Desk, item, raw_config, rss
from partner_site import FEED_LINK, PartnerSite, article_url, source_state, way, words
from typer.testing import CliRunner

from aggregator.app import utc_now
from aggregator.cli import app

HOUR = timedelta(hours=1)


# --- found ---


def test_the_feed_that_a_home_page_declares_is_read_and_remembered(
    home_desk: Desk, site: PartnerSite
) -> None:
    site.home(
        FEED_LINK.format("/comments/feed/")
        + FEED_LINK.format("/category/olahraga/feed/")
        + FEED_LINK.format("/warta.xml")
        + "<!-- " + FEED_LINK.format("/lama.xml") + "-->"
    )  # fmt: skip
    site.feed("/comments/feed/", 8)
    site.feed("/category/olahraga/feed/", 9)
    site.feed("/warta.xml", 1, 2)
    home_desk.poll()
    assert way(home_desk) == ("feed", "/warta.xml")
    assert len(home_desk.items()) == 2
    assert site.asked() == {"/": 1, "/robots.txt": 1, "/warta.xml": 1}  # a fresh feed is enough
    home_desk.poll()
    assert site.asked() == {"/warta.xml": 1}
    assert home_desk.reports[0].outcome == "unchanged"


@pytest.mark.parametrize(
    "path", ["/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/rss/feed.xml", "/index.xml"]
)
def test_usual_addresses_are_guessed(home_desk: Desk, site: PartnerSite, path: str) -> None:
    site.home()
    site.feed(path, 1)
    home_desk.poll()
    assert way(home_desk) == ("feed", path)
    assert site.asked()["/"] == 1


@pytest.mark.parametrize("packed", [False, True])
def test_the_sitemap_named_in_robots_txt_leads_to_the_news(
    home_desk: Desk, site: PartnerSite, packed: bool
) -> None:
    site.home(body="<a href='/tentang'>Tentang</a>")
    site.robots(f"User-agent: *\nDisallow: /admin\nSitemap: {site.server.url('/peta/indeks.xml')}\n")
    name = "/peta/news.xml.gz" if packed else "/peta/news.xml"
    site.index("/peta/indeks.xml", ("/peta/images.xml", NOW), ("/peta/post-2.xml", NOW), (name, NOW - HOUR))
    site.news(name, 1, 2, 3, packed=packed)
    home_desk.poll()
    assert way(home_desk) == ("sitemap", name)
    assert sorted(home_desk.titles()) == [f"Berita nomor {n} tentang hal {n * 7919}" for n in (1, 2, 3)]
    asked = site.asked()
    assert sum(asked.values()) <= 17  # the page, robots.txt and at most fifteen more
    assert "/peta/images.xml" not in asked
    home_desk.poll()
    assert site.asked() == {name: 1}


def test_a_feed_that_ended_months_ago_yields_to_a_sitemap_of_today(
    home_desk: Desk, site: PartnerSite
) -> None:
    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 1, age=timedelta(days=200))
    site.news("/sitemap-news.xml", 2)
    home_desk.poll()
    assert way(home_desk) == ("sitemap", "/sitemap-news.xml")


def test_a_section_or_comments_are_no_way_while_there_is_another(home_desk: Desk, site: PartnerSite) -> None:
    site.home(FEED_LINK.format("/kategori/bola/feed/") + FEED_LINK.format("/comments/feed/"))
    site.feed("/comments/feed/", 9)
    site.feed("/kategori/bola/feed/", 1)
    site.news("/sitemap_news.xml", 1, 2)
    home_desk.poll()
    assert way(home_desk) == ("sitemap", "/sitemap_news.xml")
    site.remove("/sitemap_news.xml")
    home_desk.now += timedelta(hours=6)
    home_desk.poll()
    assert way(home_desk) == ("feed", "/kategori/bola/feed/")


def test_an_old_feed_is_better_than_none(home_desk: Desk, site: PartnerSite) -> None:
    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 1, age=timedelta(days=200))
    home_desk.poll()
    assert way(home_desk) == ("feed", "/feed/")


def test_a_page_under_kind_auto_may_be_a_feed(home_desk: Desk, site: PartnerSite) -> None:
    site.feed("/", 1)
    home_desk.poll()
    assert way(home_desk) == ("", "")
    home_desk.poll()
    assert site.asked() == {"/": 2}


# --- indexes ---


def test_rotating_sitemaps_of_an_index_are_chosen_anew(home_desk: Desk, site: PartnerSite) -> None:
    home_desk.raw["sources"][0] |= {"url": site.server.url("/sitemap.xml"), "kind": "sitemap"}
    days = [NOW - timedelta(days=back, minutes=7) for back in range(5)]
    names = {day: f"/sitemap/{day:%Y/%m/%d}.xml" for day in days}
    for number, day in enumerate(reversed(days), 1):
        site.news(names[day], number)
    site.index("/sitemap.xml", *((names[day], day) for day in days[1:]))
    home_desk.poll()
    assert way(home_desk) == ("index", "/sitemap.xml")
    assert len(home_desk.items()) == 3
    assert site.asked() == {"/sitemap.xml": 1, "/robots.txt": 1, **{names[day]: 1 for day in days[1:4]}}
    home_desk.poll()
    assert site.asked() == {"/sitemap.xml": 1}  # it says when its sitemaps changed
    site.index("/sitemap.xml", *((names[day], day) for day in days))
    home_desk.poll()
    assert names[days[0]] in site.asked()
    assert len(home_desk.items()) == 4


def test_an_index_that_does_not_say_when_is_looked_through_each_time(
    home_desk: Desk, site: PartnerSite
) -> None:
    home_desk.raw["sources"][0]["url"] = site.server.url("/sitemap.xml")
    site.index(
        "/sitemap.xml",
        ("/post-sitemap1.xml", None),
        ("/post-sitemap12.xml", None),
        ("/tag-sitemap.xml", None),
    )
    site.news("/post-sitemap1.xml", 1)
    site.news("/post-sitemap12.xml", 2)
    home_desk.poll()
    assert sorted(home_desk.titles())[1].startswith("Berita nomor 2")
    site.news("/post-sitemap12.xml", 2, 3)
    home_desk.poll()
    assert len(home_desk.items()) == 3
    assert "/tag-sitemap.xml" not in site.asked()


def test_one_dead_sitemap_does_not_take_the_others_away(home_desk: Desk, site: PartnerSite) -> None:
    home_desk.raw["sources"][0]["url"] = site.server.url("/sitemap.xml")
    site.index("/sitemap.xml", ("/2026-11.xml", NOW), ("/2026-10.xml", NOW - HOUR))
    site.news("/2026-10.xml", 1)
    home_desk.poll()
    assert len(home_desk.items()) == 1
    assert any("/2026-11.xml: answered 404" in note for note in source_state(home_desk).notes)


# --- death ---


def test_a_way_that_is_gone_is_replaced_and_no_story_is_lost_or_doubled(
    home_desk: Desk, site: PartnerSite
) -> None:
    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 1, 2)
    home_desk.poll()
    before = {one["url"]: one["id"] for one in home_desk.items()}
    site.remove("/feed/")
    site.home()
    site.news("/sitemap-news.xml", 1, 2, 3)
    home_desk.now += timedelta(hours=7)
    home_desk.poll()
    assert way(home_desk) == ("sitemap", "/sitemap-news.xml")
    after = {one["url"]: one["id"] for one in home_desk.items()}
    assert len(after) == 3
    assert before.items() <= after.items()
    assert any("no longer serves" in note for note in source_state(home_desk).notes)
    home_desk.poll()
    assert home_desk.reports[0].outcome == "unchanged"


@pytest.mark.parametrize("wreck", ["page", "error"])
def test_a_way_that_fails_is_given_three_visits(home_desk: Desk, site: PartnerSite, wreck: str) -> None:
    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 1)
    home_desk.poll()

    async def fail(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    if wreck == "page":
        site.home(path="/feed/")
    else:
        site.server.handlers["/feed/"] = fail
    site.home(FEED_LINK.format("/baru.xml"))
    site.feed("/baru.xml", 1, 2)
    home_desk.now += timedelta(hours=7)
    for failures in (1, 2):
        home_desk.poll()
        assert way(home_desk) == ("feed", "/feed/")
        assert source_state(home_desk).failures_in_a_row == failures
    home_desk.poll()
    assert way(home_desk) == ("feed", "/baru.xml")
    assert source_state(home_desk).failures_in_a_row == 0
    assert len(home_desk.items()) == 2


def test_when_the_whole_site_is_down_nothing_is_sought(home_desk: Desk, site: PartnerSite) -> None:
    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 1)
    home_desk.poll()

    async def fail(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    site.server.handlers = {"/": fail, "/feed/": fail, "/robots.txt": fail}
    home_desk.now += timedelta(hours=7)
    for _ in range(5):
        site.asked()
        home_desk.poll()
    assert site.asked() == {"/feed/": 1, "/": 1}
    site.feed("/feed/", 1, 2)
    home_desk.poll()
    assert len(home_desk.items()) == 2
    assert way(home_desk) == ("feed", "/feed/")


def test_kind_feed_reads_the_address_as_it_is(home_desk: Desk, site: PartnerSite) -> None:
    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 1)
    home_desk.poll()
    home_desk.raw["sources"][0]["kind"] = "feed"
    home_desk.poll()
    assert words(home_desk).startswith("trouble: ") and "HTML page" in words(home_desk)
    assert "/feed/" not in words(home_desk)


def test_a_feed_that_turned_into_a_page_is_trouble_not_a_home_page(
    home_desk: Desk, site: PartnerSite
) -> None:
    site.feed("/", 1)
    home_desk.poll()
    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 2)
    for _ in range(4):
        home_desk.poll()
    assert "HTML page" in words(home_desk)
    assert way(home_desk) == ("", "")
    home_desk.raw["sources"][0]["kind"] = "page"
    home_desk.poll()
    assert way(home_desk) == ("feed", "/feed/")


def test_a_sitemap_is_given_up_for_a_feed_after_a_week(home_desk: Desk, site: PartnerSite) -> None:
    site.home()
    site.news("/sitemap-news.xml", 1)
    home_desk.poll()
    site.feed("/feed/", 1, 2, age=-timedelta(days=7))
    home_desk.now += timedelta(days=6)
    home_desk.poll()
    assert way(home_desk)[0] == "sitemap"
    home_desk.now += timedelta(days=1)
    home_desk.poll()
    assert way(home_desk) == ("feed", "/feed/")


def test_a_feed_that_fell_silent_is_given_up_for_a_sitemap_that_did_not(
    home_desk: Desk, site: PartnerSite
) -> None:
    site.home(FEED_LINK.format("/feed/"))
    site.feed("/feed/", 1)
    home_desk.poll()
    site.news("/sitemap-news.xml", 2, at=NOW + timedelta(days=8))
    home_desk.now += timedelta(days=8)
    home_desk.poll()
    assert way(home_desk) == ("sitemap", "/sitemap-news.xml")


def test_looking_again_in_vain_is_remembered(home_desk: Desk, site: PartnerSite) -> None:
    site.home()
    site.news("/sitemap-news.xml", 1)
    home_desk.poll()
    home_desk.now += timedelta(days=8)
    home_desk.poll()
    assert way(home_desk) == ("sitemap", "/sitemap-news.xml")
    site.asked()
    home_desk.poll()
    assert site.asked() == {"/sitemap-news.xml": 1}


# --- the three addresses of one partner ---


@pytest.mark.slow
def test_a_home_page_an_index_and_a_feed_bring_the_same_stories_once(
    site: PartnerSite, tmp_path: Path
) -> None:
    numbers = range(1, 13)
    now = utc_now()  # commands read the real clock
    feed = rss(*(item(number, age=NOW - now + HOUR) for number in numbers))
    site.home(FEED_LINK.format("/warta/rss"))
    site.put("/warta/rss", feed, "application/rss+xml")
    site.put("/feed", feed, "text/xml")
    site.index("/sitemap.xml", ("/sitemap-tags.xml", now), ("/sitemap-news.xml", now))
    site.news("/sitemap-news.xml", *numbers, at=now - HOUR)
    raw = raw_config({"a": site.server.url("/")})
    raw["sources"] += [
        {"id": "index", "partner": "a", "url": site.server.url("/sitemap.xml"), "every": "15m"},
        {"id": "feed", "partner": "a", "url": site.server.url("/feed"), "every": "15m"},
    ]
    (tmp_path / "feeds.yaml").write_text(yaml.safe_dump(raw, sort_keys=False))
    places = {
        "AGGREGATOR_CONFIG": str(tmp_path / "feeds.yaml"),
        "AGGREGATOR_DATABASE": f"sqlite:///{tmp_path / 'desk.db'}",
        "AGGREGATOR_PUBLIC": str(tmp_path / "public"),
    }
    polled = CliRunner(env=places).invoke(app, ["poll", "--all"])
    assert polled.exit_code == 0, polled.output
    for source in ("a", "index", "feed"):
        assert f"{source}: 12 entries" in polled.output
    items = json.loads((tmp_path / "public/feeds/all.json").read_bytes())["items"]
    assert sorted(one["url"] for one in items) == sorted(map(article_url, numbers))
    status = CliRunner(env=places).invoke(app, ["status"]).output
    assert f"read by the feed {site.server.url('/warta/rss')}, found {now:%d %b}" in " ".join(status.split())
    assert f"read by the sitemap {site.server.url('/sitemap-news.xml')}" in " ".join(status.split())
    again = CliRunner(env=places).invoke(app, ["poll", "--all"]).output
    assert all(f"\n{source}: unchanged" in again for source in ("a", "index", "feed"))
