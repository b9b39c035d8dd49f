"""The few operations on scored rows that every retriever shares."""

from __future__ import annotations

import numpy as np

from service.ports import Scored
from service.steering.arrays import FloatArray, IntArray


def best_first(rows: IntArray, scores: FloatArray, limit: int) -> tuple[IntArray, FloatArray]:
    """The `limit` best, best first; equal scores by row."""
    if limit <= 0:
        return rows[:0], scores[:0]
    if limit < len(scores):
        # Everything that ties with the last place stays in, for the row to decide.
        place = len(scores) - limit
        kept = np.flatnonzero(scores >= np.partition(scores, place)[place])
        rows, scores = rows[kept], scores[kept]
    order = np.lexsort((rows, -scores))[:limit]
    return rows[order], scores[order]


def as_scored(rows: IntArray, logits: FloatArray) -> Scored:
    """Distinct rows in any order and their logits, as rows in order and log-probabilities."""
    if not len(rows):
        return Scored(rows=np.empty(0, dtype=np.int64), scores=np.empty(0, dtype=np.float64))
    order = np.argsort(rows)
    wide = logits[order].astype(np.float64)
    total = np.logaddexp.reduce(wide)
    # Rounding may leave a hair above zero where one row holds all the probability.
    return Scored(rows=rows[order].astype(np.int64), scores=np.minimum(wide - total, 0.0))
