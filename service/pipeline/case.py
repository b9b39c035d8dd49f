"""A question on its way to an answer: what it may be made of, and what small models add to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.domain import Supplement
from service.pipeline.resemblance import Resemblance
from service.prompts.answer import Seen
from service.question import AnswerRequest, Question


@dataclass(frozen=True, slots=True)
class Case:
    """A question as it was read, and the texts that its answer may be made of."""

    request: AnswerRequest
    question: Question
    candidates: tuple[str, ...]
    """Texts of the options, or spans of the source; none where the answer is written freely."""
    weight: float
    """How much similarity weighs against the model."""
    shown: int
    """How many similar options the prompt shows."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the prompt shows, what the prior is made of, and an account of both."""

    seen: Seen = field(default_factory=Seen)
    resemblance: Resemblance | None = None
    supplements: tuple[Supplement, ...] = ()
