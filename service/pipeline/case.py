"""A question on its way to an answer: what it may be made of, and what small models add to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from service.errors import EngineError
from service.pipeline.answerer import Answerer
from service.pipeline.clock import Deadline
from service.pipeline.resemblance import Resemblance
from service.prompts.answer import Seen
from service.question import AnswerRequest, Question, Supplement, SupplementKind

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class Had(Generic[T]):
    """What came of asking a small model, in which time; or why nothing came."""

    made: T | None
    why: str
    milliseconds: float


async def had(parts: Answerer, name: str, asked: Awaitable[T], within: Deadline) -> Had[T]:
    """What a small model says in time. Whatever goes wrong costs the supplement, not the answer."""
    began = time.perf_counter()
    made, why = None, ""
    try:
        async with asyncio.timeout(within.remaining()):
            made = await asked
    except TimeoutError as error:
        why = "it came too late"
        parts.observer.left_out(name, error)
    except EngineError as error:
        why = error.message
        parts.observer.left_out(name, error)
    except Exception as error:  # noqa: BLE001 - an answer without it is still an answer
        why = f"it failed: {type(error).__name__}"
        parts.observer.left_out(name, error)
    return Had(made, why, round((time.perf_counter() - began) * 1e3, 3))


def without(kind: SupplementKind, why: str, model: str = "", *, failed: bool = False) -> Gathered:
    """Nothing of this kind, and why."""
    return Gathered(supplements=(unasked(kind, why, model, failed=failed),))


def unasked(kind: SupplementKind, why: str, model: str = "", *, failed: bool = False) -> Supplement:
    """What is told of a small model that was not asked; whether it should have been."""
    return Supplement(kind, used=False, why=why, model=model, failed=failed)


def failed_of(kind: SupplementKind, found: Had[T], model: str) -> Gathered:
    """What is told of a small model that was asked in vain."""
    told = Supplement(
        kind, used=False, why=found.why, model=model, failed=True, milliseconds=found.milliseconds
    )
    return Gathered(supplements=(told,))
