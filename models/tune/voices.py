"""What every part of the prior says of the rows that a request would weigh, and of the target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.tune.asked import Asked
from service.pipeline.blend import POPULARITY, said_by, with_age
from service.ports import Pronounced, RetrievalQuery, Retriever
from service.steering.arrays import BoolArray, FloatArray, IntArray

NAMED: Final = 200
"""Rows that each part may name, at most: the likeliest, which decide who stands before whom."""

SAMPLED: Final = 200
"""Rows that are heard of beside those: each stands for many, so a few tell as much as all."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a prior is made of, as tuning sees it: popularity must not know the targets."""

    size: int
    retrievers: tuple[Retriever, ...]
    popularity: FloatArray
    """Nats above uniform, by row."""
    meetings: IntArray
    """By row, without the targets either."""
    popular_rows: IntArray
    limit: int
    postings: Callable[[str], IntArray]
    """The rows of a category."""


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """Some rows of one request, what each part says of them, and where the target stands."""

    user: int
    rows: IntArray
    said: Mapping[str, FloatArray]
    place: int
    standing_for: FloatArray
    """How many rows each of them stands for: one, or more where it was drawn from many."""


def voices_of(ground: Ground, asked: Asked) -> Voices:
    """What is said of the rows that each part likes best, and of a sample of all others.

    Without the others a target that nobody named would stand alone for all that is unpopular,
    or unknown: and every fit would find that users want just that.
    """
    history, target = asked.case.history, asked.case.target
    allowed = allowed_rows(ground.size, ground.postings, asked)
    query = RetrievalQuery(history, asked.words)
    opinions = {one.name: one.opinion(query) for one in _speaking(ground, query)}
    popular = ground.popular_rows[allowed[ground.popular_rows]][: ground.limit]
    best = [opinion.best(allowed, ground.limit) for opinion in opinions.values()]
    named = np.unique(np.concatenate([popular, *best]))
    others, share = _sample(allowed, named, target)
    rows = np.concatenate([named, others])
    order = np.argsort(rows)
    rows = rows[order]
    said: dict[str, FloatArray] = {
        POPULARITY: np.asarray(ground.popularity[rows], dtype=np.float64)
    }
    for name, opinion in opinions.items():
        crowd = opinion.crowd() if isinstance(opinion, Pronounced) else None
        said |= said_by(name, opinion.of(rows), crowd)
    return Voices(
        user=asked.case.user,
        rows=rows,
        said=with_age(said, ground.meetings[rows]),
        place=int(np.searchsorted(rows, target)),
        standing_for=np.concatenate([np.ones(len(named)), np.full(len(others), share)])[order],
    )


def speaking_of(ground: Ground, asked: Asked) -> frozenset[str]:
    """Who has something to say."""
    query = RetrievalQuery(asked.case.history, asked.words)
    return frozenset(one.name for one in _speaking(ground, query))


def _speaking(ground: Ground, query: RetrievalQuery) -> list[Retriever]:
    return [one for one in ground.retrievers if one.knows(query)]


def allowed_rows(size: int, postings: Callable[[str], IntArray], asked: Asked) -> BoolArray:
    """The rows that the request's list may hold."""
    include = asked.intent.controls.include
    allowed = np.full(size, not include)
    for category in include:
        allowed[postings(category)] = True
    # What was met is no candidate, known or not: it cannot be what comes next.
    allowed[asked.met] = False
    return allowed


def _sample(allowed: BoolArray, named: IntArray, target: int) -> tuple[IntArray, float]:
    """Some of the rows that nobody named, the target if it is one, and how many each stands for."""
    rest = allowed.copy()
    rest[named] = False
    unnamed = np.flatnonzero(rest)
    if len(unnamed) <= SAMPLED:
        return unnamed, 1.0
    drawn = np.random.default_rng(target).choice(unnamed, SAMPLED, replace=False)
    if rest[target] and target not in drawn:
        drawn[0] = target
    return drawn, len(unnamed) / SAMPLED


def parts_of(voices: Sequence[Voices]) -> tuple[str, ...]:
    """Every part that says something anywhere, popularity first."""
    names = {name for one in voices for name in one.said}
    return (POPULARITY, *sorted(names - {POPULARITY}))
