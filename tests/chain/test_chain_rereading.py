"""Stored entries read anew after an upgrade or an edit: interrupted, hindered by one of them, and beside an editor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from desk import FULL_TERMS, Desk, item, raw_config, rss
from partner_server import PartnerServer
from sqlalchemy import select

from aggregator import jobs
from aggregator.app import App, open_app, open_store
from aggregator.editorial.prepare import prepare_anew
from aggregator.engine.pool import WorkerPool
from aggregator.rereading import read_all_anew
from aggregator.store import tables

pytestmark = pytest.mark.slow

ADVERT = "Kabar A: unduh aplikasi kami sekarang juga."
NEWS = " ".join(f"Kalimat {number} tentang bibit karet nomor {number * 31}." for number in range(9))


@pytest.fixture
def desk(server: PartnerServer, tmp_path: Path, database_url: str) -> Desk:
    """One source with two articles, of which excerpts are shown; the first begins with an advertisement."""
    raw = raw_config({"a": server.url("/a")}, FULL_TERMS | {"content": "excerpt", "excerpt_words": 12})
    server.bodies["/a"] = rss(item(1, "Petani", f"{ADVERT}</p><p>{NEWS}"), item(2, "Lain"))
    desk = Desk(tmp_path, raw, database_url)
    desk.poll()
    assert summary(desk).startswith("Kabar A: unduh")
    return desk


def summary(desk: Desk) -> str:
    (found,) = (one["summary"] for one in desk.items() if one["title"] == "Petani")
    return str(found)


def edit(desk: Desk) -> None:
    """A rule that cuts the advertisement."""
    desk.raw["partners"][0]["cut"] = [{"line": ADVERT.removesuffix(".")}]
    desk.now += timedelta(hours=1)


def opened(desk: Desk) -> AbstractAsyncContextManager[App]:
    return open_app(desk.config, desk.database, desk.public, lambda: desk.now)


def versions(desk: Desk) -> dict[str, str]:
    """By which version each entry was read, by headline."""
    columns = (tables.entries.c.title, tables.entries.c.content_hash)
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        return {title: found.partition(":")[0] for title, found in tx._connection.execute(select(*columns))}


async def _read_first(app: App) -> None:
    """As far as the first of two batches."""
    raw = await app.read(lambda tx: tx.raw_entries([1]))
    reread = prepare_anew(raw, app.config.partners[0].cut_rules)
    await app.write(lambda tx: tx.keep_reread(reread))


async def _read_all(app: App) -> None:
    await read_all_anew(app, app.clock() - timedelta(days=30))


@pytest.mark.parametrize("until_killed", [_read_first, _read_all, jobs.read_anew_after_edit])
def test_a_kill_after_any_part_costs_nothing(
    desk: Desk, until_killed: Callable[[App], Awaitable[None]]
) -> None:
    dates = {one["id"]: one["date_modified"] for one in desk.items()}
    edit(desk)

    async def run() -> bool:
        async with opened(desk) as app:
            await until_killed(app)
            return await jobs.is_publish_due(app, try_again=False)

    assert asyncio.run(run())
    desk.publish()
    assert summary(desk).startswith("Kalimat 0")
    assert {one["id"]: one["date_modified"] for one in desk.items()} == dates
    assert len(set(versions(desk).values())) == 1


def test_an_editor_need_not_wait_until_all_is_read(desk: Desk) -> None:
    before = versions(desk)
    edit(desk)
    (other,) = (one["id"] for one in desk.items() if one["title"] == "Lain")
    desk.hide(other)
    assert (desk.titles(), versions(desk)) == (["Petani"], before)

    async def run() -> bool:
        async with opened(desk) as app:
            return await jobs.is_publish_due(app, try_again=False)

    assert asyncio.run(run())
    desk.publish()  # settles anew what was settled for the editor by the old reading
    assert summary(desk).startswith("Kalimat 0")
    assert desk.titles() == ["Petani"]
    assert not asyncio.run(run())


def test_who_reads_anew_keeps_nobody_from_publishing(desk: Desk) -> None:
    edit(desk)

    async def run() -> None:
        async with opened(desk) as app:
            lock = app.public.try_lock()
            assert lock is not None
            with lock:  # as another process that publishes holds it
                await asyncio.wait_for(jobs.read_anew_after_edit(app), 60)

    before = versions(desk)
    asyncio.run(run())
    assert versions(desk).keys() == before.keys()
    assert not set(versions(desk).values()) & set(before.values())


@pytest.mark.parametrize("accident", [partial(time.sleep, 60), partial(divmod, 1, 0)], ids=["hangs", "a bug"])
def test_one_that_cannot_be_read_anew_holds_up_nobody(
    desk: Desk, server: PartnerServer, monkeypatch: pytest.MonkeyPatch, accident: Callable[[], object]
) -> None:
    run = WorkerPool.run

    async def running(pool: WorkerPool, function: Any, *args: Any, **options: Any) -> Any:
        if function is prepare_anew and any(one.entry.title == "Petani" for one in args[0]):
            return await run(pool, accident, deadline_s=0.3)
        return await run(pool, function, *args, **options)

    before = versions(desk)
    desk.raw["partners"][0]["cut"] = [{"line": "kabar lain"}]
    monkeypatch.setattr(WorkerPool, "run", running)
    corrected = item(2, "Lain", "Ralat: bukan kemarin, melainkan hari ini.")
    server.bodies["/a"] = rss(item(1, "Petani", f"{NEWS} {NEWS}"), corrected, item(3, "Baru"))
    desk.poll()
    (report,) = desk.reports
    assert (report.problem, report.new, report.revised) == ("", 1, 1)
    assert "cannot be read by today's rules: 1" in report.notes[0]
    after = versions(desk)
    assert (after["Petani"], after["Lain"] == after["Baru"]) == (before["Petani"], True)
    assert sorted(desk.titles()) == ["Baru", "Lain", "Petani"]
    monkeypatch.undo()
    desk.publish()
    server.bodies["/a"] += b" "
    desk.poll()
    assert (desk.reports[0].revised, desk.reports[0].notes) == (1, ())


def test_a_picture_read_otherwise_in_the_first_document_after_a_reading_is_no_news(
    desk: Desk, server: PartnerServer
) -> None:
    def shows(name: str) -> None:
        picture = (
            f'<enclosure url="https://a.example/{name}-dari-lapangan.jpg" type="image/jpeg" length="1"/>'
        )
        server.bodies["/a"] = rss(item(1, "Petani", f"{ADVERT}</p><p>{NEWS}", extra=picture), item(2, "Lain"))
        desk.now += timedelta(hours=1)
        desk.poll()

    edit(desk)
    desk.publish()
    shows("pertama")
    assert desk.reports[0].revised == 0
    shows("kedua")
    assert desk.reports[0].revised == 1
