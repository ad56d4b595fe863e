"""What is read of a document that changed: what is new in it, and all of it where that matters."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from desk import Desk, item, rss
from partner_server import PartnerServer

from aggregator import jobs
from aggregator.app import App, open_app, open_store
from aggregator.deciding import InDoubt, decide_in, read
from aggregator.model.fetch import Fetched, Validators
from aggregator.model.standing import UNREAD, Standing
from aggregator.store.reads import ReadTx

FIVE = [item(number) for number in range(1, 6)]


T = TypeVar("T")


def in_app(desk: Desk, ask: Callable[[App], Awaitable[T]]) -> T:
    async def run() -> T:
        async with open_app(desk.config, desk.database, desk.public, lambda: desk.now) as app:
            return await ask(app)

    return asyncio.run(run())


def number_read(desk: Desk, body: bytes) -> int:
    """How many entries of source a would be read, were the next document this."""

    async def ask(app: App) -> int:
        state = (await app.read(ReadTx.source_states))["a"]
        (source,) = (one for one in app.config.sources if one.id == "a")
        document = Fetched(source.url, body, "application/rss+xml", Validators())
        return len((await read(app, source, state, (document,), desk.now)).feed.candidates)

    return in_app(desk, ask)


def standing(desk: Desk) -> Standing:
    return in_app(desk, lambda app: app.read(lambda tx: tx.standing("a")))


def poll(desk: Desk, server: PartnerServer, *items: str) -> tuple[int, int, int]:
    """New, revised and all entries of source a."""
    server.bodies["/a"] = rss(*items, built_at=desk.now)
    desk.poll("a")
    (report,) = desk.reports
    assert not report.problem
    return report.new, report.revised, report.entries


def test_two_new_entries_are_two_that_are_read(desk: Desk, server: PartnerServer) -> None:
    assert poll(desk, server, *FIVE) == (5, 0, 5)
    six_and_seven = [item(6), item(7)]
    assert number_read(desk, rss(*six_and_seven, *FIVE)) == 2
    assert poll(desk, server, *six_and_seven, *FIVE[:4]) == (2, 0, 6)
    assert len(standing(desk).entries) == 6
    assert number_read(desk, rss(*six_and_seven, *FIVE[:4])) == 0


@pytest.mark.parametrize("change", ["Kabar yang dibetulkan", "Kabar yang ditulis ulang sama sekali"])
def test_a_correction_is_found_among_entries_that_are_not_read(
    desk: Desk, server: PartnerServer, change: str
) -> None:
    poll(desk, server, *FIVE)
    assert poll(desk, server, FIVE[0], item(2, change), *FIVE[2:]) == (0, 1, 5)
    assert change in desk.titles()
    assert len(standing(desk).entries) == 5


def test_a_line_that_came_to_three_articles_of_many_is_an_edit(desk: Desk, server: PartnerServer) -> None:
    """It stands on all articles that are new in the document, and on few of those that stand there."""

    def articles(line: str) -> list[str]:
        texts = {number: f"Kabar{number} dari desa {number}." for number in range(1, 21)}
        return [
            item(number, text=f"{text}</p><p>{line}" if line and number <= 3 else text)
            for number, text in texts.items()
        ]

    poll(desk, server, *articles(""))
    assert poll(desk, server, *articles("Jembatan ditutup sampai Senin.")) == (0, 3, 20)


def test_what_was_taken_for_the_sites_line_is_looked_at_again(desk: Desk, server: PartnerServer) -> None:
    """On three of five articles it was the site's; among twenty more it is an edit."""

    def articles(numbers: range, line: str = "") -> list[str]:
        texts = {number: f"Kabar{number} dari desa {number}." for number in numbers}
        return [
            item(number, text=f"{text}</p><p>{line}" if line and number <= 3 else text)
            for number, text in texts.items()
        ]

    line = "Jembatan ditutup sampai Senin."
    poll(desk, server, *articles(range(1, 6)))
    assert poll(desk, server, *articles(range(1, 6), line)) == (0, 0, 5)
    assert poll(desk, server, *articles(range(6, 21)), *articles(range(1, 6), line)) == (15, 3, 20)


