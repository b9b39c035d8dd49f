"""What came of a question: the text, what it should look like, and what it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from models.evaluate.form import Form
from service.question import AnswerPath, Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """The text that came out, and what it took; or why none did."""

    text: str
    form: Form | None = None
    """What the text should look like; None where the question could not be read."""
    seconds: float = 0.0
    timings: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by stage."""
    failure: str | None = None
    path: AnswerPath | None = None
    """By which road it came; None for a failure, and in files from before roads were kept."""
    degraded: bool = False
    completed: int = 0
    """How many of its labels the model did not name."""


class OutcomeForm:
    """Outcomes of questions, as a ledger writes and reads them."""

    def plain(self, outcome: Outcome) -> dict[str, Any]:
        """Its fields, fit for JSON."""
        return asdict(replace(outcome, timings=dict(outcome.timings)))

    def read(self, fields: dict[str, Any]) -> Outcome:
        """The outcome that the fields make."""
        outcome = Outcome(**fields)
        path = None if outcome.path is None else AnswerPath(outcome.path)
        return replace(outcome, form=_form(fields["form"]), path=path)

    def stands(self, outcome: Outcome) -> bool:
        """Whether it is not worth another try.

        A failure is, so is a degraded answer, in which something failed that may not fail twice,
        and an answer of which nobody knows by which road it came.
        """
        return outcome.failure is None and not outcome.degraded and outcome.path is not None


def _form(fields: dict[str, Any] | None) -> Form | None:
    if fields is None:
        return None
    return Form(**fields | {"task": Task(fields["task"]), "labels": tuple(fields["labels"])})
