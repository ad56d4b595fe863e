"""Cleaning as a whole: every word is either kept or recorded as cut, and cleaning twice is cleaning once."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from html import escape
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.editorial.plain_text import full_text, read_article
from aggregator.editorial.sanitize import sanitize
from aggregator.model.reading import CutRule, Facts

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[3] / "shared"))
OWN = (CutRule(line="Kabar Jambi, kabar kita semua"), CutRule(pattern=r"Kode: \d+"))
NEWS = [
    "Sebanyak 350 petani karet di Batang Hari menerima bantuan bibit unggul dari pemerintah.",
    "“Kami berterima kasih,” kata Siti Aminah, ketua kelompok tani.",
    "Iklan",
    "[Berita ini belum terverifikasi; redaksi masih menghubungi pihak terkait]",
    "Simak berikut ini daftar lengkapnya:",
    "Komisi Pemberantasan Korupsi (KPK) – lembaga itu – belum menjawab.",
]
AROUND = [
    "JAMBI, KOMPAS.com - Hujan turun semalaman.",
    "Jakarta (ANTARA) - Rapat dimulai pukul 09.00.",
    "Baca juga: Harga Karet Naik Lagi",
    "ADVERTISEMENT",
    "Ikuti kami di Google News",
    "Artikel ini telah tayang di kompas.com dengan judul Hujan Turun Semalaman di Jambi",
    "Editor: Rahmat",
    "Penulis: Dewi Lestari",
    "Laporan Wartawan Tribunjambi.com, Andi",
    "Air mulai surut. (tra)",
    "***",
    "kabar jambi, kabar kita semua!",
    "Kode: 12345",
    "Bacaan Lainnya",
    "2 jam lalu",
    "Selengkapnya...",
    "Sumber: kompas.com",
]


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w", text))


def body(lines: list[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def cut_words(facts: Facts) -> Counter[str]:
    return sum((words(cut.text) for cut in facts.cuts), Counter[str]())


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(NEWS + AROUND), max_size=12))
@example([AROUND[0], *NEWS, AROUND[9], AROUND[6]])
def test_what_is_kept_and_what_is_cut_is_all_there_was(lines: list[str]) -> None:
    text, facts = read_article(body(lines), OWN)
    assert words(text) + cut_words(facts) == words(full_text(body(lines)))
    assert all(cut.rule and cut.text for cut in facts.cuts)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(NEWS + AROUND), max_size=12), st.sampled_from([None, "", "Jambi Seru"]))
def test_cleaning_twice_is_cleaning_once(lines: list[str], dateline: str | None) -> None:
    text, _ = read_article(body(lines), OWN)
    assert read_article(body(text.split("\n")), OWN)[0] == text
    once = sanitize(body(lines), "", cut=OWN, dateline=dateline)
    assert sanitize(once.markup, "", cut=OWN, dateline=dateline) == once


def test_what_surrounds_an_article_becomes_data() -> None:
    lines = [AROUND[8], AROUND[0], *NEWS[:2], AROUND[5], AROUND[7], AROUND[6]]
    text, facts = read_article(body(lines))
    assert text.split("\n") == ["Hujan turun semalaman.", *NEWS[:2]]
    assert (facts.city, facts.agency) == ("Jambi", "KOMPAS.com")
    assert set(facts.reporters) == {"Andi", "Dewi Lestari"}
    assert facts.editors == ("Rahmat",)


@pytest.mark.skipif(not (SHARED / "data/editorial").is_dir(), reason="the real articles are not here")
def test_no_word_of_a_real_article_is_lost_unrecorded() -> None:
    for line in (SHARED / "data/editorial/articles.jsonl").read_text("utf-8").splitlines():
        html = body(json.loads(line)["text"].split("\n"))
        text, facts = read_article(html)
        assert words(text) + cut_words(facts) == words(full_text(html))
        assert read_article(body(text.split("\n")))[0] == text, json.loads(line)["id"]
