"""The live partners on a real socket, and the whole chain polling them, with a clock that is a value."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from aggregator import jobs
from aggregator.app import open_app
from aggregator.demo.newsroom import ID, PR, PROGRAMME, STEP, newsroom_at
from aggregator.demo.partners import DOMAINS, Article
from aggregator.demo.play import LIVE_INTERVAL, demo_config
from aggregator.demo.sites import PATHS, live_partners, serve_partners

STARTED_AT = datetime(2026, 11, 23, 6, 0, 0, 250_000, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = STARTED_AT

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("partner", [PR, ID])
async def test_feeds_are_answered_conditionally(partner: str) -> None:
    clock = Clock()
    async with serve_partners(clock) as base_url, aiohttp.ClientSession() as client:

        async def get(**headers: str) -> tuple[int, bytes, str, str]:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            async with client.get(base_url + PATHS[partner], headers=named) as answer:
                assert answer.status == 304 or answer.content_type == "application/rss+xml"
                body = await answer.read()
                return answer.status, body, answer.headers["ETag"], answer.headers["Last-Modified"]

        status, body, etag, modified = await get()
        assert (status, modified) == (200, "Mon, 23 Nov 2026 06:00:00 GMT")
        clock.now += STEP - timedelta(seconds=1)
        assert await get(If_None_Match=etag) == (304, b"", etag, modified)
        assert await get(If_Modified_Since=modified) == (304, b"", etag, modified)
        assert (await get())[1] == body
        clock.now += 2 * STEP  # by now either partner has published an article
        status, news, *_ = await get(If_None_Match=etag, If_Modified_Since=modified)
        assert status == 200
        assert news != body
        assert (await get(If_Modified_Since=modified))[0] == 200
        assert (await get(If_None_Match='"other"', If_Modified_Since="Mon, 23 Nov 2099 06:00:00 GMT"))[
            0
        ] == 200


async def test_the_live_partners_go_by_the_clock_of_the_machine() -> None:
    async with live_partners() as base_url, aiohttp.ClientSession(base_url) as client:
        for path in PATHS.values():
            async with client.get(path) as answer:
                assert answer.status == 200
                assert f"{datetime.now(UTC):%Y}" in answer.headers["Last-Modified"]


def test_the_live_configuration_has_every_topic_and_short_intervals() -> None:
    live, once = demo_config("http://127.0.0.1:1", live=True), demo_config("http://127.0.0.1:1")
    assert [source.every for source in live.sources] == [LIVE_INTERVAL] * 2
    assert [source.every for source in once.sources] == [timedelta(minutes=1)] * 2
    assert (len(live.topics), len(once.topics)) == (10, 5)
    assert {source.url for source in live.sources} == {f"http://127.0.0.1:1{path}" for path in PATHS.values()}


@pytest.mark.parametrize(
    "every_s", [pytest.param(5, marks=pytest.mark.slow), 28, pytest.param(60, marks=pytest.mark.slow)]
)
async def test_the_chain_keeps_up_with_the_live_partners(tmp_path: Path, every_s: int) -> None:
    """Polled every few seconds or once a minute: nothing lost, nothing twice, corrections under the same id."""
    clock, views = Clock(), []
    interval, end_at = timedelta(seconds=every_s), STARTED_AT + 5 * len(PROGRAMME) * STEP
    async with serve_partners(clock) as base_url:
        config = demo_config(base_url, live=True)
        async with open_app(config, f"sqlite:///{tmp_path}/demo.db", tmp_path / "public", clock) as app:
            while clock.now <= end_at:
                reports = await jobs.poll(app, [source.id for source in config.sources])
                assert [report.problem for report in reports] == ["", ""]
                assert (await jobs.publish(app)).problems == ()
                views.append((clock.now, items(tmp_path)))
                clock.now += interval
    _check_what_was_published(views)


def items(folder: Path) -> dict[str, dict[str, Any]]:
    """The combined output's items by their address, which must be different ones."""
    found = json.loads((folder / "public/feeds/all.json").read_bytes())["items"]
    by_url = {item["url"]: item for item in found}
    assert len(by_url) == len(found)
    return by_url


def _check_what_was_published(views: list[tuple[datetime, dict[str, dict[str, Any]]]]) -> None:
    corrected = 0
    shown_before: dict[str, dict[str, Any]] = {}
    for now, shown in views:
        assert shown.keys() == originals_until(now)
        for article in current(now):
            item = shown[article.url]
            assert item["title"] == article.title
            assert datetime.fromisoformat(item["date_published"]) == article.published_at
            if (before := shown_before.get(article.url)) is None:
                continue
            assert (item["id"], item["date_published"]) == (before["id"], before["date_published"])
            if item["content_html"] != before["content_html"]:
                corrected += 1
                assert item["date_modified"] > before["date_modified"]
        shown_before = shown
    assert len({item["id"] for item in shown_before.values()}) == len(shown_before) > 35
    assert corrected >= 2


def originals_until(now: datetime) -> set[str]:
    """The addresses of what must be published by then: everything that is neither paid nor a copy."""
    ends = (STARTED_AT + number * len(PROGRAMME) * STEP for number in range(6))
    return {article.url for at in (*ends, now) if at <= now for article in current(at)}


def current(now: datetime) -> list[Article]:
    """The originals in both feeds."""
    fronts = newsroom_at(STARTED_AT, now).values()
    return [article for front in fronts for article in front.articles if is_original(article)]


def is_original(article: Article) -> bool:
    return "Advertorial" not in article.categories and not any(
        f"telah tayang di {domain}" in article.html for domain in DOMAINS.values()
    )
