"""The rows of an ablation: by which road the questions are answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from models.evaluate.outcomes import Outcome
from models.evaluate.questions import Asked

SIMILARITY_ALONE: Final = "similarity alone"
FREE: Final = "model alone, free decoding"
MODEL_ALONE: Final = "model alone"
SIMILARITY: Final = "similarity"
THOUGHT: Final = "chain of thought"
BOTH: Final = "both"

Answerer: TypeAlias = Callable[[Asked], Awaitable[Outcome]]
"""Answers one question. It may raise: that is recorded as a failure of this one answer."""


def without(element: str) -> str:
    """The row in which the prompt lacks one element."""
    return f"without {element.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Row:
    """A road, by the name it has in the tables."""

    name: str
    answer: Answerer
    stamp: str = ""
    """What the road is made of (models, weights, prompts): outcomes of another are not reused."""
