"""Whom a text credits."""

from __future__ import annotations

import pytest

from aggregator.editorial.provenance import provenance
from aggregator.model.entry import Provenance

HEADLINE = "Rusia-Belarusia Sepakati Kerja Sama Militer, AS: Kami Prihatin"


@pytest.mark.parametrize(
    ("text", "host", "title"),
    [
        (
            "Kerja sama itu diteken, seperti dikutip dari laman Pikiran-Rakyat.com (jaringan media "
            f"indonesiadaily.co.id, partner jambiseru.com) dari artikel yang berjudul {HEADLINE}",
            "pikiran-rakyat.com",
            HEADLINE,
        ),
        (
            f"Begitu sebagaimana dilansir dari kabar.co.id dari artikel berjudul “{HEADLINE}”.",
            "kabar.co.id",
            HEADLINE,
        ),
        (f'Artikel ini telah tayang di www.Kabar.com dengan judul "{HEADLINE}"', "kabar.com", HEADLINE),
        (
            f"Artikel ini telah tayang di kabar.com dengan judul {HEADLINE}. Klik untuk baca: https://k",
            "kabar.com",
            HEADLINE,
        ),
        ("Isi.\nSumber: kabar.com", "kabar.com", ""),
        ("Isi.\nSumber : https://kabar.com/politik/1", "kabar.com", ""),
        ("Harga naik, dikutip dari laman resmi.kabar.go.id, Senin", "resmi.kabar.go.id", ""),
        ("Mengutip Kabar.com, harga naik.", "kabar.com", ""),
        ("dikutip dari a.com.\ndilansir b.com, Senin", "b.com", ""),
        (
            "Artikel ini telah tayang di a.com dengan judul Harga Naik\ndikutip dari b.com",
            "a.com",
            "Harga Naik",
        ),
        (
            "dikutip dari a.com dan dilansir b.com dengan judul Harga Naik. Warga resah.",
            "b.com",
            "Harga Naik",
        ),
    ],
)
def test_credited(text: str, host: str, title: str) -> None:
    assert provenance(text) == Provenance(host, title)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '"Kami siap," katanya seperti dikutip dari keterangan tertulis, Senin.',
        'Hoaks itu beredar lewat artikel berjudul "Presiden Mundur".',
        "Sumber: Timnas Indonesia",
        "Sumber: air bersih untuk warga desa kabar.com dibangun",
        "Kabar.com melansir harga naik",
        "dikutip dari Kabar.comel",
    ],
)
def test_nobody_credited(text: str) -> None:
    assert provenance(text) is None


@pytest.mark.parametrize(
    "unit", ["dikutip dari a.", "a.", "a-", "Sumber: ", "dikutip dari a.com ", " dengan judul ", ". A"]
)
def test_long_lines_take_no_time(unit: str) -> None:
    found = provenance("dikutip dari a.com berjudul " + unit * 20_000)
    assert found is not None
    assert found.host == "a.com"
