"""An entry is known again whatever its partner changes of it, as seen in the published documents."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from desk import FULL_TERMS, NOW, Desk, item, raw_config, rss
from partner_server import PartnerServer

pytestmark = pytest.mark.slow

TEXT = " ".join(f"Kata{number} isi{number * 7} berita{number * 13}." for number in range(40))
OTHER_TEXT = " ".join(f"Lain{number} hal{number * 5} kabar{number * 11}." for number in range(40))
HOUR_AGO = format_datetime(NOW - timedelta(hours=1))


@pytest.fixture
def one(server: PartnerServer, tmp_path: Path) -> Desk:
    """A desk with one source."""
    return Desk(tmp_path, raw_config({"a": server.url("/a")}))


def article(guid: str, slug: str, title: str = "Judul", text: str = TEXT, category: str = "") -> str:
    return (
        f'<item><title>{title}</title><link>https://www.a.example/{slug}</link><guid isPermaLink="false">{guid}</guid>'
        f"<pubDate>{HOUR_AGO}</pubDate><category>{category}</category>"
        f"<description>{escape(f'<p>{text}</p>') if text else ''}</description></item>"
    )


def test_a_feed_that_drops_its_texts_changes_nothing(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(article("g", "x/judul"))
    one.poll()
    before = one.files()
    server.bodies["/a"] = rss(article("g", "x/judul", "Judul", ""))
    one.poll()
    assert one.files() == before


def test_a_withdrawal_in_the_headline_arrives_without_a_text(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(article("g", "x/judul"))
    one.poll()
    (before,) = one.items()
    server.bodies["/a"] = rss(article("g", "x/judul", "[BERITA DICABUT] Judul", ""))
    for _ in range(2):
        one.poll()
        (item,) = one.items()
        assert (item["id"], item["title"]) == (before["id"], "[BERITA DICABUT] Judul")
        assert TEXT[:40] in item["content_html"]
        assert item["date_modified"] > before["date_published"]
    server.bodies["/a"] = rss(article("g", "x/judul"))
    one.poll()
    assert one.titles() == ["Judul"]


@pytest.mark.parametrize("slug", ["harga-{}-rp-2345500", "{}-20252026", "{}-2345678"])
def test_a_number_in_a_slug_joins_no_two_articles(one: Desk, server: PartnerServer, slug: str) -> None:
    banjir = article("g1", f"x/{slug.format('banjir')}", "Banjir melanda Tebo")
    gempa = article("g2", f"x/{slug.format('gempa')}", "Gempa mengguncang Padang", OTHER_TEXT)
    server.bodies["/a"] = rss(banjir)
    one.poll()
    server.bodies["/a"] = rss(gempa)
    one.poll()
    one.poll()
    assert sorted(one.titles()) == ["Banjir melanda Tebo", "Gempa mengguncang Padang"]


def test_a_headline_edited_with_its_slug_keeps_its_number(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(article("", "x/banjir-tebo-2345678", "Banjir melanda Tebo"))
    one.poll()
    server.bodies["/a"] = rss(article("", "x/air-surut-2345678", "Air mulai surut"))
    one.poll()
    assert one.titles() == ["Air mulai surut"]


def test_a_guid_and_later_an_address_that_change_are_followed(one: Desk, server: PartnerServer) -> None:
    for guid, slug, title in (
        ("g1", "x/lama", "Judul"),
        ("g2", "x/lama", "Judul 2"),
        ("g2", "x/baru", "Judul 3"),
    ):
        server.bodies["/a"] = rss(article(guid, slug, title))
        one.poll()
        assert one.titles() == [title]


def test_a_changed_address_is_known_to_the_partners_second_source(one: Desk, server: PartnerServer) -> None:
    one.raw["sources"].append({"id": "a2", "partner": "a", "url": server.url("/a2"), "every": "15m"})
    edited = article("https://a.example/?p=77", "judul-baru/", "Judul baru")
    server.bodies |= {"/a": rss(article("https://a.example/?p=77", "judul-lama/")), "/a2": rss(item(5))}
    one.poll()
    server.bodies["/a"] = rss(edited)
    one.poll()
    server.bodies["/a2"] = rss(edited, item(5))
    one.poll()
    assert [title for title in one.titles() if "Judul" in title] == ["Judul baru"]


def test_a_site_that_moves_all_its_addresses_doubles_nothing(one: Desk, server: PartnerServer) -> None:
    def site(folder: str) -> bytes:
        texts = [f"{TEXT} Nomor{number}." for number in range(3)]
        return rss(
            *(article(f"{folder}/{n}", f"{folder}/{n}-x", f"J{n}", text) for n, text in enumerate(texts))
        )

    server.bodies["/a"] = site("lama")
    one.poll()
    before = one.files()
    server.bodies["/a"] = site("baru")
    one.poll()
    assert one.files() == before


def test_a_hidden_story_stays_hidden_under_another_guid_and_address(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(article("lama", "lama/x"), item(9))
    one.poll()
    one.hide("https://www.a.example/lama/x")
    server.bodies["/a"] = rss(article("baru", "baru/x"), item(9))
    one.poll()
    assert "Judul" not in one.titles()
    assert len(one.titles()) == 1


def test_a_story_relabelled_as_excluded_leaves(server: PartnerServer, tmp_path: Path) -> None:
    terms = dict(FULL_TERMS, exclude_categories=["Advertorial"])
    desk = Desk(tmp_path, raw_config({"a": server.url("/a")}, terms))
    server.bodies["/a"] = rss(article("g", "x/judul", category="politik"))
    desk.poll()
    assert desk.titles() == ["Judul"]
    server.bodies["/a"] = rss(article("g", "x/judul", category="Advertorial"))
    desk.poll()
    assert desk.titles() == []


def test_a_corrected_category_moves_the_topic_and_not_updated(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(article("g", "x/judul", category="politik"))
    one.poll()
    before = one.items()
    server.bodies["/a"] = rss(article("g", "x/judul", category="hukum"))
    one.poll()
    assert (one.titles("topics/politik"), one.titles("topics/hukum")) == ([], ["Judul"])
    assert one.items()[0]["date_modified"] == before[0]["date_modified"]


def test_two_versions_in_one_document_are_one_story(one: Desk, server: PartnerServer) -> None:
    server.bodies["/a"] = rss(article("g", "x/judul-1234567"))
    one.poll()
    server.bodies["/a"] = rss(article("g", "x/judul-1234567", "Judul baru"), article("g", "x/judul-1234567"))
    one.poll()
    assert one.titles() == ["Judul baru"]


@pytest.mark.parametrize(
    "guid, slug", [("g", "x/gempa-di-padang"), ("g2", "x/banjir-di-jambi")], ids=["guid", "address"]
)
def test_what_is_used_again_overwrites_no_other_article(
    one: Desk, server: PartnerServer, guid: str, slug: str
) -> None:
    server.bodies["/a"] = rss(article("g", "x/banjir-di-jambi", "Banjir"))
    one.poll()
    before = one.items()
    for _ in range(2):
        server.bodies["/a"] = rss(article(guid, slug, "Gempa", OTHER_TEXT))
        one.poll()
    assert one.titles() == ["Gempa", "Banjir"]
    assert one.items()[1] == before[0]
