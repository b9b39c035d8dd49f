"""The ranker for Prometheus: asked when it is read, since it is replaced while the service runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Ranker(Protocol):
    """What is told of a ranker."""

    def version(self) -> str | None:
        """That of the one in use, if there is one."""
        ...

    def trouble(self) -> str | None:
        """Why what was published last is not in use, if it is not."""
        ...


@dataclass(slots=True, eq=False)
class RankerGauges(Collector):
    """Which version is in use, and whether the one published last is not."""

    ranker: Ranker | None = None
    """None where none is looked for: then nothing is told of any."""

    def collect(self) -> Iterator[Metric]:
        """How it stands now."""
        if self.ranker is None:
            return
        info = GaugeMetricFamily(
            "listwright_ranker_info", "The ranker in use: 1, by its version", labels=["version"]
        )
        version = self.ranker.version()
        if version is not None:
            info.add_metric([version], 1)
        yield info
        yield GaugeMetricFamily(
            "listwright_ranker_trouble",
            "Whether the ranker that was published last cannot be used; /readyz says why",
            value=self.ranker.trouble() is not None,
        )
