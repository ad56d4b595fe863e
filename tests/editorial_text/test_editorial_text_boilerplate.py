"""Every rule of boilerplate.yaml with its examples, and what a label takes with it."""

from __future__ import annotations

import time

import pytest

from aggregator.editorial.boilerplate import RULES
from aggregator.editorial.plain_text import full_text, plain_text

CUT = [(rule.id, example) for rule in RULES for example in rule.cut]
KEEP = [(rule.id, example) for rule in RULES for example in rule.keep]
LINKS = "<ul><li><a href=/a>Harga Karet Naik</a></li><li><a href=/b>Harga Sawit Turun</a></li></ul>"


def paragraph(example: str) -> str:
    return example if example.startswith("<h") else f"<p>{example}</p>"


@pytest.mark.parametrize(("rule", "example"), CUT)
def test_cut(rule: str, example: str) -> None:
    assert plain_text(f"<p>Awal.</p>{paragraph(example)}<p>Akhir.</p>") == "Awal.\nAkhir."


@pytest.mark.parametrize(("rule", "example"), KEEP)
def test_keep(rule: str, example: str) -> None:
    html = f"<p>Awal.</p>{paragraph(example)}<p>Akhir.</p>"
    assert plain_text(html) == full_text(html)


def test_every_rule_has_examples_of_both_and_a_name_of_its_own() -> None:
    assert all(rule.cut and rule.keep for rule in RULES)
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert {rule.kind for rule in RULES} == {"line", "label", "linked"}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"<p>Awal.</p><p>Pos terkait</p>{LINKS}<p>Akhir.</p>", "Awal.\nAkhir."),
        (f"<p>Awal.</p><div><strong>Baca juga:</strong>{LINKS}</div><p>Akhir.</p>", "Awal.\nAkhir."),
        ("<p>Awal.</p><p>Baca Juga<br><a href=/a>Harga Karet</a></p><p>Akhir.</p>", "Awal.\nAkhir."),
        ("<ul><li>Baca juga:</li><li><a href=/a>Harga Karet</a></li></ul><p>Akhir.</p>", "Akhir."),
        (f"<p>Awal.</p>{LINKS}", "Awal.\nHarga Karet Naik\nHarga Sawit Turun"),
        (f"<p>Pos terkait</p><p>Isi.</p>{LINKS}", "Isi.\nHarga Karet Naik\nHarga Sawit Turun"),
        ("<p>Pos terkait</p><ul><li><a href=/a>Karet</a></li><li>Sawit</li></ul>", "Karet\nSawit"),
        ("<p>Isi kalimat. Baca juga: Harga Karet Naik</p>", "Isi kalimat. Baca juga: Harga Karet Naik"),
    ],
)
def test_a_label_takes_the_mere_links_behind_it(html: str, text: str) -> None:
    assert plain_text(html) == text


HEADINGS = "".join(f"<h3>Judul lain {word}</h3>" for word in ("satu", "dua", "tiga", "empat"))
NUMBERED = "".join(f"<h3>{number}. Danau {number}</h3>" for number in range(1, 6))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (HEADINGS, "Awal.\nAkhir."),
        (HEADINGS.replace("</h3>", "</h3><p>Selasa 17 Feb 2026, 20:49 WIB</p>", 2), "Awal.\nAkhir."),
        (HEADINGS.replace("<h3>", "<p> </p><h3>"), "Awal.\nAkhir."),
        (f"<h3>Tags</h3>{HEADINGS}", "Awal.\nAkhir."),
        (HEADINGS.replace("h3", "h2", 2), "Awal.\nAkhir."),
        ("<h2>Bab</h2><h3>Bagian</h3><h4>Pasal</h4>", "Awal.\nBab\nBagian\nPasal\nAkhir."),
        (f"<h2>Bab</h2><p>Isi.</p>{HEADINGS}", "Awal.\nBab\nIsi.\nAkhir."),
        (NUMBERED, "Awal.\n1. Danau 1\n2. Danau 2\n3. Danau 3\n4. Danau 4\n5. Danau 5\nAkhir."),
    ],
    ids=[
        "four",
        "with dates",
        "with blanks",
        "tags",
        "levels mixed",
        "three",
        "a chapter first",
        "its own list",
    ],
)
def test_headings_in_a_row_that_head_nothing_are_the_sites_list(html: str, text: str) -> None:
    assert plain_text(f"<p>Awal.</p>{html}<p>Akhir.</p>") == text


def test_pictures_under_headings_are_a_gallery() -> None:
    gallery = "".join(f"<h3>Foto {word}</h3><img src='https://a.example/{word}.jpg'>" for word in "abcde")
    assert plain_text(gallery) == "\n".join(f"Foto {word}" for word in "abcde")


@pytest.mark.parametrize(
    "html", ["<ul>" + "<li>Baca Juga:" * 9_990, "<p>" + "Baca Juga:<br>" * 9_990], ids=["list", "lines"]
)
def test_thousands_of_labels_cost_one_reading(html: str) -> None:
    began_s = time.process_time()
    assert plain_text(html) == ""
    assert time.process_time() - began_s < 1.5
