"""Candidates: what the retrievers think, blended into the prior."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from service.pipeline.aside import aside
from service.pipeline.blend import POPULARITY, blended, counts_on, looks_out, said_by, with_age
from service.pipeline.clock import Deadline
from service.pipeline.parts import Recommender
from service.ports import Catalogue, Learnt, Opinion, Pronounced, RetrievalQuery, Retriever
from service.steering.arrays import FloatArray, IntArray, distinct
from service.steering.cover import best_of_each_class
from service.steering.plan import Plan
from service.steering.prior import Prior
from service.tuning import Blend

PATIENCE: Final = 0.5
"""Share of the time left that retrievers may take; the rest belongs to the engine."""


BlendFor: TypeAlias = Callable[[frozenset[str]], Blend]
"""How parts are weighed, by which of them speak."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the retrievers are asked, and how what they say is taken."""

    query: RetrievalQuery
    plan: Plan
    blend_for: BlendFor
    at_once: bool
    """Whether all of it is over before a thread would have begun."""


@dataclass(frozen=True, slots=True)
class Said:
    """What those who spoke say of the candidates, each in its own unit; NaN: nothing."""

    rows: IntArray
    by: Mapping[str, FloatArray]

    def of(self, row: int) -> dict[str, float]:
        """Who says what of one of them."""
        (at,) = np.flatnonzero(self.rows == row).tolist()
        told = {name: float(scores[at]) for name, scores in self.by.items()}
        return {name: round(score, 4) for name, score in told.items() if math.isfinite(score)}


@dataclass(frozen=True, slots=True)
class Candidates:
    """The prior over them, who contributed, and who should have but was late or failed."""

    prior: Prior
    used: tuple[str, ...]
    missing: tuple[str, ...]
    speaking: frozenset[str]
    """Who has something to say, those among them whom the blend makes nothing of."""
    said: Said
    ranker: str | None = None
    """Version of the trained one among those who contributed."""


@dataclass(frozen=True, slots=True)
class _Voice:
    """A retriever that has spoken, and the rows it likes best."""

    name: str
    opinion: Opinion
    best: IntArray
    crowd: float | None = None
    """The score above which rows stand out, where that counts."""


async def candidates(parts: Recommender, wanted: Wanted, deadline: Deadline) -> Candidates:
    """Ask every retriever that has something to say, in parallel; popularity is always there."""
    heard, unasked = await _all_heard(parts, wanted, deadline)
    voices = [voice for voice in heard.values() if voice is not None]
    prior, said, speaking = await aside(wanted.at_once, _prior, parts, wanted, voices, unasked)
    used = [voice for voice in voices if voice.name in said.by and len(voice.best)]
    return Candidates(
        prior=prior,
        used=tuple(voice.name for voice in used),
        missing=tuple(name for name in heard if name not in said.by),
        speaking=speaking,
        said=said,
        ranker=_ranker(used),
    )


async def _all_heard(
    parts: Recommender, wanted: Wanted, deadline: Deadline
) -> tuple[dict[str, _Voice | None], frozenset[str]]:
    """What those say who count; where one fails whom the blend is lost without, so do others.

    And who could speak, but does not count.
    """
    able = {one.name: one for one in parts.retrievers if one.knows(wanted.query)}
    heard: dict[str, _Voice | None] = {}
    while True:
        speaking = frozenset(name for name in able if heard.get(name, able[name]) is not None)
        blend = wanted.blend_for(speaking)
        due = [name for name in able if counts_on(blend, name) and name not in heard]
        if not due:
            return heard, speaking - heard.keys()
        patience = deadline.remaining() * PATIENCE
        asked = (_heard(parts, able[name], wanted, blend, patience) for name in due)
        said = await asyncio.gather(*asked)
        heard |= zip(due, said, strict=True)


async def _heard(
    parts: Recommender, retriever: Retriever, wanted: Wanted, blend: Blend, patience: float
) -> _Voice | None:
    """What one retriever says; None, and a note to the observer, if it is late or fails."""

    def ask() -> _Voice:
        opinion = retriever.opinion(wanted.query)
        best = opinion.best(wanted.plan.allowed, parts.policy.candidates)
        return _Voice(retriever.name, opinion, best, _crowd(retriever.name, opinion, blend))

    try:
        # Words have to be read by a model first, and long ones take a while.
        if wanted.at_once and not wanted.query.words:
            return ask()
        return await asyncio.wait_for(asyncio.to_thread(ask), patience)
    except Exception as error:  # noqa: BLE001 - a list without this retriever is still a good list
        parts.observer.left_out(retriever.name, error)
        return None


def _crowd(name: str, opinion: Opinion, blend: Blend) -> float | None:
    if looks_out(blend, name) and isinstance(opinion, Pronounced):
        return opinion.crowd()
    return None


def _prior(
    parts: Recommender, wanted: Wanted, voices: Sequence[_Voice], unasked: frozenset[str]
) -> tuple[Prior, Said, frozenset[str]]:
    """Scores of all rows that anybody likes, or that are popular; who said what of them; who spoke.

    The blend is chosen again: who was asked may be late, fail, or know none of these rows. Who was
    not counts as speaking.
    """
    catalogue = parts.catalogue
    popular = best_of_each_class(catalogue.popular_rows, wanted.plan, parts.policy.candidates)
    rows = distinct(np.concatenate([popular, *(voice.best for voice in voices)]))
    said = {POPULARITY: popularity(catalogue, rows)}
    for voice in voices:
        try:
            said |= said_by(voice.name, voice.opinion.of(rows), voice.crowd)
        except Exception as error:  # noqa: BLE001 - as above
            parts.observer.left_out(voice.name, error)
    spoke = (POPULARITY, *(voice.name for voice in voices))
    by = {name: said[name] for name in spoke if name in said}
    speaking = unasked | {name for name, scores in by.items() if np.isfinite(scores).any()}
    aged = with_age(said, catalogue.meetings[rows])
    prior = Prior.over(rows, blended(aged, wanted.blend_for(speaking), len(rows)))
    return prior, Said(rows, by), speaking


def _ranker(voices: Sequence[_Voice]) -> str | None:
    learnt = [voice.opinion for voice in voices if isinstance(voice.opinion, Learnt)]
    return learnt[0].version if learnt else None


def popularity(catalogue: Catalogue, rows: IntArray) -> FloatArray:
    """How popular rows are, in nats above what each would be if all were equal."""
    return np.asarray(catalogue.popularity[rows], dtype=np.float64) + math.log(catalogue.size)
