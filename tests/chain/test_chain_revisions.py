"""What counts as an edit, as partners see it: items, ids and dates over many polls."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from desk import NOW, Desk, raw_config, rss
from partner_server import PartnerServer

from aggregator.model.report import SourceReport

pytestmark = pytest.mark.slow

HOUR_AGO = format_datetime(NOW - timedelta(hours=1))


@pytest.fixture
def one(server: PartnerServer, tmp_path: Path) -> Desk:
    """A desk with one source."""
    return Desk(tmp_path, raw_config({"a": server.url("/a")}))


def text(number: int) -> str:
    return " ".join(f"Kata{number}x{word} memuat isi {number * 37 + word}." for word in range(20))


def article(number: int, body: str = "", *, guid: str = "", slug: str = "", title: str = "") -> str:
    body = body or f"<p>{text(number)}</p><p>Akhir berita {number}.</p>"
    return (
        f"<item><title>{title or f'Judul {number} soal hal{number}'}</title>"
        f"<link>https://www.a.example/{slug or f'kabar/hal-{number}'}</link>"
        f'<guid isPermaLink="false">{guid or f"urn:a:{number}x"}</guid>'
        f"<pubDate>{HOUR_AGO}</pubDate><description>{escape(body)}</description></item>"
    )


def body(number: int, *more: str) -> str:
    return "".join(f"<p>{part}</p>" for part in (text(number), *more))


@pytest.mark.parametrize(
    "poll",
    [
        lambda n: body(1, f"{n} menit lalu"),
        lambda n: body(1, f"Dibaca {n}.345 kali"),
        lambda n: body(1) + "".join(f"<h3>Kabar lain {n} {word}</h3>" for word in "abcdefgh"),
        lambda n: body(1) + f"<p>Baca juga: <a href='/{n}'>Judul lain {n}</a></p>",
        lambda n: f"<p class='x{n}' data-id='{n}'>{text(1)}</p>",
        lambda n: f"<p>{text(1)}</p>" if n % 2 else f"<div>{text(1)}</div>",
        lambda n: body(1, f"<img alt='a' src='https://a.example/foto-yang-sama.jpg?token={n}'>"),
    ],
    ids=["age", "counter", "latest news", "read more", "attributes", "elements", "picture's token"],
)
def test_what_moves_by_itself_is_no_edit(
    one: Desk, server: PartnerServer, poll: Callable[[int], str]
) -> None:
    for number in range(1, 6):
        server.bodies["/a"] = rss(article(1, poll(number)))
        one.poll()
        (item,) = one.items()
        assert one.reports[0].revised == 0
        assert item.get("date_modified", item["date_published"]) == item["date_published"]


def test_a_sidebar_on_all_pages_is_no_edit_and_a_correction_is_one(one: Desk, server: PartnerServer) -> None:
    def site(sidebar: str, correction: str = "") -> bytes:
        texts = [body(number, f"Akhir {number}.", sidebar) for number in range(6)]
        texts[3] = texts[3].replace("Akhir 3.", f"Akhir 3. {correction}")
        return rss(*(article(number, one_text) for number, one_text in enumerate(texts)))

    server.bodies["/a"] = site("Cuaca kota ini cerah.")
    one.poll()
    before = one.files()
    server.bodies["/a"] = site("Cuaca kota ini berawan.")
    one.poll()
    assert (one.reports[0].revised, one.files()) == (0, before)
    server.bodies["/a"] = site("Cuaca kota ini hujan.", "Ralat: tujuh orang.")
    one.poll()
    assert one.reports[0].revised == 1
    assert [item["title"] for item in one.items() if "Ralat" in item["content_html"]] == ["Judul 3 soal hal3"]


def test_servers_that_answer_in_turn_do_not_ring_the_bell_at_each_poll(
    one: Desk, server: PartnerServer
) -> None:
    versions = [body(1, "Lima orang."), body(1, "Enam orang.")]
    reports: list[SourceReport] = []
    for number in range(10):
        server.bodies["/a"] = rss(article(1, versions[number % 2]))
        one.poll()
        reports += one.reports
    assert len(one.items()) == 1
    assert [report.revised for report in reports] == [0, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    assert [bool(report.notes) for report in reports[4:]] == [True, False] * 3
    assert "come and go" in reports[4].notes[0]


def test_a_version_that_stays_is_taken_up_although_the_document_stays_the_same(
    one: Desk, server: PartnerServer
) -> None:
    versions = [body(1, "Lima orang."), body(1, "Enam orang.")]
    for number in range(5):
        server.bodies["/a"] = rss(article(1, versions[number % 2]))
        one.poll()
    assert "Enam" in one.items()[0]["content_html"]
    one.now += timedelta(hours=2)
    one.poll()
    assert "Lima" in one.items()[0]["content_html"]


def test_a_correction_taken_back_is_shown_at_once(one: Desk, server: PartnerServer) -> None:
    for words in ("Lima", "Enam", "Lima"):
        server.bodies["/a"] = rss(article(1, body(1, f"{words} orang.")))
        one.poll()
        assert words in one.items()[0]["content_html"]


def test_an_upgrade_is_not_news_and_a_correction_after_it_is(one: Desk, server: PartnerServer) -> None:
    articles = [article(number) for number in range(4)]
    server.bodies["/a"] = rss(*articles)
    one.poll()
    before = {item["id"]: item for item in one.items()}
    with sqlite3.connect(one.folder / "desk.db") as database:
        # As the version before left it: other hashes of the same texts.
        database.execute("UPDATE entries SET content_hash = '1:' || entry_id || '.x.y', text = 'lama'")
        database.execute("UPDATE stories SET shown_hash = '1:' || shown_entry_id || '.x.y'")
    server.bodies["/a"] = rss(*articles[:3], article(3, body(3, "Ralat: Enam orang.")))
    one.poll()
    assert one.reports[0].revised == 1
    changed = [item for item in one.items() if item != before[item["id"]]]
    assert ["Ralat" in item["content_html"] for item in changed] == [True]
    assert changed[0]["date_modified"] > changed[0]["date_published"]
    with sqlite3.connect(one.folder / "desk.db") as database:
        assert database.execute("SELECT count(*) FROM entries WHERE text = 'lama'").fetchone() == (0,)


def test_an_upgrade_that_reads_pictures_and_texts_otherwise_is_no_news(
    one: Desk, server: PartnerServer
) -> None:
    server.bodies["/a"] = rss(*(article(number) for number in range(5)))
    one.poll()
    before = [item["date_published"] for item in one.items()]
    with sqlite3.connect(one.folder / "desk.db") as database:
        # As an older version would have read them: without the last line, and with its own hashes.
        database.execute("UPDATE entries SET content_hash = '1:' || entry_id || '.x.y'")
        database.execute("UPDATE entries SET raw = replace(raw, '<p>Akhir', '<p hidden>Akhir')")
        database.execute("UPDATE stories SET shown_hash = '1:' || shown_entry_id || '.x.y'")
    server.bodies["/a"] += b" "
    one.poll()
    assert one.reports[0].revised == 0
    for item, was in zip(one.items(), before, strict=True):
        assert item.get("date_modified", was) == was
        assert "Akhir berita" in item["content_html"]
    server.bodies["/a"] = rss(*(article(number) for number in range(4)), article(4, body(4, "Ralat.")))
    one.poll()
    assert one.reports[0].revised == 1


def test_a_site_that_moves_whole_doubles_not_even_short_texts(one: Desk, server: PartnerServer) -> None:
    def site(guid: str, folder: str) -> bytes:
        return rss(
            *(
                article(
                    n,
                    "<p>Isi pendek.</p>",
                    guid=f"{guid}{n}x",
                    slug=f"{folder}/{n}-hal",
                    title=f"Judul ke {n}",
                )
                for n in range(50)
            )
        )

    server.bodies["/a"] = site("?p=9", "lama")
    one.poll()
    before = one.files()
    server.bodies["/a"] = site("https://a.example/baru/", "baru/1234567")
    one.poll()
    assert (one.reports[0].new, one.files()) == (0, before)


def test_positions_for_guids_overwrite_nobody(one: Desk, server: PartnerServer) -> None:
    for newest in range(3, 8):
        numbers = range(newest, newest - 3, -1)
        server.bodies["/a"] = rss(
            *(article(number, guid=f"item-{place}") for place, number in enumerate(numbers, start=1))
        )
        one.poll()
    assert sorted(one.titles()) == [f"Judul {number} soal hal{number}" for number in range(1, 8)]
    assert all(f"Akhir berita {item['title'].split()[1]}." in item["content_html"] for item in one.items())


def test_guids_made_anew_for_each_request_are_given_up(one: Desk, server: PartnerServer) -> None:
    for poll in range(6):
        server.bodies["/a"] = rss(*(article(number, guid=f"sesi{poll}-{number}x") for number in range(4)))
        one.poll()
        assert one.reports[0].new == (4 if poll == 0 else 0)
    assert "its guids name nothing" in one.status().sources[0].notes[0]
    server.bodies["/a"] = rss(article(9, guid="sesi0-1x"), *(article(number) for number in range(4)))
    one.poll()
    assert one.reports[0].new == 1
    assert "Judul 1 soal hal1" in one.titles()


def test_bare_addresses_of_a_plain_sitemap_are_no_stories(one: Desk, server: PartnerServer) -> None:
    urls = "".join(f"<url><loc>https://www.a.example/kabar/hal-{number}</loc></url>" for number in range(3))
    server.bodies["/a"] = (
        f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>".encode()
    )
    one.poll()
    assert (one.items(), one.reports[0].new) == ([], 0)
    assert "3 addresses without a headline" in one.reports[0].notes[0]


def test_a_headline_from_a_sitemap_does_not_take_the_place_of_the_text(
    one: Desk, server: PartnerServer
) -> None:
    one.raw["sources"].append({"id": "peta", "partner": "a", "url": server.url("/peta"), "every": "15m"})
    news = (
        "<news:news><news:publication_date>2026-11-23T05:00:00Z</news:publication_date>"
        "<news:title>Judul 1 dari peta</news:title></news:news>"
    )
    server.bodies["/a"] = rss(article(1))
    server.bodies["/peta"] = (
        "<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>"
        f"<url><loc>https://www.a.example/kabar/hal-1</loc>{news}</url></urlset>"
    ).encode()
    one.poll()
    one.poll()
    (item,) = one.items()
    assert item["title"] == "Judul 1 soal hal1"
    assert "Akhir berita 1." in item["content_html"]


def test_servers_that_answer_in_turn_are_heard_ever_more_seldom(one: Desk, server: PartnerServer) -> None:
    versions, revised = [body(1, "Lima orang."), body(1, "Enam orang.")], 0
    for number in range(96):
        server.bodies["/a"] = rss(article(1, versions[number % 2]))
        one.poll()
        revised += one.reports[0].revised
        one.now += timedelta(minutes=14)
    assert 3 <= revised <= 9  # in a day


def test_one_document_with_bad_guids_is_forgiven(one: Desk, server: PartnerServer) -> None:
    sound = [article(number) for number in range(4)]
    server.bodies["/a"] = rss(*sound)
    one.poll()
    server.bodies["/a"] = rss(*(article(number, guid="sama") for number in range(4)))
    one.poll()
    server.bodies["/a"] = rss(*sound)
    one.poll()
    moved = article(1, body(1, "Kalimat tambahan."), slug="kabar/alamat-baru", title="Judul 1 soal hal1 baru")
    server.bodies["/a"] = rss(sound[0], moved, *sound[2:])
    one.poll()
    assert (one.reports[0].new, len(one.items())) == (0, 4)
