"""A catalogue in memory: what the retrievers read of one, with real arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.retrieval.popularity import popularity_scores
from service.steering.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Shelf:
    counts: IntArray
    embeddings: FloatArray | None = None

    @property
    def size(self) -> int:
        return len(self.counts)

    @property
    def meetings(self) -> IntArray:
        return self.counts

    @property
    def popularity(self) -> FloatArray:
        return popularity_scores(self.counts)

    @property
    def popular_rows(self) -> IntArray:
        return np.argsort(-self.counts, kind="stable")


def unit_rows(seed: int, size: int, dimension: int) -> FloatArray:
    vectors = np.random.default_rng(seed).normal(size=(size, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
