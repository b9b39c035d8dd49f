"""Supplements: what small models add to a prompt, gathered in parallel under one deadline."""

from __future__ import annotations

import asyncio
from typing import Final

from service.pipeline.answerer import Answerer
from service.pipeline.case import Case, Gathered, failed_of, had, unasked, without
from service.pipeline.clock import Deadline
from service.pipeline.comparing import similar
from service.pipeline.thinking import Thought, think
from service.ports import Writer
from service.prompts.answer import Seen
from service.question import Cot, Supplement, SupplementKind, Task

PATIENCE: Final = 0.5
"""Share of the time left that supplements may take; the rest belongs to the answer."""

MARGIN: Final = 0.05
"""Seconds that a writer is told it has less, so that what it has said by then still comes."""

ONLY_ONE: Final = "there is one that can be named"

THINKING_HELPS: Final = frozenset({Task.MULTIPLE_CHOICE})
"""Where the paper measured that a chain of thought helps."""


async def gather(parts: Answerer, case: Case, deadline: Deadline) -> Gathered:
    """Ask the small models; what is late or fails is left out."""
    if len(case.candidates) == 1:
        return Gathered(supplements=tuple(unasked(kind, ONLY_ONE) for kind in SupplementKind))
    within = Deadline(deadline.remaining() * PATIENCE)
    thought, near = await asyncio.gather(
        _thought(parts, case, within), similar(parts, case, within)
    )
    return Gathered(
        seen=Seen(thought.seen.thought, near.seen.similar),
        resemblance=near.resemblance,
        supplements=thought.supplements + near.supplements,
    )


async def _thought(parts: Answerer, case: Case, within: Deadline) -> Gathered:
    writer, why = _thinker(parts, case)
    if writer is None:
        missed = case.request.cot is Cot.SIDECAR and parts.engine is not None
        return without(SupplementKind.THOUGHT, why, failed=missed)
    # What a writer has said when its time is up still counts, so it is told of an earlier end.
    thinking = think(parts, writer, case.question, within.before(MARGIN))
    found = await had(parts, "thought", thinking, within)
    if found.made is None:
        return failed_of(SupplementKind.THOUGHT, found, writer.model)
    made = found.made
    supplement = Supplement(
        kind=SupplementKind.THOUGHT,
        used=bool(made.text),
        why=_why(made, why),
        text=made.text,
        model=made.model,
        cached=made.cached,
        failed=not made.text,
        milliseconds=found.milliseconds,
    )
    return Gathered(Seen(thought=made.text), supplements=(supplement,))


def _why(made: Thought, why: str) -> str:
    if not made.text:
        why = "nothing that was said is fit for a prompt"
    return f"{why}; {made.stopped}" if made.stopped else why


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
