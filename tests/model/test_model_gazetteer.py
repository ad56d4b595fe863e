"""Indonesia's provinces, regencies and cities: complete, each found by each of its names."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import pytest

from aggregator.model.gazetteer import NAMES, PLACES, codes_named, key_of, names, place_of

# Names that places of different regencies share. Whoever adds one says so here.
SHARED = {
    "solok", "bogor", "sukabumi", "bandung", "cirebon", "bekasi", "tasikmalaya", "banjar", "magelang", "semarang",
    "pekalongan", "tegal", "kediri", "blitar", "malang", "probolinggo", "pasuruan", "mojokerto", "madiun", "tangerang",
    "serang", "bima", "kupang", "jayapura", "sorong", "martapura", "sukadana", "genteng", "tebingtinggi", "kotabaru",
}  # fmt: skip


def test_all_provinces_regencies_and_cities_are_there() -> None:
    assert Counter(place.kind for place in PLACES.values()) == {"provinsi": 38, "kabupaten": 416, "kota": 98}


def test_codes_have_their_form_and_regencies_their_province() -> None:
    provinces: dict[str, str] = {}
    for code, place in PLACES.items():
        assert place.code == code
        assert place_of(place.province_code).kind == "provinsi"
        if place.kind == "provinsi":
            assert re.fullmatch("ID-[A-Z]{2}", code)
            assert place.province_code == code
        else:
            assert re.fullmatch(r"\d\d\.[07]\d" if place.kind == "kota" else r"\d\d\.[0-2]\d", code)
            assert provinces.setdefault(code[:2], place.province_code) == place.province_code
    assert len(set(provinces.values())) == len(provinces) == 38


@pytest.mark.parametrize("code", PLACES)
def test_a_label_means_its_place_alone(code: str) -> None:
    place = place_of(code)
    assert codes_named(place.label) == (code,)
    assert codes_named(f"{place.kind.upper()}  {place.name}") == (code,)
    assert code in codes_named(place.name) or place.name in {"Jambi", "Bengkulu", "Gorontalo", "Yogyakarta"}


def test_a_name_means_one_place_or_is_listed_as_shared() -> None:
    assert {key for key, name in NAMES.items() if len({*name.codes, *name.seats}) > 1} == SHARED


def test_every_name_offered_is_known() -> None:
    assert [name for name in names() if not codes_named(name)] == []
    assert len(set(names())) == len(names())


NAMED = {
    "15.71": "15.71",
    "ID-JA": "ID-JA",
    "sumatera": "ID-AC ID-SU ID-SB ID-RI ID-JA ID-SS ID-BE ID-LA ID-BB ID-KR",
    "Kalimantan": "ID-KB ID-KT ID-KS ID-KI ID-KU",
    "Jambi": "ID-JA",
    "jambi": "ID-JA",
    "  JAMBI ": "ID-JA",
    "Jámbi": "ID-JA",
    "Provinsi Jambi": "ID-JA",
    "Kota Jambi": "15.71",
    "Muaro Jambi": "15.05",
    "Kab. Batanghari": "15.04",
    "Batang Hari": "15.04",
    "Tanjabbar": "15.06",
    "Bogor": "32.01 32.71",
    "Kota Bogor": "32.71",
    "Kabupaten Bogor": "32.01",
    "Jabar": "ID-JB",
    "Kepri": "ID-KR",
    "Babel": "ID-BB",
    "DIY": "ID-YO",
    "Daerah Istimewa Yogyakarta": "ID-YO",
    "Jogja": "ID-YO",
    "Kota Yogyakarta": "34.71",
    "NTT": "ID-NT",
    "Jakarta": "ID-JK",
    "Jaksel": "31.74",
    "Kota Administrasi Jakarta Selatan": "31.74",
    "Kabupaten Administrasi Kepulauan Seribu": "31.01",
    "Tangsel": "36.74",
    "Kukar": "64.02",
    "OKU": "16.01",
    "OKU Timur": "16.08",
    "Muba": "16.06",
    "Kobar": "62.01",
    "Purwokerto": "33.02",
    "Bau Bau": "74.72",
    "Bau-Bau": "74.72",
    "Pangkal Pinang": "19.71",
    "Papua Barat Daya": "ID-PD",
    "Papua Selatan": "ID-PS",
    "Papua Tengah": "ID-PT",
    "Papua Pegunungan": "ID-PE",
    "Kotabaru": "63.02",
    "Kuala Lumpur": "",
    "Kota": "",
    "": "",
}


@pytest.mark.parametrize("name", NAMED)
def test_an_editor_names_a_place(name: str) -> None:
    assert codes_named(name) == tuple(NAMED[name].split())


def test_labels_say_the_kind_only_where_it_is_needed() -> None:
    labels = {
        code: place_of(code).label for code in ("ID-JA", "15.71", "15.05", "15.08", "32.01", "35.79", "94.05")
    }
    assert labels == {
        "ID-JA": "Jambi",
        "15.71": "Kota Jambi",
        "15.05": "Muaro Jambi",
        "15.08": "Bungo",
        "32.01": "Kabupaten Bogor",
        "35.79": "Kota Batu",
        "94.05": "Kabupaten Puncak",
    }


def test_spellings_of_a_name_have_one_key() -> None:
    assert key_of("Bau-Bau") == key_of("BAUBAU") == key_of("Báu Bau")


def test_a_code_that_is_none_is_no_place() -> None:
    with pytest.raises(KeyError):
        place_of("15.99")


def test_reading_the_file_costs_little() -> None:
    """A command pays for it at each start: 10 ms on a quiet machine; the bound here is for a busy one."""
    code = (
        "import time, dataclasses, importlib.resources; t = time.process_time()\n"
        "import aggregator.model.gazetteer; print(time.process_time() - t)"
    )
    took_s = float(
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    )
    assert took_s < 0.1
