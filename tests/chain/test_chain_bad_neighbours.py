"""One bad feed never stops the rest, and status says in words what is wrong with it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from desk import Desk, item, raw_config, rss
from partner_server import PartnerServer

from aggregator.editorial.decide import Poll, decide
from aggregator.editorial.fit import fit_to_print
from aggregator.engine.pool import WorkerPool
from aggregator.model.story import Story
from aggregator.reading import safe_bodies

pytestmark = pytest.mark.slow

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
    b'<rss version="2.0"><channel><title>&d;</title><item><title>&d;</title></item></channel></rss>'
)


async def error_500(request: web.Request) -> web.StreamResponse:
    return web.Response(status=500, text="kesalahan server")


async def hang(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(20)
    return web.Response(text="terlambat")


async def html_page(request: web.Request) -> web.StreamResponse:
    return web.Response(
        text="<!doctype html><title>Beranda</title><h1>Selamat datang</h1>", content_type="text/html"
    )


async def hundred_megabytes(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/rss+xml"})
    await response.prepare(request)
    for _ in range(100):
        await response.write(b" " * 1_000_000)
    return response


async def billion_laughs(request: web.Request) -> web.StreamResponse:
    return web.Response(body=LAUGHS, content_type="application/rss+xml")


async def newlines_before_the_root(request: web.Request) -> web.StreamResponse:
    return web.Response(
        body=b"<?xml version='1.0'?>" + b"\n" * 80_000 + rss(item(5))[38:], content_type="text/xml"
    )


async def empty(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"", content_type="application/rss+xml")


BAD: dict[str, tuple[Callable[[web.Request], Awaitable[web.StreamResponse]], str]] = {
    "error": (error_500, r"500.*server has an error|server.*500"),
    "hangs": (hang, r"within 2 ?s|fetch\.deadline"),
    "html": (html_page, r"HTML page.*Beranda"),
    "huge": (hundred_megabytes, r"fetch\.max_body"),
    "laughs": (billion_laughs, r"document type|DOCTYPE"),
    "empty": (empty, r"empty"),
}


@pytest.mark.slow
def test_the_others_of_the_round_are_published_and_status_says_what_is_wrong(
    server: PartnerServer, tmp_path: Path
) -> None:
    sources = {name: server.url(f"/{name}") for name in (*BAD, "nodates", "a")}
    sources["refused"] = "http://127.0.0.1:9/feed"
    server.handlers |= {f"/{name}": handler for name, (handler, _) in BAD.items()}
    bare = "".join(
        f"<item><title>Tanpa tanggal {n}</title><description>Isi {n} saja.</description></item>"
        for n in (1, 2)
    )
    server.bodies |= {"/a": rss(item(1, "baik")), "/nodates": rss(bare)}
    desk = Desk(tmp_path, raw_config(sources))
    desk.poll()
    assert sorted(desk.titles()) == ["Tanpa tanggal 1", "Tanpa tanggal 2", "baik"]
    status = {source.id: source for source in desk.status().sources}
    for name, (_, words) in BAD.items():
        assert status[name].state == "trouble"
        assert re.search(words, status[name].words), f"{name}: {status[name].words}"
    assert re.search(r"refuses connections", status["refused"].words)
    assert status["a"].state == status["nodates"].state == "well"
    before = desk.files()
    desk.poll()
    assert desk.files() == before
    assert {s.id: s.failures_in_a_row for s in desk.status().sources}["error"] == 2


def test_what_hangs_the_parser_is_read_or_named_and_nobody_waits(
    server: PartnerServer, tmp_path: Path
) -> None:
    server.handlers["/newlines"] = newlines_before_the_root
    server.bodies["/a"] = rss(item(1, "baik"))
    desk = Desk(tmp_path, raw_config({"newlines": server.url("/newlines"), "a": server.url("/a")}))
    desk.poll()
    assert "baik" in desk.titles()


def test_a_reading_that_is_killed_names_its_limits(
    desk: Desk, server: PartnerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.deciding.QUICK_DEADLINE_S", 0.0001)
    monkeypatch.setattr("aggregator.app.WORKER_DEADLINE_S", 0.0001)
    server.bodies["/a"] = rss(*map(item, range(200)))
    desk.poll("a")
    (problem,) = [report.problem for report in desk.reports]
    assert problem.startswith("reading this feed was given up (killed after 0.0001 s): it is damaged")
    assert problem.endswith("; 10 s and 1,000 MB of memory are fixed limits")


def test_a_source_that_recovers_is_well_again(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1, "satu")), "/b": rss(item(2, host="b.example"))}
    server.handlers["/a"] = error_500
    desk.poll()
    assert desk.status().sources[0].state == "trouble"
    del server.handlers["/a"]
    desk.poll()
    assert desk.status().sources[0].state == "well"
    assert "satu" in desk.titles()


def test_one_poisoned_entry_never_stops_its_feed(desk: Desk, server: PartnerServer) -> None:
    poison = (
        "<item><title>&#xD800;</title><link>javascript:alert(1)</link><description>x</description></item>"
    )
    server.bodies |= {
        "/a": rss(item(1, "satu"), poison.replace("&#xD800;", "\ufffe racun"), item(2, "dua")),
        "/b": rss(),
    }
    desk.poll()
    assert {"satu", "dua"} <= set(desk.titles())


def test_a_bug_met_on_one_source_or_story_does_not_stop_the_others(
    desk: Desk, server: PartnerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deciding(candidates: Any, known: Any, poll: Poll) -> Any:
        if poll.source_id == "a":
            raise ZeroDivisionError
        return decide(candidates, known, poll)

    def fitting(story: Story, *rest: Any) -> Any:
        if story.entries[0].entry.title == "racun":
            raise ZeroDivisionError
        return fit_to_print(story, *rest)

    server.bodies |= {"/a": rss(item(1)), "/b": rss(item(2, "racun"), item(3, "baik", host="b.example"))}
    monkeypatch.setattr("aggregator.deciding.decide", deciding)
    monkeypatch.setattr("aggregator.fitting.fit_to_print", fitting)
    desk.poll()
    assert desk.titles() == ["baik"]
    status = desk.status()
    assert "internal error" in status.sources[0].words
    assert any("left out" in warning for warning in status.warnings)
    monkeypatch.undo()
    desk.poll()
    assert len(desk.titles()) == 3
    assert desk.status().warnings == ()


def test_a_body_whose_cleaning_is_killed_is_kept_back_by_itself_and_shown(
    desk: Desk, server: PartnerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = WorkerPool.run

    async def running(pool: WorkerPool, function: Callable[..., Any], *args: Any, **more: Any) -> Any:
        if function is safe_bodies and any("racun" in html for html, *_ in args[0]):
            return await run(pool, time.sleep, 60, deadline_s=0.3)
        return await run(pool, function, *args, **more)

    server.bodies |= {
        "/a": rss(item(1, "satu"), item(2, "buruk", "racun")),
        "/b": rss(item(3, "dua", host="b.example")),
    }
    monkeypatch.setattr(WorkerPool, "run", running)
    desk.poll()
    assert sorted(desk.titles()) == ["dua", "satu"]
    (warning,) = [one for one in desk.status().warnings if "could not be cleaned" in one]
    assert "/berita/0000002/" in warning
    assert "killed after 0.3 s" in warning
    monkeypatch.undo()
    desk.publish()
    assert sorted(desk.titles()) == ["buruk", "dua", "satu"]
    assert desk.status().warnings == ()


def test_thousands_of_damaged_entries_leave_a_short_note(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1, "baik"), *["<item></item>"] * 500), "/b": rss()}
    desk.poll()
    notes = desk.status().sources[0].notes
    assert len(notes) <= 21
    assert "more" in notes[-1]


def test_without_network_permission_loopback_is_refused_in_words(desk: Desk, server: PartnerServer) -> None:
    desk.raw["fetch"]["allow_networks"] = []
    server.bodies |= {"/a": rss(item(1)), "/b": rss(item(2))}
    desk.poll()
    assert server.requests == {}
    assert all("fetch.allow_networks" in source.words for source in desk.status().sources)


def test_not_modified_costs_a_request_and_nothing_else(desk: Desk, server: PartnerServer) -> None:
    async def conditional(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304, headers={"ETag": '"v1"'})
        return web.Response(
            body=rss(item(1, "satu")), content_type="application/rss+xml", headers={"ETag": '"v1"'}
        )

    server.handlers["/a"] = conditional
    server.bodies["/b"] = rss()
    desk.poll()
    desk.poll()
    assert desk.reports[0].outcome == "unchanged"
    assert desk.titles() == ["satu"]
    assert desk.status().sources[0].entries_in_feed == 1


@pytest.mark.parametrize("second", ["b.example", "a.example"])
def test_the_same_address_or_text_from_two_partners_is_one_story(
    desk: Desk, server: PartnerServer, second: str
) -> None:
    text = " ".join(f"kalimat {n} menyebut warga kampung nomor {n * 17} dan pasar induk" for n in range(30))
    server.bodies |= {
        "/a": rss(item(1, "Judul asli", text)),
        "/b": rss(item(1, "Judul yang diganti", f"JAKARTA - {text}", host=second)),
    }
    desk.poll()
    assert len(desk.titles()) == 1
