"""bench/editorial.py as people run it: a folder of labelled news in, figures, a page and an exit status out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from deriving import Learner, examples_of, folds
from labelled import FolderError, read_folder
from topic_weights import written

from aggregator.editorial.lexicon import written_words

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("AGGREGATOR_SHARED", ROOT.parent / "shared")) / "data" / "editorial"
PAIRS = "id_a\tid_b\tlabel\torigin\tnote\n"
TOPICS = "id\ttopic\talt\n"

BRIDGE = """\
Pemerintah Kabupaten Lembah Sari memulai pembangunan jembatan gantung di Desa Pematang Raya, Selasa (4/3/2025).
Jembatan sepanjang 120 meter itu menghubungkan dua dusun yang selama ini dipisahkan Sungai Batang Kelok.
Kepala Dinas Pekerjaan Umum Lembah Sari, Burhan Tanjung, mengatakan pekerjaan ditargetkan selesai dalam 240 hari.
"Anak sekolah tidak perlu lagi menyeberang dengan rakit setiap pagi," kata Burhan di lokasi pembangunan.
Warga menyambut gembira dimulainya pekerjaan itu karena hasil kebun mereka lebih mudah dibawa ke pasar kecamatan."""
RETOLD = """\
Sebuah jembatan gantung segera berdiri di Pematang Raya. Pekerjaannya dimulai awal pekan dan diawasi dinas setempat.
Menurut warga, penyeberangan dengan rakit sudah dua kali memakan korban sejak banjir besar tahun lalu melanda dusun.
Kepala Dinas Pekerjaan Umum Lembah Sari berharap para pemilik kebun merelakan sebagian lahan untuk jalan menuju sana."""
PRICES = """\
Harga cabai merah di Pasar Induk Lembah Sari pada Rabu (5/3/2025) tercatat {cabai} rupiah per kilogram.
Harga bawang merah {bawang} rupiah per kilogram, sedangkan daging ayam dijual {ayam} rupiah per ekor.
Kepala pasar mengatakan pasokan dari para petani lancar dan tidak ada kenaikan menjelang akhir pekan ini.
Warga yang ingin membeli dalam jumlah besar dapat datang sejak pagi karena pasar dibuka pukul 04.00 WIB."""
ARTICLES = {
    "a1": ("Lembah Sari Bangun Jembatan Gantung di Pematang Raya", BRIDGE),
    "a2": ("Jembatan Gantung Pematang Raya Mulai Dibangun", f"{BRIDGE}\nBaca juga: Jalan Desa Diaspal"),
    "a3": ("Harapan Warga pada Jembatan Pematang Raya", RETOLD),
    "a4": (
        "Harga Cabai Hari Ini di Lembah Sari",
        PRICES.format(cabai="41.500", bawang="32.250", ayam="38.750"),
    ),
    "a5": ("Harga Cabai Turun di Lembah Sari", PRICES.format(cabai="37.900", bawang="29.100", ayam="36.400")),
}
GOOD_PAIRS = """\
a1\ta2\tsame\tinvented\tnetwork
a1\ta3\tevent\tinvented\tindependent;grey
a4\ta5\tdifferent\tinvented\ttemplate
"""


def write_folder(folder: Path, pairs: str = GOOD_PAIRS, topics: str = "a4\tekonomi\t\n") -> Path:
    folder.mkdir(exist_ok=True)
    rows = [
        {
            "id": name,
            "url": f"https://{name}.example/berita/{number}00123",
            "site": f"www.{name}.example",
            "title": title,
            "text": text,
            "date": "",
        }
        for number, (name, (title, text)) in enumerate(ARTICLES.items(), 1)
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "articles.jsonl").write_text(lines, encoding="utf-8")
    (folder / "pairs.tsv").write_text(PAIRS + pairs, encoding="utf-8")
    (folder / "topics.tsv").write_text(f"{TOPICS}{topics}", encoding="utf-8")
    return folder


def run(folder: Path, *more: str, page: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "bench" / "editorial.py"), str(folder), "--page", str(page), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def figures(folder: Path, page: Path) -> tuple[int, dict[str, Any]]:
    done = run(folder, "--json", page=page)
    return done.returncode, json.loads(done.stdout)


def test_a_folder_judged_rightly(tmp_path: Path) -> None:
    status, found = figures(write_folder(tmp_path / "news"), tmp_path / "page.html")

    assert (status, found["shortfalls"]) == (0, [])
    assert (found["same"]["precision"], found["same"]["recall"]) == (1.0, 1.0)
    assert (found["topics"]["right"], found["topics"]["of"]) == (1, 1)
    assert found["candidate_recall"] == 1.0
    assert found["linked"]["different"] == {"linked": 0, "of": 1}
    assert found["right_by_kind"]["different invented template"] == {"right": 1, "of": 1}


@pytest.mark.parametrize(
    ("pairs", "shortfall"),
    [
        ("a1\ta3\tsame\tinvented\tnetwork\n", "recall 0.0000"),
        ("a1\ta2\tevent\tinvented\tindependent\n", "precision 0.0000"),
        ("a1\ta2\tdifferent\tinvented\ttemplate-mixed\n", "1 pairs of a template were joined"),
    ],
    ids=["missed", "joined", "template"],
)
def test_what_falls_short_ends_in_1_and_on_the_page(tmp_path: Path, pairs: str, shortfall: str) -> None:
    page = tmp_path / "out" / "page.html"
    done = run(write_folder(tmp_path / "news", pairs), page=page)

    assert done.returncode == 1
    assert shortfall in done.stderr
    shown = page.read_text("utf-8")
    assert "1 errors in 1 judgements" in shown
    assert "<mark>" in shown
    assert "http-equiv" not in shown and "src=" not in shown  # needs nothing else


def test_a_miss_that_people_were_unsure_of_counts_with_grey_only(tmp_path: Path) -> None:
    pairs = "a1\ta2\tsame\tinvented\tnetwork\na1\ta3\tsame\tinvented\tnetwork;grey\n"
    status, found = figures(write_folder(tmp_path / "news", pairs), tmp_path / "page.html")

    assert status == 1
    assert (found["same"]["recall"], found["same_without_grey"]["recall"]) == (0.5, 1.0)


FIRST = json.dumps(
    {"id": "a1", "url": "https://a1.example/1", "site": "a1.example", "title": "J", "text": "T"}
)


MALFORMED = {
    "no-json": ("articles.jsonl", f'{FIRST}\n{{"id": "a2", \n', ":2: not JSON"),
    "twice": ("articles.jsonl", f"{FIRST}\n{FIRST}\n", ":2: the id a1 stands in an earlier line"),
    "number": ("articles.jsonl", '{"id": 7}\n', ':1: "id" is missing or no text'),
    "list": ("articles.jsonl", "[]\n", ":1: expected an object, found list"),
    "address": ("articles.jsonl", FIRST.replace("https:", "gopher:"), ':1: "url" is no http(s) address'),
    "unknown": ("pairs.tsv", f"{PAIRS}a1\ta9\tsame\tinvented\t\n", ":2: there is no article a9"),
    "label": ("pairs.tsv", f"{PAIRS}\na1\ta2\tequal\tinvented\t\n", ':3: the label is "equal"'),
    "cells": ("pairs.tsv", f"{PAIRS}a1\ta2\tsame\n", ":2: 3 cells, expected 5"),
    "itself": ("pairs.tsv", f"{PAIRS}a1\ta1\tsame\tinvented\t\n", ":2: a1 is paired with itself"),
    "header": ("pairs.tsv", "a1\ta2\tsame\tinvented\t\n", ":1: the first line must be id_a id_b"),
    "encoding": ("pairs.tsv", f"{PAIRS}a1\t\udcff\n", ":2: not UTF-8"),
    "topic": ("topics.tsv", f"{TOPICS}a9\tdaerah\t\n", ":2: there is no article a9"),
    "empty": ("topics.tsv", "", ":1: the first line must be id topic alt"),
}


@pytest.mark.parametrize(("name", "content", "words"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_told_by_file_and_line(
    tmp_path: Path, name: str, content: str, words: str
) -> None:
    folder = write_folder(tmp_path)
    (folder / name).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(FolderError) as refused:
        read_folder(folder)
    assert str(refused.value).startswith(f"{folder / name}{words}")


@pytest.mark.parametrize("name", ["articles.jsonl", "pairs.tsv", "topics.tsv"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = write_folder(tmp_path)
    (folder / name).unlink()
    with pytest.raises(FolderError, match=f"{name}: No such file"):
        read_folder(folder)


def test_a_folder_that_cannot_be_used_ends_in_2(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere", page=tmp_path / "page.html")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere is no folder of labelled news" in done.stderr


@pytest.mark.parametrize(
    ("topics", "right", "confusion", "macro_f1"),
    [
        ("a4\tekonomi\t\na5\tekonomi\t\n", 2, {"ekonomi": {"ekonomi": 2}}, 1.0),
        ("a4\thukum\tekonomi,politik\n", 1, {"ekonomi": {"ekonomi": 1}}, 1.0),  # the other label is right too
        ("a4\thukum\t\na5\tekonomi\t\n", 1, {"ekonomi": {"ekonomi": 1}, "hukum": {"ekonomi": 1}}, 0.3333),
        ("a4\t-\t\n", 0, {"-": {"ekonomi": 1}}, 0.0),
    ],
)
def test_topics_are_counted(
    tmp_path: Path, topics: str, right: int, confusion: dict[str, dict[str, int]], macro_f1: float
) -> None:
    _, found = figures(write_folder(tmp_path / "news", topics=topics), tmp_path / "page.html")
    assert found["topics"]["right"] == right
    assert found["topics"]["confusion"] == confusion
    assert found["topics"]["macro_f1"] == pytest.approx(macro_f1, abs=0.001)
    assert f"{topics.count(chr(10)) - right} of {topics.count(chr(10))} articles in a wrong topic" in (
        tmp_path / "page.html"
    ).read_text("utf-8")


def test_weights_are_derived_from_labelled_articles_only_where_they_are_wanted(tmp_path: Path) -> None:
    corrections = Learner().learn(examples_of(read_folder(write_folder(tmp_path))))
    assert all(
        value < 0 or topic in written_words()[phrase] for (phrase, topic), value in corrections.items()
    )
    before = (
        '# head\n\n[derived]\narticles = ["old"]\n\n[derived.weights]\n\n[derived.weights.x]\n"y" = 1.0\n'
    )
    after = tomllib.loads(written(before, ["b", "a"], {(("harga", "karet"), "ekonomi"): -0.5}))
    assert after == {"derived": {"articles": ["a", "b"], "weights": {"ekonomi": {"harga karet": -0.5}}}}


def test_articles_on_one_event_are_never_learnt_from_and_asked_about_at_once(tmp_path: Path) -> None:
    labels = "".join(f"a{number}\tekonomi\t\n" for number in range(1, 6))
    examples = examples_of(read_folder(write_folder(tmp_path, topics=labels)))
    parts = [part for part, _ in folds(Learner(), examples)]
    assert sorted(one for part in parts for one in part) == ["a1", "a2", "a3", "a4", "a5"]
    event = {"a1", "a2", "a3"}  # labelled as the same, and as one event
    assert [part & event for part in parts if part & event] == [event]


@pytest.mark.skipif(not (REAL / "pairs.tsv").exists(), reason="no shared data")
def test_the_labelled_news_meets_the_thresholds(tmp_path: Path) -> None:
    status, found = figures(REAL, tmp_path / "page.html")
    assert (status, found["shortfalls"]) == (0, [])
    assert found["depend_on_order"] == 0
