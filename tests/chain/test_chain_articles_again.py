"""full_text: article: which pages are asked for in a visit, in which order, and when they are asked for again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from article_site import LONG, ArticleSite, desk_of, has_whole_text, path
from desk import NOW, Desk

from aggregator import asking

pytestmark = pytest.mark.slow


@pytest.fixture
def site(article_site: ArticleSite) -> ArticleSite:
    return article_site


def test_what_the_feed_gave_before_is_not_asked_for_again(site: ArticleSite, tmp_path: Path) -> None:
    site.page(1)
    site.page(2)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    (before,) = desk.items()
    site.feed([1, 2])
    desk.poll()
    assert (site.asked(1), site.asked(2)) == (1, 1)
    assert desk.reports[0].entries == 2
    assert next(one for one in desk.items() if one["id"] == before["id"]) == before
    assert len(desk.items()) == 2


def test_a_corrected_article_is_read_once_more_and_moves_updated_once(
    site: ArticleSite, tmp_path: Path
) -> None:
    site.page(1)
    site.page(2)
    site.feed([1, 2])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    before = {one["title"]: one for one in desk.items()}
    site.page(1, "Naskah yang dikoreksi. " + LONG * 4)
    site.feed([1], updated=(NOW - timedelta(minutes=5)).isoformat())
    desk.poll()
    corrected = next(one for one in desk.items() if "nomor 1" in one["title"])
    assert "Naskah yang dikoreksi" in corrected["content_html"]
    assert corrected["date_modified"] > before[corrected["title"]]["date_modified"]
    assert (site.asked(1), site.asked(2)) == (2, 1)
    site.touch()
    desk.poll()
    again = next(one for one in desk.items() if "nomor 1" in one["title"])
    assert again == corrected
    assert site.asked(1) == 2


def test_a_page_that_fails_is_asked_for_until_it_is_back(site: ArticleSite, tmp_path: Path) -> None:
    site.page(1, status=500)
    site.page(2)
    site.feed([1, 2])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    texts = {one["title"]: one["content_html"] for one in desk.items()}
    assert "Cuplikan 1" in texts["Jembatan nomor 1 dibuka"]
    assert "Naskah utuh nomor 2" in texts["Jembatan nomor 2 dibuka"]
    site.page(1)
    desk.poll()  # the feed itself is unchanged
    texts = {one["title"]: one["content_html"] for one in desk.items()}
    assert "Naskah utuh nomor 1" in texts["Jembatan nomor 1 dibuka"]
    assert (site.asked(1), site.asked(2)) == (2, 1)
    desk.poll()
    assert site.asked(1) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_asked_for_once(site: ArticleSite, tmp_path: Path, status: int) -> None:
    site.page(1, status=status)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    site.touch()
    desk.poll()
    assert site.asked(1) == 1
    assert "Cuplikan 1" in desk.items()[0]["content_html"]


def test_what_a_visit_has_no_time_for_is_read_by_the_next(
    site: ArticleSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PAGES_AT_ONCE", 2)
    for number in range(1, 6):
        site.page(number)
    site.feed(range(1, 6))
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    assert [site.asked(number) for number in range(1, 6)] == [1, 1, 0, 0, 0]  # the newest first
    desk.poll()
    desk.poll()
    assert [site.asked(number) for number in range(1, 6)] == [1, 1, 1, 1, 1]
    assert all("Naskah utuh" in one["content_html"] for one in desk.items())


@pytest.mark.parametrize("status", [500, 404])
def test_a_teaser_never_takes_the_place_of_a_text_that_was_read(
    site: ArticleSite, tmp_path: Path, status: int
) -> None:
    site.page(1)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    site.page(1, status=status)
    site.feed([1], updated=NOW.isoformat())
    site.server.bodies["/a"] = site.server.bodies["/a"].replace(b"nomor 1 dibuka", b"nomor satu dibuka")
    desk.poll()
    (one,) = desk.items()
    assert one["title"] == "Jembatan nomor satu dibuka"
    assert "Naskah utuh nomor 1" in one["content_html"]
    site.page(1, "Naskah yang diralat. " + LONG * 4)
    asked = site.asked(1)
    desk.poll()
    assert site.asked(1) - asked == (status == 500)
    assert ("diralat" in desk.items()[0]["content_html"]) is (status == 500)


def test_a_text_that_was_read_outlasts_any_number_of_failures(site: ArticleSite, tmp_path: Path) -> None:
    site.page(1)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    (before,) = desk.items()
    site.page(1, status=500)
    site.feed([1], updated=(NOW - timedelta(minutes=5)).isoformat())
    for _ in range(4):
        desk.poll()
        assert desk.items() == [before]
        assert desk.reports[0].revised == 0
    site.page(1, "Naskah yang diralat. " + LONG * 4)
    desk.poll()
    assert "diralat" in desk.items()[0]["content_html"]


def test_one_page_that_hangs_keeps_no_other_waiting(
    site: ArticleSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PAGE_WITHIN_S", 1.0)
    site.page(1, after_s=3)
    for number in (2, 3):
        site.page(number)
    site.feed([1, 2, 3])
    desk = desk_of(site.server, tmp_path)
    desk.raw["fetch"]["deadline"] = "20s"
    desk.poll()
    assert (has_whole_text(desk, 2), has_whole_text(desk, 3)) == (True, True)
    assert any("within 1 s, which is a fixed limit" in note for note in desk.reports[0].notes)


def test_pages_that_failed_wait_behind_the_others(site: ArticleSite, tmp_path: Path) -> None:
    for number in range(1, 6):
        site.page(number, status=500)
    for number in range(6, 10):
        site.page(number)
    site.feed(range(1, 10))
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    assert [site.asked(number) for number in range(1, 10)] == [1] * 5 + [0] * 4
    desk.poll()
    assert all(has_whole_text(desk, number) for number in range(6, 10))
    assert [site.asked(number) for number in range(1, 10)] == [2] * 5 + [1] * 4


@pytest.mark.parametrize("status", [429, 503])
def test_a_partner_that_asks_for_peace_is_left_alone(site: ArticleSite, tmp_path: Path, status: int) -> None:
    for number in range(1, 5):
        site.page(number, status=status)
    site.feed(range(1, 5))
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    assert sum(site.asked(number) for number in range(1, 5)) == 1
    for number in range(1, 5):
        site.page(number)
    desk.now += timedelta(minutes=5)  # after 429 without a word of how long, the whole host rests
    desk.poll()
    assert all(has_whole_text(desk, number) for number in range(1, 5))


def maintenance(site: ArticleSite, number: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            text="<html><title>Perbaikan</title><body><p>Situs sedang dalam perbaikan.</p></body></html>",
            content_type="text/html",
        )

    site.server.handlers[path(number)] = answer


def asked_after(site: ArticleSite, desk: Desk, *pauses_h: float) -> list[int]:
    """How often the first article's page was asked for in all, after a visit at the end of each pause."""
    asked = []
    for hours in pauses_h:
        desk.now += timedelta(hours=hours)
        desk.poll()
        asked.append(site.asked(1))
    return asked


