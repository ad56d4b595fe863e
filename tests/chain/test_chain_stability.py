"""What was published stays: a poll that brings nothing changes no byte and touches no file."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from desk import NOW, Desk, item, rss
from partner_server import PartnerServer

from aggregator import jobs
from aggregator.app import open_app

ITEMS = [
    item(number, category="Politik" if number % 2 else "Hukum", age=timedelta(minutes=number))
    for number in range(1, 9)
]


def with_new_build_date() -> bytes:
    return rss(*ITEMS, built_at=NOW + timedelta(hours=1))


def reversed_order() -> bytes:
    return rss(*reversed(ITEMS), built_at=NOW + timedelta(hours=2))


@pytest.mark.parametrize(
    "second", [rss(*ITEMS), with_new_build_date(), reversed_order()], ids=["same", "date", "reversed"]
)
def test_a_poll_that_brings_nothing_touches_no_file(desk: Desk, server: PartnerServer, second: bytes) -> None:
    server.bodies |= {"/a": rss(*ITEMS), "/b": rss(item(99, host="b.example"))}
    desk.poll()
    before = desk.files()
    server.bodies["/a"] = second
    report = desk.poll()
    assert report.files == ()
    assert desk.files() == before
    assert len(desk.titles()) == 9


def test_publishing_again_without_polling_touches_no_file(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(*ITEMS), "/b": rss()}
    desk.poll()
    before = desk.files()
    desk.publish()
    assert desk.files() == before


def test_a_correction_moves_updated_and_nothing_that_was_promised(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1, "Judul lama"), item(2)), "/b": rss()}
    desk.poll()
    old = {one["id"]: one for one in desk.items()}
    server.bodies["/a"] = rss(item(1, "Judul baru", "Isi yang sudah dikoreksi oleh redaksi."), item(2))
    desk.poll()
    new = {one["id"]: one for one in desk.items()}
    assert old.keys() == new.keys()
    (corrected,) = [one for one in new.values() if one["title"] == "Judul baru"]
    before = old[corrected["id"]]
    assert "dikoreksi oleh redaksi" in corrected["content_html"]
    assert (corrected["url"], corrected["date_published"]) == (before["url"], before["date_published"])
    assert corrected["date_modified"] > before["date_modified"]


def test_an_article_that_leaves_the_partners_window_stays_published(
    desk: Desk, server: PartnerServer
) -> None:
    server.bodies |= {"/a": rss(item(1), item(2)), "/b": rss()}
    desk.poll()
    before = desk.titles()
    server.bodies["/a"] = rss(item(3))
    desk.poll()
    assert set(before) < set(desk.titles())


def test_a_lost_or_damaged_file_is_restored_from_the_database(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(*ITEMS), "/b": rss()}
    desk.poll()
    before = {name: content for name, (content, _) in desk.files().items()}
    (desk.public / "feeds/all.rss").write_bytes(b"half a docu")
    (desk.public / "feeds/all.json.gz").unlink()
    desk.publish()
    assert {name: content for name, (content, _) in desk.files().items()} == before


def test_newest_publication_stands_first_and_limit_holds(desk: Desk, server: PartnerServer) -> None:
    desk.raw["outputs"]["defaults"] = {"limit": 3}
    server.bodies |= {"/a": rss(item(1, "satu"), item(2, "dua")), "/b": rss()}
    desk.poll()
    server.bodies["/a"] = rss(
        item(3, "tiga", age=timedelta(hours=5)), item(4, "empat", age=timedelta(hours=6))
    )
    desk.poll()
    assert desk.titles()[:2] == ["tiga", "empat"]
    assert len(desk.titles()) == 3


def test_stories_leave_after_max_age_without_any_poll(desk: Desk, server: PartnerServer) -> None:
    desk.raw["outputs"]["defaults"] = {"max_age": "2h"}
    server.bodies |= {"/a": rss(item(1, "satu")), "/b": rss()}
    desk.poll()
    assert desk.titles() == ["satu"]
    desk.now += timedelta(hours=3)
    desk.publish()
    assert desk.titles() == []


def test_a_new_sources_backlog_is_not_published(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1, "baru"), item(2, "lama", age=timedelta(days=3))), "/b": rss()}
    desk.poll()
    assert desk.titles() == ["baru"]
    late = item(3, "lama juga", age=timedelta(days=3))
    server.bodies["/a"] = rss(item(2, "lama", age=timedelta(days=3)), late)
    desk.poll()
    assert desk.titles() == ["baru"]
    desk.now += timedelta(days=4)
    server.bodies["/a"] = rss(item(4, "susulan", age=timedelta(days=-1)))
    desk.poll()
    assert desk.titles() == ["susulan", "baru"]


def test_a_topic_taken_out_of_the_file_takes_its_documents_along(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(*ITEMS), "/b": rss()}
    desk.poll()
    assert (desk.public / "feeds/topics/hukum.rss").exists()
    desk.raw["topics"] = desk.raw["topics"][:1]
    report = desk.publish()
    assert "feeds/topics/hukum.rss" in report.removed
    assert not list(desk.public.rglob("hukum.*"))


def test_a_topic_that_comes_back_has_its_documents_again(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1)), "/b": rss()}
    topics = desk.raw["topics"]
    desk.poll()
    desk.raw["topics"] = topics[:1]
    desk.publish()
    desk.raw["topics"] = topics
    desk.publish()
    assert desk.titles("topics/hukum") == []
    assert (desk.public / "feeds/topics/hukum.atom.br").exists()


def test_a_source_at_another_address_is_not_asked_with_the_old_validators(
    desk: Desk, server: PartnerServer
) -> None:
    async def old(request: web.Request) -> web.StreamResponse:
        return web.Response(
            body=rss(item(1, "lama")), headers={"Last-Modified": "Mon, 23 Nov 2026 05:00:00 GMT"}
        )

    async def new(request: web.Request) -> web.StreamResponse:
        assert "If-Modified-Since" not in request.headers
        return web.Response(body=rss(item(2, "pindah"), item(3, "arsip", age=timedelta(days=30))))

    server.handlers |= {"/a": old, "/baru": new}
    server.bodies["/b"] = rss()
    desk.poll()
    desk.raw["sources"][0]["url"] = server.url("/baru")
    desk.poll()
    assert desk.titles() == ["pindah", "lama"]


def test_an_older_answer_that_arrives_late_does_not_undo_a_newer_one(
    desk: Desk, server: PartnerServer
) -> None:
    first_asked, newer_stored = threading.Event(), threading.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        if not first_asked.is_set():
            first_asked.set()
            await asyncio.to_thread(newer_stored.wait, 20)
            return web.Response(body=rss(item(1, "salah")), headers={"ETag": '"v1"'})
        return web.Response(body=rss(item(1, "benar")), headers={"ETag": '"v2"'})

    server.handlers["/a"] = answer
    server.bodies["/b"] = rss()
    desk.raw["fetch"]["deadline"] = "30s"
    late = replace(desk)
    with ThreadPoolExecutor(1) as thread:
        slow = thread.submit(late.poll, "a")
        assert first_asked.wait(20)
        desk.now += timedelta(minutes=1)
        desk.poll("a")
        newer_stored.set()
        slow.result()
    assert desk.titles() == ["benar"]
    assert desk.status().sources[0].state == "well"


def test_an_answer_that_arrives_after_an_edit_is_not_the_new_sources(
    desk: Desk, server: PartnerServer
) -> None:
    """The source moved to another partner and address while its old address was still answering."""
    asked, edited = threading.Event(), threading.Event()

    async def old(request: web.Request) -> web.StreamResponse:
        asked.set()
        await asyncio.to_thread(edited.wait, 20)
        return web.Response(body=rss(item(1, "lama")), headers={"ETag": '"v1"'})

    server.handlers["/a"] = old
    server.bodies |= {"/b": rss(), "/baru": rss(item(2, "baru", host="b.example"))}
    desk.raw["fetch"]["deadline"] = "30s"
    late = replace(desk)
    late.raw = deepcopy(desk.raw)
    with ThreadPoolExecutor(1) as thread:
        slow = thread.submit(late.poll, "a")
        assert asked.wait(20)
        desk.raw["sources"][0] |= {"partner": "b", "url": server.url("/baru")}
        # No poll: the edit alone must be enough, as when the service takes it up.
        sync(desk)
        edited.set()
        slow.result()
    desk.poll("a")
    assert desk.titles() == ["baru"]


def sync(desk: Desk) -> None:
    async def run() -> None:
        async with open_app(desk.config, desk.database, desk.public, lambda: desk.now) as app:
            await jobs.sync_sources(app)

    asyncio.run(run())


def test_a_clock_that_is_set_back_stops_nothing(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1, "lama")), "/b": rss()}
    desk.poll()
    modified = [desk.items()[0]["date_modified"]]
    for hour in (1, 2):
        desk.now -= timedelta(hours=1)
        server.bodies["/a"] = rss(item(1, f"dikoreksi {hour} kali", "Isi baru."), item(2, "baru"))
        desk.poll()
        assert sorted(desk.titles()) == ["baru", f"dikoreksi {hour} kali"]
        modified += [one["date_modified"] for one in desk.items() if one["title"] != "baru"]
    assert modified == sorted(set(modified)), "each correction is newer than what it corrects"
    assert desk.status().sources[0].state == "well"


def test_a_changed_rule_sorts_published_stories_anew_and_moves_no_date(
    desk: Desk, server: PartnerServer
) -> None:
    server.bodies |= {"/a": rss(item(1, "satu", category="Dewan Kita")), "/b": rss()}
    desk.poll()
    before = desk.items()[0]
    assert desk.titles("topics/politik") == []
    desk.raw["topics"][0]["categories"].append("dewan kita")
    desk.publish()
    assert desk.titles("topics/politik") == ["satu"]
    assert desk.items()[0]["date_modified"] == before["date_modified"]
