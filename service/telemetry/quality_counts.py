"""The quality of lists and answers for Prometheus: what was broken, mended, asked for and held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Final

from service.domain import DEFAULT_VARIANT, ControlKind, ControlOutcome
from service.ports import AnswerMade, ListMade
from service.telemetry.instruments import NONE, Instruments

DRAFT: Final = "draft"
LIST: Final = "list"
"""Of what a control is told to hold: of the model's lines before any repair, or of the list."""

ANSWER_DRAFT: Final = "answer_draft"
ANSWER: Final = "answer"

_OF_LISTS: Final = ("count", "nonexistent", "repeat", "in_history", "control")
VIOLATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    DRAFT: (*_OF_LISTS, "misspelled"),
    LIST: _OF_LISTS,
    ANSWER_DRAFT: ("misspelled",),
    ANSWER: ("count", "nonexistent", "repeat", "words", "empty", "text"),
}
"""What the validators can find, and of what: shown as 0 until they do. What they find in a finished
list or answer is not borne: it is withheld."""


class QualityCounts:
    """Counts by variant, so that variants can be compared."""

    def __init__(self, make: Instruments) -> None:
        self._violations = make.counter(
            "listwright_violations",
            "What the validators found in drafts, and in lists and answers, withheld then",
            *("of", "kind", "variant"),
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
        for of, kinds in VIOLATIONS.items():
            for kind in kinds:
                self._violations.labels(of, kind, DEFAULT_VARIANT)
        for of, control in product((DRAFT, LIST), ControlKind):
            for holds in ("true", "false"):
                self._controls.labels(of, control.value, holds, DEFAULT_VARIANT)
        for control in ControlKind:
            self._relaxed.labels(control.value, DEFAULT_VARIANT)
        self._repairs.labels(DEFAULT_VARIANT)

    def listed(self, made: ListMade) -> None:
        """A list was made, whether or not it may go out."""
        drafted, variant = made.drafted, made.variant
        self._violated(DRAFT, drafted.violations, variant)
        self._violated(LIST, made.violations, variant)
        self._repairs.labels(variant).inc(made.repaired)
        if drafted.lines:
            how = (made.model or NONE, variant)
            self._drafted.labels(*how, "true").inc(drafted.stood)
            self._drafted.labels(*how, "false").inc(drafted.lines - drafted.stood)
        self._held(DRAFT, drafted.controls, variant)
        self._held(LIST, made.controls, variant)
        for control in made.relaxed:
            self._relaxed.labels(control.kind.value, variant).inc()

    def answered(self, made: AnswerMade) -> None:
        """A question was answered, whether or not the answer may go out."""
        self._violated(ANSWER_DRAFT, made.drafted, made.variant)
        self._violated(ANSWER, made.violations, made.variant)

    def _violated(self, of: str, violations: Mapping[str, int], variant: str) -> None:
        for kind, count in violations.items():
            self._violations.labels(of, kind, variant).inc(count)

    def _held(self, of: str, controls: Iterable[ControlOutcome], variant: str) -> None:
        for control in controls:
            holds = str(control.holds).lower()
            self._controls.labels(of, control.kind.value, holds, variant).inc()
