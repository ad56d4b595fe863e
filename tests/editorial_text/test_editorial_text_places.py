"""The places of a story: what is believed, and what only looks like a place. Every sentence is invented."""

from __future__ import annotations

import time

import pytest

from aggregator.editorial.places import places_of
from aggregator.model.gazetteer import NAMES


def found(city: str = "", title: str = "", text: str = "") -> set[str]:
    return {one.facet.code for one in places_of(city, title, text)}


DATELINES = {
    "Jambi": {"ID-JA"},  # the province: the city must be named as one
    "Kota Jambi": {"15.71", "ID-JA"},
    "Muara Bungo": {"15.08", "ID-JA"},
    "Muarabungo": {"15.08", "ID-JA"},
    "Bangko": {"15.02", "ID-JA"},
    "Sengeti": {"15.05", "ID-JA"},
    "Kuala Tungkal": {"15.06", "ID-JA"},
    "Tanjab Timur": {"15.07", "ID-JA"},
    "Sungai Penuh": {"15.72", "ID-JA"},
    "Telanaipura": {"15.71", "ID-JA"},
    "Jakarta": {"ID-JK"},
    "Jakarta Selatan": {"31.74", "ID-JK"},
    "Penjaringan": {"31.72", "ID-JK"},
    "Bandung": {"32.73", "ID-JB"},  # a province's capital is meant by its bare name
    "Bandung Barat": {"32.17", "ID-JB"},
    "Bogor": {"32.01", "32.71", "ID-JB"},  # nobody says which
    "Bogor Tengah": {"32.71", "ID-JB"},
    "Kabupaten Bogor": {"32.01", "ID-JB"},
    "Cikarang": {"32.16", "ID-JB"},
    "Purwokerto": {"33.02", "ID-JT"},
    "Solo": {"33.72", "ID-JT"},
    "Yogyakarta": {"ID-YO"},
    "Malang": {"35.07", "35.73", "ID-JI"},
    "Batu": {"35.79", "ID-JI"},
    "Kota Metro": {"18.72", "ID-LA"},
    "Lampung": {"ID-LA"},
    "Bau-Bau": {"74.72", "ID-SG"},
    "Sorong": {"96.71", "ID-PD"},
    "Merauke": {"93.01", "ID-PS"},
    "Timika": {"94.04", "ID-PT"},
    "Wamena": {"95.01", "ID-PE"},
    "Manokwari": {"92.02", "ID-PB"},
    "Banjar": set(),  # one in Jawa Barat, one in Kalimantan Selatan
    "Kuala Lumpur": set(),
    "Paris": set(),
    "Antah Berantah": set(),
    "": set(),
}


@pytest.mark.parametrize("city", DATELINES)
def test_a_dateline_is_believed(city: str) -> None:
    assert found(city, "Warga Gotong Royong", "Warga membersihkan saluran air.") == DATELINES[city]


