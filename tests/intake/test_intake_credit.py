"""Whom captions credit: what stands in parentheses or behind a label, never the caption itself."""

from __future__ import annotations

import pytest

from aggregator.intake.credit import caption_credit


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("Warga antre di pasar (ist)", "ist"),
        ("Warga (Ist) antre di pasar.", "Ist"),
        ("Sidang di Pengadilan Negeri Jambi (istimewa).", "istimewa"),
        ("Rapat di gedung DPRD (foto: net) kemarin", "net"),
        ("Rapat di gedung DPRD (net)", "net"),
        ("Gubernur meninjau pasar. (Foto: Dok. Humas)", "Dok. Humas"),
        ("Warga bergotong royong (dok pribadi)", "dok pribadi"),
        ("Polisi berjaga /Dok. Polda Jambi/", "Dok. Polda Jambi"),
        ("Pasar Angso Duo (ANTARA FOTO/Budi Santoso/foc)", "ANTARA FOTO/Budi Santoso/foc"),
        ("Rapat paripurna. Foto: Humas Pemprov", "Humas Pemprov"),
        ("FOTO: ANTARA/Budi", "ANTARA/Budi"),
        ("Peta gempa. Sumber: BMKG", "BMKG"),
        ("Photo by Someone / Unsplash", "Someone / Unsplash"),
        ("Foto: Gubernur Jambi meninjau lokasi banjir di Kabupaten Kerinci, Senin", ""),
        ("Ketua Komisi Pemberantasan Korupsi (KPK)", ""),
        ("Rapat digelar Rabu (26/11/2026)", ""),
        ("Denda dan kurungan (dan/atau)", ""),
        ("Petugas kesehatan (dokter) memeriksa warga", ""),
        ("Pemasangan jaringan (jaringan listrik)", ""),
        ("", ""),
    ],
)
def test_the_credit_of_a_caption(caption: str, credit: str) -> None:
    assert caption_credit(caption) == credit
