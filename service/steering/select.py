"""Select: the plan applied to scores alone. The `ranked` path, and the source of repairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from service.errors import SpellingError
from service.steering.arrays import FloatArray
from service.steering.prior import Prior
from service.steering.progress import Progress

EXHAUSTED: Final = (np.inf, -1)
"""What stands at the head of a class that has no row left; the plan never opens such a class."""


def select(progress: Progress, prior: Prior) -> list[int]:
    """Fill the open slots with the best rows that can stand there; returns those added.

    Greedy, slot by slot: the highest score whose class is open, ties to the lower row. A row that
    ends the list is taken as soon as it may stand: no score says that there is more.
    """
    closing = progress.plan.closing.rows
    prior = prior.without(closing)
    added: list[int] = []
    while not progress.complete:
        ending = min((row for row in closing if progress.may_take(row)), default=None)
        if ending is None:
            added += _filled(progress, prior)
        else:
            progress.take(ending)
            added.append(ending)
    return added


def _filled(progress: Progress, prior: Prior) -> list[int]:
    """The rows added until the list is complete, or rows may stand that were barred before."""
    heads = {
        int(index): _Ranking(progress, prior, int(index))
        for index in np.flatnonzero(np.array(progress.plan.available) > 0)
    }
    added: list[int] = []
    while not progress.complete:
        best = [heads[int(index)].best() for index in np.flatnonzero(progress.open)]
        if not best:
            message = "the plan has no row left for an open slot"
            raise SpellingError(message)
        _, row = min(best)
        heads[int(progress.plan.class_of_row[row])].drop()
        progress.take(row)
        added.append(row)
        if len(progress.rows) == progress.plan.closing.after:
            break
    return added


class _Ranking:
    """The unused rows of one class, best first. Unscored rows are looked up only if reached."""

    def __init__(self, progress: Progress, prior: Prior, index: int) -> None:
        classes = progress.plan.class_of_row
        self._classes = classes
        self._index = index
        self._taken = frozenset(progress.barred)
        self._floor = prior.floor
        rows, scores = prior.only(classes[prior.rows] == index)
        order = np.lexsort((rows, -scores))
        self._scored = rows[order]
        self._queue = self._walk(scores[order])
        self._head = next(self._queue, EXHAUSTED)

    def best(self) -> tuple[float, int]:
        """Negated score and row of the head: the smallest is the best."""
        return self._head

    def drop(self) -> None:
        self._head = next(self._queue, EXHAUSTED)

    def _walk(self, scores: FloatArray) -> Iterator[tuple[float, int]]:
        for row, score in zip(self._scored.tolist(), scores.tolist(), strict=True):
            if row not in self._taken:
                yield -score, row
        scored = set(self._scored.tolist())
        for row in np.flatnonzero(self._classes == self._index).tolist():
            if row not in self._taken and row not in scored:
                yield -self._floor, row