def test_of_two_entries_that_are_one_neither_is_forgotten(desk: Desk, server: PartnerServer) -> None:
    """One is known by its address, the other by its guid, and both say the same."""
    text = " ".join(f"Kata{number} tentang panen raya." for number in range(30))
    dated = f"<pubDate>Mon, 23 Nov 2026 05:00:00 +0000</pubDate><description>{text}</description>"
    linked = (
        f"<item><title>Panen</title><link>https://www.a.example/berita/7700001/panen</link>{dated}</item>"
    )
    named = f'<item><title>Panen</title><guid isPermaLink="false">panen-1</guid>{dated}</item>'
    assert poll(desk, server, linked, named, FIVE[0]) == (2, 0, 3)
    poll(desk, server, FIVE[1], named, FIVE[0])
    assert poll(desk, server, FIVE[1], named.replace("Kata1 ", "Dibetulkan1 "), FIVE[0])[:2] == (0, 1)


def test_what_another_process_stored_meanwhile_puts_in_doubt(desk: Desk, server: PartnerServer) -> None:
    poll(desk, server, *FIVE)
    pushed = rss(item(6), *FIVE)

    async def overtaken(app: App) -> object:
        (source,) = (one for one in app.config.sources if one.id == "a")
        state = (await app.read(ReadTx.source_states))["a"]
        document = Fetched(source.url, pushed, "application/rss+xml", Validators())
        reading = await read(app, source, state, (document,), desk.now, is_whole=False)
        server.bodies["/a"] = rss(item(1, "Judul yang dibetulkan"), *FIVE[1:])
        async with open_app(desk.config, desk.database, desk.public, lambda: desk.now) as other:
            (report,) = await jobs.poll(other, ["a"])
        assert report.revised == 1
        return await app.write(lambda tx: decide_in(app, source, state, reading, tx, is_push=True))

    assert isinstance(in_app(desk, overtaken), InDoubt)


def test_a_correction_that_is_taken_back_is_found_again(desk: Desk, server: PartnerServer) -> None:
    poll(desk, server, *FIVE)
    poll(desk, server, FIVE[0], item(2, "Judul yang salah"), *FIVE[2:])
    assert poll(desk, server, *FIVE) == (0, 1, 5)


def test_an_entry_that_left_and_comes_back_is_no_news(desk: Desk, server: PartnerServer) -> None:
    poll(desk, server, *FIVE)
    poll(desk, server, *FIVE[1:])
    assert len(standing(desk).entries) == 4
    assert poll(desk, server, *FIVE) == (0, 0, 5)


def test_after_an_edit_of_feeds_yaml_all_is_read_once_more(desk: Desk, server: PartnerServer) -> None:
    poll(desk, server, *FIVE)
    assert number_read(desk, rss(*FIVE)) == 0
    desk.raw["sources"][0]["timezone"] = "Asia/Makassar"
    assert number_read(desk, rss(*FIVE)) == 5


def test_a_source_at_another_address_is_read_from_the_beginning(desk: Desk, server: PartnerServer) -> None:
    poll(desk, server, *FIVE)
    desk.raw["sources"][0]["url"] = server.url("/c")
    server.bodies["/c"] = rss(*FIVE)
    server.bodies["/a"] = b""
    desk.poll("a")
    assert len(standing(desk).entries) == 5
    desk.raw["sources"][0]["url"] = server.url("/a")
    desk.poll("a")  # an empty body is a failure
    assert standing(desk) == UNREAD


def test_guids_that_name_nothing_have_all_entries_read(desk: Desk, server: PartnerServer) -> None:
    numbered = [re.sub("<guid>.*?</guid>", f"<guid>{at}</guid>", one) for at, one in enumerate(FIVE)]
    assert poll(desk, server, *numbered) == (5, 0, 5)
    assert standing(desk) == UNREAD
    assert number_read(desk, rss(*numbered)) == 5


def test_a_new_version_under_a_new_guid_is_no_second_article(desk: Desk, server: PartnerServer) -> None:
    poll(desk, server, *FIVE)
    moved = FIVE[2].replace("<guid>", "<guid>baru-")
    assert poll(desk, server, moved, FIVE[0], FIVE[1], *FIVE[3:]) == (0, 0, 5)
    assert len(desk.listed()) == 5


def test_what_fell_silent_for_a_while_is_no_loss(desk: Desk, server: PartnerServer) -> None:
    """One entry that stood there before is enough to know that none was missed."""
    poll(desk, server, *FIVE)
    desk.now += timedelta(hours=5)
    poll(desk, server, *(item(number, age=timedelta(minutes=5)) for number in range(6, 14)), FIVE[0])
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        assert tx.source_states()["a"].lost_at is None
