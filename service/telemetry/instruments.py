"""Counters, gauges and histograms: made in one registry, and bucketed alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

QUICK: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)
SLOW: Final = (1.0, 2.5, 5.0, 10.0, 20.0, 60.0)
"""A plan takes a fraction of a millisecond, a list on a small CPU many seconds."""

NONE: Final = "none"
"""As a label: no model, or no prompt, had a part in it."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """Makes them."""

    registry: CollectorRegistry

    def counter(self, name: str, what: str, *labels: str) -> Counter:
        """Only ever grows; Prometheus adds `_total` to its name."""
        return Counter(name, what, labels, registry=self.registry)

    def gauge(self, name: str, what: str, *labels: str) -> Gauge:
        """How something stands now."""
        return Gauge(name, what, labels, registry=self.registry)

    def histogram(
        self, name: str, what: str, *labels: str, buckets: Sequence[float] = QUICK + SLOW
    ) -> Histogram:
        """How often a figure lay below each of some bounds; seconds, if nothing is said."""
        return Histogram(name, what, labels, buckets=buckets, registry=self.registry)
