"""Candidates: what the retrievers think, mixed into the prior."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.pipeline.clock import Deadline
from service.pipeline.mixture import mix
from service.pipeline.parts import Recommender
from service.ports import RetrievalQuery, Retriever, Scored
from service.steering.cover import best_of_each_class
from service.steering.plan import Plan
from service.steering.prior import Prior

PATIENCE: Final = 0.5
"""Share of the time left that retrievers may take; the rest belongs to the engine."""

PERSONAL: Final = 0.8
"""Weight of the retrievers that know the user or the wish; popularity has the rest."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The prior over them, who contributed, and who should have but was late or failed."""

    prior: Prior
    used: tuple[str, ...]
    missing: tuple[str, ...]


async def candidates(
    parts: Recommender, query: RetrievalQuery, plan: Plan, deadline: Deadline
) -> Candidates:
    """Ask every retriever that has something to say, in parallel; popularity is always there."""
    asked = [retriever for retriever in parts.retrievers if retriever.knows(query)]
    patience = deadline.remaining() * PATIENCE
    answers = await asyncio.gather(
        *(_ask(parts, retriever, query, plan, patience) for retriever in asked)
    )
    scored = [answer for answer in answers if answer is not None and len(answer.rows)]
    popular = _popular(parts, plan)
    weights = [PERSONAL / len(scored) for _ in scored]
    rest = 1.0 - sum(weights)
    mixed = mix([*zip(scored, weights, strict=True), (popular, rest)])
    named = list(zip(asked, answers, strict=True))
    return Candidates(
        prior=Prior.over(mixed.rows, mixed.scores),
        used=tuple(r.name for r, answer in named if answer is not None and len(answer.rows)),
        missing=tuple(retriever.name for retriever, answer in named if answer is None),
    )


async def _ask(
    parts: Recommender, retriever: Retriever, query: RetrievalQuery, plan: Plan, patience: float
) -> Scored | None:
    """One retriever's scores; None, and a note to the observer, if it is late or fails."""
    limit = parts.policy.candidates
    work = asyncio.to_thread(retriever.score, query, plan.allowed, limit)
    try:
        return await asyncio.wait_for(work, patience)
    except Exception as error:  # noqa: BLE001 - a list without this retriever is still a good list
        parts.observer.left_out(retriever.name, error)
        return None


def _popular(parts: Recommender, plan: Plan) -> Scored:
    """The most popular rows of each class the plan may need, and the most popular of all."""
    catalogue = parts.catalogue
    best = best_of_each_class(catalogue.popular_rows, plan, parts.policy.candidates)
    rows = np.unique(best)
    scores = np.asarray(catalogue.popularity[rows], dtype=np.float64)
    return Scored(rows, scores - np.logaddexp.reduce(scores))
