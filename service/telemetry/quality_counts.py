"""The quality of lists and answers for Prometheus: what was broken, mended, asked for and held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Final

from service.domain import DEFAULT_VARIANT, ControlKind, ControlOutcome
from service.ports import ListMade
from service.telemetry.instruments import NONE, Instruments

VIOLATIONS: Final = (
    "count",
    "nonexistent",
    "repeat",
    "in_history",
    "control",
    "misspelled",
    "words",
    "empty",
    "text",
)
"""What the validators can find: shown as 0 until they do, so that an alert can watch it."""

DRAFT: Final = "draft"
LIST: Final = "list"
"""Of what a control is told to hold: of the model's lines before any repair, or of the list."""


class QualityCounts:
    """Counts by variant, so that variants can be compared."""

    def __init__(self, make: Instruments) -> None:
        self._violations = make.counter(
            "listwright_violations",
            "What the validators found in drafts, lists and answers",
            *("kind", "variant"),
        )
        self._repairs = make.counter(
            "listwright_repairs", "Items the retrievers added to a draft", "variant"
        )
        self._drafted = make.counter(
            "listwright_draft_lines",
            "Lines of models' drafts, and whether they stand in the list",
            *("model", "variant", "stood"),
        )
        self._controls = make.counter(
            "listwright_controls",
            "Controls asked for, and whether the draft, and then the list, holds them",
            *("of", "kind", "holds", "variant"),
        )
        self._relaxed = make.counter(
            "listwright_controls_relaxed",
            "Controls let go, as the request allowed, because they could not all hold",
            *("kind", "variant"),
        )
        self._show_zeros()

    def _show_zeros(self) -> None:
        for kind in VIOLATIONS:
            self._violations.labels(kind, DEFAULT_VARIANT)
        for of, control in product((DRAFT, LIST), ControlKind):
            for holds in ("true", "false"):
                self._controls.labels(of, control.value, holds, DEFAULT_VARIANT)
        for control in ControlKind:
            self._relaxed.labels(control.value, DEFAULT_VARIANT)
        self._repairs.labels(DEFAULT_VARIANT)

    def listed(self, made: ListMade) -> None:
        """A list was made."""
        drafted, variant = made.drafted, made.variant
        self.violated(made.violations, variant)
        self._repairs.labels(variant).inc(made.repaired)
        if drafted.lines:
            how = (made.model or NONE, variant)
            self._drafted.labels(*how, "true").inc(drafted.stood)
            self._drafted.labels(*how, "false").inc(drafted.lines - drafted.stood)
        self._held(DRAFT, drafted.controls, variant)
        self._held(LIST, made.controls, variant)
        for control in made.relaxed:
            self._relaxed.labels(control.kind.value, variant).inc()

    def violated(self, violations: Mapping[str, int], variant: str) -> None:
        """Violations were found, so many of each kind."""
        for kind, count in violations.items():
            self._violations.labels(kind, variant).inc(count)

    def _held(self, of: str, controls: Iterable[ControlOutcome], variant: str) -> None:
        for control in controls:
            holds = str(control.holds).lower()
            self._controls.labels(of, control.kind.value, holds, variant).inc()
