"""Weighing: the model reads candidates under marks, once, and its word joins the prior's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np

from service.domain import Prompt, Source
from service.errors import EngineFailed, EngineTimeout
from service.pipeline.aside import aside, soon
from service.pipeline.brief import Brief
from service.pipeline.fitting import fitting
from service.pipeline.galley import Galley, with_room
from service.pipeline.parts import Recommender
from service.pipeline.shown import candidates_shown
from service.ports import Deadline, Engine, Slate, Spelled, Weighed
from service.prompts.rank import rank_prompt
from service.prompts.wishes import HISTORY_SHOWN
from service.steering.arrays import FloatArray, IntArray
from service.steering.prior import FLOOR_BELOW, Prior
from service.steering.progress import Progress
from service.steering.select import select

FEWEST: Final = 2
"""Between fewer candidates there is nothing to weigh."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A list that model and prior make together, and which of its rows the model has weighed."""

    prompt: Prompt
    rows: tuple[int, ...]
    weighed: frozenset[int]

    def enter(self, galley: Galley) -> None:
        """Put the list into the galley: what was not weighed stands there as a repair."""
        for row in self.rows:
            if row in self.weighed:
                galley.hear(Spelled(row, None))
            elif not galley.progress.complete and galley.progress.may_take(row):
                galley.progress.take(row)
                galley.fill([row], Source.REPAIR)


def can_weigh(parts: Recommender, engine: Engine) -> bool:
    """Whether the engine has marks for as many candidates as can be compared."""
    return len(engine.marks(parts.policy.ranked)) >= FEWEST


async def ranked(
    parts: Recommender, engine: Engine, galley: Galley, deadline: Deadline, weight: float
) -> Ranked | None:
    """The list for a galley by the candidates' weights; EngineError if there are none.

    None, and nothing asked, where there are not two candidates.
    """
    marks = engine.marks(parts.policy.ranked)
    if len(marks) < FEWEST:
        raise EngineFailed("the engine cannot weigh candidates")
    at_once = soon(parts.catalogue.size, galley.brief.plan.k)

    async def ask(share: float) -> tuple[Prompt, IntArray, FloatArray] | None:
        some = marks[: max(FEWEST, int(share * len(marks)))]
        shown, prompt = await aside(at_once, _slate, parts, galley.brief, some)
        if len(shown) < FEWEST:
            return None
        galley.asked = prompt
        slate = Slate(prompt, some[: len(shown)], deadline)
        return prompt, shown, await _weighed(parts, engine, slate)

    # Rather without what was thought than with fewer candidates.
    asked = await fitting(lambda share: with_room(galley, partial(ask, share)))
    if asked is None:
        return None
    brief = galley.brief
    prompt, shown, scores = asked
    joint = joined(brief.found.prior, shown, scores, weight)
    rows = await aside(at_once, select, Progress(brief.plan), joint)
    return Ranked(prompt, tuple(rows), frozenset(shown.tolist()))


def joined(prior: Prior, shown: IntArray, scores: FloatArray, weight: float) -> Prior:
    """The model's word on the rows shown and the prior's, in nats; below them the prior alone.

    Only the order counts, so a great weight shrinks the model's part instead of enlarging the
    prior's, which could not be told apart beyond what a float holds. Of rows that come out equal
    the prior's is before the other: a model that is read in few bits has many such.
    """
    unit = max(1.0, weight)
    own = prior.of(shown)
    best = _told_apart(scores / unit + (weight / unit) * own, np.lexsort((-shown, own)))
    others = prior.rows[~np.isin(prior.rows, shown)]
    if not len(others):
        return Prior.over(shown, best)
    rest = prior.of(others)
    below = best.min() - FLOOR_BELOW + (rest - rest.max())
    return Prior.over(np.concatenate([shown, others]), np.concatenate([best, below]))


def _told_apart(scores: FloatArray, rising: IntArray) -> FloatArray:
    """The scores, but equal ones the least bit apart, in the order that is given for them."""
    apart = scores.copy()
    order = rising[np.argsort(scores[rising], kind="stable")]
    for lower, higher in pairwise(order.tolist()):
        if apart[higher] <= apart[lower]:
            apart[higher] = np.nextafter(apart[lower], np.inf)
    return apart


def _slate(parts: Recommender, brief: Brief, marks: tuple[str, ...]) -> tuple[IntArray, Prompt]:
    """The candidates that the model is shown, the best first, and how."""
    catalogue = parts.catalogue
    intent = replace(brief.request.intent, controls=brief.kept)
    shown = candidates_shown(brief.plan, brief.found.prior, len(marks))[: len(marks)]
    # Half as many as there are candidates: where few can be read, most of it is to be those.
    met = brief.history.rows[-min(HISTORY_SHOWN, max(1, len(marks) // 2)) :]
    history = [catalogue.spelling(int(row)) for row in met]
    titles = [catalogue.spelling(row) for row in shown.tolist()]
    role, thought = parts.variant.role, brief.notes
    prompt = rank_prompt(history, intent, marks[: len(shown)], titles, role, thought=thought)
    return shown, prompt


async def _weighed(parts: Recommender, engine: Engine, slate: Slate) -> FloatArray:
    within = slate.deadline.remaining()
    try:
        weighed = await engine.weigh(slate)
    except EngineTimeout:
        parts.rank_pace.late(within - slate.deadline.remaining())
        raise
    parts.observer.decoded(weighed, engine.model)
    parts.rank_pace.weighed(weighed)
    return _finite(weighed, len(slate.marks))


def _finite(weighed: Weighed, marks: int) -> FloatArray:
    """Its scores; where one says impossible, it stands a nat below the least that is possible."""
    scores = np.asarray(weighed.scores, dtype=np.float64)
    possible = np.isfinite(scores)
    if scores.shape != (marks,) or not possible.any() or np.any(scores[~possible] != -np.inf):
        raise EngineFailed("the engine does not weigh the candidates it was shown")
    return np.where(possible, scores, scores[possible].min() - FLOOR_BELOW)
