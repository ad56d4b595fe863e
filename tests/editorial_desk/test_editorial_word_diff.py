"""What an edit changed, word by word."""

from __future__ import annotations

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
        ("satu\ndua\ntiga", "satu\ndua dua\ntiga", ["dua {+dua+}"]),
        ("satu\ndua", "satu\ndua\ntiga empat", ["{+tiga empat+}"]),
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
    assert (not passages) == (before.split("\n") == after.split("\n") or before.split() == after.split())
    for passage in passages:
        pieces = [(piece.kind, piece.words) for piece in passage]
        assert any(kind != "kept" for kind, _ in pieces)
        for kind, words in pieces:
            assert words
            whole = " ".join((after if kind == "new" else before).split())
            assert words in whole
            assert kind != "kept" or len(words.split()) <= 2 * CONTEXT_WORDS


def test_texts_of_any_length_are_compared_at_once() -> None:
    before, after = (" ".join(f"{sign}{n % 7}" for n in range(40 * MAX_WORDS)) for sign in "ab")
    (passage,) = word_diff(before, after)
    assert [piece.kind for piece in passage] == ["gone", "new"]
