"""Every rule of boilerplate.yaml with its examples, what goes with a label, and what is recorded of it."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.types import compile_cut_pattern
from aggregator.editorial.blocks import Box
from aggregator.editorial.boilerplate import GOES_ON, PARTIAL_RULES, TAKES_MOST, drop_boilerplate
from aggregator.editorial.cut_rules import MATCHERS, PIECE_KINDS, RULES, WHOLE_KINDS
from aggregator.editorial.plain_text import full_text, plain_text
from aggregator.editorial.reader import read
from aggregator.model.reading import Cut, CutRule

WHOLE_CUT = [(rule.id, example) for rule in RULES if rule.kind in WHOLE_KINDS for example in rule.cut]
PIECES_CUT = [(rule.id, example) for rule in RULES if rule.kind in PIECE_KINDS for example in rule.cut]
KEEP = [(rule.id, example) for rule in RULES for example in rule.keep]
LINKS = "<ul><li><a href=/a>Harga Karet Naik</a></li><li><a href=/b>Harga Sawit Turun</a></li></ul>"


def paragraph(example: str) -> str:
    return example if example.startswith(("<h", "<table")) else f"<p>{example}</p>"


def text_of(root: Box) -> str:
    return "\n".join(line.text for line in root.lines() if line.text)


def dropped(html: str, *own: CutRule) -> tuple[str, tuple[Cut, ...]]:
    root = read(html)
    cuts = drop_boilerplate(root, own)
    return text_of(root), cuts


def pieces_of(cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
    """Without the marks."""
    return tuple(cut for cut in cuts if cut.text)


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


@pytest.mark.parametrize(("rule", "example"), WHOLE_CUT)
def test_cut(rule: str, example: str) -> None:
    text, cuts = dropped(f"<p>Awal.</p>{paragraph(example)}<p>Akhir.</p>")
    assert text == "Awal.\nAkhir."
    assert pieces_of(cuts) == (Cut(rule, full_text(paragraph(example))),)


@pytest.mark.parametrize(("rule", "example"), PIECES_CUT)
def test_cut_within_a_paragraph(rule: str, example: str) -> None:
    before, piece, behind = re.split("[⟦⟧]", example)
    text, cuts = dropped(f"<p>Awal.</p><p>{before}{piece}{behind}</p><p>Akhir.</p>")
    kept = " ".join(filter(None, (full_text(before), full_text(behind))))
    assert text == "\n".join(filter(None, ("Awal.", kept, "Akhir.")))
    assert pieces_of(cuts) == (Cut(rule, full_text(piece)),)


@pytest.mark.parametrize(("rule", "example"), KEEP)
def test_keep(rule: str, example: str) -> None:
    html = f"<p>Awal.</p>{paragraph(example)}<p>Akhir.</p>"
    assert dropped(html) == (full_text(html), ())


def test_every_rule_has_examples_of_both_and_a_name_of_its_own() -> None:
    assert all(rule.cut and rule.keep for rule in RULES)
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert {rule.kind for rule in RULES} == set(MATCHERS)
    assert all(bool(rule.holds) == (rule.kind in PIECE_KINDS) for rule in RULES)


# The traps of the patterns that the newsroom knows, by their ids: also those of credits and datelines.
TRAPS = [
    ("A1", "<p>Banjir mulai surut, seperti dikutip dari juru bicara BPBD Jambi.</p>"),
    ("A2", "<p>Mengutip data dari Coinmarketcap.com, harga turun 4 persen.</p>"),
    ("A2", "<p>Video itu dikutip dari akun @kabarwarga.id di media sosial.</p>"),
    ("A3", "<p>Unggahan itu memuat tangkapan layar berita berjudul \"Gubernur Bagikan Motor Gratis\".</p>"),
    ("A4", "<p>Artikel ini telah tayang di Kabarjambi.com dengan judul Harga Karet Naik</p>"),
    ("A5", "<p>Sumber: Timnas Indonesia</p>"),
    ("A5", "<p>Sumber: kabarjambi.com</p>"),
    ("A6", "<p>Petugas memutus kabel itu (jaringan listrik) dan menemui Andi (partner bisnisnya).</p>"),
    ("D1", "<p>KABARJAMBI.COM - Harga karet naik.</p>"),
    ("D2", "<p>BREAKING NEWS - Gempa mengguncang Kerinci.</p>"),
    ("D2", "<p>HASIL - Jambi menang 2-0.</p>"),
    ("D3", "<p>Komisi Pemberantasan Korupsi (KPK) – lembaga yang berdiri sejak 2002 – memeriksa saksi.</p>"),
    ("D4", "<p>Kabar6.com, JambiKita menjadi nama baru taman itu.</p>"),
    ("D5", "<p>KABAR JAMBI RAYA - Harga karet naik.</p>"),
    ("D6", "<p>Laporan Keuangan Daerah 2025</p><p>Neraca belum diserahkan.</p>"),
    ("B1", "<p>Baca juga kitab Riyadhus Shalihin agar hati tenang</p>"),
    ("B2", "<p>Jalan itu rusak. Baca: Harga Karet Naik Polisi menutup jalan.</p>"),
    ("B2", "<p>Baca: Bismillahirrahmanirrahim</p>"),
    ("B3", "<p>\"Jalan rusak,\" kata dia. Baca juga: Harga Karet Naik Polisi menangkap pencuri.</p>"),
    ("B4", "<p>Simak berikut ini daftar pemenangnya:</p><ul><li>Andi</li><li>Budi</li></ul>"),
    ("B4", "<p>Simak juga video penjelasan Kapolres yang beredar sejak kemarin.</p>"),
    ("B5", "<p>Pos terkait pengamanan Lebaran didirikan di Muaro Jambi</p>"),
    ("B6", "<p>Baca artikel itu dengan saksama, pesan dosen kepada mahasiswanya.</p>"),
    ("P1", "<p>Di halaman selanjutnya, kamu harus mengisi nama dan alamat.</p>"),
    ("N1", "<p>Iklan</p><p>Sponsored</p><p>ADVERTORIAL</p><p>Belanja iklan naik 5 persen.</p>"),
    ("S1", "<p>Ikuti saluran irigasi itu sampai ke pintu air.</p>"),
    ("C1", "<p>Perkara itu ditangani Komisi Pemberantasan Korupsi (KPK)</p>"),
    ("C1", "<p>Warga diminta waspada. (as)</p>"),
    ("C2", "<p>Pelaku memaki korban dengan kata ters****</p>"),
    ("C3", "<p>Saham itu milik perusahaan sawit (PT Contoh Tbk)</p>"),
    ("C4", "<p>Penulis: Andi Wijaya, Budi Santosa, dan Citra Lestari menerima penghargaan buku.</p>"),
    ("C5", "<p>Jembatan itu roboh (foto: warga) dan belum diperbaiki.</p>"),
    ("C6", "<figure><img src=https://a.example/1.jpg><figcaption>Danau Kerinci. Foto: Andi</figcaption></figure>"),
    ("C6", "<p>Warga memancing di Danau Kerinci. Foto: Andi/Kabar</p><p>Perahu bersandar. Foto: Budi/Kabar</p>"),
    ("W1", "<p>Artikel itu pertama kali tampil pada tahun 1998 di sebuah majalah.</p>"),
    ("W2", "<p>\"Kami akan [...] bekerja,\" katanya. \"Kita tunggu [...]\"</p>"),
    ("K1", "<p>Artikel ini telah tayang di Kabar.com dengan judul Karet Naik, Klik untuk baca: https://kabar.com/1</p>"),
    ("R1", "<p>Koreksi harga saham berlanjut. Klarifikasi artis itu ditunggu.</p>"),
    ("R1", "<p>Ralat: nama korban yang benar adalah Andi. Redaksi mohon maaf.</p>"),
    ("R2", "<p>Berita ini telah mengalami perubahan pada nama korban.</p>"),
    ("duties", "<p>Baca juga: Hak Jawab PT Sawit Jaya atas Berita Pencemaran Sungai</p>"),
    ("duties", "<p>Baca juga: Ralat: Nama Tersangka dalam Berita Korupsi Jembatan</p>"),
    ("duties", "<p>Baca juga: <a href=/r>Klarifikasi Bupati Tebo</a></p>"),
    ("duties", "<p>Jalan itu rusak. Baca juga: <a href=/r>Ralat Berita Jalan Rusak</a></p>"),
    ("press code", "<p>[Berita ini belum terverifikasi; redaksi masih menghubungi pihak terkait]</p>"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "html"), TRAPS)
def test_a_trap_stays_and_says_nothing(pattern: str, html: str) -> None:
    html = f"<p>Awal.</p>{html}"
    assert dropped(html) == (full_text(html), ())


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
        (f"<p>Isi kalimat. Baca juga:</p>{LINKS}", "Isi kalimat."),
    ],
)
def test_a_label_takes_the_mere_links_behind_it(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize("label", ["Pos terkait", "Baca juga:", "Berita lainnya", "Artikel terkait:"])
def test_a_link_to_a_correction_stays(label: str) -> None:
    correction = "<li><a href=/r>Ralat dan Permohonan Maaf</a></li>"
    assert plain_text(f"<p>Awal.</p><p>{label}</p>{LINKS.replace('</ul>', correction + '</ul>')}") == (
        "Awal.\nRalat dan Permohonan Maaf"
    )


def test_no_rule_of_a_partner_cuts_a_correction() -> None:
    html = "<p>Awal.</p><p>Ralat: nama korban yang benar adalah Andi.</p>"
    assert dropped(html, CutRule(pattern=".*nama.*")) == (full_text(html), ())


@pytest.mark.parametrize("text", ["12 komentar", "Diperbarui: 12/02/2026 | 10.15 WIB", "3 hari lalu"])
def test_in_a_table_counts_and_dates_are_data(text: str) -> None:
    assert plain_text(f"<p>Awal.</p><table><tr><td>Baris</td><td>{text}</td></tr></table>").endswith(text)
    assert plain_text(f"<p>Awal.</p><p>{text}</p>") == "Awal."


HEADINGS = "".join(f"<h3><a href=/a>Judul lain {word}</a></h3>" for word in ("satu", "dua", "tiga", "empat"))
OPENING = f"<p>{'Polisi menangkap tiga orang di Kota Jambi pada Selasa malam karena mencuri. ' * 3}</p>"
NUMBERED = "".join(f"<h3><a href=/a>{number}. Danau {number}</a></h3>" for number in range(1, 6))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (HEADINGS, "Akhir."),
        (HEADINGS.replace("</h3>", "</h3><p>Selasa 17 Feb 2026, 20:49 WIB</p>", 2), "Akhir."),
        (HEADINGS.replace("<h3>", "<p> </p><h3>"), "Akhir."),
        (f"<h3>Tags</h3>{HEADINGS}", "Akhir."),
        (HEADINGS.replace("h3", "h2", 2), "Akhir."),
        ("<h2>Bab</h2><h3>Bagian</h3><h4>Pasal</h4>", "Bab\nBagian\nPasal\nAkhir."),
        (f"<h2>Bab</h2><p>Isi.</p>{HEADINGS}", "Bab\nIsi.\nAkhir."),
        (NUMBERED, "1. Danau 1\n2. Danau 2\n3. Danau 3\n4. Danau 4\n5. Danau 5\nAkhir."),
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
    assert plain_text(f"{OPENING}{html}<p>Akhir.</p>") == f"{full_text(OPENING)}\n{text}"


@pytest.mark.parametrize(
    "html",
    [
        f"{OPENING}{''.join(f'<h4>Paslon nomor {one} meraih {one * 1234} suara di Tebo</h4>' for one in range(1, 6))}",
        f"{OPENING}{''.join(f'<h3>Tidur cukup {one} jam setiap malam.</h3>' for one in range(5, 9))}<p>Coba.</p>",
        f"{OPENING}{HEADINGS.replace('</a>', '.</a>')}",
        f"<p>Awal.</p>{HEADINGS}",
        HEADINGS,
    ],
    ids=["results", "tips", "sentences", "most of the text", "all of the text"],
)
def test_an_article_written_in_headings_stays(html: str) -> None:
    assert plain_text(html) == full_text(html)


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


@pytest.mark.parametrize(
    "line",
    [
        "Jalan rusak. Baca juga: " * 400,
        "Jalan rusak. Baca juga: <a href=/a>Harga Karet</a> Naik " * 40,
        "ADVERTISEMENT " * 700,
        "SCROLL TO " * 300 + "CONTINUE WITH CONTENT " * 300,
        "(Baca juga: Harga Karet " * 200 + "Naik)" * 200,
        "Jalan rusak. Baca juga: " + "Harga " * 1_600,
        "Simak " + "berita selengkapnya " * 480,
    ],
    ids=["labels", "linked", "marks", "nested", "brackets", "one headline", "paging"],
)
def test_an_article_of_endless_lines_costs_little(line: str) -> None:
    root = read(f"<p>{line}</p>" * 50)
    began_s = time.process_time()
    drop_boilerplate(root)
    assert time.process_time() - began_s < 3


def test_what_is_cut_is_recorded_in_reading_order() -> None:
    headings = "".join(f"<h3><a href=/a>Judul {word}</a></h3>" for word in ("satu", "dua", "tiga", "empat"))
    text, cuts = dropped(
        f"{OPENING}<p>Baca Juga:</p>{LINKS}<p><img src=https://a.example/1.jpg></p><p>Isi.</p><p>ADVERTISEMENT</p>"
        f"{headings}<p>Tamat. Baca juga: Harga Karet Naik</p>"
    )
    assert text == f"{full_text(OPENING)}\nIsi.\nTamat."
    assert cuts == (
        Cut("readmore-label", "Baca Juga:"),
        Cut("readmore-label", "Harga Karet Naik"),
        Cut("readmore-label", "Harga Sawit Turun"),
        Cut("advertisement", "ADVERTISEMENT"),
        *(Cut("heading-run", f"Judul {word}") for word in ("satu", "dua", "tiga", "empat")),
        Cut("readmore-tail", "Baca juga: Harga Karet Naik"),
    )


def test_a_picture_within_a_cut_goes_and_one_beside_it_stays() -> None:
    picture = "<img src=https://a.example/1.jpg>"
    label = f"Baca juga: <a href=/a>{picture}Harga Karet Naik</a>"
    root = read(f"<p>{picture} Jalan rusak. {label} {picture}Warga mengeluh.</p>")
    drop_boilerplate(root)
    (line,) = root.lines()
    assert line.text == "Jalan rusak. Warga mengeluh."
    assert sum(run.media is not None for run in line.runs) == 2


@pytest.mark.parametrize(
    ("html", "is_partial"),
    [
        ("<p>Awal.</p><p>Jalan itu rusak […]</p>", True),
        (
            "<p>Awal.</p><p>Jalan itu rusak [...]</p><p>The post Jalan Rusak appeared first on Kabar.</p>",
            True,
        ),
        ("<p>Awal.</p><p>Jalan itu rusak…</p>", True),
        ("<p>Jalan itu rusak...</p><p>Akhir.</p>", False),
        ('<p>Awal.</p><p>"Kami akan menunggu [...]"</p>', False),
        ("<p>Awal.</p><p>Berlanjut ke halaman berikutnya</p>", True),
        ("<p>Awal.</p><p>Berlanjut ke halaman berikutnya</p><p>Editor: Andi</p><p>(tra)</p>", True),
        ("<p>Awal? Cek informasi selengkapnya di halaman berikutnya.</p>", True),
        ("<p>Awal.</p><p>Halaman selanjutnya</p>" + "<p>Isi.</p>" * 3, False),
        ("<p>Awal.</p><p>Akhir.</p>", False),
    ],
)
def test_an_article_that_goes_on_elsewhere_is_marked(html: str, is_partial: bool) -> None:
    _, cuts = dropped(html)
    assert any(cut.rule in PARTIAL_RULES for cut in cuts) is is_partial
    assert all(cut.text for cut in cuts if cut.rule != GOES_ON)


@pytest.mark.parametrize(
    ("rule", "html", "is_cut"),
    [
        (CutRule(line="Kabar dari desa"), "<p>» KABAR  dari <b>Desa</b>!</p>", True),
        (CutRule(line="Kabar dari desa"), "<p>Kabar dari desa tetangga</p>", False),
        (CutRule(line="*** Kabar dari desa ***"), "<li>Kabar dari desa</li>", True),
        (CutRule(pattern="Didukung oleh .{3,40}"), "<p>didukung oleh Yayasan Karet</p>", True),
        (CutRule(pattern="Didukung oleh .{3,40}"), "<p>Acara itu didukung oleh Yayasan Karet</p>", False),
        (CutRule(pattern="Didukung oleh .+"), f"<p>Didukung oleh {'warga ' * 300}</p>", True),
        (CutRule(pattern="Didukung oleh .+"), f"<p>Didukung oleh {'warga ' * 400}</p>", False),
        (CutRule(pattern="(?-i:KABAR) .*"), "<p>Kabar desa</p>", False),
    ],
)
def test_a_partners_own_rule_cuts_whole_lines(rule: CutRule, html: str, is_cut: bool) -> None:
    html = f"<p>Awal.</p>{html}"
    other = CutRule(line="Lain sama sekali")
    text, cuts = dropped(html, other, rule)
    assert text == ("Awal." if is_cut else full_text(html))
    assert [cut.rule for cut in cuts] == (["cut[1]"] if is_cut else [])


def test_of_a_partners_rules_the_first_is_named() -> None:
    rules = (CutRule(pattern="kabar .*x"), CutRule(line="Kabar desa"), CutRule(line="kabar desa!"))
    assert dropped("<p>Kabar desa</p>", *rules)[1] == (Cut("cut[1]", "Kabar desa"),)


def test_an_own_rule_that_takes_too_long_is_given_up_for_the_article_and_named() -> None:
    slow = CutRule(pattern=r"(?:a+|\s|a)+[xy]")
    html = "<p>" + "<br>".join(["aaaaaaaa " * 40 + "!"] * 200) + "<br>Kabar desa</p>"
    began_s = time.process_time()
    text, cuts = dropped(html, slow, CutRule(line="kabar desa"))
    assert time.process_time() - began_s < 1.5
    assert compile_cut_pattern(slow.pattern).fullmatch("aa aax")
    assert cuts == (Cut("cut[1]", "Kabar desa"), Cut("cut[0] took too long", ""))
    assert text.count("\n") == 199


NEWS = [
    "Polisi menangkap tiga orang di Jambi.",
    '"Jalan rusak," kata dia.',
    "Harga karet naik […]",
    "Isi:",
    "1. Danau",
]
BOILERPLATE = [re.sub("[⟦⟧]+", " ", example) for rule in RULES for example in (*rule.cut, *rule.keep)]
lines = st.sampled_from(
    [*NEWS, *BOILERPLATE, "<a href='/a'>Harga Karet Naik</a>", "<img src='https://a.example/1.jpg'>"]
)
blocks = st.tuples(
    st.sampled_from(["p", "h3", "li", "td", "pre", "blockquote"]), st.lists(lines, min_size=1, max_size=4),
    st.sampled_from(["<br>", " "]),
).map(lambda block: f"<{block[0]}>{block[2].join(block[1])}</{block[0]}>")  # fmt: skip
OWN = (CutRule(line="Polisi menangkap tiga orang di Jambi"), CutRule(pattern="harga .*"))


@given(st.lists(blocks, max_size=8).map("".join), st.sampled_from([(), OWN]))
def test_words_kept_and_words_cut_are_the_words_received(html: str, own: tuple[CutRule, ...]) -> None:
    root = read(html)
    received = words(text_of(root))
    cuts = drop_boilerplate(root, own)
    kept = text_of(root)
    assert words(kept) + words(" ".join(cut.text for cut in cuts)) == received
    assert [cut for cut in drop_boilerplate(root, own) if cut.text] == []
    assert text_of(root) == kept


def test_own_rules_that_would_take_most_of_a_text_are_left_aside() -> None:
    lines = [
        "Warga mengungsi ke balai desa.",
        "Air naik sejak malam.",
        "Warga pulang.",
        "Kabar desa, kabar kita.",
    ]
    html = "".join(f"<p>{line}</p>" for line in lines)
    root = read(html)
    cuts = drop_boilerplate(root, [CutRule(pattern=r"(?:warga|air) .*")])
    assert [(cut.rule, cut.text) for cut in cuts] == [(TAKES_MOST, "")]
    assert [line.text for line in root.lines()] == lines
    cuts = drop_boilerplate(read(html), [CutRule(line="kabar desa, kabar kita")])
    assert [(cut.rule, cut.text) for cut in cuts] == [("cut[0]", "Kabar desa, kabar kita.")]
