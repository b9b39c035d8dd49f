"""What a gateway could not follow, for Prometheus: asked when it is read, since it passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Trouble: TypeAlias = Callable[[], str | None]
"""Why something is not as it was last told to be, if it is not."""


@dataclass(slots=True, eq=False)
class TroubleGauges(Collector):
    """Parts that are told anew while the service runs, and whether they are as they were told."""

    parts: Mapping[str, Trouble] = field(default_factory=dict)

    def collect(self) -> Iterator[Metric]:
        """How it stands now."""
        found = GaugeMetricFamily(
            "listwright_trouble",
            "Whether a part goes on as before, since what it was told last cannot be had",
            labels=["part"],
        )
        for name, trouble in self.parts.items():
            found.add_metric([name], trouble() is not None)
        yield found
