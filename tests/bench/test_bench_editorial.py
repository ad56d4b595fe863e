"""bench/editorial.py as people run it: a folder of labelled news in, figures, a page and an exit status out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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


def write_folder(folder: Path, pairs: str = GOOD_PAIRS) -> Path:
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
    (folder / "topics.tsv").write_text(f"{TOPICS}a1\tdaerah\t\n", encoding="utf-8")
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
    assert found["topics"] is None
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


def _broken(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Each mistake: the file, what stands in it, and the words that it gets."""
    first, *_ = (folder / "articles.jsonl").read_text("utf-8").splitlines()
    yield "articles.jsonl", f'{first}\n{{"id": "a2", \n', "articles.jsonl:2: not JSON"
    yield "articles.jsonl", f"{first}\n{first}\n", "articles.jsonl:2: the id a1 stands in an earlier line"
    yield "articles.jsonl", '{"id": 7}\n', 'articles.jsonl:1: "id" is missing or no text'
    yield "articles.jsonl", "[]\n", "articles.jsonl:1: expected an object, found list"
    yield (
        "articles.jsonl",
        first.replace("https:", "gopher:"),
        'articles.jsonl:1: "url" is no http(s) address',
    )
    yield "pairs.tsv", f"{PAIRS}a1\ta9\tsame\tinvented\t\n", "pairs.tsv:2: there is no article a9"
    yield "pairs.tsv", f"{PAIRS}\na1\ta2\tequal\tinvented\t\n", 'pairs.tsv:3: the label is "equal"'
    yield "pairs.tsv", f"{PAIRS}a1\ta2\tsame\n", "pairs.tsv:2: 3 cells, expected 5"
    yield "pairs.tsv", f"{PAIRS}a1\ta1\tsame\tinvented\t\n", "pairs.tsv:2: a1 is paired with itself"
    yield "pairs.tsv", "a1\ta2\tsame\tinvented\t\n", "pairs.tsv:1: the first line must be id_a id_b"
    yield "topics.tsv", f"{TOPICS}a9\tdaerah\t\n", "topics.tsv:2: there is no article a9"
    yield "topics.tsv", "", "topics.tsv:1: the first line must be id topic alt"


def test_a_malformed_folder_is_told_by_file_and_line(tmp_path: Path) -> None:
    for number, (name, content, words) in enumerate(_broken(write_folder(tmp_path / "sound"))):
        folder = write_folder(tmp_path / f"news{number}")
        (folder / name).write_text(content, encoding="utf-8")
        done = run(folder, page=tmp_path / "page.html")
        assert (done.returncode, done.stdout) == (2, ""), words
        assert words in done.stderr, done.stderr


def test_bytes_that_are_no_utf_8_are_told_by_line(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "news")
    (folder / "pairs.tsv").write_bytes(f"{PAIRS}a1\ta2\tsame\t".encode() + b"\xff\t\n")
    done = run(folder, page=tmp_path / "page.html")
    assert (done.returncode, "pairs.tsv:2: not UTF-8" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("missing", ["articles.jsonl", "pairs.tsv", "topics.tsv"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    folder = write_folder(tmp_path / "news")
    (folder / missing).unlink()
    done = run(folder, page=tmp_path / "page.html")
    assert (done.returncode, f"{missing}: No such file" in done.stderr) == (2, True), done.stderr


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere", page=tmp_path / "page.html")
    assert (done.returncode, "nowhere is no folder of labelled news" in done.stderr) == (2, True)


@pytest.mark.skipif(not (REAL / "pairs.tsv").exists(), reason="no shared data")
def test_the_labelled_news_meets_the_thresholds(tmp_path: Path) -> None:
    status, found = figures(REAL, tmp_path / "page.html")
    assert (status, found["shortfalls"]) == (0, [])
    assert found["depend_on_order"] == 0
