"""Whom a text credits."""

from __future__ import annotations

import time

import pytest

from aggregator.editorial.provenance import provenance
from aggregator.model.entry import Provenance

HEADLINE = "Rusia-Belarusia Sepakati Kerja Sama Militer, AS: Kami Prihatin"


def quoted(host: str, title: str = "", network: str = "", partner: str = "") -> Provenance:
    return Provenance(host, title, network, partner, "quoted")


def reposted(host: str, title: str = "", network: str = "", partner: str = "") -> Provenance:
    return Provenance(host, title, network, partner, "reposted")


def carried(host: str, title: str, network: str = "", partner: str = "") -> Provenance:
    return Provenance(host, title, network, partner, "carried")


def source(host: str) -> Provenance:
    return Provenance(host, "", form="source")


CREDITED = {
    # A1, A2: a site is quoted
    "Mengutip Kabar.com, harga naik.": quoted("kabar.com"),
    "Harga naik, melansir dari kabar.co.id, Senin": quoted("kabar.co.id"),
    "Harga naik, seperti diberitakan kabar.com.": quoted("kabar.com"),
    "Harga naik, sebagaimana dilaporkan media kabar.co.uk.": quoted("kabar.co.uk"),
    "Harga naik, dikutip dariKabar.com, Senin": quoted("kabar.com"),
    "Harga naik, dinukil oleh situs berita www.Kabar.com": quoted("kabar.com"),
    "Harga naik, dikutip dari https://www.kabar.com/ekonomi/1": quoted("kabar.com"),
    "Harga naik, dikutip JambiKini.com dari Kabar.com, Senin": quoted("kabar.com"),
    # A3: with the headline it had there
    f"Begitu sebagaimana dilansir dari kabar.com dari artikel berjudul “{HEADLINE}”.": carried("kabar.com", HEADLINE),
    f'Begitu, sebagaimana dilansir kabar.com berjudul "{HEADLINE}". Harga naik.': quoted("kabar.com", HEADLINE),
    f"Begitu, dilansir kabar.com dalam tulisan bertajuk ‘{HEADLINE}’, Senin": quoted("kabar.com", HEADLINE),
    f"Dikutip dari kabar.com, Senin (1/6/2026), dari artikel berjudul {HEADLINE}. Warga": quoted("kabar.com", HEADLINE),
    "dikutip dari kabar.com dari artikel yang berjudul Gaji Naik? Simak Faktanya. Warga resah.": quoted(
        "kabar.com", "Gaji Naik? Simak Faktanya"
    ),
    "dikutip dari kabar.com dari artikel yang berjudul Gaji Naik? Begitu pertanyaan warga kota ini.": quoted(
        "kabar.com", "Gaji Naik?"
    ),
    "dikutip dari kabar.com dari berita asli berjudul Profil Dr. Rina Putri. Ia lahir di Jambi.": quoted(
        "kabar.com", "Profil Dr. Rina Putri"
    ),
    "dilansir Tribun Kota dari artikel berjudul Harga Karet Naik Lagi": carried("", "Harga Karet Naik Lagi"),
    # A6: the chain of partners
    f"Kerja sama itu diteken, seperti dikutip dari laman Pikiran-Kota.com (jaringan media Harian-Kota.co.id, "
    f"partner kabarjambi.com) dari artikel yang berjudul {HEADLINE}": carried(
        "pikiran-kota.com", HEADLINE, "harian-kota.co.id", "kabarjambi.com"
    ),
    "dikutip dari kabar.com (media jaringan Kabar Raya), Senin": quoted("kabar.com", network="Kabar Raya"),
    "dikutip dari kabar.com (media partner kabarjambi.com)": quoted("kabar.com", partner="kabarjambi.com"),
    "dikutip dari kabar.com (jaringan media a.id) dengan judul Harga Naik\nArtikel ini telah tayang di kabar.com "
    "dengan judul Harga Naik": reposted("kabar.com", "Harga Naik", "a.id"),
    # A4, K1: the article appeared there
    f'Artikel ini telah tayang di www.Kabar.com dengan judul "{HEADLINE}"': reposted("kabar.com", HEADLINE),
    f'Artikel ini telah tayang di kabar.com dengan judul "{HEADLINE}", Klik untuk baca: https://k/1': reposted(
        "kabar.com", HEADLINE
    ),
    f"Artikel ini telah tayang di kabar.com dengan judul {HEADLINE}. Klik untuk baca: https://k": reposted(
        "kabar.com", HEADLINE
    ),
    f"Artikel ini telah tayang di kabar.com dengan judul {HEADLINE}, https://kabar.com/1. Penulis: A": reposted(
        "kabar.com", HEADLINE
    ),
    "Artikel ini telah tayang di kabar.com dengan judul Bupati Ditangkap dan telah diralat karena namanya keliru": (
        reposted("kabar.com", "Bupati Ditangkap")
    ),
    "Sebagian artikel ini sudah lebih dulu dimuat di situs kabar.com.": reposted("kabar.com"),
    "Berita ini pertama kali terbit di kabar.com": reposted("kabar.com"),
    f"Artikel ini telah tayang di Tribun Kota dengan judul {HEADLINE}": reposted("", HEADLINE),
    "Artikel ini sudah tayang di KABAR.co.id pada hari Kamis, 16 Juni 2026 - 05:59 WIB\nJudul Artikel : "
    f"{HEADLINE}\nLink Artikel : https://www.kabar.co.id/1": reposted("kabar.co.id", HEADLINE),
    # A5: as a line of its own
    "Isi.\nSumber: kabar.com": source("kabar.com"),
    "Isi.\n(Sumber berita: www.Kabar.com)": source("kabar.com"),
    "Isi.\nSumber : https://kabar.com/politik/1": source("kabar.com"),
    # which of several is the origin
    "dikutip dari a.com.\ndilansir b.com, Senin": quoted("b.com"),
    "Artikel ini telah tayang di a.com dengan judul Harga Naik\ndikutip dari b.com": reposted("a.com", "Harga Naik"),
    "dikutip dari a.com dan dilansir b.com dengan judul Harga Naik. Warga resah.": quoted("b.com", "Harga Naik"),
    "dikutip dari a.com dengan judul Harga Naik\ndilansir b.com berjudul Harga Turun": carried("b.com", "Harga Turun"),
    "dikutip dari a.com dengan judul Harga Naik\nSumber: b.com": carried("a.com", "Harga Naik"),
    "dikutip dari a.com\nSumber: b.com": source("b.com"),
    # a reference is no origin, though it has the headline
    "Menurut kajian yang dikutip dari a.com berjudul Harga Naik.\nSumber: b.com": source("b.com"),
    # a source of facts with a headline published the article
    "dikutip dari kota.go.id dari artikel berjudul Pasar Diresmikan": carried("kota.go.id", "Pasar Diresmikan"),
}  # fmt: skip


