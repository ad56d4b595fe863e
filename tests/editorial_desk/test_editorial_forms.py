"""News that is written by filling in a form: nearly every word is the same, and yet they are two articles."""

from __future__ import annotations

import time

import pytest

from aggregator.editorial.similarity import same_article
from aggregator.editorial.wording import Wording

DEATH = (
    "Kabar duka datang dari keluarga besar kampus kami. {} meninggal dunia di rumah sakit umum daerah setelah "
    "menjalani perawatan beberapa hari. Jenazah disemayamkan di rumah duka sebelum dimakamkan di pemakaman "
    "keluarga. Rektor menyampaikan belasungkawa yang mendalam dan mengenang almarhum sebagai sosok yang "
    "berdedikasi, ramah, dan disiplin."
)
QUAKE = (
    "Gempa bumi bermagnitudo 5,1 mengguncang wilayah {}, Selasa (3/3/2026) pukul {} WIB. Lembaga pemantau "
    "menyebutkan pusat gempa berada di laut pada kedalaman 10 kilometer. Gempa ini tidak berpotensi tsunami. "
    "Getaran dirasakan sejumlah warga yang sempat berhamburan keluar rumah. Belum ada laporan kerusakan bangunan "
    "maupun korban jiwa."
)
EXAM = (
    "Pemerintah provinsi memastikan ujian sekolah akan {} digelar pekan depan meski kabut asap masih menyelimuti "
    "daerah. Kepala dinas mengatakan keputusan itu diambil setelah rapat bersama para kepala sekolah. Siswa "
    "diminta memakai masker dan mengurangi kegiatan di luar ruangan. Orang tua dapat menghubungi sekolah bila "
    "anak mengalami gangguan."
)
MATCH = (
    "Tim tuan rumah menang {} atas {} dalam laga uji coba di stadion utama, malam tadi. Sejak menit awal tuan "
    "rumah menguasai jalannya pertandingan dan menekan lewat kedua sayap. Gol pembuka dicetak pada babak pertama "
    "setelah memanfaatkan umpan silang. Tim tamu mencoba bangkit, tetapi lini belakang tampil disiplin sampai "
    "akhir laga."
)
VACANCY = (
    "Perusahaan PT {} kembali membuka lowongan kerja untuk lulusan sekolah menengah hingga sarjana. Persyaratan "
    "umum antara lain warga negara Indonesia, sehat jasmani dan rohani, tidak sedang terikat kontrak dengan "
    "perusahaan lain, serta bersedia ditempatkan di seluruh wilayah. Pelamar diminta menyiapkan surat lamaran, "
    "pas foto, dan ijazah."
)
TOLL = (
    " Kemudian dilaporkan dua orang tewas tertimpa tembok dan puluhan rumah rusak berat di desa terdekat. "
    * 2
)
SERMON = "Khutbah kali ini mengajak jamaah untuk {}. " + DEATH.format("Tetangga kami")

FORMS = {
    "deaths": ("Dosen Ahmad Fauzi Meninggal", DEATH.format("Ahmad Fauzi"),
               "Dosen Rahmat Hidayat Meninggal", DEATH.format("Rahmat Hidayat")),
    "quakes": ("Gempa Guncang Bengkulu, Tak Berpotensi Tsunami", QUAKE.format("Bengkulu", "06.12"),
               "Gempa Guncang Pacitan, Tak Berpotensi Tsunami", QUAKE.format("Pacitan", "06.59")),
    "a reversal": ("Ujian Sekolah Tetap Digelar", EXAM.format("tetap"),
                   "Ujian Sekolah Batal Digelar", EXAM.format("batal")),
    "matches": ("Tuan Rumah Menang atas Bahrain", MATCH.format("1-0", "Bahrain"),
                "Tuan Rumah Menang atas China", MATCH.format("2-0", "China")),
    "vacancies": ("Lowongan Kerja PT Kereta Api Indonesia", VACANCY.format("Kereta Api Indonesia"),
                  "Lowongan Kerja PT Pos Indonesia", VACANCY.format("Pos Indonesia")),
    "a toll that rose": ("Gempa Guncang Bengkulu Pagi Ini", QUAKE.format("Bengkulu", "06.12"),
                         "Gempa Bengkulu: Dua Orang Tewas", QUAKE.format("Bengkulu", "06.12") + TOLL),
}  # fmt: skip


@pytest.mark.parametrize("within_partner", [False, True], ids=["two partners", "one partner"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_forms_filled_in_for_another_are_two_articles(
    form: tuple[str, str, str, str], within_partner: bool
) -> None:
    a_title, a_text, b_title, b_text = form
    assert same_article(a_title, a_text, b_title, b_text, within_partner=within_partner) is None
    assert same_article(b_title, b_text, a_title, a_text, within_partner=within_partner) is None


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_same_form_filled_in_once_is_one_article_under_another_headline(
    form: tuple[str, str, str, str],
) -> None:
    _, text, _, _ = form
    assert same_article("Ini yang Terjadi Pagi Tadi", text, "Warga Kaget, Begini Ceritanya", text) is not None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Khutbah Jumat Singkat Pekan Ini", "Khutbah Jumat Singkat Pekan Ini"),
        ("Teks Khutbah Jumat yang Singkat", "Teks Khutbah Jumat yang Singkat"),
    ],
)
def test_one_partners_column_returns_under_its_headline(a: str, b: str) -> None:
    texts = SERMON.format("bersyukur"), SERMON.format("bersabar")
    assert same_article(a, texts[0], b, texts[1], within_partner=True) is None


def test_teasers_of_two_days_are_two_articles() -> None:
    title = "Jadwal SIM Keliling Kota Jambi dan Syaratnya"
    days = "Selasa 3 Maret", "Rabu 4 Maret"
    a, b = (f"Layanan SIM keliling pada {day} berada di lapangan kantor wali kota." for day in days)
    assert same_article(title, a, title, b) is None
    assert same_article(title, a, title, a.replace("lapangan", "halaman")) is not None


@pytest.mark.parametrize("piece", ["Aa-", "Aa ", "Aa'", "A", "Aa Bb", "“Aa ", "1,", "1/"])
def test_what_is_read_of_a_hostile_text_takes_no_time(piece: str) -> None:
    started_s = time.process_time()
    text = Wording(piece * 30_000)
    for read in ("words", "shingles", "names", "full_names", "numbers", "days", "quotes"):
        getattr(text, read)
    assert time.process_time() - started_s < 2
