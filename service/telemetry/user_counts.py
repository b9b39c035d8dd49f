"""What shops tell of their users, for Prometheus: events, and what became of lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields

from service.domain import Exposure, Feedback
from service.ports import Recorded
from service.telemetry.instruments import NONE, Instruments


class UserCounts:
    """Counts by how lists were made, never by whom they were for."""

    def __init__(self, make: Instruments) -> None:
        self._feedback = make.counter(
            "listwright_feedback",
            "Listed items of which it was said that they were shown, clicked or bought",
            *("kind", "variant", "path", "strategy", "model", "prompt"),
        )
        self._events = make.counter(
            "listwright_events", "Events that came in, and what became of them", "outcome"
        )
        for fate in fields(Recorded):
            self._events.labels(fate.name)

    def learnt(self, exposure: Exposure, feedback: Sequence[Feedback]) -> None:
        """Something was said of a list."""
        road = (exposure.path.value, exposure.strategy.value)
        made_by = (exposure.model or NONE, exposure.prompt or NONE)
        for each in feedback:
            self._feedback.labels(each.kind.value, exposure.variant, *road, *made_by).inc()

    def recorded(self, recorded: Recorded) -> None:
        """Events came in."""
        for outcome, count in asdict(recorded).items():
            self._events.labels(outcome).inc(count)
