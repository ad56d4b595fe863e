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
        assert {"channels", "5"} <= set(groups) <= {"channels", *"7654321"}, topic
        phrases = [words_of(one) for weight, group in groups.items() if weight != "channels" for one in group]
        assert [one for one, number in Counter(phrases).items() if number > 1] == [], topic
        assert all(phrases), topic
    assert set(data["derived"]["weights"]) <= set(data["topics"])
    assert shipped_topics() == {topic.id for topic in SHIPPED}
    for name in ("nasional", "news", "berita", "terkini", "daerah", "opini", "advertorial", "regional"):
        assert words_of(name) not in shipped_channels()
    assert not any(shipped_words()[words_of(phrase)] for phrase in data["says_nothing"])


def _cases() -> list[tuple[str, str, set[str]]]:
    return [
        (case["title"], case["text"], {case["topic"], *case["alt"]})
        for path in sorted(CASES.glob("*.yaml"))
        for case in yaml.safe_load(path.read_text("utf-8"))
    ]


def test_invented_articles_whose_author_did_not_know_the_lexicon() -> None:
    """The answer is the heaviest topic that the article is in; ``-`` is none."""
    cases = _cases()
    right = Counter[str]()
    of = Counter[str]()
    for title, text, topics in cases:
        found = [
            one for one in sort_into_topics(entry(**PLAIN | {"title": title}), text, {}, SHIPPED) if one.is_in
        ]
        answer = max(found, key=lambda one: one.weight).topic if found else "-"
        label = answer if answer in topics else min(topics)
        of[label] += 1
        right[label] += answer in topics
    assert len(cases) > 180
    assert right.total() / of.total() > 0.93
    assert all(right[topic] / of[topic] >= 0.8 for topic in of), (right, of)


def test_thresholds_are_what_the_docs_say() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "topics.md").read_text("utf-8")
    assert f"{THRESHOLD:.0f}" in docs and f"{STRONG_SHARE:.0%}".replace("%", " %") in docs
    assert f"{OWN_THRESHOLD:.0f}" in docs
