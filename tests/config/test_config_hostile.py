"""Whatever stands in the file: ConfigError or a Config, and soon."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from config_sample import SAMPLE, load
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.config.load import load_config, parse_config
from aggregator.errors import ConfigError

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[3] / "shared"))
HOSTILE = SHARED / "data" / "hostile" / "yaml"
EXPECTED = {  # what must be said about the file of that number, and in which line
    "Y01": (2, "aliases are not read"),
    "Y03": (1, "tags are not read"),
    "Y05": (1, "tags are not read"),
    "Y08": (4, 'duplicate key "url", in line 3 already'),
    "Y11": (2, "aliases are not read"),
    "Y16": (1, 'got "just text"'),
    "Y23": (2, "${...} is read in alerts.webhook"),
    "Y25": (2, "expected a list"),
}
DEADLINE_S = 10  # far above what is measured (under 2.5 s), far below hanging
BOMBS = {
    "merge bomb": "a0: &a0 {k: 1}\n"
    + "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 40)),
    "deep flow": "feeds: " + "[" * 5000,
    "deep flow in lines": "[\n" * 300_000,
    "deep block": "- " * 300_000,
    "long key": "x" * 900_000 + ": 1",
    "slashes": 'a: "' + "//" * 400_000 + '"\nb: @\n',
    "host of dots": "partners: [{domains: [" + "a." * 400_000 + "a]}]",
    "quotes": "[" + '"\n", ' * 45_000 + "@",
    "spaces": "webhook:" + " " * 400_000 + "x\n" + " " * 400_000 + "- @",
    "newlines": "\n" * 900_000,
    "tag directives": "%TAG !a! b\n" * 50_000 + "---\na: 1",
    "5000 feeds": "feeds:\n"
    + "".join(f"  - id: f{i}\n    url: http://p.example/{i}\n    topics: [a, b]\n" for i in range(5000)),
}
LINES = SAMPLE.splitlines(keepends=True)


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the shared attack files are not here")
def test_the_shared_attack_files() -> None:
    for path in sorted(HOSTILE.glob("*.yaml")):
        with pytest.raises(ConfigError) as caught:
            load_config(path, {"HOME": "/root"})
        line, words = EXPECTED.get(path.name[:3], (1, "unknown key"))
        said = [(problem.line_number, problem.message) for problem in caught.value.problems]
        assert any(number == line and words in message for number, message in said), (path.name, said)
        assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_time(name: str) -> None:
    started = time.process_time()
    with pytest.raises(ConfigError):
        parse_config(BOMBS[name], "feeds.yaml", {})
    assert time.process_time() - started < DEADLINE_S


def test_five_thousand_wrong_sources_are_all_reported_in_time() -> None:
    rows = "".join(
        f"  - {{id: s{i}, partner: nobody{i}, url: 'https://p.example/{i}', every: {i}}}\n"
        for i in range(5000)
    )
    partners = "".join(
        f"  - {{id: p{i}, name: P, url: 'https://p.example/', domains: [p{i}.example]}}\n" for i in range(199)
    )
    started = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load(
            SAMPLE.replace("sources:\n", f"sources:\n{rows}").replace("partners:\n", f"partners:\n{partners}")
        )
    assert len(caught.value.problems) == 10_000
    assert time.process_time() - started < DEADLINE_S


def attempt(text: str) -> None:
    """Load, and when that fails, look at everything that would be printed."""
    try:
        load(text)
    except ConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.line_number >= 1 and problem.column >= 1
            assert "\n" not in problem.line()
            problem.caret()


@given(st.text())
@example("%")
@example("!")
@example("%TAG")
@example("--- !<")
@example('"\\x')
@example("|9")
@settings(max_examples=300, deadline=DEADLINE_S * 1000)
def test_any_text_is_refused_as_a_config_error(text: str) -> None:
    with pytest.raises(ConfigError):
        load(text)


@given(st.text(alphabet="ab:-,#&*!|>'\"%@`{}[]<? \n\t\\x0~\u2028\ud800", max_size=60))
@settings(max_examples=300, deadline=DEADLINE_S * 1000)
def test_any_yaml_like_text_is_refused_as_a_config_error(text: str) -> None:
    attempt(text)


@given(
    st.integers(0, len(LINES) - 1),
    st.sampled_from([": ", "- "]),
    st.sampled_from(
        [
            "[]",
            "{}",
            "",
            "~",
            "-1",
            "1e999",
            ".nan",
            "true",
            "[[x]]",
            "{a: {b: c}}",
            "'\\'",
            '"\\e[1m"',
            "x y",
        ]
    )
    | st.text(max_size=20),
)
@settings(max_examples=200, deadline=DEADLINE_S * 1000)
def test_a_value_of_any_shape_anywhere(index: int, mark: str, value: str) -> None:
    head, found, _ = LINES[index].partition(mark)
    attempt("".join([*LINES[:index], f"{head}{found}{value}\n", *LINES[index + 1 :]]))
