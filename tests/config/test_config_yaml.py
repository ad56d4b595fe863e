"""The plain part of YAML 1.2, and nothing else."""

from __future__ import annotations

import math

import pytest

from aggregator.config.yaml_nodes import read_yaml

TYPES: list[tuple[str, object]] = [
    ("no", "no"),
    ("on", "on"),
    ("12:30", "12:30"),
    ("2022-11-01", "2022-11-01"),
    ("1_000", "1_000"),
    ("=", "="),
    ("true", True),
    ("FALSE", False),
    ("~", None),
    ("", None),
    ("'true'", "true"),
    ('"12"', "12"),
    ("014", 14),
    ("0o14", 12),
    ("0x1F", 31),
    ("-7", -7),
    ("1e3", 1000.0),
    ("-.inf", -math.inf),
    ("9" * 5000, "9" * 5000),
]
REFUSED = [  # (text, line, column, words)
    ("a: 1\nb: 2\na: 3", 3, 1, 'duplicate key "a", in line 1 already'),
    ("a: {b: 1, 'b': 2}", 1, 11, 'duplicate key "b"'),
    ("a: &x 1\nb: 2", 1, 4, "anchors are not read"),
    ("a: 1\nb: *x", 2, 4, "aliases are not read"),
    ("a: &x [*x]", 1, 8, "aliases are not read"),
    ("a:\n  <<: {b: 1}", 2, 3, "merge keys are not read"),
    ("a: !!python/object/apply:os.system [x]", 1, 4, "tags are not read"),
    ("a: !!str 1", 1, 4, "tags are not read"),
    ("? [a]\n: b", 1, 3, "a key must be plain text"),
    ("a: 1\n---\nb: 2", 2, 1, "a second document begins here"),
    ("a: b: c", 1, 5, "a colon cannot stand here"),
    ("a: @b", 1, 4, "text that begins like this needs quotes"),
    ("a: 1\n\tb: 2", 2, 1, "a tab character; use spaces"),
    ("a:\tb", 1, 3, "a tab character; use spaces"),
    ("a: [1, 2\nb: 3", 2, 2, "a bracket or brace is not closed"),
    ('a: "b', 1, 4, "a quote is not closed"),
    ('a: "b\n---\nc: 1', 1, 4, "a quote is not closed"),
    ("a: 1\n b: 2", 2, 3, "a colon cannot stand here"),
    ('a: "\\q"', 1, 6, "a backslash must be doubled"),
    ('a: "\\UFFFFFFFF"', 1, 7, "out of range"),
    ("%YAML " + "9" * 5000 + ".1\n---\n", 1, 7, "out of range"),
    ("a: 1\nb: \x00", 2, 4, "a control character"),
    ("a: \ud800", 1, 4, "a control character or half a character pair"),
    ("[" * 17, 1, 17, "more than 16 levels deep"),
]
SLIPS = [  # (text, line, column, words): reading stops below or behind what is to be mended
    (
        'a: "x\n\nb: 2\nc: "y"',
        1,
        4,
        "a quote opened in line 1 is closed only in line 4: probably the closing",
    ),
    ('a: "x\nb: "y"\nc: "z"', 1, 4, "a quote opened in line 1 is closed only in line 2"),
    ('a: {b: "x}\n# c: {d: "y"}', 1, 8, "a quote opened in line 1 is closed only in line 2"),
    ("a: ['x]\nb: ['y']\n", 1, 5, "a quote opened in line 1 is closed only in line 2"),
    ('a: "x\n  y"\nb: 1\nc: d: e', 4, 5, "a colon cannot stand here"),
    ("a: 1\nb:2\n# c\n\nd: 3", 2, 1, "a key needs a colon and a space after it"),
    ("a:\n  b:x\n  c: 3", 2, 3, "a key needs a colon and a space after it"),
    ("a:\n  - b:x\n    c: 3", 2, 5, "a key needs a colon and a space after it"),
    ("a: 1\nb 2\nc: 3", 2, 1, "a key needs a colon and a space after it"),
    ("a:\n  - b: 1\n  -b: 2", 3, 3, "a dash needs a space after it"),
    ("a:\n  -b: 1\n    c: 2", 2, 3, "a dash needs a space after it"),
    ("a:\n  - {b: 1}\n    c: 2", 3, 5, "a dash is missing"),
    ("a: {b: “c: d”}", 1, 8, "curly quotes are no quotes; use straight ones"),
    ("a: “c: d”", 1, 4, "curly quotes are no quotes; use straight ones"),
    ('a: "b: “c”" d', 1, 13, "there is text beside quotes"),
    ("a: [1,\n  2\nb: 3", 3, 2, "it is opened in line 1"),
    ("a: [{b: 1, b: 2}]", 1, 12, "in line 1 already; remove one of them"),
]


@pytest.mark.parametrize(("text", "value"), TYPES)
def test_plain_scalars_have_the_types_of_yaml_1_2(text: str, value: object) -> None:
    read = read_yaml(f"key: {text}")
    assert not read.mistakes
    assert read.values == {"key": value}


def test_keys_are_text_as_written() -> None:
    assert read_yaml("no: 1\n12: 2\n'': 3").values == {"no": 1, "12": 2}


@pytest.mark.parametrize(("text", "line", "column", "words"), REFUSED + SLIPS)
def test_everything_clever_is_refused_with_its_place(text: str, line: int, column: int, words: str) -> None:
    found = [
        (mistake.line, mistake.column) for mistake in read_yaml(text).mistakes if words in mistake.message
    ]
    assert found == [(line, column)], read_yaml(text).mistakes


def test_places_of_values_and_keys() -> None:
    place = read_yaml("a:\n  - b: 014\n").places[("a", 0, "b")]
    assert (place.line, place.column, place.key_line, place.key_column, place.raw) == (2, 8, 2, 5, "014")


@pytest.mark.slow
def test_too_many_values_stop_the_reading() -> None:
    read = read_yaml("[" + "a," * 100_001 + "]")
    assert not read.complete
    assert "more than 100000 values" in read.mistakes[0].message


def test_a_forgotten_dash_is_named_where_the_keys_begin_again() -> None:
    mistakes = read_yaml("a:\n  - b: 1\n    c: 2\n    b: 3\n    c: 4").mistakes
    assert [(mistake.line, mistake.message) for mistake in mistakes] == [
        (4, 'duplicate key "b", in line 2 already; remove one of them, or a dash is missing before line 4'),
        (5, 'duplicate key "c", in line 3 already; remove one of them, or a dash is missing before line 4'),
    ]
