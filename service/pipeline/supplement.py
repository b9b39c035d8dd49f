"""Supplements: what small models add to a prompt, gathered in parallel under one deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Final

from service.errors import EngineError
from service.pipeline.answerer import Answerer
from service.pipeline.clock import Deadline
from service.pipeline.resemblance import Resemblance, on_scale, resemblance
from service.pipeline.thinking import Thought, think
from service.ports import Encoder, Writer
from service.prompts.answer import Seen
from service.question import AnswerRequest, Cot, Question, Supplement, SupplementKind, Task

PATIENCE: Final = 0.5
"""Share of the time left that supplements may take; the rest belongs to the answer."""

MARGIN: Final = 0.05
"""Seconds that a writer is told it has less, so that what it has said by then still comes."""

ONLY_ONE: Final = "there is one that can be named"

THINKING_HELPS: Final = frozenset({Task.MULTIPLE_CHOICE})
"""Where the paper measured that a chain of thought helps."""

SPANS_TOLD: Final = 10


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
class _Had:
    """What came of asking a small model, in which time; or why nothing came."""

    made: Resemblance | Thought | None
    why: str
    milliseconds: float


async def gather(parts: Answerer, case: Case, deadline: Deadline) -> Gathered:
    """Ask the small models; what is late or fails is left out."""
    if len(case.candidates) == 1:
        return Gathered(supplements=tuple(_unasked(kind, ONLY_ONE) for kind in SupplementKind))
    within = Deadline(deadline.remaining() * PATIENCE)
    thought, similar = await asyncio.gather(
        _thought(parts, case, within), _similar(parts, case, within)
    )
    return Gathered(
        seen=Seen(thought.seen.thought, similar.seen.similar),
        resemblance=similar.resemblance,
        supplements=thought.supplements + similar.supplements,
    )


async def _thought(parts: Answerer, case: Case, within: Deadline) -> Gathered:
    writer, why = _thinker(parts, case)
    if writer is None:
        missed = case.request.cot is Cot.SIDECAR and parts.engine is not None
        return _without(SupplementKind.THOUGHT, why, failed=missed)
    # What a writer has said when its time is up still counts, so it is told of an earlier end.
    thinking = think(parts, writer, case.question, within.before(MARGIN))
    had = await _had(parts, "thought", thinking, within)
    if not isinstance(had.made, Thought):
        return _failed(SupplementKind.THOUGHT, had, writer.model)
    made = had.made
    supplement = Supplement(
        kind=SupplementKind.THOUGHT,
        used=bool(made.text),
        why=why if made.text else "nothing that was said is fit for a prompt",
        text=made.text,
        model=made.model,
        cached=made.cached,
        failed=not made.text,
        milliseconds=had.milliseconds,
    )
    return Gathered(Seen(thought=made.text), supplements=(supplement,))


async def _similar(parts: Answerer, case: Case, within: Deadline) -> Gathered:
    if not case.candidates:
        return _without(SupplementKind.SIMILAR, "there are no options to compare")
    if parts.encoder is None:
        missed = bool(case.request.similar)
        return _without(SupplementKind.SIMILAR, "no encoder is configured", failed=missed)
    if not _compares(parts, case):
        return _without(SupplementKind.SIMILAR, "it is off", parts.encoder.name)
    had = await _had(parts, "similar", compared(parts, parts.encoder, case), within)
    if not isinstance(had.made, Resemblance):
        return _failed(SupplementKind.SIMILAR, had, parts.encoder.name)
    made, options = had.made, case.question.options
    top = tuple(options[place] for place in made.ranking[: case.shown]) if options else ()
    supplement = Supplement(
        kind=SupplementKind.SIMILAR,
        used=True,
        why=f"the prompt shows {len(top)} of {len(case.candidates)}",
        text=", ".join(option.label for option in top),
        scores=_scores(case, made),
        model=made.model,
        cached=made.cached,
        milliseconds=had.milliseconds,
    )
    return Gathered(Seen(similar=top), made, (supplement,))


async def compared(parts: Answerer, encoder: Encoder, case: Case) -> Resemblance:
    """The candidates, compared with what the question is about."""
    question = case.question
    if question.ends:
        steps = len(question.options)
        return await on_scale(parts, encoder, question.focus, question.ends, steps)
    about = question.focus if question.options else question.target or question.focus
    return await resemblance(parts, encoder, about, case.candidates)


def _thinker(parts: Answerer, case: Case) -> tuple[Writer | None, str]:
    """Who thinks, and why that one; or why nobody does."""
    if parts.engine is None:
        return None, "there is no model that could read it"
    asked = case.request.cot
    if asked is Cot.AUTO:
        if case.question.task not in THINKING_HELPS:
            return None, "it does not help this kind of question"
        asked = parts.policy.cot
    match asked:
        case Cot.SIDECAR:
            return (
                parts.sidecar,
                f"the sidecar {'thought' if parts.sidecar else 'is not configured'}",
            )
        case Cot.SELF:
            return parts.engine, "the engine thought for itself"
        case _:
            return None, "it is off"


async def _had(
    parts: Answerer, name: str, asked: Awaitable[Resemblance | Thought], within: Deadline
) -> _Had:
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
    return _Had(made, why, round((time.perf_counter() - began) * 1e3, 3))


def _scores(case: Case, made: Resemblance) -> dict[str, float]:
    """The nearest of them, by label: of a long text there are hundreds of spans."""
    labels = [option.label for option in case.question.options]
    nearest = made.ranking[: len(labels) or SPANS_TOLD]
    return {(labels or case.candidates)[place]: float(made.cosines[place]) for place in nearest}


def _compares(parts: Answerer, case: Case) -> bool:
    """Whether a comparison can have any part in the answer."""
    if parts.engine is None:
        return True
    # A prior weighs only where the speller does.
    return bool(case.weight and not parts.engine.labels) or bool(
        case.shown and case.question.options
    )


def _without(kind: SupplementKind, why: str, model: str = "", *, failed: bool = False) -> Gathered:
    return Gathered(supplements=(_unasked(kind, why, model, failed=failed),))


def _unasked(
    kind: SupplementKind, why: str, model: str = "", *, failed: bool = False
) -> Supplement:
    return Supplement(kind, used=False, why=why, model=model, failed=failed)


def _failed(kind: SupplementKind, had: _Had, model: str) -> Gathered:
    left_out = Supplement(
        kind, used=False, why=had.why, model=model, failed=True, milliseconds=had.milliseconds
    )
    return Gathered(supplements=(left_out,))
