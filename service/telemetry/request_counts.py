"""Requests for Prometheus: those under way, those answered, those turned away."""

from __future__ import annotations

from typing import Final

from service.telemetry.instruments import Instruments

SHED: Final = ("rate_limit", "connections", "gateway_busy", "engine_busy", "engine_late")
"""As which kinds errors say that they turned load away: shown as 0 until they do."""


class RequestCounts:
    """Counts by the route's template: what a path holds besides never becomes a label."""

    def __init__(self, make: Instruments) -> None:
        self._requests = make.counter("listwright_requests", "Requests answered", "route", "status")
        self._seconds = make.histogram(
            "listwright_request_seconds",
            "Time from a request's first byte to its answer's last",
            "route",
        )
        self._running = make.gauge(
            "listwright_requests_running", "Requests that are being answered now", "route"
        )
        self._shed = make.counter(
            "listwright_shed",
            "Requests refused, and calls of a model not made, because there was too much to do",
            "reason",
        )
        for reason in SHED:
            self._shed.labels(reason)

    def began(self, route: str) -> None:
        """A request came in."""
        self._running.labels(route).inc()

    def ended(self, route: str) -> None:
        """It is over, whatever came of it."""
        self._running.labels(route).dec()

    def requested(self, route: str, status: int, seconds: float) -> None:
        """A request to a route was answered."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def shed(self, reason: str) -> None:
        """Load was turned away."""
        self._shed.labels(reason).inc()
