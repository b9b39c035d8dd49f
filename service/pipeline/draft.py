"""The draft: who makes the list, and what is done when the engine cannot."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

from service.domain import Path, Strategy
from service.errors import EngineError, EngineTimeout
from service.pipeline.brief import Brief
from service.pipeline.clock import Deadline
from service.pipeline.parts import Recommender
from service.ports import Decoding, Engine
from service.prompts.recommend import HISTORY_SHOWN, recommend_prompt
from service.steering.progress import Progress
from service.steering.select import select
from service.steering.speller import Speller

RESERVE: Final = 0.05
"""Seconds of the deadline kept back for repair, validation and the receipt."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Rows as they were drafted, and how it came to them."""

    rows: tuple[int, ...]
    path: Path
    why: str
    degraded: bool = False
    model: str | None = None
    prompt: str | None = None


async def draft(parts: Recommender, brief: Brief, deadline: Deadline) -> Draft:
    """A list by the model where it can be had in time, else by the ranker; the plan is the same."""
    engine, why_not = _engine_for(parts, brief, deadline)
    if engine is None:
        return _ranked(brief, why_not, degraded=brief.request.strategy is Strategy.GENERATE)
    try:
        return await _generated(parts, engine, brief, deadline)
    except EngineError as error:
        parts.observer.left_out("engine", error)
        return _ranked(brief, f"the engine gave no list: {error.message}", degraded=True)


def _engine_for(parts: Recommender, brief: Brief, deadline: Deadline) -> tuple[Engine | None, str]:
    """The engine, if it is to be asked; else why not."""
    strategy = brief.request.strategy
    if strategy is Strategy.RETRIEVE:
        return None, "retrieve was asked for"
    if parts.engine is None:
        return None, "no engine is configured"
    expected = parts.pace.expected(brief.plan.k)
    if strategy is Strategy.AUTO and expected > deadline.remaining() - RESERVE:
        return None, f"the engine needs about {expected:.1f} s, more than the deadline leaves"
    return parts.engine, ""


async def _generated(parts: Recommender, engine: Engine, brief: Brief, deadline: Deadline) -> Draft:
    catalogue, request = parts.catalogue, brief.request
    titles = [catalogue.spelling(int(row)) for row in brief.history.rows[-HISTORY_SHOWN:]]
    prompt = recommend_prompt(titles, replace(request.intent, controls=brief.kept), request.k)
    speller = Speller(
        catalogue.lexicon, catalogue.frame, brief.plan, brief.found.prior, brief.weight
    )
    began = time.perf_counter()
    decoding = await engine.spell(prompt, speller, request.sampling, deadline.before(RESERVE))
    parts.pace.note(len(decoding.rows), time.perf_counter() - began)
    parts.observer.decoded(decoding)
    return _draft_of(decoding, brief, engine.model, prompt.version)


def _draft_of(decoding: Decoding, brief: Brief, model: str, prompt: str) -> Draft:
    if not decoding.rows:
        message = "the deadline came before the first item"
        raise EngineTimeout(message)
    asked = brief.request.strategy is Strategy.GENERATE
    why = "generate was asked for" if asked else "the engine could answer in time"
    short = len(decoding.rows) < brief.plan.k
    if short:
        why += f"; the deadline came after {len(decoding.rows)} items"
    return Draft(decoding.rows, Path.LLM, why, degraded=short, model=model, prompt=prompt)


def _ranked(brief: Brief, why: str, *, degraded: bool) -> Draft:
    rows = select(Progress(brief.plan), brief.found.prior)
    path = Path.RANKED if brief.found.used else Path.POPULAR
    return Draft(tuple(rows), path, why, degraded=degraded)
