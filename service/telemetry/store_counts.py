"""A store that is another process, for Prometheus: calls of it, and how they fared."""

from __future__ import annotations

from service.telemetry.instruments import Instruments


class StoreCounts:
    """Implements ports.StoreObserver. Nothing is told of a store in the process."""

    def __init__(self, make: Instruments) -> None:
        self._seconds = make.histogram(
            "listwright_store_seconds",
            "Time a call of Redis took, those among them that failed",
            "operation",
        )
        self._faults = make.counter(
            "listwright_store_faults", "Calls of Redis that failed", "operation", "error"
        )
        self._trips = make.counter(
            "listwright_store_trips", "Round trips to Redis, each with the calls of its moment"
        )

    def called(self, operation: str, seconds: float, error: Exception | None) -> None:
        """A call was answered, or failed; waiting for others to go along is part of it."""
        self._seconds.labels(operation).observe(seconds)
        if error is not None:
            self._faults.labels(operation, type(error).__name__).inc()

    def travelled(self) -> None:
        """The calls of a moment went there together, in one round trip."""
        self._trips.inc()
