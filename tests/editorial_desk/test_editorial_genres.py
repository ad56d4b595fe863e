"""Genres by category, address, headline and text; and what only looks like one."""

from __future__ import annotations

import time

import pytest

from aggregator.editorial.genres import genres_of
from aggregator.model.facet import GENRES

NEWS = "Warga Desa Sungai Duren bergotong royong memperbaiki jembatan gantung.\nPekerjaan selesai sore itu."


def codes(
    *categories: str, url: str = "https://kabar.example/berita/1/jembatan", title: str = "", text: str = NEWS
) -> tuple[str, ...]:
    return tuple(one.facet.code for one in genres_of(categories, url, title, text))


@pytest.mark.parametrize(
    "categories, expected",
    [
        (("Opini",), "opini"),
        (("KOLOM",), "opini"),
        (("Nasional", "Editorial"), "opini"),
        (("Tajuk Rencana",), "opini"),
        (("Ésai",), "opini"),
        (("surat-pembaca",), "opini"),
        (("News/Opini",), "opini"),
        (("Opini & Kolom",), "opini"),
        (("Rubrik Opini",), "opini"),
        (("Op-Ed",), "opini"),
        (("Rilis Pers",), "rilis-pers"),
        (("siaran pers",), "rilis-pers"),
        (("Press Release",), "rilis-pers"),
        (("PressRelease",), "rilis-pers"),
        (("Advertorial",), "advertorial"),
        (("Advetorial",), "advertorial"),
        (("ADV",), "advertorial"),
        (("Daerah", "Adv DPRD Sarolangun"), "advertorial"),
        (("Advertorial – Pemkab",), "advertorial"),
        (("Iklan",), "advertorial"),
        (("Sponsored",), "advertorial"),
        (("Kerja Sama Berbayar",), "advertorial"),
        (("Brand-Content",), "advertorial"),
        (("Foto",), "foto"),
        (("Berita Foto",), "foto"),
        (("Galeri-Foto",), "foto"),
        (("Potret",), "foto"),
        (("Peristiwa", "VIDEO"), "video"),
        (("breaking news - Video",), "video"),
        (("TV",), "video"),
        (("Cek Fakta",), "cek-fakta"),
        (("CekFakta",), "cek-fakta"),
        (("Fakta atau Hoaks",), "cek-fakta"),
        (("Hoaks", "Nasional"), "cek-fakta"),
        (("Berita", "hoax"), "cek-fakta"),
    ],
)
def test_categories(categories: tuple[str, ...], expected: str) -> None:
    assert codes(*categories) == (expected,)


@pytest.mark.parametrize(
    "categories",
    [
        ("Editorial Picks",),
        ("Pilihan Editor",),
        ("Opini WTP",),
        ("Opini Publik",),
        ("Hukum", "hoaks"),
        ("Bisnis", "iklan"),
        ("Hiburan", "TV"),
        ("Video Viral",),
        ("Foto Syur",),
        ("Kerja Sama",),
        ("Sponsor",),
        ("Honda ADV 160",),
        ("ADV 160",),
        ("Adv. Rudi Hartono",),
        ("Adventure",),
        ("Fotografi",),
        ("Pers",),
        ("Rilis Album",),
        ("Pilkada", "hoaks", "2024"),
        ("Wisata", "kopi", "pasar", "video", "foto"),
        ("", "  ", "/"),
    ],
)
def test_categories_of_no_genre(categories: tuple[str, ...]) -> None:
    assert codes(*categories) == ()


