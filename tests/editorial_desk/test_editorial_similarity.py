"""Copies are found and told from what only looks like one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from editorial_desk.editorial_samples import ARTICLE, HEADLINE
from hypothesis import given
from hypothesis import strategies as st

from aggregator.editorial.similarity import bands, resemblance, same_article

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
    "text",
    [
        ARTICLE,
        f"INDONESIA DAILY, Minsk - {ARTICLE}",
        f"{ARTICLE}\nBacaan Lainnya\nHarga Cabai Naik\nPos terkait",
    ],
    ids=["verbatim", "dateline added", "leftovers"],
)
def test_copies_share_a_band(text: str) -> None:
    assert set(bands(ARTICLE)) & set(bands(text))


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
    ],
)
def test_what_only_looks_alike_is_not_the_same(a_title: str, a_text: str, b_title: str, b_text: str) -> None:
    assert same_article(a_title, a_text, b_title, b_text) is None
    assert same_article(b_title, b_text, a_title, a_text) is None


def test_resemblance_of_unlike_texts_is_nothing() -> None:
    found = resemblance(ARTICLE, ROUND_UP_OTHERS)
    assert (found.jaccard, found.containment, found.lead) == (0, 0, 0)


@pytest.mark.parametrize("text", ["", "Foto: warga.", " ".join(["kata"] * 24)])
def test_texts_below_the_floor_have_no_bands(text: str) -> None:
    assert bands(text) == ()


def test_bands_are_the_same_in_every_process() -> None:
    code = "import sys; from aggregator.editorial.similarity import bands; print(bands(sys.argv[1]))"
    environment = {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", code, ARTICLE], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == str(bands(ARTICLE))


@given(st.text(alphabet="ab c1.\n", min_size=60, max_size=300))
def test_bands_are_twenty_signed_64_bit_integers_or_none(text: str) -> None:
    found = bands(text)
    assert len(found) in (0, 20)
    assert all(-(2**63) <= band < 2**63 for band in found)


@given(st.text(alphabet="ab c1.\n", max_size=120), st.text(alphabet="ab c1.\n", max_size=120))
def test_resemblance_is_symmetric(a: str, b: str) -> None:
    assert resemblance(a, b) == resemblance(b, a)


@pytest.mark.skipif(not (SHARED / "data/editorial").is_dir(), reason="the labelled pairs are not here")
def test_precision_and_recall_on_labelled_pairs() -> None:
    rows = [
        json.loads(line)
        for line in (SHARED / "data/editorial/articles.jsonl").read_text("utf-8").splitlines()
    ]
    articles = {row["id"]: (row["title"], row["text"]) for row in rows}
    pairs = [
        line.split("\t") for line in (SHARED / "data/editorial/pairs.tsv").read_text("utf-8").splitlines()[1:]
    ]
    clear = [(a, b, label == "same") for a, b, label, _, note in pairs if "grey" not in note]
    said = [(same_article(*articles[a], *articles[b]) is not None, same) for a, b, same in clear]
    right = said.count((True, True))
    assert right / (right + said.count((True, False))) >= 0.97
    assert right / (right + said.count((False, True))) >= 0.95
    looked_up = [
        bool(set(bands(articles[a][1])) & set(bands(articles[b][1]))) for a, b, same in clear if same
    ]
    assert sum(looked_up) / len(looked_up) >= 0.9
