"""One deadline per request, and what each stage spent of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from service.domain import Stage
from service.ports import Observer


class Deadline:
    """A moment by which the answer must stand."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """From when it was set."""
        self._at = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; not below zero."""
        return max(0.0, self._at - time.monotonic())

    def before(self, seconds: float) -> Deadline:
        """An earlier deadline that leaves this many seconds for what comes after."""
        return Deadline(self.remaining() - seconds)


class Stopwatch:
    """Times the stages of one request, in milliseconds."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._began = time.perf_counter()
        self._begun: dict[str, float] = {}
        self.timings: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage, whether it succeeds or not."""
        began = self._begun[name] = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - began
            self.timings[name] = round(seconds * 1e3, 3)
            self._observer.stage(name, seconds)

    def total(self) -> dict[str, float]:
        """All stages and the total so far."""
        total = round((time.perf_counter() - self._began) * 1e3, 3)
        return {**self.timings, "total": total}

    def stages(self) -> tuple[Stage, ...]:
        """All stages that are over, in the order in which they began."""
        return tuple(
            Stage(name, round((at - self._began) * 1e3, 3), self.timings[name])
            for name, at in self._begun.items()
            if name in self.timings
        )

    @property
    def seconds(self) -> float:
        """In all, so far."""
        return time.perf_counter() - self._began