@pytest.mark.parametrize(
    "url, expected",
    [
        ("https://kabar.example/opini/jembatan-kami", ("opini",)),
        ("https://kabar.example/kolom/2024/05/jembatan-kami/", ("opini",)),
        ("https://kabar.example/category/Surat-Pembaca/77", ("opini",)),
        ("https://kabar.example/cek-fakta/read/12/video-banjir", ("cek-fakta",)),
        ("https://kabar.example/Cek%20Fakta/12", ("cek-fakta",)),
        ("https://kabar.example/news/hoaks/12/kabar-banjir", ("cek-fakta",)),
        ("https://kabar.example/rilis-pers/12", ("rilis-pers",)),
        ("https://kabar.example/adv-dprd/12", ("advertorial",)),
        ("https://kabar.example/tv/12/pasar", ("video",)),
        ("https://foto.kabar.id/read/12/pasar", ("foto",)),
        ("https://opini.kabar.co.id/12", ("opini",)),
        ("https://www.video.kabar.example/12", ("video",)),
        ("https://foto.kabar.id/video/12", ("foto", "video")),
        ("https://kabar.example/berita/opini", ()),
        ("https://kabar.example/opini/", ()),
        ("https://kabar.example/2024/foto-warga-jadi-sorotan", ()),
        ("https://kabar.example/read/video-viral/12", ()),
        ("https://kabar.example/opini-wtp/12", ()),
        ("https://kabar.example/showbiz/tv/12", ()),
        ("https://kabar.example/1?kanal=/opini/", ()),
        ("https://opini.id/berita/1", ()),
        ("https://www.potret.co.id/berita/1", ()),
        ("https://opiniku.kabar.id/berita/1", ()),
        ("https://video/1", ()),
        ("https://192.0.2.7/1", ()),
        ("", ()),
    ],
)
def test_addresses(url: str, expected: tuple[str, ...]) -> None:
    assert codes(url=url) == expected


@pytest.mark.parametrize(
    "title, expected",
    [
        ("[OPINI] Jembatan untuk Siapa", ("opini",)),
        ("Opini | Jembatan untuk Siapa", ("opini",)),
        ("Opini: Jembatan untuk Siapa", ("opini",)),
        ("Jembatan untuk Siapa – Opini", ("opini",)),
        ("Tajuk Rencana: Jembatan untuk Siapa", ("opini",)),
        ("Surat Pembaca: Lampu Jalan Padam", ("opini",)),
        ("Siaran Pers: Bank Nagari Buka Cabang", ("rilis-pers",)),
        ("(ADV) Bupati Resmikan Pasar", ("advertorial",)),
        ("Bupati Resmikan Pasar (Adv)", ("advertorial",)),
        ("Bupati Resmikan Pasar (ADV/Diskominfo)", ("advertorial",)),
        ("Bupati Resmikan Pasar [Kerja Sama Berbayar]", ("advertorial",)),
        ("[IKLAN] Rumah Murah di Tepi Sungai", ("advertorial",)),
        ("FOTO: Pasar Apung di Pagi Hari", ("foto",)),
        ("Foto-foto: Pasar Apung di Pagi Hari", ("foto",)),
        ("VIDEO - Detik-detik Jembatan Roboh", ("video",)),
        ("[FOTO+VIDEO] Pasar Apung", ("foto", "video")),
        ("Jembatan Roboh [Video]", ("video",)),
        ("Cek Fakta: Benarkah Bupati Mundur?", ("cek-fakta",)),
        ("CEK FAKTA Benarkah Bupati Mundur?", ("cek-fakta",)),
        ("Hoaks atau Fakta? Bupati Mundur", ("cek-fakta",)),
        ("[HOAKS] Bupati Mundur Pekan Depan", ("cek-fakta",)),
        ("[SALAH] Video Buaya Masuk Kelas", ("cek-fakta",)),
        ("Video Viral: Warga Gotong Jembatan", ()),
        ("VIDEO VIRAL Warga Gotong Jembatan", ()),
        ("VIDEO Asusila Beredar, Polisi Turun Tangan", ()),
        ("Video viral warga gotong jembatan", ()),
        ("Foto Korban Beredar, Keluarga Keberatan", ()),
        ("Polisi Sita Foto: Pelaku Mengaku", ()),
        ("Hoaks soal Penculikan Anak, Polisi Minta Warga Tenang", ()),
        ("Hoaks: Polisi Bantah Kabar Penculikan", ()),
        ("CEK FAKTA JADI PELAJARAN DI SEKOLAH", ()),
        ("Cek Fakta Jadi Pelajaran di Sekolah", ()),
        ("Iklan: Dari Koran ke Ponsel", ()),
        ("Pemkot Raih Opini WTP", ()),
        ("Opini WTP: Pemkot Raih Lagi", ()),
        ("Press Release Akhir Tahun, Polres Ungkap 40 Kasus", ()),
        ("Dana Advertorial: Jaksa Periksa Kepala Dinas", ()),
        ("Jembatan Roboh (Foto: Warga)", ()),
        ("Jembatan Roboh (Foto/Warga)", ()),
        ("Bedah Motor (ADV 160)", ()),
        ("Kisah Pembela Warga (Adv. Rudi Hartono)", ()),
        ("Pilihan Editor: Jembatan untuk Siapa", ()),
        ("Video-video Lama Muncul Lagi", ()),
        ("", ()),
        ("[", ()),
    ],
)
def test_headlines(title: str, expected: tuple[str, ...]) -> None:
    assert codes(title=title) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Bupati meresmikan pasar.\n(Adv)", "advertorial"),
        ("Bupati meresmikan pasar. (adv/ris)", "advertorial"),
        ("Bupati meresmikan pasar.\n(*/Adv Diskominfo Kabupaten Sarolangun)", "advertorial"),
        ("Bupati meresmikan pasar.\n*ADV", "advertorial"),
        ("Bupati meresmikan pasar.\nAdv/Humas\n", "advertorial"),
        ("ADVERTORIAL\nBupati meresmikan pasar.", "advertorial"),
        ("ADVERTORIAL Lebih dari 40 pedagang hadir.", "advertorial"),
        ("Bupati meresmikan pasar.\nKonten ini merupakan kerja sama berbayar dengan PT Kopi.", "advertorial"),
        ("SIARAN PERS\nJambi, 3 Juni 2024 - Bank membuka cabang.", "rilis-pers"),
        ("SIARAN PERS Bank membuka cabang.", "rilis-pers"),
        ("Siaran pers\nBank membuka cabang.", "rilis-pers"),
        ("Siaran Pers Nomor 12/2024. Bank membuka cabang.", "rilis-pers"),
        ("Siaran Pers – Bank membuka cabang.", "rilis-pers"),
        ("Siaran Pers Bank Nagari dan Koperasi Tani\nBank membuka cabang.", "rilis-pers"),
        ("Bank membuka cabang.\n(Siaran Pers)", "rilis-pers"),
        ("Jembatan itu milik siapa?\n*Penulis adalah dosen di Jambi.", "opini"),
        ("Jembatan itu milik siapa?\nTulisan ini sepenuhnya pendapat pribadi.", "opini"),
        ("Siaran pers itu menyebutkan bank membuka cabang.", ""),
        ("Siaran pers yang kami terima menyebutkan bank membuka cabang.\nSelesai.", ""),
        ("Siaran pers-nya terlambat.", ""),
        ("Anggaran advertorial dipangkas.\nJaksa memeriksa dana (Rp3 miliar).", ""),
        ("Pasar itu ramai.\nAdvertorial itu dibayar dengan uang kas.", ""),
        ("Pasar itu ramai.\nKonten ini bukan kerja sama berbayar.", ""),
        ("Iklan\nPasar itu ramai.", ""),
        ("Pasar itu ramai.\nIklan", ""),
        ("Pasar itu ramai.\n(foto)", ""),
        ("Ia menang di pengadilan. (Adv. Rudi Hartono)", ""),
        ("Motor itu irit. (Honda ADV 160)", ""),
        ("Sidang usai.\nPenulis adalah profesi mulia, kata Menteri.", ""),
        ("(Adv)\nbukan di sini\nPasar itu ramai.", ""),
        ("", ""),
    ],
)
def test_texts(text: str, expected: str) -> None:
    assert codes(text=text) == ((expected,) if expected else ())


