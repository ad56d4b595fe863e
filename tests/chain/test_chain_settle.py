"""What readers get when one article arrives again, is corrected, or feeds.yaml is edited around it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from desk import FULL_TERMS, Desk, item, raw_config, rss
from partner_server import PartnerServer

TEXT = " ".join(f"Kalimat{number} memuat kabar nomor {number * 31}." for number in range(40))


def image(address: str) -> str:
    return f'<enclosure url="https://cdn.a.example/{address}" type="image/jpeg" length="1"/>'


def with_section(desk: Desk, server: PartnerServer) -> None:
    """Partner a has a second feed, at /a2."""
    desk.raw["sources"].append({"id": "a2", "partner": "a", "url": server.url("/a2"), "every": "15m"})


def test_a_contract_begins_by_itself(desk: Desk, server: PartnerServer) -> None:
    desk.raw["partners"][0]["terms"]["valid_from"] = "2026-11-24"
    server.bodies |= {"/a": rss(item(1, "Judul")), "/b": rss()}
    desk.poll()
    assert desk.titles() == []
    desk.now += timedelta(hours=12)
    desk.publish()
    assert desk.titles() == ["Judul"]


def test_a_correction_comes_through_another_feed_of_the_partner(desk: Desk, server: PartnerServer) -> None:
    with_section(desk, server)
    server.bodies |= {"/a": rss(item(1, "salah")), "/a2": rss(item(1, "salah")), "/b": rss()}
    desk.poll()
    before = desk.items()
    assert desk.titles() == ["salah"]
    server.bodies |= {"/a": rss(), "/a2": rss(item(1, "benar"))}
    desk.poll()
    (after,) = desk.items()
    assert after["title"] == "benar"
    assert (after["id"], after["url"]) == (before[0]["id"], before[0]["url"])
    assert after["date_modified"] > before[0]["date_modified"]


def test_a_correction_comes_through_a_source_with_a_new_name(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1, "salah")), "/b": rss()}
    desk.poll()
    desk.raw["sources"][0]["id"] = "a-baru"
    desk.poll()
    server.bodies["/a"] = rss(item(1, "benar"))
    desk.poll()
    assert desk.titles() == ["benar"]


@pytest.mark.parametrize(
    "terms, was, now_is",
    [
        pytest.param({}, item(1, "Judul", TEXT), item(1, "Judul", f"{TEXT} Ralat."), id="text of a headline"),
        pytest.param(
            FULL_TERMS | {"images": "none"},
            item(1, "Judul", extra=image("1.jpg")),
            item(1, "Judul", extra=image("2.jpg")),
            id="image that is not shown",
        ),
        pytest.param(
            FULL_TERMS,
            item(1, "Judul", extra=image("1.jpg?t=1")),
            item(1, "Judul", extra=image("1.jpg?t=2")),
            id="query of an image",
        ),
    ],
)
def test_what_readers_are_not_shown_moves_no_date(
    desk: Desk, server: PartnerServer, terms: dict[str, Any], was: str, now_is: str
) -> None:
    desk.raw = raw_config({"a": server.url("/a")}, terms)
    server.bodies["/a"] = rss(was)
    desk.poll()
    before = desk.items()[0]["date_modified"]
    server.bodies["/a"] = rss(now_is)
    desk.poll()
    assert desk.items()[0]["date_modified"] == before


def test_editing_the_file_moves_no_date(desk: Desk, server: PartnerServer) -> None:
    own = item(1, "Judul", TEXT, category="Lepas", age=timedelta(hours=3))
    server.bodies |= {"/a": rss(own), "/b": rss(item(2, "Judul B", TEXT, host="b.example"))}
    desk.poll()
    before = desk.items()
    assert [one["title"] for one in before] == ["Judul"]
    desk.raw["partners"][0]["terms"]["exclude_categories"] = ["Lepas"]
    desk.now += timedelta(hours=1)
    desk.publish()
    (other,) = desk.items()
    assert (other["title"], other["date_modified"]) == ("Judul B", before[0]["date_modified"])
    del desk.raw["partners"][0]["terms"]["exclude_categories"]
    desk.now += timedelta(hours=1)
    desk.publish()
    assert desk.items() == before


def test_backlog_of_a_new_partner_takes_no_story_over(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1, "Judul", TEXT)), "/b": rss()}
    desk.raw["sources"], sources = desk.raw["sources"][:1], desk.raw["sources"]
    desk.poll()
    before = desk.items()
    server.bodies["/b"] = rss(item(2, "Judul B", TEXT, host="b.example", age=timedelta(days=30)))
    desk.raw["sources"] = sources
    desk.poll()
    assert desk.items() == before


def test_a_published_story_is_no_backlog_any_more(desk: Desk, server: PartnerServer) -> None:
    old = item(1, "Judul", TEXT, age=timedelta(days=3))
    server.bodies |= {"/a": rss(old, item(9, "lain")), "/b": rss()}
    desk.poll()
    assert desk.titles() == ["lain"]
    server.bodies["/b"] = rss(item(2, "Judul", TEXT, host="b.example", category="Lepas"))
    desk.poll()
    assert sorted(desk.titles()) == ["Judul", "lain"]
    desk.raw["partners"][1]["terms"]["exclude_categories"] = ["Lepas"]
    desk.publish()
    assert sorted(desk.titles()) == ["Judul", "lain"]
