"""Answers to questions for Prometheus: how many, by which road, how fast."""

from __future__ import annotations

from service.ports import AnswerMade
from service.telemetry.instruments import NONE, Instruments


class AnswerCounts:
    """Counts answers."""

    def __init__(self, make: Instruments) -> None:
        self._answers = make.counter(
            "listwright_answers",
            "Questions answered",
            *("task", "path", "degraded", "variant", "model"),
        )
        self._seconds = make.histogram(
            "listwright_answer_seconds",
            "Time from a question until its answer was validated",
            *("task", "path"),
        )

    def answered(self, made: AnswerMade) -> None:
        """A question was answered."""
        how = (made.task.value, made.path.value)
        degraded = str(made.degraded).lower()
        self._answers.labels(*how, degraded, made.variant, made.model or NONE).inc()
        self._seconds.labels(*how).observe(made.seconds)
