"""The first questions to an engine: they compute what prompts share, and tell how fast it is."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from typing import Final

import numpy as np

from service.domain import Controls, Intent
from service.engines.remote.engine import RemoteEngine
from service.errors import EngineError, EngineFailed, EngineTimeout
from service.pipeline.clock import Deadline
from service.pipeline.fitting import fitting
from service.pipeline.parts import Recommender
from service.pipeline.weighing import FEWEST
from service.ports import Catalogue, Decoding, Engine, Job, Slate, Weighed
from service.prompts.choose import choose_prompt
from service.prompts.rank import rank_prompt
from service.prompts.recommend import recommend_prompt
from service.steering.arrays import IntArray
from service.steering.assignment import Assignment
from service.steering.plan import Stock, compile_plan

LOG: Final = logging.getLogger("listwright.engine")

WARM_UP_S: Final = 60.0

REMOTE_WARM_UP_S: Final = 10.0
"""A server that takes longer for one item is asked again by the first request."""


async def warm_up(engine: Engine, parts: Recommender) -> None:
    """Spell one item and weigh some, and note how long each took.

    An engine in the process that cannot spell is a start that failed. A server that cannot may be
    able to later: then nothing is known of its pace, and the log says what is wrong. So it does of
    either that cannot weigh: lists are made without.
    """
    if not isinstance(engine, RemoteEngine):
        made = await _one_item(engine, parts.catalogue, WARM_UP_S)
        if made.stopped:
            raise EngineFailed(f"the engine's first item was not spelled: {made.stopped}")
        parts.pace.note(made)
        await _weigh(engine, parts, WARM_UP_S)
    elif (spelled := await _warm_remote(engine, parts.catalogue)) is not None:
        parts.pace.note(spelled)
        await _weigh(engine, parts, REMOTE_WARM_UP_S)


async def _warm_remote(engine: Engine, catalogue: Catalogue) -> Decoding | None:
    if not engine.labels:
        # This one may wait for the server to open the catalogue, or find it without the plugin.
        with suppress(EngineError):
            await _one_item(engine, catalogue, REMOTE_WARM_UP_S)
    try:
        return await _one_item(engine, catalogue, REMOTE_WARM_UP_S)
    except EngineError as error:
        LOG.warning("%s, when it was asked for its first item", error.message)
        return None


async def _one_item(engine: Engine, catalogue: Catalogue, seconds: float) -> Decoding:
    stock = Stock(catalogue.size, catalogue.postings, np.zeros(0, dtype=np.int64))
    plan = compile_plan(stock, Controls(), 1)
    one = Assignment(catalogue.lexicon, catalogue.frame, plan, catalogue.version)
    if not engine.labels:
        return await engine.spell(Job(recommend_prompt((), Intent(), 1), one, Deadline(seconds)))
    shown: IntArray = np.sort(catalogue.popular_rows[: engine.labels])
    prompt = choose_prompt((), Intent(), 1, _titles(catalogue, shown))
    return await engine.spell(Job(prompt, replace(one, shown=shown), Deadline(seconds)))


async def _weigh(engine: Engine, parts: Recommender, seconds: float) -> None:
    """As many candidates as a list would have, the popular ones; fewer where they do not fit."""
    marks = engine.marks(min(parts.policy.ranked, parts.catalogue.size))
    if len(marks) < FEWEST:
        return
    titles = _titles(parts.catalogue, parts.catalogue.popular_rows[: len(marks)])
    deadline = Deadline(seconds)

    async def ask(share: float) -> Weighed:
        count = max(FEWEST, int(share * len(marks)))
        prompt = rank_prompt((), Intent(), marks[:count], titles[:count])
        return await engine.weigh(Slate(prompt, marks[:count], deadline))

    try:
        parts.rank_pace.weighed(await fitting(ask))
    except EngineError as error:
        if isinstance(error, EngineTimeout):
            parts.rank_pace.late(seconds)
        LOG.warning("%s, when it was asked to weigh candidates", error.message)


def _titles(catalogue: Catalogue, rows: IntArray) -> list[str]:
    return [catalogue.spelling(row) for row in rows.tolist()]
