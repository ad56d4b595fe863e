"""Whatever stands in the file: ConfigError or a Config, and soon."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from config_sample import SAMPLE, changed, load, mistakes
from hostile_cases import Case, cases, needs_cases
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.config.load import load_config, parse_config
from aggregator.errors import ConfigError

YAML = cases("yaml")
EXPECTED = {  # what must be said of each case as it stands, and in which line; none of them is in our own words
    "Y01": (2, "aliases are not read"),
    "Y03": (1, "tags are not read"),
    "Y05": (1, "tags are not read"),
    "Y08": (4, 'duplicate key "url", in line 3 already'),
    "Y11": (2, "aliases are not read"),
    "Y16": (1, 'got "just text"'),
    "Y18": (1, 'unknown key "feeds"'),
    "Y20": (1, 'unknown key "feeds"'),
    "Y22": (1, 'unknown key "feeds"'),
    "Y23": (2, "${...} is read in alerts.webhook"),
    "Y25": (2, "expected a list"),
    "Y26": (1, 'unknown key "feeds"'),
    "Y27": (1, 'unknown key "feeds"'),
    "Y28": (1, "more than 16 levels deep"),
}
# What the cases mean, in the words of our own feeds.yaml: what is changed in the sample, and what must be said.
EVERY, URL, TOPICS = "every: 15m", "url: https://paper.example/feed/", "topics: [politik]"
OURS = [
    ("Y08", URL, f"{URL}\n    url: https://evil.example/", 'duplicate key "url"'),
    ("Y18", EVERY, "evry: 15m", 'unknown key "evry"; did you mean "every"'),
    ("Y20", EVERY, "every: 0", "expected a duration such as 15m"),
    ("Y20", EVERY, "every: 0s", "expected a duration between 1m and 30d"),
    ("Y20", EVERY, "every: 99999999999999999999", "expected a duration such as 15m"),
    ("Y20", EVERY, "every: .nan", "expected a duration such as 15m"),
    ("Y20", EVERY, "every: .inf", "expected a duration such as 15m"),
    ("Y22", URL, "url: http://user:s3cr3t@paper.example/1", "a user name or password must not stand in"),
    # Taken literally it would be an address that nobody meant; no variable is put in its place.
    ("Y23", URL, "url: https://paper.example/${HOME}/", "${...} is read in alerts.webhook and alerts.email"),
    ("Y25", "    title: Politik\n", "    title: Politik\n    include: [politik]\n", 'unknown key "include"'),
    ("Y26", TOPICS, "topics: [nope]", 'unknown topic "nope"'),
]
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


@needs_cases
def test_every_id_has_its_outcome() -> None:
    assert set(EXPECTED) == set(YAML)


@pytest.mark.parametrize("case", YAML.values(), ids=YAML)
def test_a_shared_case_is_refused_with_its_line(case: Case, tmp_path: Path) -> None:
    path, canary = tmp_path / "feeds.yaml", tmp_path / "pwned"
    path.write_bytes(case.body.replace(b"@WORK@", str(tmp_path).encode()))
    started_s = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load_config(path, {"HOME": "/root"})
    assert time.process_time() - started_s < DEADLINE_S
    line, words = EXPECTED[case.case_id]
    said = [(problem.line_number, problem.message) for problem in caught.value.problems]
    assert any(number == line and words in message for number, message in said), said
    assert not re.search("s3cr3t|/root", str(caught.value))
    assert not canary.exists()


@pytest.mark.parametrize(("case_id", "old", "new", "words"), OURS)
def test_what_a_case_means_is_refused_in_our_own_words(case_id: str, old: str, new: str, words: str) -> None:
    text = changed(old, new)
    line = text[: text.index(new)].count("\n") + new.rstrip("\n").count("\n") + 1
    said = mistakes(text, {"HOME": "/root"})
    assert any(one.startswith(f"feeds.yaml:{line}:") and words in one for one in said), (case_id, line, said)
    assert not re.search("s3cr3t|/root", " ".join(said))


def test_y23_what_a_shell_or_a_template_would_replace_is_taken_as_it_stands() -> None:
    config = load(changed(URL, 'url: "https://paper.example/$(id)/%(x)s/{0}/$HOME"'), {"HOME": "/root"})
    assert config.sources[1].url == "https://paper.example/$(id)/%(x)s/{0}/$HOME"


def test_y27_five_thousand_sources_load_in_time() -> None:
    rows = "".join(
        f"  - {{id: s{i}, partner: paper, url: 'https://paper.example/{i}'}}\n" for i in range(5000)
    )
    started_s = time.process_time()
    config = load(changed("sources:\n", f"sources:\n{rows}"))
    assert time.process_time() - started_s < DEADLINE_S
    assert len(config.sources) == 5002


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_time(name: str) -> None:
    started = time.process_time()
    with pytest.raises(ConfigError):
        parse_config(BOMBS[name], "feeds.yaml", {})
    assert time.process_time() - started < DEADLINE_S


@pytest.mark.slow
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


@pytest.mark.slow
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
