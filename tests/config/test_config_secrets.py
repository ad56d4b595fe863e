"""Secrets come from the environment, go where they are meant, and never into a message."""

from __future__ import annotations

import pytest
from config_sample import SAMPLE, changed, load, mistakes

from aggregator.errors import ConfigError

HOOK = "https://hooks.example/T0PSECRET"


def test_a_secret_is_read_from_the_environment_once() -> None:
    environ = {"HOOK": HOOK + "/${OTHER}".replace("$", "%24"), "MAIL": "a@b.example"}
    config = load(SAMPLE + 'alerts: {webhook: "${HOOK}", email: "${MAIL}"}\n', environ)
    assert (config.alerts.webhook, config.alerts.email) == (environ["HOOK"], "a@b.example")
    assert "T0PSECRET" not in repr(config)


@pytest.mark.parametrize(
    ("alerts", "message"),
    [
        (
            '{webhook: "${NONE}"}',
            "alerts.webhook: the environment variable NONE is not set; set it, or remove the key",
        ),
        (
            '{webhook: "${EMPTY}"}',
            "alerts.webhook: the environment variable EMPTY is not set; set it, or remove",
        ),
        ('{webhook: "${a-b}"}', "alerts.webhook: expected ${NAME} of letters, digits and underscores"),
        ('{webhook: "${HOOK"}', "alerts.webhook: expected ${NAME} of letters, digits and underscores"),
        (
            '{webhook: "${WORD}"}',
            "alerts.webhook: expected an address such as https://hooks.example.com/path",
        ),
        ('{email: "${WORD}"}', "alerts.email: expected one e-mail address such as redaksi@example.com"),
    ],
)
def test_a_secret_that_cannot_be_used(alerts: str, message: str) -> None:
    environ = {"EMPTY": "", "HOOK": HOOK, "WORD": "T0PSECRET"}
    found = mistakes(f"{SAMPLE}alerts: {alerts}\n", environ)
    assert len(found) == 1 and message in found[0]
    assert "T0PSECRET" not in found[0]


def test_a_variable_elsewhere_is_refused_and_not_replaced() -> None:
    found = mistakes(changed("name: Jambi Seru", 'name: "${HOME}"'), {"HOME": "/root"})
    assert found == [
        "feeds.yaml:2:9: site.name: ${...} is read in alerts.webhook and alerts.email only; write the value itself"
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (changed("https://agency.example/rss", "https://user:T0PSECRET@agency.example/rss"), 24),
        (changed("https://agency.example/rss", "https://user:T0P/SECRET@agency.example/rss"), 24),
        (changed("id: politik", 'id: "https://u:T0PSECRET@x.example/"'), 30),
        (f"{SAMPLE}alerts: {{webhook: {HOOK}, emial: x}}\n", 37),
        (f"{SAMPLE}alerts:\n  webhook:\n    - {HOOK}\n", 39),
        (f"{SAMPLE}alerts:\n  webhook: T0PSECRET\n", 38),
        (f"{SAMPLE}alerts:\n  webhook:\n    T0PSECRET\n", 39),
        (f"{SAMPLE}alerts:\n  webhook: {HOOK}: @\n", 38),
        (f"{SAMPLE}alerts: {{webhook:{HOOK}}}\n", 37),
        (f"{SAMPLE}alerts:\n  webhook:{HOOK}\n", 38),
        (f"{SAMPLE}alerts: {HOOK}\n", 37),
        (f'{SAMPLE}alerts:\n  webhook: "{HOOK}\n', 38),
        (f'{SAMPLE}alerts:\n  webhook:\n    "{HOOK}\n', 39),
        (f'{SAMPLE}alerts:\n  webhook:\n\n    "{HOOK}\n  email: "x"\n', 40),
        (f"{SAMPLE}alerts:\n  webhook:  # secret\n    {HOOK}\n  email:x\n  mail: @\n", 40),
    ],
)
def test_no_message_and_no_shown_line_holds_a_secret(text: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert line in [problem.line_number for problem in caught.value.problems]
    for problem in caught.value.problems:
        assert "SECRET" not in problem.line() + problem.caret()


def test_blotting_out_moves_no_column() -> None:
    with pytest.raises(ConfigError) as caught:
        load(changed('https://agency.example/rss"', 'https://u:pw@agency.example/rss", evry: 1'))
    problem = next(problem for problem in caught.value.problems if "evry" in problem.message)
    assert problem.source_line[problem.column - 1 :].startswith("evry")
