"""The order of scored rows that every retriever keeps."""

from __future__ import annotations

import numpy as np

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
