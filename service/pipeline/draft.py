"""The draft: who makes the list, and what is done when the engine cannot."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from service.domain import Path, Strategy
from service.errors import EngineBusy, EngineError, EngineTimeout, SpellingError
from service.pipeline.brief import Brief
from service.pipeline.clock import Deadline
from service.pipeline.parts import Recommender
from service.ports import Decoding, Engine
from service.prompts.recommend import HISTORY_SHOWN, recommend_prompt
from service.steering.progress import Progress
from service.steering.select import select
from service.steering.speller import Speller

RESERVE: Final = 0.1
"""Seconds of the deadline kept back for repair, validation and the receipt."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Rows as they were drafted, and how it came to them."""

    rows: tuple[int, ...]
    path: Path
    why: str
    degraded: bool = False
    text: str | None = None
    """The list as the model spelled it, if it did."""
    model: str | None = None
    prompt: str | None = None


async def draft(parts: Recommender, brief: Brief, deadline: Deadline) -> Draft:
    """A list by the model where it can be had in time, else by the ranker; the plan is the same."""
    strategy = brief.request.strategy
    if strategy is Strategy.RETRIEVE:
        return await _ranked(brief, "retrieve was asked for", degraded=False)
    engine = parts.engine
    if engine is None:
        degraded = strategy is Strategy.GENERATE
        return await _ranked(brief, "no engine is configured", degraded=degraded)
    try:
        return await _generated(parts, engine, brief, deadline)
    except (EngineError, SpellingError) as error:
        parts.observer.left_out("engine", error)
        why = f"the engine gave no list: {error.message}"
        return await _ranked(brief, why, degraded=True)


async def _generated(parts: Recommender, engine: Engine, brief: Brief, deadline: Deadline) -> Draft:
    catalogue, request = parts.catalogue, brief.request
    titles = [catalogue.spelling(int(row)) for row in brief.history.rows[-HISTORY_SHOWN:]]
    prompt = recommend_prompt(titles, replace(request.intent, controls=brief.kept), request.k)
    speller = await asyncio.to_thread(
        Speller, catalogue.lexicon, catalogue.frame, brief.plan, brief.found.prior, brief.weight
    )
    if request.strategy is Strategy.AUTO:
        _refuse_if_late(parts, engine, request.k, deadline)
    decoding = await engine.spell(prompt, speller, request.sampling, deadline.before(RESERVE))
    parts.pace.note(decoding)
    parts.observer.decoded(decoding)
    if not decoding.rows:
        message = f"{decoding.stopped} before the first item"
        raise EngineTimeout(message)
    return _draft_of(decoding, brief, engine.model, prompt.version)


def _refuse_if_late(parts: Recommender, engine: Engine, k: int, deadline: Deadline) -> None:
    """Shed now what would be late anyway. Nothing is awaited between this and taking a place."""
    expected = parts.pace.expected(k) * (1 + engine.ahead())
    if expected > deadline.remaining() - RESERVE:
        message = f"it would need about {expected:.1f} s, more than the deadline leaves"
        raise EngineBusy(message)


def _draft_of(decoding: Decoding, brief: Brief, model: str, prompt: str) -> Draft:
    asked = brief.request.strategy is Strategy.GENERATE
    why = "generate was asked for" if asked else "the engine could answer in time"
    if decoding.stopped:
        why += f"; {decoding.stopped} after {len(decoding.rows)} items"
    return Draft(
        rows=decoding.rows,
        path=Path.LLM,
        why=why,
        degraded=decoding.stopped is not None,
        text=decoding.text,
        model=model,
        prompt=prompt,
    )


async def _ranked(brief: Brief, why: str, *, degraded: bool) -> Draft:
    rows = await asyncio.to_thread(lambda: select(Progress(brief.plan), brief.found.prior))
    path = Path.RANKED if brief.found.used else Path.POPULAR
    return Draft(tuple(rows), path, why, degraded=degraded)
