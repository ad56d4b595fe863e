"""full_text: article, from the partner's server to the published feed: whose text it is, and what leave there is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from article_site import LONG, ArticleSite, desk_of, has_whole_text, path, texts
from desk import FULL_TERMS, NOW


@pytest.fixture
def site(article_site: ArticleSite) -> ArticleSite:
    return article_site


def test_teasers_are_published_with_the_text_of_their_pages(site: ArticleSite, tmp_path: Path) -> None:
    site.page(1)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    (one,) = desk.items()
    assert "Naskah utuh nomor 1" in one["content_html"]
    assert "Menu" not in one["content_html"]
    assert "a.example" in one["content_html"]  # the credit
    assert one["image"] == f"http://www.a.example:{site.port}/foto/1.jpg"
    assert desk.reports[0].problem == ""


def test_what_robots_forbids_is_never_asked_for(site: ArticleSite, tmp_path: Path) -> None:
    async def robots(_: web.Request) -> web.Response:
        return web.Response(text="User-agent: *\nDisallow: /berita/\n")

    site.server.handlers["/robots.txt"] = robots
    site.page(1)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    (one,) = desk.items()
    assert "Cuplikan 1" in one["content_html"]
    assert any("robots.txt" in note for note in desk.reports[0].notes)
    site.touch()
    desk.poll()
    assert site.asked(1) == 0
    assert not desk.reports[0].notes  # settled: said once


@pytest.mark.parametrize(
    "terms", [{"content": "excerpt"}, {"content": "headline"}, {"valid_until": "2025-01-01"}]
)
def test_without_leave_for_full_texts_no_page_is_asked_for(
    site: ArticleSite, tmp_path: Path, terms: dict[str, Any]
) -> None:
    site.page(1)
    site.feed([1])
    desk = desk_of(site.server, tmp_path, FULL_TERMS | terms)
    desk.poll()
    assert site.asked(1) == 0
    assert desk.reports[0].new == 1


def test_pages_of_other_hosts_are_not_asked_for(site: ArticleSite, tmp_path: Path) -> None:
    site.page(1)
    site.feed([1], host="www.other.example")
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    assert site.asked(1) == 0
    assert any("not among the domains of a" in note for note in desk.reports[0].notes)
    assert "Cuplikan 1" in desk.items()[0]["content_html"]


def test_a_plain_sitemap_brings_whole_articles(site: ArticleSite, tmp_path: Path) -> None:
    """Its entries have no titles; what is no article of them is asked for once and never published."""
    site.page(1)
    site.page(2)
    changed_at = (NOW - timedelta(hours=2)).isoformat()

    async def section(_: web.Request) -> web.Response:
        return web.Response(
            text="<html><body><a href='/x'>Satu</a> <a href='/y'>Dua</a></body></html>",
            content_type="text/html",
        )

    site.server.handlers["/hukum/daftar"] = section
    addresses = [site.url(1), site.url(2), f"http://www.a.example:{site.port}/hukum/daftar"]
    site.sitemap(addresses, changed_at)
    desk = desk_of(site.server, tmp_path, at="/sitemap.xml")
    desk.poll()
    assert sorted(desk.titles()) == ["Jembatan nomor 1 dibuka", "Jembatan nomor 2 dibuka"]
    assert all("Naskah utuh" in one["content_html"] for one in desk.items())
    site.touch("/sitemap.xml")
    desk.poll()
    assert (site.asked(1), site.asked(2), site.server.requests["/hukum/daftar"]) == (1, 1, 1)
    assert len(desk.items()) == 2


@pytest.mark.parametrize(
    "location", ["/berita/0000002/jembatan", "/berita/jembatan-dua-dibuka"], ids=["number", "no number"]
)
def test_another_article_s_text_never_stands_under_this_headline(
    site: ArticleSite, tmp_path: Path, location: str
) -> None:
    site.page(2)
    site.server.handlers["/berita/jembatan-dua-dibuka"] = site.server.handlers[path(2)]
    site.page(1, location=location)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    assert "Cuplikan 1" in texts(desk)["Jembatan nomor 1 dibuka"]
    assert any("another article" in note for note in desk.reports[0].notes)


@pytest.mark.parametrize(
    "location",
    ["/berita/0000001/jembatan-dibuka-bupati", "/berita/jembatan-dibuka"],
    ids=["another slug", "an address without a number"],
)
def test_an_article_that_moved_is_read_where_it_stands_now(
    site: ArticleSite, tmp_path: Path, location: str
) -> None:
    site.page(1)
    site.server.handlers[location] = site.server.handlers[path(1)]
    site.page(1, location=location)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    assert has_whole_text(desk, 1)


def test_a_wrong_date_in_the_page_costs_no_story(site: ArticleSite, tmp_path: Path) -> None:
    """Templates state the date of somebody's sample; a text tells of another day."""
    sample = '{"@type": "NewsArticle", "datePublished": "2015-02-05T08:00:00+08:00"}'
    site.page(1, head=f'<script type="application/ld+json">{sample}</script>')
    site.page(2, "Warga menunggu sejak 12 Mei 2020 10.00 WIB. " + LONG * 4)
    site.feed([1, 2])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    published = [one["date_published"] for one in desk.items()]
    assert [moment[:10] for moment in published] == ["2026-11-23", "2026-11-23"]
