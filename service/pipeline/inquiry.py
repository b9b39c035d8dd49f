"""The inquiry: all that is known before an answer is made; and an answer before it is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from service.domain import Prompt, Supplement
from service.pipeline.case import Case, Gathered
from service.pipeline.clock import Deadline
from service.question import AnswerPath

IN_TIME: Final = "the engine could answer in time"


@dataclass(slots=True)
class Asked:
    """What the model was asked last, if it was."""

    prompt: Prompt | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A case, what the small models say of it, and how long there is to answer."""

    case: Case
    gathered: Gathered
    deadline: Deadline
    asked: Asked = field(default_factory=Asked)


@dataclass(frozen=True, slots=True)
class Made:
    """An answer, and how it came about."""

    places: tuple[int, ...] = ()
    """Of the candidates named, in order."""
    text: str = ""
    """What was written freely."""
    path: AnswerPath = AnswerPath.LLM
    why: str = IN_TIME
    degraded: bool = False
    completed: int = 0
    weight: float = 0.0
    """How much similarity weighed against the model."""
    compared: Supplement | None = None
    """The comparison that answered, where none had been gathered."""
    misspelled: int = 0
    model: str | None = None
    prompt: str | None = None
