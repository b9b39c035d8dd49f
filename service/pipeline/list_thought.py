"""A thought on the user, as a supplement of a list's prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from service.domain import Cot, Prompt, Strategy, Supplement, SupplementKind
from service.pipeline.auto import chosen, seconds_for
from service.pipeline.brief import Brief
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.draft import RESERVE
from service.pipeline.parts import Recommender
from service.pipeline.small_models import unasked
from service.pipeline.thinking import MARGIN, NO_MODEL, Matter, thought
from service.prompts.list_thought import cleaned_list_thought, list_thought_prompt
from service.prompts.thought import LIST_WORDS
from service.prompts.wishes import HISTORY_SHOWN

PATIENCE: Final = 0.5
"""Share of the time left that thinking may take; the rest belongs to the list."""

LEAST_S: Final = 0.1
"""Seconds in which nobody can think of anything."""

NO_TIME: Final = "the list leaves no time for it"
NOBODY_READS: Final = "the retrievers make this list, and read nothing"
NOBODY_READ: Final = "no model had a part in the list"


async def considered(
    parts: Recommender, brief: Brief, watch: Stopwatch, deadline: Deadline
) -> Brief:
    """The brief with what a small model thinks of the user, where one is to be asked.

    It has no more time than the list can spare, as far as it is known what that needs.
    """
    cot = brief.request.cot
    if cot in {Cot.OFF, Cot.AUTO}:
        return brief
    with watch.stage("think"):
        return replace(brief, thought=await _thought(parts, brief, cot, deadline))


async def _thought(parts: Recommender, brief: Brief, cot: Cot, deadline: Deadline) -> Supplement:
    if parts.engine is None:
        return unasked(SupplementKind.THOUGHT, NO_MODEL)
    # What the list has: so what is chosen now is what will be, if nobody thinks too long.
    drafting = deadline.before(RESERVE)
    strategy = chosen(parts, parts.engine, brief, drafting).strategy
    if strategy is Strategy.RETRIEVE:
        return unasked(SupplementKind.THOUGHT, NOBODY_READS)
    left = drafting.remaining()
    spare = left - seconds_for(parts, parts.engine, brief, strategy) - MARGIN
    within = Deadline(min(left * PATIENCE, spare))
    if within.seconds < LEAST_S:
        return unasked(SupplementKind.THOUGHT, NO_TIME, failed=True)
    return await thought(parts.thinker, cot, _matter(parts, brief), within, by_name=True)


def _matter(parts: Recommender, brief: Brief) -> Matter:
    """What the prompt of the list tells of the user; in a small context, less of the history."""
    catalogue, words = parts.catalogue, min(parts.policy.thought_words, LIST_WORDS)
    intent = replace(brief.request.intent, controls=brief.kept)
    titles = [catalogue.spelling(int(row)) for row in brief.history.rows[-HISTORY_SHOWN:]]

    def ask(share: float) -> Prompt:
        return list_thought_prompt(titles[-max(1, int(len(titles) * share)) :], intent, words)

    def clean(said: str, /, *, cut_off: bool) -> str:
        return cleaned_list_thought(said, words, asked=ask(1.0), cut_off=cut_off)

    return Matter(ask, clean, words, keep_s=parts.policy.kept_seconds)


def supplements(brief: Brief, *, read: bool) -> tuple[Supplement, ...]:
    """What is told of what was thought; without a model that had a part in the list it had none."""
    told = brief.thought
    if told is None:
        return ()
    return (told if read or not told.used else _unused(told, NOBODY_READ),)


def of_before(supplements: Sequence[Supplement]) -> tuple[Supplement, ...]:
    """What is told of them to another request: it took none of its time."""
    return tuple(replace(each, cached=each.used, milliseconds=0.0) for each in supplements)


def _unused(told: Supplement, why: str) -> Supplement:
    return replace(told, used=False, why=f"{told.why}; {why}")
