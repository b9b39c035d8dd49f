"""The teacher: a trained SASRec that orders what follows the true next item.

What SASRec knows nothing of comes last, the popular first, and where it knows nothing of a
history, popularity alone decides: as the evaluator's row of SASRec alone does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.evaluate.recommend.rows import HARDLY, UNKNOWN
from service.ports import Catalogue, RetrievalQuery, Retriever
from service.steering.arrays import FloatArray, IntArray
from service.steering.plan import Plan
from service.steering.prior import Prior
from service.steering.progress import Progress
from service.steering.select import select


@dataclass(frozen=True, slots=True)
class Teacher:
    """Fills lists."""

    catalogue: Catalogue
    retriever: Retriever | None = None
    """SASRec; without one popularity teaches."""

    def filled(self, plan: Plan, target: int, history: IntArray) -> list[int]:
        """A list under the plan: the target's row first, then the teacher's ranking."""
        progress = Progress(plan)
        progress.take(target)
        select(progress, best_of(plan, self.scores(history)))
        return progress.rows

    def scores(self, history: IntArray) -> FloatArray:
        """Of every row, what the teacher thinks after a history of rows."""
        popularity = self.catalogue.popularity
        query = RetrievalQuery(history, "")
        if self.retriever is None or not self.retriever.knows(query):
            return np.asarray(popularity, dtype=np.float64)
        found = self.retriever.opinion(query).of(np.arange(self.catalogue.size))
        scores = np.where(np.isnan(found), UNKNOWN, found).astype(np.float64)
        return np.asarray(scores + HARDLY * popularity)


def best_of(plan: Plan, scores: FloatArray) -> Prior:
    """The scores of all rows that a list can come to, which are few of a large catalogue.

    No list takes more than k rows of a class, and one of those it takes is the target.
    """
    kept = [
        _best(np.flatnonzero(plan.class_of_row == index), scores, plan.k + 1)
        for index in range(len(plan.available))
    ]
    rows = np.concatenate(kept)
    return Prior.over(rows, scores[rows])


def _best(rows: IntArray, scores: FloatArray, most: int) -> IntArray:
    """The best rows, and all that are as good as the last of them."""
    if len(rows) <= most:
        return rows
    least = np.partition(scores[rows], -most)[-most]
    best: IntArray = rows[scores[rows] >= least]
    return best
