"""How many requests are let into the process, for Prometheus: asked when it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Valve(Protocol):
    """What is told of admission."""

    @property
    def limit(self) -> int:
        """How many requests are let in at once now."""
        ...

    @property
    def running(self) -> int:
        """How many are being worked on."""
        ...


@dataclass(slots=True, eq=False)
class GatewayGauges(Collector):
    """The limit, and how far it is used."""

    valve: Valve | None = None
    """None where nothing is served."""

    def collect(self) -> Iterator[Metric]:
        """How it stands now."""
        if self.valve is None:
            return
        yield GaugeMetricFamily(
            "listwright_gateway_limit", "Requests let in at once", value=self.valve.limit
        )
        yield GaugeMetricFamily(
            "listwright_gateway_running", "Requests let in now", value=self.valve.running
        )
