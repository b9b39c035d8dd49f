"""What every part of the prior says of the rows that a request would weigh, and of the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.tune.asked import Asked
from service.pipeline.blend import POPULARITY
from service.ports import RetrievalQuery, Retriever
from service.steering.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a prior is made of, as tuning sees it: popularity must not know the targets."""

    size: int
    retrievers: tuple[Retriever, ...]
    popularity: FloatArray
    """Nats above uniform, by row."""
    popular_rows: IntArray
    limit: int


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """The rows of one request, what each part says of them, and where the target stands."""

    rows: IntArray
    said: Mapping[str, FloatArray]
    place: int


def voices_of(ground: Ground, asked: Asked) -> Voices:
    """As the pipeline hears them, but for the target, which is always among the rows."""
    history = asked.case.history
    allowed = np.ones(ground.size, dtype=np.bool_)
    allowed[history] = False
    query = RetrievalQuery(history, asked.words)
    opinions = {one.name: one.opinion(query) for one in ground.retrievers if one.knows(query)}
    popular = ground.popular_rows[: ground.limit + len(history)]
    best = [opinion.best(allowed, ground.limit) for opinion in opinions.values()]
    rows = np.unique(np.concatenate([popular[allowed[popular]], *best, [asked.case.target]]))
    said = {name: opinion.of(rows) for name, opinion in opinions.items()}
    return Voices(
        rows=rows,
        said=said | {POPULARITY: np.asarray(ground.popularity[rows], dtype=np.float64)},
        place=int(np.searchsorted(rows, asked.case.target)),
    )


def parts_of(voices: Sequence[Voices]) -> tuple[str, ...]:
    """Every part that says something anywhere, popularity first."""
    names = {name for one in voices for name in one.said}
    return (POPULARITY, *sorted(names - {POPULARITY}))
