"""PromQL, written once: rates, shares and quantiles of what is chosen on a dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RATE: Final = "$__rate_interval"
RANGE: Final = "$__range"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Series by the labels that are chosen by; a metric has to have all of them but `instance`."""

    by: tuple[str, ...] = ()

    def of(self, metric: str, where: str = "") -> str:
        """A selector."""
        chosen = [f'{label}=~"${label}"' for label in ("instance", *self.by)]
        return f"{metric}{{{', '.join([*chosen, *([where] if where else [])])}}}"

    def rate(self, metric: str, by: str = "", where: str = "") -> str:
        """How much a second."""
        return f"{_sum(by)} (rate({self.of(metric, where)}[{RATE}]))"

    def grown(self, metric: str, by: str = "", where: str = "") -> str:
        """How much in the time that the dashboard shows."""
        return f"{_sum(by)} (increase({self.of(metric, where)}[{RANGE}]))"

    def quantile(self, q: float, metric: str, by: str = "", over: str = RATE) -> str:
        """Of a histogram."""
        buckets = f"rate({self.of(f'{metric}_bucket')}[{over}])"
        return f"histogram_quantile({q}, {_sum(f'{by}, le' if by else 'le')} ({buckets}))"

    def mean(self, metric: str, by: str = "") -> str:
        """Of a histogram."""
        return f"{self.rate(f'{metric}_sum', by)} / {self.rate(f'{metric}_count', by)}"

    def share(self, metric: str, where: str, by: str = "", among: str = "") -> str:
        """Which part of a counter is so: 0 where none is."""
        both = f"{where}, {among}" if among else where
        part = part_or_none(self.rate(metric, by, both), self.rate(metric, by, among))
        return f"({part}) / {self.rate(metric, by, among)}"


def part_or_none(part: str, whole: str) -> str:
    """A part, 0 where there is only the whole: a series that never was is no share of nothing."""
    return f"{part} or {whole} * 0"


def _sum(by: str) -> str:
    return f"sum by ({by})" if by else "sum"
