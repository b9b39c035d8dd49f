"""The draft: who makes the list, and what is done when the engine cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from service.domain import Path, Prompt, Strategy
from service.errors import EngineError, EngineFailed, EngineLate, EngineTimeout, SpellingError
from service.pipeline.aside import aside, soon
from service.pipeline.auto import chosen
from service.pipeline.brief import Brief
from service.pipeline.clock import Deadline
from service.pipeline.galley import Galley, with_room
from service.pipeline.measured import weight_of
from service.pipeline.parts import Recommender
from service.pipeline.shown import candidates_shown
from service.pipeline.weighing import ranked
from service.ports import Engine, Job
from service.prompts.choose import choose_prompt
from service.prompts.recommend import recommend_prompt
from service.prompts.wishes import HISTORY_SHOWN
from service.steering.arrays import IntArray
from service.steering.assignment import Assignment

RESERVE: Final = 0.1
"""Seconds of the deadline kept back for repair, validation and the receipt."""

NOTHING_TO_WEIGH: Final = "there are not two candidates to compare"


@dataclass(frozen=True, slots=True)
class Draft:
    """How a draft came about; its lines stand in the galley."""

    path: Path
    strategy: Strategy
    why: str
    weight: float
    """How much the prior weighed against the model; where no model had a say, how much it would
    have. Numbers are chosen by the model alone: there it is 0."""
    degraded: bool = False
    model: str | None = None
    prompt: str | None = None


async def draft(parts: Recommender, brief: Brief, deadline: Deadline, galley: Galley) -> Draft:
    """Lines by the strategy that suits; without any by the model, the ranker makes them all."""
    asked, engine = brief.request.strategy, parts.engine
    if engine is None:
        wanted = asked in {Strategy.GENERATE, Strategy.RANK}
        why = f"{asked} was asked for" if asked is Strategy.RETRIEVE else "no engine is configured"
        return _retrieved(parts, brief, why, degraded=wanted)
    deadline = deadline.before(RESERVE)
    choice = chosen(parts, engine, brief, deadline)
    if choice.short:
        parts.observer.left_out("engine", EngineLate(choice.why))
    if choice.strategy is Strategy.RETRIEVE:
        return _retrieved(parts, brief, choice.why, degraded=choice.short)
    make = _ranked if choice.strategy is Strategy.RANK else _generated
    try:
        made = await with_room(galley, partial(make, parts, engine, galley, deadline))
    except (EngineError, SpellingError) as error:
        parts.observer.left_out("engine", error)
        return _retrieved(parts, brief, f"the engine gave no list: {error.message}", degraded=True)
    why = f"{choice.why}; {made.why}" if made.why else choice.why
    return replace(made, why=why, degraded=made.degraded or choice.short)


async def _generated(
    parts: Recommender, engine: Engine, galley: Galley, deadline: Deadline
) -> Draft:
    """The engine's lines, as far as it came; its error if it came to none."""
    brief = galley.brief
    at_once = soon(parts.catalogue.size, brief.request.k)
    prompt, assignment = await aside(at_once, assigned, parts, engine, brief)
    job = Job(prompt, assignment, deadline, brief.request.sampling, galley.hear)
    galley.asked = prompt
    stopped = await _spelled(parts, engine, job, galley)
    if not galley.drafted:
        message = f"{stopped} before the first item"
        raise EngineTimeout(message)
    if not galley.kept:
        message = f"none of the {len(galley.drafted)} items it named may stand"
        raise EngineFailed(message)
    return Draft(
        path=Path.LLM,
        strategy=Strategy.GENERATE,
        why=f"{stopped} after {len(galley.drafted)} items" if stopped else "",
        weight=0.0 if len(assignment.shown) else assignment.weight,
        degraded=stopped is not None,
        model=engine.model,
        prompt=prompt.version,
    )


async def _ranked(parts: Recommender, engine: Engine, galley: Galley, deadline: Deadline) -> Draft:
    """The candidates in the order that model and prior give them together.

    Where there is but one, the model is not asked, and has no part in the list.
    """
    weight = weight_of(parts, galley.brief, Strategy.RANK)
    made = await ranked(parts, engine, galley, deadline, weight)
    if made is None:
        return _retrieved(parts, galley.brief, NOTHING_TO_WEIGH, degraded=False)
    made.enter(galley)
    return Draft(
        path=Path.LLM,
        strategy=Strategy.RANK,
        why=f"the model weighed {len(made.weighed)} candidates",
        weight=weight,
        model=engine.model,
        prompt=made.prompt.version,
    )


async def _spelled(parts: Recommender, engine: Engine, job: Job, galley: Galley) -> str | None:
    """Have the galley filled; what ended that early, if anything did."""
    within = job.deadline.remaining()
    try:
        decoding = await engine.spell(job)
    except (EngineError, SpellingError) as error:
        if isinstance(error, EngineTimeout):
            parts.pace.late(within - job.deadline.remaining())
        if not galley.kept:
            raise
        parts.observer.left_out("engine", error)
        return error.message
    parts.observer.decoded(decoding, engine.model)
    if decoding.fault is None:
        parts.pace.note(decoding)
    else:
        # The seconds of a fault say how soon it was noticed, not how fast the engine is.
        parts.observer.left_out("engine", decoding.fault)
    return decoding.stopped


def assigned(parts: Recommender, engine: Engine, brief: Brief) -> tuple[Prompt, Assignment]:
    """What the engine reads, and what it may answer."""
    catalogue, k, role = parts.catalogue, brief.request.k, parts.variant.role
    intent = replace(brief.request.intent, controls=brief.kept)
    titles = [catalogue.spelling(int(row)) for row in brief.history.rows[-HISTORY_SHOWN:]]
    assignment = Assignment(
        lexicon=catalogue.lexicon,
        frame=catalogue.frame,
        plan=brief.plan,
        catalogue=catalogue.version,
        controls=brief.kept,
        banned=brief.history.banned,
        prior=brief.found.prior,
        weight=weight_of(parts, brief, Strategy.GENERATE),
    )
    # Read once: a look at the server may change it meanwhile.
    labels = engine.labels
    if not labels:
        return recommend_prompt(titles, intent, k, role, thought=brief.notes), assignment
    shown: IntArray = candidates_shown(brief.plan, brief.found.prior, labels)
    candidates = [catalogue.spelling(row) for row in shown.tolist()]
    asked = choose_prompt(titles, intent, k, candidates, role, thought=brief.notes)
    return asked, replace(assignment, shown=shown)


def _retrieved(parts: Recommender, brief: Brief, why: str, *, degraded: bool) -> Draft:
    path = Path.RANKED if brief.found.used else Path.POPULAR
    weight = weight_of(parts, brief, Strategy.RETRIEVE)
    return Draft(path, Strategy.RETRIEVE, why, weight, degraded)
