"""Topics by the rules of feeds.yaml, by channels and by words, and what is told of each."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from editorial_desk.editorial_samples import TOPICS, entry

from aggregator.config.load import load_config
from aggregator.config.model import Topic
from aggregator.editorial.lexicon import (
    Lexicon,
    shipped_channels,
    shipped_topics,
    shipped_words,
    words_of,
)
from aggregator.editorial.scope import ABROAD
from aggregator.editorial.topics import OWN_THRESHOLD, STRONG_SHARE, THRESHOLD, sort_into_topics, topics_of
from aggregator.editorial.weighing import READ_WORDS, count, read
from aggregator.editorial.word_forms import forms

PLAIN = {"url": "https://a.example/berita/1", "title": "Judul"}
CASES = Path(__file__).parent / "topic_cases"
SHIPPED = load_config(Path(__file__).parents[2] / "feeds.yaml", {}).topics
OWN = (Topic(id="sawit", title="Sawit", keywords={"kebun plasma": 3, "sawit": 1, "tandan": 1}),)


@pytest.mark.parametrize(
    "fields, source_topics, expected",
    [
        pytest.param({}, {}, (), id="nothing says so"),
        pytest.param(
            {}, {"olahraga": "s", "politik": "s"}, ("politik", "olahraga"), id="source, in the file's order"
        ),
        pytest.param({}, {"yang-tiada": "s"}, (), id="a topic that is not configured"),
        pytest.param({"categories": (" Pemilu ",)}, {}, ("politik",), id="category, case and space"),
        pytest.param({"categories": ("SEPAK-BOLA",)}, {}, ("olahraga",), id="category, hyphen"),
        pytest.param({"categories": ("Pémilu",)}, {}, ("politik",), id="category, accent"),
        pytest.param({"categories": ("Pemilu Raya",)}, {}, (), id="part of a category"),
        pytest.param({"url": "https://a.example/Internasional/1"}, {}, ("internasional",), id="path"),
        pytest.param({"url": "https://a.example/internasional"}, {}, ("internasional",), id="path's end"),
        pytest.param({"url": "https://a.example/1?x=/politik/"}, {}, (), id="query is no path"),
        pytest.param({"categories": ("dunia", "politik")}, {}, ("politik", "internasional"), id="two topics"),
        pytest.param({"categories": ("dpr",)}, {}, ("politik",), id="a channel that the lexicon knows"),
        pytest.param({"url": "https://politik.a.example/1"}, {}, ("politik",), id="a host is a channel"),
        pytest.param({"url": "https://politik.example/1"}, {}, (), id="the site's own name is none"),
        pytest.param(
            {"url": "https://politik.web.id/1"}, {}, (), id="the same below a registry of a country"
        ),
        pytest.param(
            {"url": "https://politik.a.co.id/1"},
            {},
            ("politik",),
            id="a host of a site below such a registry",
        ),
        pytest.param({"url": "https://a.example/berita/politik-uang"}, {}, (), id="nor is the headline"),
        pytest.param(
            {"categories": ("nasional", "news", "berita", "terkini")}, {}, (), id="misleading channels"
        ),
        pytest.param(
            {"url": "https://nasional.a.example/news/berita/1"}, {}, (), id="the same in an address"
        ),
    ],
)
def test_rules_and_channels(
    fields: dict[str, object], source_topics: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert topics_of(entry(**(PLAIN | fields)), "", source_topics, TOPICS) == expected


@pytest.mark.parametrize(
    "title, text, expected",
    [
        ("Pilkada serentak digelar", "", ("politik",)),
        ("Judul", "Satu kalimat tentang pilkada.", ()),  # mentioned, no more
        ("Judul", "Pilkada. KPU dan Bawaslu membuka pendaftaran pasangan calon gubernur.", ("politik",)),
        ("Membunuh, dibunuh, pembunuhnya: tersangka", "", ("hukum",)),
        ("Piala Presiden: laga perdana", "", ("olahraga",)),  # the phrase, no word about a president
        ("Tim tuan rumah menang", "Pelatih memuji gol penyerang itu di stadion.", ("olahraga",)),
        ("Polisi tidur baru di jalan kampung", "", ()),
        ("Uji coba jalur satu arah", "", ()),
        (
            "Penyanyi itu ditangkap, konser batal",
            "Polisi menetapkan pedangdut itu sebagai tersangka kasus sabu. Penggemar dan band pengiring kecewa.",
            ("hukum", "hiburan"),
        ),
        ("TERSANGKA KORUPSI DITAHAN", "", ("hukum",)),
        ("Tersángka kórupsi ditahan", "", ("hukum",)),
        ("", "", ()),
        ("Warga berkumpul di lapangan", "Acara itu berlangsung sampai sore.", ()),
    ],
)
def test_words(title: str, text: str, expected: tuple[str, ...]) -> None:
    assert topics_of(entry(**PLAIN | {"title": title}), text, {}, SHIPPED) == expected


@pytest.mark.parametrize(
    "title, text, is_in",
    [
        ("Judul", "Petani kebun plasma.", True),
        ("Judul", "Harga sawit.", False),
        ("Judul", "Harga tandan sawit.", True),
        ("Harga sawit", "", True),
        # What other topics weigh does not matter for one that has no words but its own.
        ("Pilkada: KPU, Bawaslu, paslon, parpol, kampanye", "Petani kebun plasma ikut memilih.", True),
    ],
)
def test_a_topic_of_ones_own_needs_its_keywords_alone(title: str, text: str, is_in: bool) -> None:
    assert bool(topics_of(entry(**PLAIN | {"title": title}), text, {}, OWN)) is is_in


def test_keywords_add_to_the_shipped_words() -> None:
    before, after = (
        sort_into_topics(
            entry(**PLAIN | {"title": "Pilkada"}),
            "",
            {},
            (Topic(id="politik", title="P", keywords=keywords),),
        )[0]
        for keywords in ({}, {"pilkada": 2})
    )
    assert after.weight == before.weight + 8


def test_a_topic_that_is_not_configured_keeps_its_stories_from_others() -> None:
    title = "Gubernur hadiri laga final Piala Presiden di stadion, timnas menang adu penalti"
    both, only = (
        topics_of(entry(**PLAIN | {"title": title}), "", {}, topics)
        for topics in (SHIPPED, [topic for topic in SHIPPED if topic.id == "politik"])
    )
    assert (both, only) == (("olahraga",), ())


def test_what_speaks_for_a_topic_is_told() -> None:
    article = entry(
        url="https://ekbis.a.example/politik/1", title="KPU umumkan hasil pilkada", categories=("Pemilu",)
    )
    text = "Pilkada usai. Harga saham naik."
    told = {one.topic: one for one in sort_into_topics(article, text, {"politik": "sumber-a"}, SHIPPED)}
    politik = told["politik"]
    assert all(
        one.is_in is (topic in topics_of(article, text, {"politik": "sumber-a"}, SHIPPED))
        for topic, one in told.items()
    )
    assert politik.rules == ("source sumber-a", "category Pemilu", "address /politik/")
    assert politik.channels == ("politik", "Pemilu")
    assert [(one.words, one.is_in_title) for one in politik.mentions[:2]] == [
        ("pilkada", True),
        ("kpu", True),
    ]
    assert politik.weight == pytest.approx(sum(one.weight for one in politik.mentions) + 20)
    assert told["ekonomi"].channels == ("ekbis",)
    assert not told["ekonomi"].is_in
    assert told["ekonomi"].enough == pytest.approx(max(THRESHOLD, STRONG_SHARE * politik.weight))


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("membunuh", "bunuh"), ("pembunuhan", "bunuh"), ("dibunuhnya", "bunuh"), ("menangkap", "tangkap"),
        ("penyelundupan", "selundup"), ("mengirimkan", "kirim"), ("memukuli", "pukul"), ("mengambil", "ambil"),
        ("terbakar", "bakar"), ("korbannya", "korban"), ("bencanakah", "bencana"), ("pertandingan", "tanding"),
    ],
)  # fmt: skip
def test_forms_of_words(word: str, stem: str) -> None:
    assert stem in forms(word)


def test_words_of_a_phrase_count_for_it_alone() -> None:
    lexicon = Lexicon({("kota", "jambi"): {}, ("jambi",): {}, ("kota",): {}, ("kota", "jambi", "baru"): {}})
    assert [phrase for _, phrase in lexicon.mentions(words_of("Kota Jambi, Jambi; kota jambi baru"))] == [
        ("kota", "jambi"),
        ("jambi",),
        ("kota", "jambi", "baru"),
    ]


def test_repetition_counts_a_little_and_what_stands_far_behind_not_at_all() -> None:
    lexicon = Lexicon({("gempa",): {}})
    far = "kata " * READ_WORDS
    times = [
        count(lexicon, read("", text))
        for text in (far + "gempa", far[:400] + "gempa", far[:400] + "gempa " * 9)
    ]
    assert times[0] == {}
    assert 1 == times[1]["gempa",].times < times[2]["gempa",].times < 2


def test_the_lexicon_is_in_order() -> None:
    data: dict[str, Any] = tomllib.loads(
        files("aggregator.editorial").joinpath("topics.toml").read_text("utf-8")
    )
    for topic, groups in data["topics"].items():
        assert {"channels", "5"} <= set(groups) <= {"channels", "places", *"7654321"}, topic
        phrases = [words_of(one) for name, group in groups.items() if name != "channels" for one in group]
        assert [one for one, number in Counter(phrases).items() if number > 1] == [], topic
        assert all(phrases), topic
    assert set(data["derived"]["weights"]) <= set(data["topics"])
    assert shipped_topics() == {topic.id for topic in SHIPPED}
    for name in ("nasional", "news", "berita", "terkini", "daerah", "opini", "advertorial", "regional"):
        assert words_of(name) not in shipped_channels()
    assert not any(shipped_words()[words_of(phrase)] for phrase in data["says_nothing"])
    assert [topic for topic, groups in data["topics"].items() if "places" in groups] == [ABROAD]


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Banjir Rendam Bangkok", "Ribuan orang mengungsi.", ("internasional", "peristiwa")),
        ("Hakim Vonis Mantan Presiden Peru", "Jaksa puas.", ("internasional", "hukum")),
        # Whatever is done for our own people there.
        (
            "Gempa Guncang Jepang",
            "Kemlu RI menyebut WNI selamat. Duta Besar RI siaga.",
            ("internasional", "peristiwa"),
        ),
        # A lead that names two, and one that names one by the way.
        (
            "Feri Tenggelam, 30 Tewas",
            "Feri itu karam di Filipina, kata Manila.",
            ("internasional", "peristiwa"),
        ),
        ("Feri Tenggelam, 30 Tewas", "Feri itu buatan Jepang.", ("peristiwa",)),
        # What names Indonesia, a place in it or what is ours.
        ("Kapal Malaysia Tenggelam di Batam", "Awak hanyut.", ("peristiwa",)),
        ("Kapal Malaysia Tenggelam", "Kapal itu karam di Kabupaten Natuna.", ("peristiwa",)),
        ("Polda Tangkap Warga Belanda", "Ia ditahan.", ("hukum",)),
        ("Pria Asal Malang Tewas di Jepang", "", ("peristiwa",)),
        # Subjects that are theirs wherever they are, and what only looks like a name.
        ("Klub Spanyol Juara Turnamen di Italia", "Penalti menentukan.", ("olahraga",)),
        ("Saham Jepang Anjlok", "Investor menjual obligasi.", ("ekonomi",)),
        ("Guru Bahasa Inggris Dikeroyok", "Pelaku ditangkap.", ("hukum",)),
        ("Hakim Kabulkan Gugatan", "Terdakwa bebas.", ("hukum",)),
        ("Kerabat Korban Longsor Menangis", "", ("peristiwa",)),  # no Rabat
        ("Bus Lepas Kendali di Meksiko, 9 Tewas", "", ("internasional", "peristiwa")),  # nor Kendal
        ("Bangkai Pesawat Jatuh di Peru Ditemukan", "", ("internasional", "peristiwa")),  # nor Bangka
    ],
)
def test_news_from_abroad(title: str, text: str, expected: tuple[str, ...]) -> None:
    found = sort_into_topics(entry(**PLAIN | {"title": title}), text, {}, SHIPPED)
    assert tuple(one.topic for one in found if one.is_in) == expected
    assert set(topics_of(entry(**PLAIN | {"title": title}), text, {}, SHIPPED)) == set(expected)


def test_what_tells_news_from_abroad_is_told() -> None:
    found = sort_into_topics(entry(**PLAIN | {"title": "Banjir di Texas"}), "", {}, SHIPPED)
    abroad, event = found[:2]
    assert abroad.mentions[0] == ("abroad, nothing of Indonesia: texas", event.weight, True)
    assert abroad.weight == sum(one.weight for one in abroad.mentions) > event.weight


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Gubernur Minta Dinas Berperan Aktif", "Peran dinas dinilai penting."),
        ("Camat Alam Barajo Temui Warga Kelurahan", "Pertemuan digelar di kantor kecamatan."),
        ("Bunga Mawar Mekar di Kandang Ayam", "Pemiliknya melarikan pandang ke kebun."),
        ("Suku Cadang, Kuningan, dan Peti", "Semua tersimpan rapi."),
        ("Pengalaman Perdana Mengalami Hal Itu", "Ia merasa dihargai."),
    ],
)
def test_words_that_mean_two_things_say_nothing_alone(title: str, text: str) -> None:
    found = sort_into_topics(entry(**PLAIN | {"title": title}), text, {}, SHIPPED)
    misled = {"hiburan", "olahraga", "gaya-hidup", "humaniora", "hukum", "ekonomi"}
    assert not [one for one in found if one.is_in and one.topic in misled]


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Atap Masjid Ambruk Menimpa Jemaah", "peristiwa"),
        ("Dosen Dibacok di Kampus", "hukum"),
        ("Bus Wisatawan Terjun ke Jurang", "peristiwa"),
        ("Mobil Honda Terbakar di Bengkel", "peristiwa"),
        ("Dokter Ditangkap di Rumah Sakit", "hukum"),
        ("Pemain Sinetron Ditahan", "hukum"),
        ("Motor Dicuri dari Halaman Hotel", "hukum"),
        ("Guru Tewas Tertimpa Pohon", "peristiwa"),
    ],
)
def test_what_happened_weighs_more_than_where_and_to_whom(title: str, topic: str) -> None:
    found = sort_into_topics(entry(**PLAIN | {"title": title}), "", {}, SHIPPED)
    assert found[0].is_in
    assert found[0].topic == topic


# Of each file the share that must be right, of all and of each topic: "unseen" was written after
# the words, and no word has been mended for it.
SHARES = {"short": (0.97, 0.9), "short_unseen": (0.85, 0.0)}
LONG = (0.97, 0.9)


@pytest.mark.parametrize("name", [*sorted(SHARES), "long"])
def test_invented_articles(name: str) -> None:
    """The first topic that an article is in is right, or another that a fair editor could choose; ``-`` is none."""
    paths = sorted(path for path in CASES.glob("*.yaml") if name in (path.stem, "long"))
    cases = [
        case
        for path in paths
        if name == path.stem or path.stem not in SHARES
        for case in yaml.safe_load(path.read_text("utf-8"))
    ]
    right, of = Counter[str](), Counter[str]()
    for case in cases:
        title, text = case["title"], case["text"]
        found = sort_into_topics(entry(**PLAIN | {"title": title}), text, {}, SHIPPED)
        answer = found[0].topic if found and found[0].is_in else "-"
        is_right = answer in (case["topic"], *case["alt"])
        of[case["topic"]] += 1
        right[case["topic"]] += is_right
    least, least_of_topic = SHARES.get(name, LONG)
    assert len(cases) >= {"short": 100, "short_unseen": 45, "long": 180}[name]
    assert right.total() / of.total() >= least, right
    assert all(right[topic] / of[topic] >= least_of_topic for topic in of), (right, of)


def test_thresholds_are_what_the_docs_say() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "topics.md").read_text("utf-8")
    assert f"{THRESHOLD:.0f}" in docs and f"{STRONG_SHARE:.0%}".replace("%", " %") in docs
    assert f"{OWN_THRESHOLD:.0f}" in docs
