"""What is looked for before an expression is tried never keeps it from what it would find."""

from __future__ import annotations

import re
import string
import sys
from itertools import product

import pytest

from aggregator.editorial.blocks import lowered
from aggregator.editorial.doubts import corrections, speaks_of_correction
from aggregator.editorial.plain_text import full_text
from aggregator.editorial.provenance import credits_in
from aggregator.editorial.wording import words_of

VERBS = (
    "dikutip", "dilansir", "disadur", "dinukil", "disitat", "mengutip", "melansir", "menukil", "menyadur",
    "seperti diberitakan", "sebagaimana yang dilaporkan", "seperti ditulis",
)  # fmt: skip
KINDS = ("Artikel", "Berita", "Tulisan")
SHOWN = ("tayang", "terbit", "dimuat", "naik", "dipublikasikan", "diterbitkan", "ditayangkan", "rilis")
CREDITS = (
    *(f"Harga karet naik, {verb} dari Kabar.com." for verb in VERBS),
    *(f"{kind} ini telah {shown} di Kabar.com" for kind, shown in product(KINDS, SHOWN)),
    "Sumber: Kabar.com", "SUMBER BERITA: kabar.com",
)  # fmt: skip
MENTIONS = (
    "Ralat", "meralat", "diralat", "Koreksi", "mengoreksi", "dikoreksi", "Hak Jawab", "hak koreksi", "Klarifikasi",
    "mengklarifikasi", "mohon maaf", "permohonan maaf", "Pencabutan", "mencabut berita", "dicabut artikel",
    "menarik berita", "ditarik artikel", "berita ini dicabut", "artikel telah ditarik",
)  # fmt: skip
CORRECTIONS = (
    "Artikel ini telah mengalami perubahan.", "Judul ini sudah diperbaiki.", "Naskah ini direvisi.",
    "Berita ini telah dicabut.", "Kami telah mencabut artikel tersebut.", "Redaksi mohon maaf.",
    "Ada kesalahan pada isi berita sebelumnya.", "Ralat: namanya Budi.", "Koreksi: tertulis Budi, seharusnya Badu.",
    "Hak jawab: pemberitaan itu keliru.",
)  # fmt: skip
# Where a paragraph may stand, and what may stand before it.
AROUND = (
    "{}", "<div>{}</div>", "<ul>{}</ul>", "<ul><li>{}</li></ul>", "<table>{}</table>", "<blockquote>{}</blockquote>",
    "<pre>a{}b</pre>", "<h2>a{}b</h2>", "<b>{}</b>", "a{}b", "a<br>{}b", "<img>{}b", "a<img>{}", "<video>{}</video>b",
    "<span hidden>{}</span>b", "<span style='font-size:0'>{}</span>b", "<div style='font-size:0'>{}</div>b",
    "<figure>{}</figure>", "<p>a{}b</p>", "{0}{0}\n\n{0} b",
)  # fmt: skip


@pytest.mark.parametrize("line", CREDITS)
def test_every_way_to_credit_is_found(line: str) -> None:
    assert [credit.provenance.host for credit in credits_in(line)] == ["kabar.com"]


@pytest.mark.parametrize("words", MENTIONS)
def test_every_mention_of_a_correction_is_found(words: str) -> None:
    assert speaks_of_correction(f"Pekan lalu {words} itu")
    assert speaks_of_correction(f"PEKAN LALU {words.upper()} ITU")


@pytest.mark.parametrize("line", CORRECTIONS)
def test_every_correction_is_found(line: str) -> None:
    assert corrections(["Harga karet naik.", line]) and not corrections(["Harga karet naik."])


def test_in_lower_case_stands_all_that_expressions_take_for_a_letter() -> None:
    characters = "".join(map(chr, range(sys.maxunicode + 1)))
    for letter in string.ascii_lowercase:
        taken = re.findall(letter, characters, re.IGNORECASE)
        assert len(taken) >= 2 and {lowered(one) for one in taken} == {letter}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(
    "words", ["Harga karet", " ", "", "a &amp; b\n c "], ids=["words", "space", "nothing", "signs"]
)
def test_a_paragraph_of_mere_text_is_read_as_any_other(words: str, around: str) -> None:
    mere, other = around.format(f"<p>{words}</p>"), around.format(f"<p><span>{words}</span></p>")
    assert full_text(mere) == full_text(other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Harga KARET naik", ["harga", "karet", "naik"]),
        ("covid19 ke-2, 10an; Rp10.000", ["covid", "19", "ke", "2", "10", "an", "rp", "10", "000"]),
        ("“Naik” – kata Jum’at…", ["naik", "kata", "jum", "at"]),
        ("presidenPrabowo snake_case", ["presiden", "prabowo", "snake", "case"]),
        ("Café À-la 10½ ﬁn", ["café", "à", "la", "101", "2", "fin"]),
    ],
)
def test_words_are_letters_or_digits(text: str, words: list[str]) -> None:
    assert words_of(text) == words
