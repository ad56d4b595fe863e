"""Two services on one database, each with a public folder of its own: neither harms the other, and both follow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from archives import read_archives
from desk import Desk, item, raw_config, rss
from partner_server import PartnerServer

from aggregator import jobs
from aggregator.app import App, open_app
from aggregator.printing import print_due
from aggregator.service.live import Live
from aggregator.service.publisher import Publisher
from aggregator.web.metrics import Metrics

pytestmark = pytest.mark.slow

LIMIT = 3


@pytest.fixture
def desk(server: PartnerServer, tmp_path: Path, database_url: str) -> Desk:
    """Documents of three stories at most, on either database."""
    raw = raw_config({"a": server.url("/a")})
    raw["outputs"]["defaults"] = {"limit": LIMIT}
    return Desk(tmp_path, raw, database=database_url)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The second service's folder."""
    return tmp_path / "other"


def opened(desk: Desk, folder: Path) -> AbstractAsyncContextManager[App]:
    return open_app(desk.config, desk.database, folder, lambda: desk.now)


def polls(desk: Desk, server: PartnerServer, *numbers: int) -> None:
    server.bodies["/a"] = rss(*(item(number, f"Judul {number}") for number in numbers))
    desk.poll()


def meeting(count: int) -> Callable[..., Any]:
    """``jobs.print_due``, where so many publishers wait for each other: all have read the same rows."""
    arrived, all_here = [0], asyncio.Event()

    async def wait(*args: Any) -> Any:
        found = await print_due(*args)
        arrived[0] += 1
        if arrived[0] == count:
            all_here.set()
        await all_here.wait()
        return found

    return wait


def test_a_page_that_two_publishers_close_at_once_is_closed_once(
    desk: Desk, server: PartnerServer, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls(desk, server, 1, 2, 3)
    server.bodies["/a"] = rss(*(item(number, f"Judul {number}") for number in (4, 5)))

    async def race() -> None:
        async with opened(desk, desk.public) as one, opened(desk, other) as two:
            await jobs.poll(one, ["a"])
            with monkeypatch.context() as patched:
                patched.setattr(jobs, "print_due", meeting(2))
                await asyncio.gather(jobs.publish(one), jobs.publish(two))
            await jobs.publish(one)

    asyncio.run(race())
    (page,) = read_archives(desk.public)
    assert len(page.ids) == 5
    for number in range(6, 12):
        desk.now += timedelta(minutes=5)
        polls(desk, server, number)
    desk.publish()
    assert desk.titles()[0] == "Judul 11"
    assert sum(len(page.ids) for page in read_archives(desk.public)) == 9


def test_a_revoked_address_leaves_the_other_folder_too(
    desk: Desk, server: PartnerServer, other: Path
) -> None:
    desk.raw["subscribers"] = [{"id": "kabar-muaro", "name": "Kabar Muaro"}]
    polls(desk, server, 1, 2, 3)

    async def revoke() -> None:
        async with opened(desk, other) as there, opened(desk, desk.public) as here:
            await jobs.publish(there)
            assert len(list(other.glob("feeds/s/*"))) == 6
            await here.write(lambda tx: tx.end_subscriber_keys("kabar-muaro", desk.now))
            assert len((await jobs.publish(here)).removed) == 3
            assert len((await jobs.publish(there)).removed) == 3
            assert (await jobs.publish(there)).removed == ()

    asyncio.run(revoke())
    for public in (desk.public, other):
        assert list(public.glob("feeds/s/*")) == []


async def ticks(publishers: list[Publisher], until: Callable[[], bool]) -> None:
    """What the services do by themselves, for some seconds at most."""
    for _ in range(50):
        for one in publishers:
            await one.tend()
        if until():
            return
        await asyncio.sleep(0.2)


def test_what_is_hidden_leaves_the_pages_of_both_folders_within_seconds(
    desk: Desk, server: PartnerServer, other: Path
) -> None:
    """Whichever of the two makes the page that is due, the other follows."""
    for number in range(1, 9):
        polls(desk, server, number)
    desk.publish()

    def gone() -> list[frozenset[str]]:
        return [read_archives(public)[-1].deleted for public in (desk.public, other)]

    async def hide() -> None:
        async with opened(desk, desk.public) as here, opened(desk, other) as there:
            publishers = [Publisher(Live(app), Metrics(), lambda: None) for app in (here, there)]
            publishing = [asyncio.create_task(one.run()) for one in publishers]
            # As at a start: every file is compared with its row, and not again for an hour.
            for one in publishers:
                await one.publish()
            await ticks(publishers, (other / "feeds/all/archive-2.atom").exists)
            assert read_archives(other) == read_archives(desk.public)
            desk.now += timedelta(days=30)
            await ticks(publishers, lambda: desk.titles() == [])
            hidden = min(read_archives(other)[-1].ids)
            await jobs.hide(here, hidden, "Permintaan keluarga")
            await ticks(publishers, lambda: gone() == [{hidden}, {hidden}])
            assert gone() == [{hidden}, {hidden}]
            for one in publishers:
                one.end()
            await asyncio.gather(*publishing)

    asyncio.run(hide())


def test_a_service_alone_makes_no_page_twice(desk: Desk, server: PartnerServer) -> None:
    for number in range(1, 9):
        polls(desk, server, number)
    desk.publish()

    async def tend() -> None:
        async with opened(desk, desk.public) as app:
            publisher = Publisher(Live(app), Metrics(), lambda: None)
            await publisher.publish()
            for _ in range(3):
                await publisher.tend()
                assert not await jobs.is_publish_due(app, try_again=True)

    asyncio.run(tend())