HEADLINES = {
    "Banjir Rendam Ratusan Rumah di Merangin": {"15.02", "ID-JA"},
    "BANJIR RENDAM RATUSAN RUMAH DI MERANGIN": {"15.02", "ID-JA"},
    "Wali Kota Jambi Tinjau Pasar": {"15.71", "ID-JA"},
    "Pemkot Jambi Buka Lowongan": {"15.71", "ID-JA"},
    "Polda Jambi Ungkap Peredaran Sabu": {"ID-JA"},
    "Gubernur Jambi Al Fulan Lantik Pejabat": {"ID-JA"},
    "Muaro Jambi Panen Raya Padi": {"15.05", "ID-JA"},
    "Kebakaran Lahan di Bungo, Tebo, dan Sarolangun": {"15.08", "15.09", "15.03", "ID-JA"},
    "Bupati Malang Resmikan Jembatan": {"35.07", "ID-JI"},
    "Kecelakaan Beruntun di Malang": {"35.07", "35.73", "ID-JI"},
    "Warga Serang Keluhkan Sampah": {"36.73", "ID-BT"},
    "Harga Cabai di Solo Melonjak": {"33.72", "ID-JT"},
    "Pantai di Kab. Batang Ramai": {"33.25", "ID-JT"},
    "Longsor Tutup Jalan di Bandung Barat": {"32.17", "ID-JB"},
    "Pengendara Terjatuh di Bekasi Timur": {"32.75", "ID-JB"},
    "Gempa Guncang Papua Barat Daya": {"ID-PD"},
    "Rapat di Tanjungjabung Barat Ricuh": {"15.06", "ID-JA"},
    # part of another name
    "Bank Jambi Bagikan Dividen": set(),
    "Persib Bandung Taklukkan Borneo FC Samarinda": set(),
    "PERSIB BANDUNG TAKLUKKAN BORNEO FC SAMARINDA": set(),
    "Universitas Airlangga Surabaya Terima Mahasiswa Baru": set(),
    "Resep Sate Padang Rumahan": set(),
    "Rumah Makan Padang Tambah Cabang": set(),
    "Gudeg Jogja Masuk Daftar Warisan": set(),
    "Macet di Jalan Surabaya": set(),
    "Jambi Seru Luncurkan Aplikasi": set(),
    "Tol Jakarta-Cikampek Ditutup Sementara": set(),
    "Bali United Datangkan Penyerang": set(),
    "Danau Toba Jadi Tuan Rumah": set(),
    "Bandung Lautan Api Dikenang": set(),
    "Papua Nugini Gelar Pemilu": set(),
    "Kapal Tenggelam di Selat Malaka": set(),
    "Timor Leste Bergabung": set(),
    "Sepekan di Kota Kinabalu": set(),
    "Paris van Java Gelar Diskon": set(),
    "Polda Metro Jaya Tangkap Penipu": set(),
    # also a word, or a person's
    "Nasib Malang Menimpa Pedagang": set(),
    "Gelandang Serang Baru Timnas": set(),
    "Bima Arya Hadiri Rapat": set(),
    "Album Solo Penyanyi Itu Laris": set(),
    "Harga Batu Bara Naik": set(),
    "Argentina Pertahankan Puncak Klasemen": set(),
    "Uang Palu Godam": set(),
    "Presiden Terima Tamu di Kuningan, Jakarta": {"ID-JK"},
    # too many to be a story of any
    "Cuaca Medan, Padang, Palembang, Surabaya, Makassar, Manado, Ambon": set(),
}


@pytest.mark.parametrize("title", HEADLINES)
def test_a_headline_names_places(title: str) -> None:
    assert found(title=title) == HEADLINES[title]


