"""What is measured is documented, and no label grows without bound."""

from __future__ import annotations

import re
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from aggregator.web.limits import Limits
from aggregator.web.metrics import Metrics

OPS = (Path(__file__).parent.parent.parent / "docs" / "ops.md").read_text("utf-8")
TABLE = OPS[OPS.index("### Metrics") :].split("\n## ")[0]


def exposition(metrics: Metrics) -> str:
    return metrics.exposition()[0].decode()


def value(metrics: Metrics, line: str) -> float:
    found = re.search(rf"^{re.escape(line)} (.*)$", exposition(metrics), re.MULTILINE)
    assert found, line
    return float(found[1])


def used() -> Metrics:
    metrics = Metrics()
    metrics.polled("read", 0.2, new=3, copies=2, revised=1)
    metrics.polled("failed", 0.2, new=0, copies=0, revised=0)
    metrics.published(0.4, documents=7, problems=2)
    metrics.lagged(0.7)
    for event in ("asked", "refused", "verified", "denied", "left", "missed"):
        metrics.subscription(event)
    for outcome in ("taken", "ignored", "refused"):
        metrics.pushed(outcome)
    metrics.sources({"well": 5, "trouble": 1}, {"quiet": 1})
    metrics.config_refused(is_refused=True)
    metrics.store_failed()
    metrics.answered("document", 200, "gzip")
    metrics.answered("document", 200, "gzip")
    metrics.connections(3)
    metrics.cut("stalled")
    return metrics


def test_every_metric_is_documented_and_every_documented_one_exists() -> None:
    measured = set(re.findall(r"^# TYPE (\S+)", exposition(used()), re.MULTILINE))
    documented = set(re.findall(r"`((?:aggregator|process)_\w+)`", TABLE))
    assert measured == documented


def test_every_label_is_documented() -> None:
    for labels in re.findall(r"\{(.*)\}", exposition(used())):
        for name, label in re.findall(r'(\w+)="([^"]*)"', labels):
            if name not in {"le", "status", "encoding"}:
                assert f"`{name}`" in TABLE
                assert label in OPS, label


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('aggregator_polls_total{outcome="read"}', 1),
        ('aggregator_polls_total{outcome="failed"}', 1),
        ("aggregator_poll_seconds_count", 2),
        ('aggregator_entries_total{verdict="new"}', 3),
        ('aggregator_entries_total{verdict="copy"}', 2),
        ('aggregator_entries_total{verdict="revised"}', 1),
        ("aggregator_publish_seconds_sum", 0.4),
        ('aggregator_publish_lag_seconds_bucket{le="1.0"}', 1),
        ('aggregator_publish_lag_seconds_bucket{le="0.5"}', 0),
        ("aggregator_documents_total", 7),
        ("aggregator_publish_problems", 2),
        ('aggregator_subscriptions_total{event="missed"}', 1),
        ('aggregator_pushes_total{outcome="ignored"}', 1),
        ('aggregator_sources{state="well"}', 5),
        ('aggregator_sources{state="retired"}', 0),
        ("aggregator_config_refused", 1),
        ("aggregator_store_errors_total", 1),
        ('aggregator_http_requests_total{encoding="gzip",route="document",status="200"}', 2),
        ("aggregator_http_connections", 3),
        ('aggregator_http_connections_cut_total{reason="stalled"}', 1),
    ],
)
def test_what_is_counted(line: str, expected: float) -> None:
    assert value(used(), line) == expected


def test_states_that_are_no_more_fall_to_zero() -> None:
    metrics = used()
    metrics.sources({"well": 6}, {})
    assert value(used(), 'aggregator_source_flags{kind="quiet"}') == 1
    assert value(metrics, 'aggregator_source_flags{kind="quiet"}') == 0
    metrics.config_refused(is_refused=False)
    metrics.published(0.1, documents=0, problems=0)
    assert value(metrics, 'aggregator_sources{state="trouble"}') == 0
    assert value(metrics, "aggregator_config_refused") == 0
    assert value(metrics, "aggregator_publish_problems") == 0


def test_an_unknown_outcome_makes_no_label_of_its_own() -> None:
    metrics = Metrics()
    for n in range(100):
        metrics.polled(f"outcome-{n}", 0.1, 0, 0, 0)
    assert exposition(metrics).count("aggregator_polls_total{") == 1


def test_the_age_of_the_last_tick_grows() -> None:
    metrics = Metrics()
    metrics.ticked(time.monotonic() - 90)
    assert 90 <= value(metrics, "aggregator_tick_age_seconds") < 95
    metrics.ticked(time.monotonic())
    assert value(metrics, "aggregator_tick_age_seconds") < 5


def test_every_limit_is_documented() -> None:
    limits = OPS[OPS.index("| limit |") :].split("\n\n")[0]
    for name, limit in asdict(Limits()).items():
        if name != "linger_s":
            assert re.search(rf"\b{limit:g} s\b" if name.endswith("_s") else rf"\b{limit}\b", limits), name