@pytest.mark.parametrize("at", ["/a", "/sitemap.xml"])
@pytest.mark.parametrize("trouble", ["404", "maintenance"])
def test_a_moment_s_trouble_is_not_settled_for_good(
    site: ArticleSite, tmp_path: Path, trouble: str, at: str
) -> None:
    """What is refused is asked for again after 1 h, 6 h and 24 h; then it is believed."""
    if trouble == "404":
        site.page(1, status=404)
    else:
        maintenance(site, 1)
    site.feed([1])
    site.sitemap([site.url(1)], (NOW - timedelta(hours=2)).isoformat())
    desk = desk_of(site.server, tmp_path, at=at)
    assert asked_after(site, desk, 0, 0.5, 0.6, 5, 1.1, 22, 3, 48, 48) == [1, 1, 2, 2, 3, 3, 4, 4, 4]
    site.feed([1], updated=desk.now.isoformat())
    site.sitemap([site.url(1)], desk.now.isoformat())
    site.page(1)
    desk.now += timedelta(hours=1)
    desk.poll()
    assert has_whole_text(desk, 1)


def test_what_is_back_is_read_when_it_is_asked_for_again(site: ArticleSite, tmp_path: Path) -> None:
    maintenance(site, 1)
    site.feed([1])
    desk = desk_of(site.server, tmp_path)
    desk.poll()
    site.page(1)
    assert asked_after(site, desk, 0.5, 0.5, 1, 24) == [1, 2, 2, 2]
    assert has_whole_text(desk, 1)


def test_a_date_in_the_future_asks_for_nothing(site: ArticleSite, tmp_path: Path) -> None:
    """Local time written as UTC lies seven hours ahead, and reads as now at every visit."""
    site.page(1)
    site.feed([1], updated=(NOW + timedelta(hours=6)).isoformat())
    desk = desk_of(site.server, tmp_path)
    for _ in range(4):
        desk.poll()
        site.touch()
    assert site.asked(1) == 1


def test_dates_that_move_by_themselves_read_no_page_more_than_hourly(
    site: ArticleSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PAGES_AT_ONCE", 4)
    for number in range(1, 7):
        site.page(number)
    desk = desk_of(site.server, tmp_path)
    asked = []
    for minute in range(10):
        site.feed(range(1, 7), updated=(NOW - timedelta(minutes=30 - minute)).isoformat())
        desk.poll()
        asked.append([site.asked(number) for number in range(1, 7)])
    assert asked[0] == [1, 1, 1, 1, 0, 0]
    assert min(asked[1]) == 1  # what was never read comes first
    assert asked[-1] == [2] * 6
    assert all(has_whole_text(desk, number) for number in range(1, 7))
    desk.now += timedelta(hours=1)
    site.feed(range(1, 7), updated=NOW.isoformat())
    desk.poll()
    desk.poll()
    assert [site.asked(number) for number in range(1, 7)] == [3] * 6
