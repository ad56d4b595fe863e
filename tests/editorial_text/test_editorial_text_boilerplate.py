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


@pytest.mark.parametrize(
    "html", ["<ul>" + "<li>Baca Juga:" * 9_990, "<p>" + "Baca Juga:<br>" * 9_990], ids=["list", "lines"]
)
def test_thousands_of_labels_cost_one_reading(html: str) -> None:
    began_s = time.perf_counter()
    assert plain_text(html) == ""
    assert time.perf_counter() - began_s < 1.5
