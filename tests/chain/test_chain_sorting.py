"""Feeds of one's own choice and an editor's word, as seen in the published documents; on each kind of database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, item, raw_config, rss
from partner_server import PartnerServer

KARET = " ".join(
    f"Petani karet desa {n} di Merangin menjual {n * 7} kilogram getah kepada koperasi." for n in range(3, 15)
)
BANJIR = " ".join(
    f"Banjir merendam {n * 9} rumah di Palembang dan warga mengungsi ke posko {n}." for n in range(3, 15)
)
CUSTOM: list[dict[str, Any]] = [
    {"id": "jambi", "title": "Kabar Jambi", "where": {"place": "jambi"}},
    {"id": "sumatra", "title": "Sumatra", "where": {"place": ["Jambi", "Sumatera Selatan"]}},
    {"id": "ekonomi-jambi", "title": "Ekonomi Jambi", "where": {"place": "Jambi", "topic": "ekonomi"}},
    {"id": "dari-b", "title": "Dari B", "where": {"partner": "b"}},
    {"id": "opini", "title": "Opini", "where": {"genre": ["opini", "cek-fakta"]}},
    {"id": "english", "title": "English", "where": {"language": "en"}},
]
ENGLISH = " ".join(
    f"The farmers of village {n} said that they were glad of the price in the market." for n in range(12)
)


@pytest.fixture
def desk(server: PartnerServer, tmp_path: Path, database_url: str) -> Desk:
    raw = raw_config({"a": server.url("/a"), "b": server.url("/b")})
    raw["topics"] = [{"id": "ekonomi", "title": "Ekonomi"}, {"id": "peristiwa", "title": "Peristiwa"}]
    raw["outputs"]["custom"] = CUSTOM
    server.bodies["/a"] = rss(
        item(1, "Harga Karet di Merangin Naik", KARET),
        item(2, "Banjir Rendam Ratusan Rumah di Palembang", BANJIR),
        item(3, "Rubber Farmers Cheer", ENGLISH),
    )
    server.bodies["/b"] = rss(
        item(4, "Opini: Karet dan Kita", "Harga karet di Merangin. " * 20, host="b.example", category="Opini")
    )
    made = Desk(tmp_path, raw, database_url)
    made.poll()
    return made


def titles(desk: Desk, output: str) -> list[str]:
    return sorted(one["title"] for one in desk.items(output))


def test_feeds_of_ones_own_choice(desk: Desk) -> None:
    karet, banjir, english, opini = (
        "Harga Karet di Merangin Naik",
        "Banjir Rendam Ratusan Rumah di Palembang",
        "Rubber Farmers Cheer",
        "Opini: Karet dan Kita",
    )
    assert {output["id"]: titles(desk, output["id"]) for output in CUSTOM} == {
        "jambi": [karet, opini],
        "sumatra": [banjir, karet, opini],
        "ekonomi-jambi": [karet, opini],
        "dari-b": [opini],
        "opini": [opini],
        "english": [english],
    }
    assert desk.parsed("feeds/jambi.rss").feed.title == "Kabar Jambi"


def test_documents_name_facets_by_schemes_of_their_own(desk: Desk) -> None:
    (one,) = desk.items("dari-b")
    assert one["_aggregator"]["facets"] == [
        {"kind": "place", "code": "15.02", "label": "Merangin"},
        {"kind": "place", "code": "ID-JA", "label": "Jambi"},
        {"kind": "genre", "code": "opini", "label": "Opini"},
    ]
    assert one["tags"] == ["Ekonomi", "Merangin", "Jambi", "Opini"]
    atom, feed = desk.parsed("feeds/dari-b.atom"), desk.parsed("feeds/dari-b.rss")
    assert {(tag.scheme, tag.term, tag.label) for tag in atom.entries[0].tags} == {
        (None, "ekonomi", "Ekonomi"),
        ("tag:jambiseru.com,2026:place/", "15.02", "Merangin"),
        ("tag:jambiseru.com,2026:place/", "ID-JA", "Jambi"),
        ("tag:jambiseru.com,2026:genre/", "opini", "Opini"),
    }
    assert ("tag:jambiseru.com,2026:place/ID-JA", "Jambi") in [
        (tag.scheme, tag.term) for tag in feed.entries[0].tags
    ]
    (english,) = desk.items("english")
    assert english["language"] == "en"
    assert {"kind": "language", "code": "en", "label": "Bahasa Inggris"} in english["_aggregator"]["facets"]
    assert "Bahasa Inggris" not in english.get("tags", [])


def test_a_story_that_changes_its_place_changes_its_feeds(desk: Desk, server: PartnerServer) -> None:
    moved = KARET.replace("Merangin", "Palembang")
    server.bodies["/a"] = rss(item(1, "Harga Karet di Palembang Naik", moved))
    desk.poll("a")
    assert titles(desk, "jambi") == ["Opini: Karet dan Kita"]
    assert "Harga Karet di Palembang Naik" in titles(desk, "sumatra")


def test_an_edit_that_adds_a_feed_fills_it_and_one_that_removes_it_says_so(desk: Desk) -> None:
    desk.raw["outputs"]["custom"] = [
        {"id": "palembang", "title": "Palembang", "where": {"place": "Palembang"}},
        *[one for one in CUSTOM if one["id"] != "english"],
    ]
    desk.publish()
    assert titles(desk, "palembang") == ["Banjir Rendam Ratusan Rumah di Palembang"]
    assert not (desk.public / "feeds" / "english.rss").exists()
    assert any("english" in warning for warning in desk.status().warnings)


def entry(desk: Desk, number: int) -> dict[str, Any]:
    return next(one for one in desk.items() if f"{number:07d}" in one["url"])


def test_an_editors_word_wins_survives_polls_and_can_be_taken_back(desk: Desk, server: PartnerServer) -> None:
    before = entry(desk, 2)
    desk.raw["overrides"] = [{"story": before["url"], "title": "Judul dari Redaksi", "topics": ["ekonomi"]}]
    desk.now += timedelta(minutes=1)
    desk.publish()
    after = entry(desk, 2)
    assert (after["title"], after["tags"][0]) == ("Judul dari Redaksi", "Ekonomi")
    assert [after[key] for key in ("id", "url", "date_published")] == [
        before[key] for key in ("id", "url", "date_published")
    ]
    assert after["date_modified"] > before["date_modified"]
    assert "Judul dari Redaksi" in titles(desk, "topics/ekonomi")
    assert "Judul dari Redaksi" not in titles(desk, "topics/peristiwa")

    server.bodies["/a"] = rss(item(2, "Banjir di Palembang Surut", BANJIR + " Air mulai surut."))
    desk.poll("a")
    polled = entry(desk, 2)
    assert (polled["title"], polled["tags"][0]) == ("Judul dari Redaksi", "Ekonomi")
    assert "Air mulai surut" in polled["content_html"]
    assert "Banjir di Palembang Surut</a>" in polled["content_html"]  # the credit names the partner's

    (outdated,) = [warning for warning in desk.status().warnings if "overrides" in warning]
    assert outdated == (
        "overrides[0]: the partner's headline is 'Banjir di Palembang Surut' now, was "
        "'Banjir Rendam Ratusan Rumah di Palembang': does yours still hold?"
    )
    desk.raw["overrides"][0]["title"] = "Judul Baru dari Redaksi"
    desk.publish()
    assert not [warning for warning in desk.status().warnings if "overrides" in warning]

    desk.raw["overrides"] = []
    desk.publish()
    assert entry(desk, 2)["title"] == "Banjir di Palembang Surut"
    assert "Banjir di Palembang Surut" in titles(desk, "topics/peristiwa")


def test_an_override_of_no_story_is_told(desk: Desk) -> None:
    desk.raw["overrides"] = [
        {"story": entry(desk, 2)["id"], "topics": []},
        {"story": "https://a.example/salah-ketik", "title": "Judul"},
    ]
    number = next(one.story_id for one in desk.listed() if one.title.startswith("Banjir"))
    desk.raw["overrides"].append({"story": f"{entry(desk, 2)['url']}?utm_source=x", "title": "Judul"})
    assert [warning for warning in desk.status().warnings if "overrides" in warning] == [
        "overrides[1] does nothing: no story has the id or address https://a.example/salah-ketik",
        f"overrides[2] does nothing: overrides[0] is about the same story, {number}; make one of them",
    ]


def test_of_two_stories_at_one_address_the_one_published_last_is_meant(
    desk: Desk, server: PartnerServer
) -> None:
    live = item(8, "Siaran Langsung Pagi", "Laporan pertama dari lapangan, pagi hari. " * 9)
    again = item(9, "Siaran Langsung Malam", "Hasil akhir sidang dibacakan pada malam hari itu juga. " * 9)
    pair = ((live, 8), (again, 9))
    at_one_address = [
        one.replace(f"berita/{number:07d}/judul-{number}", "live").replace(
            "live</guid>", f"live#{number}</guid>"
        )
        for one, number in pair
    ]
    server.bodies["/a"] = rss(*at_one_address)
    desk.poll("a")
    before = {one["title"]: one for one in desk.items() if one["title"].startswith("Siaran")}
    assert len(before) == 2
    (url,) = {one["url"] for one in before.values()}
    desk.raw["overrides"] = [{"story": url, "title": "Judul Redaksi"}]
    desk.publish()
    after = {one["id"]: one for one in desk.items()}
    renamed = [one for one in before.values() if after[one["id"]]["title"] == "Judul Redaksi"]
    assert len(renamed) == 1
    (kept,) = (one for one in before.values() if one not in renamed)
    assert after[kept["id"]] == kept


def test_an_override_by_the_published_id(desk: Desk) -> None:
    desk.raw["overrides"] = [{"story": entry(desk, 2)["id"], "topics": []}]
    desk.publish()
    assert titles(desk, "topics/peristiwa") == []
    assert "Banjir Rendam Ratusan Rumah di Palembang" in titles(desk, "all")