@pytest.mark.parametrize("text", CREDITED)
def test_credited(text: str) -> None:
    assert provenance(text) == CREDITED[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        # A1: a spokesman is quoted
        '"Kami siap," katanya seperti dikutip dari keterangan tertulis, Senin.',
        "Demikian dikutip dari siaran pers Kantor Gubernur, Senin.",
        "Begitu pernyataan itu dikutip Senin (1/6/2026). Kabar.com akan menyusul.",
        # A2: a source of facts or a social account
        "Harga naik, dikutip dari laman BMKG.go.id, Senin",
        "Penduduk bertambah, dilansir bps.go.id.",
        "Kasus bertambah, dikutip dari worldometers.info, Senin.",
        "Ia menangis, dikutip dari Instagram.com, Senin.",
        "Ia menangis, dilansir akun Instagram @kabar.jambi.com",
        "Ia menangis, dikutip dari kanal YouTube Kabar Jambi, Senin.",
        "Ia menangis, dikutip JambiKini.com dari YouTube Kabar Raya, Senin.",
        "Harga naik, dikutip dari laman resmi pabrik.com, Senin.",
        "Harga naik, dikutip dari Antara, Senin.",
        "Seperti diberitakan kabar.com sebelumnya, harga naik.",
        # A3: hoax checks quote headlines that are false
        'Hoaks itu beredar lewat artikel berjudul "Presiden Mundur".',
        'Unggahan dilansir Facebook berjudul "Presiden Mundur".',
        'Artikel ini telah tayang di mana-mana dengan judul "Presiden Mundur".',
        # A5
        "Sumber: Timnas Indonesia",
        "Sumber: air bersih untuk warga desa kabar.com dibangun",
        "Sumber: BMKG.go.id",
        "Sumber: https://www.instagram.com/p/abc",
        "Sumber foto: kabar.com",
        "(Sumber: Pixabay.com)",
        "Kebun karet. (Sumber: kabar.com)",
        "Sumber air kabar.com: mata air",
        # A6
        "Warga (jaringan listrik) dan toko (partner bisnisnya) resah.",
        "Kabar.com melansir harga naik",
        "dikutip dari Kabar.comel",
        "Artikel ini telah tayang. Kabar.com melaporkan.",
    ],
)
def test_nobody_credited(text: str) -> None:
    assert provenance(text) is None


