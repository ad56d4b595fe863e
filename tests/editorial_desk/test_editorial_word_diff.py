"""What an edit changed, word by word."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.editorial.word_diff import CONTEXT_WORDS, MAX_WORDS, word_diff

LONG = " ".join(f"kata{n}" for n in range(40))
WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "ee", "ff", "\n"]), max_size=40).map(" ".join)


def shown(before: str, after: str) -> list[str]:
    marks = {"kept": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return [
        " ".join(marks[piece.kind].format(piece.words) for piece in passage)
        for passage in word_diff(before, after)
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("sama saja", "sama saja", []),
        ("sama  saja", "sama saja", []),
        ("harga karet naik", "harga karet turun", ["harga karet [-naik-] {+turun+}"]),
        ("harga karet naik", "harga karet", ["harga karet [-naik-]"]),
        ("", "baru", ["{+baru+}"]),
        ("lama", "", ["[-lama-]"]),
        ("satu\ndua\ntiga", "satu\ndua dua\ntiga", ["satu dua {+dua+} tiga"]),
        ("satu\ndua", "satu\ndua\ntiga empat", ["satu dua {+tiga empat+}"]),
        ("a b c", "x b y", ["[-a b c-] {+x b y+}"]),  # one word between two changes is part of them
        ("a b b c", "x b b y", ["[-a-] {+x+} b b [-c-] {+y+}"]),
        (f"x {LONG} y", f"X {LONG} Y", [
            "[-x-] {+X+} kata0 kata1 kata2 kata3 kata4", "kata35 kata36 kata37 kata38 kata39 [-y-] {+Y+}",
        ]),
    ],
)  # fmt: skip
def test_passages(before: str, after: str, expected: list[str]) -> None:
    assert shown(before, after) == expected


@given(WORDS, WORDS)
def test_what_is_gone_was_there_and_what_is_new_is(before: str, after: str) -> None:
    passages = word_diff(before, after)
    assert (not passages) == (before.split() == after.split())
    for passage in passages:
        pieces = [(piece.kind, piece.words) for piece in passage]
        assert any(kind != "kept" for kind, _ in pieces)
        for kind, words in pieces:
            whole = " ".join((after if kind == "new" else before).split())
            assert words
            assert words in whole
            assert kind != "kept" or len(words.split()) <= 2 * CONTEXT_WORDS


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 100_000, "b " * 100_000),
        ("a " * 5_000, "a b " * 5_000),
        ("tetap i\n" * 3_000, "tetap j\n" * 3_000),
        (" ".join(f"kata{n % 7}" for n in range(20_000)), " ".join(f"kata{n % 11}" for n in range(20_000))),
    ],
    ids=["nothing in common", "one word", "many changes", "few words"],
)
def test_texts_of_any_length_are_compared_at_once(before: str, after: str) -> None:
    """difflib took 15 s for texts of a tenth of this length."""
    began_s = time.process_time()
    passages = word_diff(before, after)
    assert passages
    assert time.process_time() - began_s < 2
    assert sum(len(piece.words.split()) for passage in passages for piece in passage) <= 4 * MAX_WORDS
