"""Supplements: what small models add to a prompt, gathered in parallel under one deadline."""

from __future__ import annotations

import asyncio
from typing import Final

from service.domain import Cot, Prompt, Supplement, SupplementKind
from service.pipeline.answerer import Answerer
from service.pipeline.case import Case, Gathered
from service.pipeline.clock import Deadline
from service.pipeline.comparing import similar
from service.pipeline.small_models import unasked
from service.pipeline.thinking import Matter, thought
from service.prompts.answer import Seen
from service.prompts.question_thought import cleaned, thought_prompt
from service.question import Question, Task

PATIENCE: Final = 0.5
"""Share of the time left that supplements may take; the rest belongs to the answer."""

ONLY_ONE: Final = "there is one that can be named"

THINKING_HELPS: Final = frozenset({Task.MULTIPLE_CHOICE})
"""Where the paper measured that a chain of thought helps."""


async def gather(parts: Answerer, case: Case, deadline: Deadline) -> Gathered:
    """Ask the small models; what is late or fails is left out."""
    if len(case.candidates) == 1:
        return Gathered(supplements=tuple(unasked(kind, ONLY_ONE) for kind in SupplementKind))
    within = Deadline(deadline.remaining() * PATIENCE)
    thinking, near = await asyncio.gather(
        _thought(parts, case, within), similar(parts, case, within)
    )
    return Gathered(
        seen=Seen(thinking.text, near.seen.similar),
        resemblance=near.resemblance,
        supplements=(thinking, *near.supplements),
    )


async def _thought(parts: Answerer, case: Case, within: Deadline) -> Supplement:
    cot = case.request.cot
    if cot is Cot.AUTO:
        if case.question.task not in THINKING_HELPS and parts.engine is not None:
            why = "it does not help this kind of question"
            return unasked(SupplementKind.THOUGHT, why)
        cot = parts.policy.cot
    return await thought(
        parts.thinker,
        cot,
        _matter(case.question, parts.policy.thought_words),
        within,
        by_name=case.request.cot is not Cot.AUTO,
    )


def _matter(question: Question, words: int) -> Matter:
    def ask(share: float) -> Prompt:
        return thought_prompt(question, words, share=share)

    def clean(said: str, /, *, cut_off: bool) -> str:
        return cleaned(said, words, question=question, cut_off=cut_off)

    return Matter(ask, clean, words)