@pytest.mark.parametrize(
    "text",
    [
        'Dikutip dari cek.com, klaim itu hoaks lewat artikel berjudul "Presiden Mundur".',
        'Dikutip dari kabar.com, harga naik. Sebuah berita berjudul "Presiden Mundur" beredar.',
        'Dikutip dari kabar.com, artikel berjudul "Presiden Mundur" adalah palsu.',
    ],
)
def test_a_headline_that_is_not_the_sites(text: str) -> None:
    found = provenance(text)
    assert found is not None
    assert not found.title


FORMULA = f"seperti dikutip dari laman kabar.com dari artikel yang berjudul {HEADLINE}"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (f"Isi.\nKerja sama itu diteken, {FORMULA}", "carried"),
        (f"Isi.\nKerja sama itu diteken, {FORMULA}.\n(tra)\nEditor: Rina\nBaca juga: Harga Karet", "carried"),
        (f"Isi.\nDemikian {FORMULA}", "carried"),
        (
            f"Kerja sama diteken, {FORMULA.replace('.com', '.com (jaringan media a.id)')}\nWarga menunggu.",
            "carried",
        ),
        (f"Bupati membantah itu, {FORMULA.replace('.com', '.com (jaringan media a.id)')}", "quoted"),
        (f"Isi.\nDikutip dari kabar.com dengan judul {HEADLINE}", "carried"),
        (f"Kerja sama itu diteken, {FORMULA}\nWarga menunggu hasilnya.", "quoted"),
        (f"Dikutip dari kabar.com dengan judul {HEADLINE}\nWarga menunggu hasilnya.", "quoted"),
        (
            f'Bupati membantah tudingan yang dikutip dari kabar.com dalam artikel berjudul "{HEADLINE}".',
            "quoted",
        ),
        (f"Bupati membantah tudingan, {FORMULA}", "quoted"),
        (f"Bupati menanggapi kabar itu, {FORMULA}", "quoted"),
        (
            f"Panitia dibentuk setelah kabar yang dikutip dari kabar.com dalam artikel berjudul {HEADLINE}",
            "quoted",
        ),
        (
            f"Bupati memberi klarifikasi sebagaimana diberitakan kabar.com dalam artikel berjudul {HEADLINE}",
            "quoted",
        ),
    ],
)
def test_only_a_formula_that_ends_the_article_says_that_it_was_carried(text: str, form: str) -> None:
    found = provenance(text)
    assert found is not None
    assert (found.host, found.form) == ("kabar.com", form)


@pytest.mark.parametrize("chain", ["(jaringan listrik)", "(partner bisnisnya)", "(grup musik Kabar)", "()"])
def test_brackets_that_are_no_chain(chain: str) -> None:
    assert provenance(f"dikutip dari kabar.com {chain}, Senin") == quoted("kabar.com")


@pytest.mark.parametrize(
    "unit",
    [
        "dikutip dari a.", "a.", "a-", "Sumber: ", "dikutip dari a.com ", " dengan judul ", ". A", "A ", "(",
        "artikel ini ",
        "seperti dikutip dari a.com (partner b.com) berjudul A ",
        "dikutip dari A", "dikutip dari A A A", "berjudul ", '"', " ini telah tayang di ", "yang ", "Dr. ", "? Apa ",
    ],
)  # fmt: skip
def test_long_lines_take_no_time(unit: str) -> None:
    text = "dikutip dari a.com berjudul " + unit * (400_000 // len(unit))
    started_s = time.process_time()
    provenance(text)
    assert time.process_time() - started_s < 3
