"""The queues before the models for Prometheus: asked when they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Queued(Protocol):
    """What is told of a model's queue."""

    def ahead(self) -> float:
        """How many requests a new one would have to wait for."""
        ...


@dataclass(slots=True, eq=False)
class EngineGauges(Collector):
    """How long the queues are, in the process as at servers."""

    engines: Mapping[str, Queued] = field(default_factory=dict)
    """By what they are called where troubles are told."""

    def collect(self) -> Iterator[Metric]:
        """How they stand now."""
        ahead = GaugeMetricFamily(
            "listwright_engine_ahead",
            "How many lists a new one would have to wait for",
            labels=["engine"],
        )
        for name, engine in self.engines.items():
            ahead.add_metric([name], engine.ahead())
        yield ahead
