"""Candidates: what the retrievers think, blended into the prior."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.pipeline.aside import aside
from service.pipeline.blend import POPULARITY, blend_for, blended
from service.pipeline.clock import Deadline
from service.pipeline.parts import Recommender
from service.ports import Catalogue, Opinion, RetrievalQuery, Retriever
from service.steering.arrays import FloatArray, IntArray
from service.steering.cover import best_of_each_class
from service.steering.plan import Plan
from service.steering.prior import Prior
from service.tuning import Blend, Situation

PATIENCE: Final = 0.5
"""Share of the time left that retrievers may take; the rest belongs to the engine."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The prior over them, who contributed, and who should have but was late or failed."""

    prior: Prior
    used: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Voice:
    """A retriever that has spoken, and the rows it likes best."""

    name: str
    opinion: Opinion
    best: IntArray


async def candidates(
    parts: Recommender, query: RetrievalQuery, situation: Situation, plan: Plan, deadline: Deadline
) -> Candidates:
    """Ask every retriever that has something to say, in parallel; popularity is always there."""
    knowing = [retriever for retriever in parts.retrievers if retriever.knows(query)]
    speaking = frozenset(retriever.name for retriever in knowing)
    blend = blend_for(parts.tuning(), situation, speaking)
    asked = [retriever for retriever in knowing if blend.weights.get(retriever.name)]
    patience = deadline.remaining() * PATIENCE
    heard = await asyncio.gather(
        *(_heard(parts, retriever, query, plan, patience) for retriever in asked)
    )
    voices = [voice for voice in heard if voice is not None]
    prior, spoke = await aside(parts.catalogue.size, _prior, parts, plan, voices, blend)
    return Candidates(
        prior=prior,
        used=tuple(voice.name for voice in voices if voice.name in spoke and len(voice.best)),
        missing=tuple(retriever.name for retriever in asked if retriever.name not in spoke),
    )


async def _heard(
    parts: Recommender, retriever: Retriever, query: RetrievalQuery, plan: Plan, patience: float
) -> _Voice | None:
    """What one retriever says; None, and a note to the observer, if it is late or fails."""

    def ask() -> _Voice:
        opinion = retriever.opinion(query)
        return _Voice(retriever.name, opinion, opinion.best(plan.allowed, parts.policy.candidates))

    try:
        if query.words:
            # These have to be read by a model first, and long ones take a while.
            return await asyncio.wait_for(asyncio.to_thread(ask), patience)
        return await asyncio.wait_for(aside(parts.catalogue.size, ask), patience)
    except Exception as error:  # noqa: BLE001 - a list without this retriever is still a good list
        parts.observer.left_out(retriever.name, error)
        return None


def _prior(
    parts: Recommender, plan: Plan, voices: Sequence[_Voice], blend: Blend
) -> tuple[Prior, frozenset[str]]:
    """Scores of all rows that anybody likes, or that are popular; and whose word is in them."""
    catalogue = parts.catalogue
    popular = best_of_each_class(catalogue.popular_rows, plan, parts.policy.candidates)
    rows = np.unique(np.concatenate([popular, *(voice.best for voice in voices)]))
    said = {POPULARITY: popularity(catalogue, rows)}
    for voice in voices:
        try:
            said[voice.name] = voice.opinion.of(rows)
        except Exception as error:  # noqa: BLE001 - as above
            parts.observer.left_out(voice.name, error)
    return Prior.over(rows, blended(said, blend, len(rows))), frozenset(said)


def popularity(catalogue: Catalogue, rows: IntArray) -> FloatArray:
    """How popular rows are, in nats above what each would be if all were equal."""
    return np.asarray(catalogue.popularity[rows], dtype=np.float64) + math.log(catalogue.size)