def test_evidence_is_named_in_plain_words() -> None:
    found = genres_of(
        ("Nasional", " Opini "),
        "https://opini.kabar.id/kolom/1",
        "[OPINI] Siapa",
        "Isi.\nPenulis adalah guru.",
    )
    assert [(one.facet.kind, one.facet.code) for one in found] == [("genre", "opini")]
    assert found[0].evidence == (
        "category Opini, the address has /kolom/, the address is at opini.kabar.id, "
        "the headline begins with [OPINI], the text ends with Penulis adalah"
    )


def test_genres_come_in_the_order_of_their_list() -> None:
    found = codes("Video", "Cek Fakta", "Foto", "Adv", "Siaran Pers", "Opini")
    assert found == tuple(GENRES)


def test_a_story_that_says_nothing_has_no_genre() -> None:
    assert codes("Nasional", title="Warga Perbaiki Jembatan") == ()


@pytest.mark.parametrize(
    "piece", [" ", "[", "(a) ", " - ", "Foto ", "siaran pers ", "konten ini ", "penulis adalah "]
)
def test_costs_no_more_for_hostile_entries(piece: str) -> None:
    text = piece * 20_000
    begun_at = time.process_time()
    genres_of((text,), f"https://kabar.example/{text}/1", text, text)
    assert time.process_time() - begun_at < 1
