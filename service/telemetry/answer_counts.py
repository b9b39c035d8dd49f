"""Answers to questions for Prometheus: how many, by which road, how fast, with what added."""

from __future__ import annotations

from itertools import product
from typing import Final

from service.ports import AnswerMade
from service.question import Supplement, SupplementKind
from service.telemetry.instruments import NONE, Instruments

OUTCOMES: Final = ("used", "cached", "left_out", "off")
"""What becomes of a supplement."""


class AnswerCounts:
    """Counts answers, and what small models added to their prompts."""

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
        self._supplements = make.counter(
            "listwright_supplements",
            "What small models were asked to add to a prompt, and what became of it",
            *("kind", "outcome"),
        )
        for extra, outcome in product(SupplementKind, OUTCOMES):
            self._supplements.labels(extra.value, outcome)

    def answered(self, made: AnswerMade) -> None:
        """A question was answered."""
        how = (made.task.value, made.path.value)
        degraded = str(made.degraded).lower()
        self._answers.labels(*how, degraded, made.variant, made.model or NONE).inc()
        self._seconds.labels(*how).observe(made.seconds)
        for supplement in made.supplements:
            self._supplements.labels(supplement.kind.value, _outcome(supplement)).inc()


def _outcome(supplement: Supplement) -> str:
    if supplement.used:
        return "cached" if supplement.cached else "used"
    return "left_out" if supplement.failed or supplement.text else "off"
