"""What Prometheus reads at ``/metrics``. Labels are bounded: never a path, an address or the id of a source."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from aggregator.model.flag import KINDS

# A second series beside each counter, of no use to Prometheus in this format.
disable_created_metrics()  # type: ignore[no-untyped-call]

_POLL_OUTCOMES = ("unchanged", "read", "failed", "pushed")
_SOURCE_STATES = ("well", "trouble", "waiting", "disabled", "retired")
_POLL_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_PUBLISH_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)


_AnswerLabels = tuple[str, int, str]


class _AnswerCollector(Collector):
    """Answers as a counter. A Counter with its lock would cost a tenth of an answer; all are counted in one thread."""

    def __init__(self, answers: Mapping[_AnswerLabels, int]) -> None:
        self._answers = answers

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "aggregator_http_requests", "Requests answered", labels=("route", "status", "encoding")
        )
        for (route, status, encoding), count in self._answers.items():
            family.add_metric((route, str(status), encoding), count)
        yield family


class Metrics:
    """Counts since the process began, in a registry of its own. docs/ops.md says what each one tells."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._ticked_at_s = time.monotonic()
        self._answers: defaultdict[_AnswerLabels, int] = defaultdict(int)
        self._make_http_metrics()
        self._make_desk_metrics()

    def _make_http_metrics(self) -> None:
        self._registry.register(_AnswerCollector(self._answers))
        self._connections = Gauge("aggregator_http_connections", "Open connections", registry=self._registry)
        self._cut = Counter(
            "aggregator_http_connections_cut_total",
            "Connections ended by us before the client did",
            ("reason",),
            registry=self._registry,
        )

    def _make_desk_metrics(self) -> None:
        registry = self._registry
        self._polls = Counter("aggregator_polls_total", "Finished visits", ("outcome",), registry=registry)
        self._poll_s = Histogram(
            "aggregator_poll_seconds", "Duration of visits", buckets=_POLL_BUCKETS_S, registry=registry
        )
        self._entries = Counter("aggregator_entries_total", "Entries stored", ("verdict",), registry=registry)
        self._publish_s = Histogram(
            "aggregator_publish_seconds",
            "Duration of publishing",
            buckets=_PUBLISH_BUCKETS_S,
            registry=registry,
        )
        self._lag_s = Histogram(
            "aggregator_publish_lag_seconds",
            "From the commit of a change until it is served",
            buckets=_PUBLISH_BUCKETS_S,
            registry=registry,
        )
        self._documents = Counter("aggregator_documents_total", "Documents replaced", registry=registry)
        self._problems = Gauge(
            "aggregator_publish_problems", "What the last publishing kept back", registry=registry
        )
        self._sources = Gauge("aggregator_sources", "Sources", ("state",), registry=registry)
        self._flags = Gauge(
            "aggregator_source_flags", "Sources in trouble of a kind", ("kind",), registry=registry
        )
        self._deliveries = Counter(
            "aggregator_deliveries_total",
            "Documents sent to followers, or another's hub told",
            ("outcome",),
            registry=registry,
        )
        self._subscriptions = Counter(
            "aggregator_subscriptions_total",
            "What happened to our subscriptions at partners' hubs",
            ("event",),
            registry=registry,
        )
        self._pushes = Counter(
            "aggregator_pushes_total",
            "What partners' hubs pushed to our callbacks",
            ("outcome",),
            registry=registry,
        )
        self._refused = Gauge(
            "aggregator_config_refused", "1 while feeds.yaml as it stands is refused", registry=registry
        )
        self._store_errors = Counter(
            "aggregator_store_errors_total", "Failures of the database or of public/", registry=registry
        )
        Gauge(
            "aggregator_tick_age_seconds", "Since the scheduler last ticked", registry=registry
        ).set_function(lambda: time.monotonic() - self._ticked_at_s)

    def polled(self, outcome: str, took_s: float, new: int, copies: int, revised: int) -> None:
        """A visit to a source ended: unchanged, read or failed; or its hub pushed."""
        self._polls.labels(outcome if outcome in _POLL_OUTCOMES else "other").inc()
        self._poll_s.observe(took_s)
        for verdict, count in (("new", new), ("copy", copies), ("revised", revised)):
            self._entries.labels(verdict).inc(count)

    def published(self, took_s: float, documents: int, problems: int) -> None:
        """One run of publishing replaced ``documents`` and kept ``problems`` stories or documents back."""
        self._publish_s.observe(took_s)
        self._documents.inc(documents)
        self._problems.set(problems)

    def lagged(self, lag_s: float) -> None:
        """A change was served this long after it had been committed."""
        self._lag_s.observe(lag_s)

    def delivered(self, outcome: str) -> None:
        """One delivery came to this: delivered, failed, given-up or ended."""
        self._deliveries.labels(outcome).inc()

    def subscription(self, event: str) -> None:
        """Of one of ours at a partner's hub: asked, refused, verified, denied, left or missed."""
        self._subscriptions.labels(event).inc()

    def pushed(self, outcome: str) -> None:
        """What a partner's hub pushed was taken, ignored for its signature, or refused."""
        self._pushes.labels(outcome).inc()

    def ticked(self, at_s: float) -> None:
        """The scheduler ticked, at this reading of ``time.monotonic``."""
        self._ticked_at_s = at_s

    def sources(self, states: Mapping[str, int], flags: Mapping[str, int]) -> None:
        """How many sources are in which state and have which flag; those not named have none."""
        for state in _SOURCE_STATES:
            self._sources.labels(state).set(states.get(state, 0))
        for kind in KINDS:
            self._flags.labels(kind).set(flags.get(kind, 0))

    def config_refused(self, is_refused: bool) -> None:
        """Whether feeds.yaml as it stands is refused."""
        self._refused.set(is_refused)

    def store_failed(self) -> None:
        """The database or ``public/`` refused to work once."""
        self._store_errors.inc()

    def answered(self, route: str, status: int, encoding: str) -> None:
        """One request was answered."""
        self._answers[route, status, encoding] += 1

    def connections(self, count: int) -> None:
        """So many connections are open."""
        self._connections.set(count)

    def cut(self, reason: str) -> None:
        """A connection was ended: head, body, idle, stalled or full."""
        self._cut.labels(reason).inc()

    def exposition(self) -> tuple[bytes, str]:
        """The text that Prometheus reads, and its media type."""
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4
