"""The road of lists and answers for Prometheus: its stages, caches, and what it did without."""

from __future__ import annotations

from itertools import product
from typing import Final

from service.ports import Looked
from service.telemetry.instruments import Instruments

CACHES: Final = ("lists", "thoughts", "resemblances", "embeddings")
"""Those that are looked into on the way: shown as 0 until they are."""

SHARES: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 1.05, 1.25, 2.0)
"""Of a deadline. Beyond 1 it was missed: by so little, or by so much."""


class RoadCounts:
    """Counts what lists and answers have in common."""

    def __init__(self, make: Instruments) -> None:
        self._stage_seconds = make.histogram(
            "listwright_stage_seconds", "Time a stage of the pipeline took", "stage"
        )
        self._deadlines = make.histogram(
            "listwright_deadline_ratio",
            "How much of its deadline a list or an answer took; 1 is all of it",
            "made",
            buckets=SHARES,
        )
        self._left_out = make.counter(
            "listwright_left_out",
            "Parts that were late or failed, and were done without",
            *("part", "error"),
        )
        self._looked_up = make.counter(
            "listwright_cache",
            "Look-ups of what may have been computed before, and what came of them",
            *("cache", "outcome"),
        )
        for cache, outcome in product(CACHES, Looked):
            self._looked_up.labels(cache, outcome.value)

    def stage(self, name: str, seconds: float) -> None:
        """A stage of the pipeline took this long."""
        self._stage_seconds.labels(name).observe(seconds)

    def took(self, made: str, seconds: float, allowed: float | None) -> None:
        """A list or an answer took so much of what it was given."""
        if allowed:
            self._deadlines.labels(made).observe(seconds / allowed)

    def left_out(self, part: str, error: Exception) -> None:
        """A part was late or failed, and was done without."""
        self._left_out.labels(part, type(error).__name__).inc()

    def looked_up(self, cache: str, outcome: Looked) -> None:
        """Something was looked for in a cache."""
        self._looked_up.labels(cache, outcome.value).inc()
