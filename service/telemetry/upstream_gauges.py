"""What servers behind HTTP make of what they are asked, and how much they are asked, as metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.telemetry.instruments import Instruments

RETRIED: Final = "retried"
NO_BUDGET: Final = "no_budget"


class Listener(Protocol):
    """Hears of each call."""

    def called(self, outcome: str, seconds: float | None) -> None:
        """A call has come to this; seconds, if the server was asked."""
        ...

    def retried(self, *, granted: bool) -> None:
        """A call would be asked once more: it is, or the budget is spent."""
        ...


class Upstream(Protocol):
    """What is told of a server."""

    @property
    def outcomes(self) -> Sequence[str]:
        """All that may come of a call."""
        ...

    @property
    def limit(self) -> int:
        """How many calls it is asked side by side now."""
        ...

    @property
    def running(self) -> int:
        """How many there are."""
        ...

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        ...

    @property
    def breaker_state(self) -> int:
        """0 closed, 1 half open, 2 open."""
        ...

    @property
    def opened(self) -> int:
        """How often it has opened."""
        ...

    def follow(self, listener: Listener) -> None:
        """Tell this one of each call from now on."""
        ...


@dataclass(frozen=True, slots=True)
class _Counting:
    """Counts the calls of one server."""

    name: str
    calls: Counter
    seconds: Histogram
    retries: Counter

    def called(self, outcome: str, seconds: float | None) -> None:
        self.calls.labels(self.name, outcome).inc()
        if seconds is not None:
            self.seconds.labels(self.name).observe(seconds)

    def retried(self, *, granted: bool) -> None:
        self.retries.labels(self.name, RETRIED if granted else NO_BUDGET).inc()

    def show_zeros(self, outcomes: Sequence[str]) -> None:
        self.seconds.labels(self.name)
        for outcome in outcomes:
            self.calls.labels(self.name, outcome)
        for outcome in (RETRIED, NO_BUDGET):
            self.retries.labels(self.name, outcome)


class UpstreamGauges(Collector):
    """Calls are counted as they end; how a server stands is asked when it is read."""

    def __init__(self, make: Instruments) -> None:
        self._upstreams: Mapping[str, Upstream] = {}
        self._calls = make.counter(
            "listwright_upstream_calls", "Calls to a server, by outcome", "upstream", "outcome"
        )
        self._seconds = make.histogram(
            "listwright_upstream_seconds", "Time a call to a server took, answer read", "upstream"
        )
        self._retries = make.counter(
            "listwright_upstream_retries",
            "Calls of which nothing came: asked once more, or not for want of budget",
            *("upstream", "outcome"),
        )
        make.registry.register(self)

    def watch(self, upstreams: Mapping[str, Upstream]) -> None:
        """Show these servers, by what settings call them."""
        self._upstreams = upstreams
        for name, upstream in upstreams.items():
            counting = _Counting(name, self._calls, self._seconds, self._retries)
            counting.show_zeros(upstream.outcomes)
            upstream.follow(counting)

    def collect(self) -> Iterator[Metric]:
        """How they stand now."""
        labels = ["upstream"]
        state = GaugeMetricFamily(
            "listwright_breaker_state", "0 closed, 1 half open, 2 open", labels=labels
        )
        opened = CounterMetricFamily(
            "listwright_breaker_opened", "How often a breaker has opened", labels=labels
        )
        limit = GaugeMetricFamily(
            "listwright_upstream_limit", "Calls a server is asked side by side", labels=labels
        )
        running = GaugeMetricFamily(
            "listwright_upstream_running", "Calls a server is working on", labels=labels
        )
        waiting = GaugeMetricFamily(
            "listwright_upstream_waiting", "Calls that wait for a place at it", labels=labels
        )
        for name, upstream in self._upstreams.items():
            state.add_metric([name], upstream.breaker_state)
            opened.add_metric([name], upstream.opened)
            limit.add_metric([name], upstream.limit)
            running.add_metric([name], upstream.running)
            waiting.add_metric([name], upstream.waiting)
        yield from (state, opened, limit, running, waiting)
