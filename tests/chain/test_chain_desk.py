"""The editorial desk end to end, as seen in documents: datelines, credits, copies, loops and own rules."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import FULL_TERMS, Desk, item, raw_config, rss
from partner_server import PartnerServer

TITLE = "Petani Karet Jambi Terima Bantuan Bibit Unggul dari Pemerintah Provinsi"
NEWS = (
    "Sebanyak 350 petani karet di Kabupaten Batang Hari menerima bantuan bibit unggul, Selasa (3/3/2026). Bantuan itu "
    "diserahkan Gubernur Al Haris di aula kantor bupati. Setiap kelompok mendapat seribu batang bibit yang siap tanam."
)
MORE = (
    "Kepala Dinas Perkebunan mengatakan bibit itu berasal dari kebun induk di Sembawa dan sudah bersertifikat. Petani "
    "diminta menanamnya sebelum musim kemarau agar tidak mati kekeringan, dan melapor bila ada serangan hama."
)
REWRITTEN = (
    "Ratusan warga desa di Batang Hari akhirnya bisa meremajakan kebun mereka. Pemerintah setempat membagikan bibit "
    "secara cuma-cuma kepada mereka yang terdaftar, setelah dua tahun menunggu janji yang disampaikan Al Haris."
)


def article(number: int, title: str, *paragraphs: str, host: str = "kabar-a.id") -> str:
    return item(number, title, "</p><p>".join(paragraphs), host=host)


@pytest.fixture
def desk(server: PartnerServer, tmp_path: Path) -> Desk:
    """Partners with domains as they look in Indonesia: credits are read from those."""
    raw = raw_config({"a": server.url("/a"), "b": server.url("/b")})
    for partner in raw["partners"]:
        partner["domains"] = [f"kabar-{partner['id']}.id"]
    return Desk(tmp_path, raw)


def served(server: PartnerServer, a: list[str], b: list[str]) -> None:
    server.bodies |= {"/a": rss(*a), "/b": rss(*b)}


def text_of(story: dict[str, Any]) -> str:
    return str(story["content_html"])


@pytest.mark.parametrize(
    ("dateline", "begins"),
    [
        (None, "<p>JAMBI, KOMPAS.com - Sebanyak"),
        ("Jambi Seru", "<p>Jambi Seru, Jambi – Sebanyak"),
    ],
    ids=["the partner's stays", "ours takes its place"],
)
def test_the_dateline(server: PartnerServer, tmp_path: Path, dateline: str | None, begins: str) -> None:
    raw = raw_config({"a": server.url("/a")})
    raw["site"] |= {"dateline": dateline} if dateline else {}
    desk = Desk(tmp_path, raw)
    server.bodies["/a"] = rss(article(1, TITLE, f"JAMBI, KOMPAS.com - {NEWS}", f"{MORE} (tra)"))
    desk.poll()
    (story,) = desk.items()
    assert text_of(story).startswith(begins)
    assert "(tra)" not in text_of(story)
    assert story["summary"].startswith("Sebanyak 350 petani")


def test_a_rewritten_copy_joins_the_story_that_it_names(desk: Desk, server: PartnerServer) -> None:
    repost = f"Artikel ini telah tayang di kabar-a.id dengan judul {TITLE}"
    served(
        server,
        [article(1, TITLE, NEWS, MORE)],
        [
            article(
                2,
                "Akhirnya Peremajaan Kebun Dimulai Juga di Batang Hari",
                REWRITTEN,
                repost,
                host="kabar-b.id",
            )
        ],
    )
    desk.poll()
    assert desk.titles() == [TITLE]


def test_who_merely_carried_an_article_is_credited_after_its_origin(
    desk: Desk, server: PartnerServer
) -> None:
    repost = f"Artikel ini telah tayang di kompas.com dengan judul {TITLE}"
    served(server, [article(1, "Judul Lain di Sini", NEWS, MORE, repost)], [])
    desk.poll()
    (story,) = desk.items()
    assert text_of(story).count("kompas.com") == 1
    assert "dikutip dari kompas.com melalui kabar-a.id dengan judul" in text_of(story)
    assert "telah tayang" not in text_of(story)


def test_what_left_this_desk_does_not_come_back(desk: Desk, server: PartnerServer) -> None:
    served(server, [article(1, TITLE, NEWS, MORE)], [])
    desk.poll()
    (story,) = desk.items()
    chain = (
        "seperti dikutip dari laman kabar-a.id (jaringan media kabar-b.id, partner jambiseru.com) "
        f"dari artikel yang berjudul {TITLE}"
    )
    loops = [
        article(7, "Judul yang Diganti di Sana", REWRITTEN, chain, host="kabar-b.id"),
        article(8, "Judul Ketiga di Sana", NEWS, MORE, "Sumber: jambiseru.com", host="kabar-b.id"),
    ]
    by_id = item(9, "Judul Kedua", f"{REWRITTEN} Lagi dan lagi.", host="kabar-b.id")
    url = "https://www.kabar-b.id/berita/0000009/judul-9"
    loops.append(by_id.replace(f"<guid>{url}</guid>", f"<guid isPermaLink='false'>{story['id']}</guid>"))
    served(server, [article(1, TITLE, NEWS, MORE)], loops)
    desk.now += timedelta(minutes=20)
    desk.poll()
    assert desk.titles() == [TITLE]
    (note,) = desk.reports[1].notes
    assert "3 entries left this desk and came back" in note
    assert '"Judul yang Diganti di Sana" (its credit names us as partner of kabar-a.id)' in note
    desk.poll()
    assert desk.status().sources[1].notes == (note,)
    # Of many the first are named, long headlines by their beginning.
    more = [
        article(number, f"Judul {number} {'panjang ' * 99}", f"{MORE} {number}", chain, host="kabar-b.id")
        for number in range(20, 25)
    ]
    served(server, [], more)
    desk.poll()
    (note,) = desk.reports[1].notes
    assert "5 entries left this desk" in note
    assert ("Judul 22" in note, "Judul 23" in note, len(note) < 600) == (True, False, True)
    served(server, [], more[:1])
    desk.poll()
    assert "1 entry left this desk" in desk.reports[1].notes[0]


def test_an_own_rule_cleans_what_is_published_and_is_no_news(server: PartnerServer, tmp_path: Path) -> None:
    advert = "Kabar A: unduh aplikasi kami sekarang juga."
    raw = raw_config({"a": server.url("/a")}, FULL_TERMS | {"content": "excerpt", "excerpt_words": 12})
    desk = Desk(tmp_path, raw)
    server.bodies["/a"] = rss(article(1, TITLE, advert, NEWS, MORE))
    desk.poll()
    (before,) = desk.items()
    assert before["summary"].startswith("Kabar A: unduh")

    raw["partners"][0]["cut"] = [{"line": "kabar a: unduh aplikasi kami sekarang juga"}]
    edited = Desk(tmp_path, raw)
    edited.now = desk.now + timedelta(minutes=20)
    edited.publish()
    (after,) = edited.items()
    assert after["summary"].startswith("Sebanyak 350 petani")
    assert "unduh" not in str(after)
    server.bodies["/a"] = rss(article(1, TITLE, advert, NEWS, MORE), article(2, "Lain", REWRITTEN))
    edited.poll()
    assert [one["date_modified"] for one in edited.items() if one["title"] == TITLE] == [
        before["date_modified"]
    ]


def test_an_upgrade_reads_what_is_stored_anew_and_is_no_news(
    desk: Desk, server: PartnerServer, tmp_path: Path
) -> None:
    served(server, [article(1, TITLE, NEWS, MORE)], [])
    desk.poll()
    (before,) = desk.items()
    database = next(tmp_path.glob("**/*.db"))
    with sqlite3.connect(database) as connection:  # as version 2 left it
        connection.execute("UPDATE entries SET content_hash = '2:a.b.c', text = 'lama', marks = x''")
        connection.execute("UPDATE stories SET shown_hash = '2:a.b.c'")
        connection.execute("DELETE FROM marks")
        connection.execute("DELETE FROM meta WHERE key IN ('read_with', 'settled_with')")
    connection.close()
    copy = article(3, "Judul dari B untuk Bibit Karet", f"{NEWS} {MORE}", host="kabar-b.id")
    served(server, [article(1, TITLE, NEWS, MORE)], [copy])
    desk.now += timedelta(minutes=20)
    desk.publish()
    desk.poll()
    (after,) = desk.items()
    assert (after["id"], after["date_modified"]) == (before["id"], before["date_modified"])
