"""Lists for Prometheus: how many, by which road, how fast."""

from __future__ import annotations

from typing import Final

from service.domain import DEFAULT_VARIANT, Origin, Path, Strategy
from service.ports import ListMade
from service.telemetry.instruments import NONE, Instruments

WITHOUT_A_MODEL: Final = (Path.RANKED, Path.POPULAR)
"""Shown as 0 until there are some; how a model is called is known when it makes its first list."""


class ListCounts:
    """Counts lists by all that may decide how good they are."""

    def __init__(self, make: Instruments) -> None:
        self._lists = make.counter(
            "listwright_lists",
            "Lists handed out",
            *("path", "strategy", "degraded", "variant", "origin", "model", "prompt"),
        )
        self._seconds = make.histogram(
            "listwright_list_seconds",
            "Time from a request for a list until it was validated",
            *("path", "strategy", "variant", "model"),
        )
        for path in WITHOUT_A_MODEL:
            how = (path.value, Strategy.RETRIEVE.value, "false", DEFAULT_VARIANT)
            self._lists.labels(*how, Origin.MADE.value, NONE, NONE)

    def listed(self, made: ListMade) -> None:
        """A list was made."""
        how, model = (made.path.value, made.strategy.value), made.model or NONE
        degraded, prompt = str(made.degraded).lower(), made.prompt or NONE
        self._lists.labels(*how, degraded, made.variant, made.origin.value, model, prompt).inc()
        self._seconds.labels(*how, made.variant, model).observe(made.seconds)
