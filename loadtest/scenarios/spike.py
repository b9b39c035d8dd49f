"""Spike: a tenth of the customers, then all of them at once, then a tenth again."""

from __future__ import annotations

import time
from typing import Final

from locust import LoadTestShape

from loadtest.scenarios.shopper import Shopper

CALM: Final = 10
"""One customer of so many is there before and after."""

BEGINS: Final = 0.3
ENDS: Final = 0.6
"""Parts of the run between which all are there."""


class Crowd(Shopper):
    """Asks for all there is."""


class Spike(LoadTestShape):
    """How many customers there are at a moment; -u and -t say how many at most, and how long."""

    use_common_options = True
    _began = 0.0

    def reset_time(self) -> None:
        """Locust calls this when the run begins."""
        self._began = time.perf_counter()

    def tick(self) -> tuple[int, float] | None:
        """How many now, and how many a second come or go; None at the end."""
        environment = self.runner.environment if self.runner else None
        if environment is None or environment.parsed_options is None:
            return None
        options, ran = environment.parsed_options, time.perf_counter() - self._began
        if ran >= options.run_time:
            return None
        rushing = BEGINS <= ran / options.run_time < ENDS
        users: int = options.num_users
        return (users if rushing else max(1, users // CALM)), float(users)
