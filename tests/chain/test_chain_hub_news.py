"""Our hub over the whole chain: news that must reach followers although clocks, gates or disks stand in the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from desk import Desk, item, rss
from hub_followers import Callback, bring, do_due, follow
from partner_server import PartnerServer

from aggregator.model.document import Document
from aggregator.outputs.gate import document_problems

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
KOREKSI = "Isi yang dikoreksi, dengan kabar yang lain sama sekali."


def correct(desk: Desk, server: PartnerServer) -> None:
    """The first story, while the third stays as it is."""
    server.bodies["/a"] = rss(item(3, "nomor 3"), item(1, "satu", KOREKSI))
    desk.poll("a")


@pytest.mark.parametrize("back", [timedelta(), 10 * MINUTE, 2 * HOUR])
def test_a_correction_is_news_also_after_the_clock_was_set_back(
    hub_desk: Desk, server: PartnerServer, callback: Callback, back: timedelta
) -> None:
    hub_desk.now += 3 * HOUR
    follow(hub_desk, callback)
    bring(hub_desk, server, 3)
    server.bodies["/a"] = rss(item(3, "nomor 3", "Isi lain dari yang ketiga."), item(1, "satu"))
    hub_desk.poll("a")
    assert do_due(hub_desk) == ["delivered"]
    hub_desk.now -= back
    server.bodies["/a"] = rss(item(3, "nomor 3", "Isi lain dari yang ketiga."), item(1, "satu", KOREKSI))
    hub_desk.poll("a")
    assert do_due(hub_desk) == ["delivered"]
    assert KOREKSI.encode() in callback.received[-1].body


def test_a_correction_is_news_also_where_another_desks_clock_is_ahead(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    follow(hub_desk, callback)
    hub_desk.now += HOUR
    other = Desk(hub_desk.folder / "lain", hub_desk.raw, hub_desk.database, hub_desk.now + 90 * MINUTE / 60)
    bring(other, server, 3)
    server.bodies["/a"] = rss(item(3, "nomor 3", "Isi lain dari yang ketiga."), item(1, "satu"))
    other.poll("a")
    hub_desk.publish()
    assert do_due(other) == ["delivered"]
    server.bodies["/a"] = rss(item(3, "nomor 3", "Isi lain dari yang ketiga."), item(1, "satu", KOREKSI))
    hub_desk.poll("a")
    assert do_due(other) == ["delivered"]
    assert KOREKSI.encode() in callback.received[-1].body


def test_a_story_that_is_sorted_out_of_a_topic_is_news_there(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    follow(hub_desk, callback, "feeds/topics/politik.rss")
    server.bodies["/a"] = rss(item(3, "tiga", category="Politik"), item(4, "empat", category="Politik"))
    hub_desk.poll("a")
    assert do_due(hub_desk) == ["delivered"]
    server.bodies["/a"] = rss(
        item(3, "tiga", KOREKSI, category="Hukum"), item(4, "empat", category="Politik")
    )
    hub_desk.poll("a")
    assert hub_desk.titles("topics/politik") == ["empat"]
    assert do_due(hub_desk) == ["delivered"]
    assert b"tiga" not in callback.received[-1].body


def test_a_story_for_which_there_is_no_room_any_more_is_none(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    bring(hub_desk, server, 3)
    follow(hub_desk, callback)
    before = len(hub_desk.items())
    hub_desk.raw["outputs"]["defaults"] = {"limit": 2}
    hub_desk.publish()
    assert (before, len(hub_desk.items())) == (3, 2)
    assert do_due(hub_desk) == []


@contextmanager
def refused(path: str) -> Iterator[None]:
    """Whatever stands in this document, the gate lets it not through."""

    def judge(document: Document) -> tuple[str, ...]:
        return ("uji",) if document.path == path else document_problems(document)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aggregator.gating.document_problems", judge)
        yield


def test_who_follows_a_document_that_was_refused_gets_its_news_once_it_passes(
    hub_desk: Desk, server: PartnerServer, callback: Callback
) -> None:
    atom = Callback(server, "budi")
    follow(hub_desk, callback, "feeds/all.rss")
    follow(hub_desk, atom, "feeds/all.atom")
    with refused("feeds/all.rss"):
        bring(hub_desk, server, 3)
        assert do_due(hub_desk) == ["delivered"]
        hub_desk.publish()
        assert do_due(hub_desk) == []
    hub_desk.now += HOUR
    hub_desk.publish()
    assert do_due(hub_desk) == ["delivered"]
    assert b"nomor 3" in callback.received[-1].body
    assert len(atom.received) == 1
    hub_desk.raw["outputs"]["combined"]["title"] = "Semua berita"
    hub_desk.publish()
    assert do_due(hub_desk) == []