TEXTS = {
    "again in the lead": (
        "Kebakaran terjadi di Merangin kemarin. Petugas Damkar Merangin memadamkan api.",
        {"15.02", "ID-JA"},
    ),
    "once": ("Kebakaran terjadi di Merangin kemarin, kata petugas.", set()),
    "often, and later": (
        "Rapat itu ramai. " * 30 + "Dari Klaten ia datang. Di Klaten ia lahir. Warga Klaten mengenalnya.",
        {"33.10", "ID-JT"},
    ),
    "part of a longer name": (
        "Ketua Yayasan Cahaya Surabaya hadir. Yayasan Cahaya Surabaya memberi bantuan. "
        "Dana Yayasan Cahaya Surabaya habis.",
        set(),
    ),
    "a person's": (
        "Tokoh Bambang Semarang bicara. Menurut Bambang Semarang itu baik. Kata Bambang Semarang, ya.",
        set(),
    ),
    "a word at the head of a sentence": (
        "Malang benar nasibnya. Malang pula tetangganya. Malang semua sekampung.",
        set(),
    ),
    "authorities": (
        "Kepala Dinas Pendidikan Jambi hadir. Dinas Kesehatan Jambi juga. Kejaksaan Tinggi Jambi menunggu.",
        {"ID-JA"},
    ),
    "the kind behind the first": (
        "Warga Blitar antre. Di Kabupaten Blitar, antrean lebih panjang.",
        {"35.05", "ID-JI"},
    ),
    "a weather list": (
        "Hujan di Medan, Padang, Jambi, Palembang, Bengkulu, Serang, Bandung, Semarang, Surabaya, Denpasar, "
        "Kupang. Cerah di Pontianak, Samarinda, Manado, Ambon, Padang, dan Medan.",
        set(),
    ),
    "matches": (
        "Persija Jakarta menjamu PSM Makassar. Gol Persija Jakarta dibalas PSM Makassar. Persija Jakarta unggul.",
        set(),
    ),
    "foreign": (
        "Laga di Miami berakhir imbang. Warga Miami bersorak. Di Miami pula final digelar.",
        set(),
    ),
    "glued": (
        "KotaJambi bukan ejaan. TransJakarta beroperasi. TransJakarta ramai. TransJakarta penuh.",
        set(),
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_names_places_often(name: str) -> None:
    text, expected = TEXTS[name]
    assert found(text=text) == expected


SHARED = {
    "a kind in the text": ("Malang", "", "Di Kabupaten Malang hujan turun.", {"35.07", "ID-JI"}),
    "a town of one of them": ("Malang", "", "Kantor di Kepanjen itu tutup.", {"35.07", "ID-JI"}),
    "a kind in the headline": ("Kediri", "Wali Kota Kediri Rapat", "", {"35.71", "ID-JI"}),
    "both kinds": (
        "Bogor",
        "",
        "Kota Bogor dan Kabupaten Bogor berunding.",
        {"32.01", "32.71", "ID-JB"},
    ),
    "a province": ("Banjar", "", "Hujan turun di Jawa Barat.", {"32.79", "ID-JB"}),
    "the other province": ("Banjar", "", "Hujan turun di Kalimantan Selatan.", {"63.03", "ID-KS"}),
    "a district of the newsroom's city": (
        "Kotabaru",
        "",
        "Rumah di Kecamatan Kota Baru, Kota Jambi, terbakar.",
        {"15.71", "ID-JA"},
    ),
}


@pytest.mark.parametrize("name", SHARED)
def test_what_the_text_says_tells_places_of_one_name_apart(name: str) -> None:
    city, title, text, expected = SHARED[name]
    assert found(city, title, text) == expected


def test_a_dateline_stays_beside_what_the_headline_names() -> None:
    assert found("Jakarta", "Gempa Guncang Garut", "Gempa terjadi pagi ini.") == {"ID-JK", "32.05", "ID-JB"}


def test_a_match_is_of_the_place_in_its_dateline() -> None:
    assert found("Samarinda", "Persib Bandung Ditahan Borneo FC Samarinda") == {"64.72", "ID-KI"}


def test_each_place_says_how_it_was_found() -> None:
    text = "Banjir melanda Merangin. Air sungai di Merangin naik. Tim dari Merangin siaga."
    said = [one.evidence for one in places_of("Muaro Bungo", "Wali Kota Jambi Kirim Bantuan", text)]
    assert said == [
        "dateline Muaro Bungo",
        "province of Bungo",
        "in the headline: Kota Jambi",
        "3 times in the text: Merangin",
    ]


def test_a_text_without_end_is_read_to_a_limit() -> None:
    assert found(text="Kata warga. " * 2_000 + "Di Klaten. " * 50) == set()


def test_a_run_of_capitals_is_read() -> None:
    assert found(text="Kota " * 4_000) == set()


AGAIN = {
    "apostrophes": "Alor’",
    "straight apostrophes": "Alor'",
    "digits": "Alor1’",
    "hyphens": "Kota-Kota-",
    "capitals": "ALOR ",
    "one word": "Alor",
    "names": "Alor ",
    "names with commas": "Malang, ",
    "names after brackets": "(Alor ",
    "lines": "Alor\n",
}


def cost_s(text: str) -> float:
    """The least of three, in seconds of this process, as a headline and as a text."""
    costs_s = []
    for _ in range(3):
        began_s = time.process_time()
        places_of("", text, text)
        costs_s.append(time.process_time() - began_s)
    return min(costs_s)


@pytest.mark.parametrize("name", AGAIN)
def test_four_times_as_long_takes_about_four_times_as_long(name: str) -> None:
    """Told by ratio, so that a busy machine changes nothing; quadratic would be sixteen times."""
    again = AGAIN[name]
    assert cost_s(again * (12_000 // len(again))) < 8 * cost_s(again * (3_000 // len(again))) + 0.02


def test_names_that_places_share_cost_no_more_beside_all_that_are_sure() -> None:
    sure = ". ".join(name.spelling for name in NAMES.values() if len(name.codes) == 1 and not name.seats)
    shared = ". Bogor" * 1_500
    assert cost_s(sure + shared) - cost_s(sure) < 2 * cost_s(shared) + 0.01
