"""The prior: what the retrievers think of items, as the speller and `select` read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.steering.arrays import BoolArray, FloatArray, IntArray

FLOOR_BELOW: Final = 1.0
"""How far below the least score, in nats, the rows stand that nobody scored."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A log-probability for some rows (sorted), and one floor for all the others."""

    rows: IntArray
    scores: FloatArray
    floor: float

    @classmethod
    def over(cls, rows: IntArray, scores: FloatArray) -> Prior:
        """Scores for these rows, in any order; the floor is below the least of them."""
        order = np.argsort(rows, kind="stable")
        scores = np.asarray(scores, dtype=np.float64)[order]
        if not np.all(np.isfinite(scores)):
            message = "a prior's scores must be finite"
            raise ValueError(message)
        rows = np.asarray(rows)[order]
        if np.any(rows[1:] == rows[:-1]):
            message = "a prior scores each row once"
            raise ValueError(message)
        return cls(rows, scores, float(scores.min()) - FLOOR_BELOW if len(scores) else 0.0)

    @classmethod
    def flat(cls) -> Prior:
        """No opinion."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0), 0.0)

    def without(self, rows: Sequence[int]) -> Prior:
        """The same as if it had never scored some rows."""
        if not rows:
            return self
        kept = ~np.isin(self.rows, rows)
        return Prior.over(self.rows[kept], self.scores[kept])

    def of(self, rows: IntArray) -> FloatArray:
        """The score of each of some rows."""
        result = np.full(len(rows), self.floor)
        if len(self.rows):
            at = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
            known = self.rows[at] == rows
            result[known] = self.scores[at[known]]
        return result

    def score(self, row: int) -> float:
        """The score of one row: a tenth of what it takes for several."""
        at = int(self.rows.searchsorted(row))
        scored = at < len(self.rows) and self.rows[at] == row
        return float(self.scores[at]) if scored else self.floor

    def only(self, mask: BoolArray) -> tuple[IntArray, FloatArray]:
        """Scored rows where the mask over them holds."""
        return self.rows[mask], self.scores[mask]
