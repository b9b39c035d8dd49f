"""What most people choose: the retriever that always has an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from service.ports import Catalogue, RetrievalQuery, Scored
from service.retrieval.scores import as_scored
from service.steering.arrays import BoolArray, FloatArray, IntArray

FIRST_CHUNK: Final = 1024


@dataclass(frozen=True, slots=True)
class Popularity:
    """Implements ports.Retriever."""

    catalogue: Catalogue
    name: str = "popularity"

    def knows(self, query: RetrievalQuery) -> bool:
        """Always: it needs to know nothing of the user."""
        del query
        return True

    def score(self, query: RetrievalQuery, allowed: BoolArray, limit: int) -> Scored:
        """The most popular allowed rows."""
        del query
        rows = _first_allowed(self.catalogue.popular_rows, allowed, limit)
        return as_scored(rows, self.catalogue.popularity[rows])


def popularity_scores(counts: IntArray, smoothing: float = 1.0) -> FloatArray:
    """Log-probability of each row; `smoothing` interactions are added to every row."""
    smoothed = np.asarray(counts, dtype=np.float64) + smoothing
    scores: FloatArray = np.log(smoothed / smoothed.sum()).astype(np.float32)
    return scores


def _first_allowed(order: IntArray, allowed: BoolArray, limit: int) -> IntArray:
    """The first `limit` allowed rows of the order, in chunks that double: usually one suffices."""
    found: list[IntArray] = [np.empty(0, dtype=np.int64)]
    missing, start, length = limit, 0, FIRST_CHUNK
    while missing > 0 and start < len(order):
        chunk = np.asarray(order[start : start + length])
        hits = chunk[allowed[chunk]][:missing]
        found.append(hits)
        missing -= len(hits)
        start, length = start + length, length * 2
    return np.concatenate(found)
