"""A ranker bound to a catalogue: which of its items stand at which rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from threadpoolctl import threadpool_limits

from service.ports import Catalogue
from service.retrieval.ranker import Ranker
from service.retrieval.sasrec_scores import Scorer, Scores, scorer_of
from service.retrieval.sasrec_together import Together
from service.steering.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class BoundRanker:
    """Read-only, and safe to share between threads."""

    ranker: Ranker
    item_at: IntArray
    """The item of the net at each row; -1 where it knows none."""
    row_of: IntArray
    """The row of each item of the net; -1 where the catalogue no longer has it."""
    scorer: Scorer
    reading: Together[IntArray, FloatArray]

    def known(self, history: IntArray) -> IntArray:
        """The items of a history that the net knows, oldest first, each where it first stood."""
        rows = history[(history >= 0) & (history < len(self.item_at))]
        items = self.item_at[rows]
        items = items[items >= 0]
        _, first = np.unique(items, return_index=True)
        known: IntArray = items[np.sort(first)]
        return known

    def scores(self, items: IntArray) -> Scores:
        """What the net says after these items; read together with what others ask meanwhile."""
        return self.scorer.scores(self.reading.ask(items))


def bound(ranker: Ranker, catalogue: Catalogue) -> BoundRanker:
    """Find the items of a ranker in a catalogue."""
    _one_thread()
    row_of = np.asarray(catalogue.rows(ranker.ids), dtype=np.int64)
    there = np.flatnonzero(row_of >= 0)
    item_at = np.full(catalogue.size, -1, dtype=np.int64)
    item_at[row_of[there]] = there
    return BoundRanker(ranker, item_at, row_of, scorer_of(ranker), Together(ranker.net.read))


@cache
def _one_thread() -> None:
    """Keep numpy's products in the thread that asks.

    They are too small to share: with a second BLAS thread on a machine whose cores are busy, one
    pass in twenty took 128 ms instead of 0.7.
    """
    threadpool_limits(1, user_api="blas")
