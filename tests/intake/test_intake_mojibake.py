"""Text that was encoded twice is repaired where that is certain, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator.intake.mojibake import is_damaged, repair, shielded

# Words that partners write, each as it should read.
TEXTS = (
    "café", "Réunion", "État", "l’État", "“kutip”", "“dua kata” — dan “tiga”", "it’s", "harga €5", "cœur", "😀 oke",
    "👨‍👩‍👧", "©2026", "30°C", "£31 million", "Indonesia…", "sønd\u00e6g", "ÉTÉ À ÊTRE", "señor",
    "«\u00a0à\u00a0la\u00a0»",
    "Новости", "القرآن", "新聞稿", "attentat à\u00a0Paris", "– tanda pisah –", "• butir", "✓ benar",
    "→ lanjut", "1½ jam", "5 m² ™",
)  # fmt: skip


def encoded_twice(text: str, codec: str = "windows-1252") -> str:
    """UTF-8 taken for that codec; bytes without a character there stay control characters."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("codec", ["windows-1252", "latin-1"])
def test_text_that_was_encoded_twice_is_repaired(text: str, codec: str) -> None:
    broken = encoded_twice(text, codec)
    assert broken != text
    assert repair(broken) == text
    assert is_damaged(broken)


@pytest.mark.parametrize("text", ["“kutip”", "café crème", "it’s", "naïveté 😀"])
def test_and_so_is_text_that_was_encoded_three_times(text: str) -> None:
    assert repair(encoded_twice(encoded_twice(text))) == text


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS,
        *("SANTÉ\u00a0: le plan", "NESTLÉ® baru", "CAFÉ…", "É”", "“É”", "Ö”", "FORÊT»", "PÂTÉ™", "«\u00a0CAFÉ\u00a0»"),
        *("AMANHÃ”", "AMANHû", "AMANHÃ – hoje"),
        *("AMANHÃ–HOJE", "MANHÃ\u00a0", "IRMÃ…", "SÃO PAULO", "“Ã”", "Âge d’or", "château", "â€"),
        *("café…”", "forêt – “bois”", "Île-de-France", "2×3", "naïve — café", "Müller™", "Å", "Ã…", "è»", "pâté »"),
        *("Gojek & Grab", "Ma’ruf", "Jum’at", "“Ini,” kata dia.", "Rp1.000,–", "100 %…"),
    ],
)  # fmt: skip
def test_text_as_people_write_it_is_left_alone(text: str) -> None:
    assert repair(text) == text
    assert not is_damaged(text)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("caf\u00e9 cafÃ©", "caf\u00e9 café"),  # each run for itself: one template, two encodings
        ("cafÃ©”", "cafÃ©”"),  # a run that does not decode as a whole is left
        ("â€œbuka", "“buka"),
        ("Â« moi Â»", "« moi »"),
        ("\x93kutip\x94 \x96 dia\x85", "“kutip” – dia…"),
        ("\x81\x8d", "\x81\x8d"),  # windows-1252 has nothing there
        ("ï»¿Judul", "\ufeffJudul"),
        ("hilang ï¿½", "hilang \ufffd"),
    ],
)
def test_repair_goes_run_by_run(text: str, mended: str) -> None:
    assert repair(text) == mended


@given(st.text(max_size=80))
def test_ascii_and_shielded_texts_come_back(text: str) -> None:
    assert repair(text.encode("ascii", "ignore").decode()) == text.encode("ascii", "ignore").decode()
    assert repair(shielded(text)) == repair(text)


@given(st.text("éèàçœßñü“”’–…€你界новости", min_size=3, max_size=40))
def test_three_characters_in_a_row_always_come_back(text: str) -> None:
    assume(repair(text) == text)
    assert repair(encoded_twice(text)) == text
