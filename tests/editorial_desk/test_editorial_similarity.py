"""Copies are found and told from what only looks like one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from editorial_desk.editorial_samples import ARTICLE, HEADLINE
from hypothesis import given
from hypothesis import strategies as st

from aggregator.editorial.similarity import resemblance, same_article
from aggregator.editorial.sketch import marks

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[3] / "shared"))
LINES = ARTICLE.splitlines()
PRAYER_TIMES = (
    "Berikut jadwal salat untuk Kota Jambi dan sekitarnya pada {day} Maret 2022 menurut Kementerian Agama. "
    "Imsak pukul {h}.{a} WIB, Subuh pukul {h}.{b} WIB, Zuhur pukul 12.{c} WIB, Asar pukul 15.{d} WIB, "
    "Magrib pukul 18.{e} WIB dan Isya pukul 19.{f} WIB. Waktu dapat berbeda beberapa menit di tiap kecamatan."
)
MONDAY = PRAYER_TIMES.format(day=7, h="04", a=41, b=51, c=22, d=27, e=25, f=33)
TUESDAY = PRAYER_TIMES.format(day=8, h="04", a=40, b=50, c=21, d=26, e=24, f=32)
ROUND_UP_OTHERS = "\n".join(
    f"Peristiwa nomor {number} terjadi di desa ke-{number * 7} dan membuat warga {number * 3} dusun heran, "
    f"kata kepala dusun bernama Pak Urut{number} yang sedang memberi makan ayam{number} di ladang{number}."
    for number in range(30)
)


@pytest.mark.parametrize(
    "title, text",
    [
        pytest.param(HEADLINE, ARTICLE, id="verbatim"),
        pytest.param("Minsk dan Moskow Kian Dekat, Washington Gusar", ARTICLE, id="another headline"),
        pytest.param(HEADLINE, f"INDONESIA DAILY, Minsk - {ARTICLE}", id="dateline added"),
        pytest.param(
            HEADLINE,
            f"{ARTICLE}\nBacaan Lainnya\nHarga Cabai Naik\nPos terkait: Hujan di Kerinci",
            id="leftovers",
        ),
        pytest.param(HEADLINE, "\n".join(LINES[:5]), id="last paragraph cut"),
        pytest.param(HEADLINE, "\n".join(LINES[:2]), id="excerpt"),
        pytest.param("Judul Lain", "\n".join(LINES[:2]), id="excerpt under another headline"),
        pytest.param(HEADLINE, " ".join(LINES[0].split()[:14]), id="teaser under the same headline"),
        pytest.param(HEADLINE, ARTICLE.replace(" yang ", "yang "), id="glued words"),
        pytest.param(
            HEADLINE, ARTICLE.replace("mengatakan", "menyatakan").replace("singkat", "pendek"), id="edited"
        ),
    ],
)
def test_copies_are_the_same_article(title: str, text: str) -> None:
    score = same_article(HEADLINE, ARTICLE, title, text)
    assert score is not None
    assert 0.5 < score <= 1
    assert same_article(title, text, HEADLINE, ARTICLE) == score


@pytest.mark.parametrize(
    "a_title, a_text, b_title, b_text",
    [
        pytest.param("Jadwal Salat Jambi", MONDAY, "Waktu Salat Kota Jambi", TUESDAY, id="daily template"),
        pytest.param("Doa 7 Maret 2022", ARTICLE, "Doa 8 Maret 2022", ARTICLE, id="same form, another day"),
        pytest.param("Sinopsis Eps 65", ARTICLE, "Sinopsis Eps 67", ARTICLE, id="another episode"),
        pytest.param(
            HEADLINE,
            ARTICLE,
            "Ragam Peristiwa",
            f"{ROUND_UP_OTHERS}\n{ARTICLE}\n{ROUND_UP_OTHERS}",
            id="round-up",
        ),
        pytest.param(HEADLINE, ARTICLE, HEADLINE, ROUND_UP_OTHERS, id="only the headline alike"),
        pytest.param(
            HEADLINE,
            ARTICLE,
            "Perkembangan Baru dari Minsk",
            f"{ROUND_UP_OTHERS[:600]}\n{ARTICLE}",
            id="follow-up that ends with it",
        ),
        pytest.param(
            "Prakiraan Cuaca Jambi Besok, Waspada Hujan Lebat",
            f"BMKG merilis prakiraan untuk Selasa, 8 Maret 2022. {ARTICLE}",
            "Prakiraan Cuaca di Jambi Hari Ini: Waspada Hujan",
            f"BMKG merilis prakiraan untuk Senin, 7 Maret 2022. {ARTICLE}",
            id="a column of another day",
        ),
    ],
)
def test_what_only_looks_alike_is_not_the_same(a_title: str, a_text: str, b_title: str, b_text: str) -> None:
    assert same_article(a_title, a_text, b_title, b_text) is None
    assert same_article(b_title, b_text, a_title, a_text) is None


def test_resemblance_of_unlike_texts_is_nothing() -> None:
    found = resemblance(ARTICLE, ROUND_UP_OTHERS)
    assert (found.overlap, found.coverage, found.lead) == (0, 0, 0)


@given(st.text(alphabet="ab c1.\n", max_size=120), st.text(alphabet="ab c1.\n", max_size=120))
def test_resemblance_is_symmetric(a: str, b: str) -> None:
    assert resemblance(a, b) == resemblance(b, a)


@given(st.text(alphabet="ab c1.\n", max_size=120), st.text(alphabet="ab c1.\n", max_size=120))
def test_same_article_is_symmetric(a: str, b: str) -> None:
    for titles in (
        ("Judul", "Judul lain"),
        ("Harga Emas Hari Ini", "Emas Naik Lagi"),
        ("Banjir 12 Rumah", "Banjir Lagi"),
    ):
        for within_partner in (False, True):
            one = same_article(titles[0], a, titles[1], b, within_partner=within_partner)
            assert one == same_article(titles[1], b, titles[0], a, within_partner=within_partner)


def test_one_partners_column_of_the_day_is_compared_alike_from_either_side() -> None:
    column, other = ("Harga Emas Hari Ini", ARTICLE), ("Emas Naik Lagi Menurut Pedagang", ARTICLE)
    assert same_article(*column, *other, within_partner=True) is None
    assert same_article(*other, *column, within_partner=True) is None


SHARED_BY_COPIES = {
    "verbatim": ARTICLE,
    "dateline added": f"INDONESIA DAILY, Minsk - {ARTICLE}",
    "leftovers": f"{ARTICLE}\nBacaan Lainnya\nHarga Cabai Naik\nPos terkait",
    "excerpt": "\n".join(LINES[:2]),
    "grown": f"{ARTICLE}\n{ROUND_UP_OTHERS}",
}


@pytest.mark.parametrize("text", SHARED_BY_COPIES.values(), ids=SHARED_BY_COPIES)
def test_copies_share_a_mark(text: str) -> None:
    assert set(marks("", ARTICLE)) & set(marks("", text))


def test_a_credited_headline_leads_to_its_article() -> None:
    rewritten = " ".join(f"kata{number}" for number in range(60))
    assert set(marks(HEADLINE, ARTICLE)) & set(marks("Judul lain", rewritten, HEADLINE))
    assert not set(marks(HEADLINE, ARTICLE)) & set(marks("Judul lain", rewritten))


def test_quotations_lead_from_one_rewriting_to_another() -> None:
    quote = "“Kami tidak akan mundur satu langkah pun dari perundingan ini,” kata juru bicara itu."
    a, b = (
        f"{word} {quote} {word}"
        for word in (" ".join(f"satu{n}" for n in range(90)), " ".join(f"dua{n}" for n in range(90)))
    )
    assert len(set(marks("", a)) & set(marks("", b))) == 1


@pytest.mark.parametrize("text", ["", "Foto: warga.", " ".join(["kata"] * 24)])
def test_texts_below_the_floor_have_no_marks(text: str) -> None:
    assert marks("Jadwal Salat Jambi", text) == ()


def test_marks_are_the_same_in_every_process() -> None:
    code = "import sys; from aggregator.editorial.sketch import marks; print(marks('', sys.argv[1]))"
    environment = {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", code, ARTICLE], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == str(marks("", ARTICLE))


@given(st.text(alphabet='ab c1.\n"', min_size=60, max_size=300))
def test_marks_are_a_few_signed_64_bit_integers(text: str) -> None:
    found = marks("Satu Dua Tiga Empat Lima", text, "Lima Empat Tiga Dua Satu")
    assert 2 <= len(found) <= 28
    assert all(-(2**63) <= mark < 2**63 for mark in found)
    assert list(found) == sorted(set(found))
