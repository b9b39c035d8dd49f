"""What small models were to add to prompts, for Prometheus: of lists and of answers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Final

from service.domain import Supplement, SupplementKind
from service.telemetry.instruments import Instruments

OUTCOMES: Final = ("used", "cached", "left_out", "off")
"""What becomes of a supplement."""


class SupplementCounts:
    """Counts what small models added, and what came of the others."""

    def __init__(self, make: Instruments) -> None:
        self._supplements = make.counter(
            "listwright_supplements",
            "What small models were asked to add to a prompt, and what became of it",
            *("kind", "outcome"),
        )
        for kind, outcome in product(SupplementKind, OUTCOMES):
            self._supplements.labels(kind.value, outcome)

    def added(self, supplements: Iterable[Supplement]) -> None:
        """They had a part in a list or an answer, or had none."""
        for supplement in supplements:
            self._supplements.labels(supplement.kind.value, _outcome(supplement)).inc()


def _outcome(supplement: Supplement) -> str:
    if supplement.used:
        return "cached" if supplement.cached else "used"
    return "left_out" if supplement.failed or supplement.text else "off"
