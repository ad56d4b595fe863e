"""What is compared, and what its hash moves with."""

from __future__ import annotations

import re
from typing import Any

import pytest
from editorial_desk.editorial_samples import ARTICLE, entry, identity
from hypothesis import given
from hypothesis import strategies as st

from aggregator.editorial.prepare import HASH_VERSION, content_hash, prepare
from aggregator.editorial.sketch import marks
from aggregator.model.entry import Image

PLAIN = entry()
WRAPPED = "".join(f"<div>\n<p><b>{line}</b></p></div>" for line in ARTICLE.splitlines())


def hash_of(**more: Any) -> str:
    return prepare(entry(**more), identity("g")).content_hash


def test_a_candidate_holds_what_the_decision_needs() -> None:
    one = prepare(PLAIN, identity("g"))
    assert (one.entry, one.identity, one.text) == (PLAIN, identity("g"), ARTICLE)
    assert one.marks == marks(PLAIN.title, ARTICLE)
    assert one.provenance is None


@pytest.mark.parametrize(
    "more, same",
    [
        pytest.param({"html": WRAPPED}, True, id="markup"),
        pytest.param({"title": f" {PLAIN.title.replace(' ', '  ')}"}, True, id="space in the title"),
        pytest.param(
            {"url": "https://lain.example/", "categories": ("x",), "authors": ("y",)}, True, id="the rest"
        ),
        pytest.param({"image": Image("https://img.example/1.jpg")}, False, id="lead image"),
        pytest.param({"title": "Ralat"}, False, id="title"),
        pytest.param({"html": PLAIN.html.replace("12", "13")}, False, id="one number"),
    ],
)
def test_the_hash_moves_with_what_readers_see(more: dict[str, Any], same: bool) -> None:
    assert (hash_of(**more) == hash_of()) is same


def test_an_entry_without_a_body_is_read_by_its_summary() -> None:
    assert prepare(entry(html="", summary_html="<p>Ringkasan.</p>"), identity("g")).text == "Ringkasan."


def test_provenance_is_read_from_the_text() -> None:
    credit = "<p>Artikel ini telah tayang di Pikiran-Rakyat.com dengan judul Rusia dan Belarusia</p>"
    found = prepare(entry(html=PLAIN.html + credit), identity("g")).provenance
    assert found is not None
    assert found.host == "pikiran-rakyat.com"


@pytest.mark.parametrize(
    "more, changed",
    [
        ({"title": "Ralat"}, [0]),
        ({"html": "<p>Ralat.</p>"}, [1]),
        ({"image": Image("https://img.example/2.jpg?t=1")}, [2]),
        ({"image": Image("https://img.example/1.jpg?t=2")}, []),
    ],
)
def test_each_part_of_the_hash_moves_alone(more: dict[str, Any], changed: list[int]) -> None:
    first, second = (
        hash_of(**({"image": Image("https://img.example/1.jpg?t=1")} | fields)).partition(":")[2].split(".")
        for fields in ({}, more)
    )
    assert [part for part in range(3) if first[part] != second[part]] == changed


@pytest.mark.parametrize(
    "was, now_is",
    [
        ("https://a.example/foto-banjir-di-jambi-300x200.jpg", "https://a.example/foto-banjir-di-jambi.jpg"),
        (
            "https://cdn1.a.example/w/480/foto-banjir-di-jambi.jpg?t=1",
            "https://cdn2.a.example/foto-banjir-di-jambi.jpg.webp",
        ),
        ("https://a.example/2026/1.jpg?w=700", "https://b.example/2026/1.jpg?w=360"),
        ("https://a.example/foto.php?id=1#x", "https://a.example/foto.php?id=1"),
        ("https://a.example/img.php?id=5&sig=aa&w=300", "https://a.example/img.php?w=600&id=5&sig=bb"),
        (
            "https://a.example/_next/image?url=%2Ffoto%2F1.jpg&w=640",
            "https://a.example/_next/image?url=%2Ffoto%2F1.jpg&w=80",
        ),
    ],
    ids=["size in the name", "another host", "size in the query", "fragment", "signature", "resizer"],
)
def test_the_same_picture_in_another_size_or_place_is_no_change(was: str, now_is: str) -> None:
    assert hash_of(image=Image(was)) == hash_of(image=Image(now_is))


@pytest.mark.parametrize(
    "was, now_is",
    [
        ("https://a.example/foto-banjir-di-jambi.jpg", "https://a.example/foto-banjir-di-tebo.jpg"),
        ("https://a.example/2026/1.jpg", "https://a.example/2027/1.jpg"),
        ("https://a.example/foto.php?id=1", "https://a.example/foto.php?id=2"),
        (
            "https://a.example/_next/image?url=%2Ffoto%2F1.jpg&w=640",
            "https://a.example/_next/image?url=%2Ffoto%2F2.jpg&w=640",
        ),
    ],
)
def test_another_picture_is_a_change(was: str, now_is: str) -> None:
    assert hash_of(image=Image(was)) != hash_of(image=Image(now_is))


def test_typography_is_no_change() -> None:
    assert hash_of(title="Gubernur: “Kami prihatin” – lagi…") == hash_of(
        title='Gubernur: "Kami prihatin" - lagi...'
    )
    assert hash_of(title="Gubernur prihatin") != hash_of(title="gubernur prihatin")


@given(st.text(), st.text())
def test_every_hash_carries_its_version_and_is_stable(title: str, text: str) -> None:
    found = content_hash(entry(title=title), text)
    assert re.fullmatch(rf"{HASH_VERSION}:[0-9a-f]{{16}}\.[0-9a-f]{{16}}\.[0-9a-f]{{16}}", found)
    assert found == content_hash(entry(title=f" {title}\n"), f"\n{text}  ")
