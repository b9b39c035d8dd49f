"""What the words of a request mean, by the items' embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from service.errors import DamagedArtifact
from service.ports import Encoder, RetrievalQuery
from service.retrieval.index import cosines
from service.retrieval.scores import best_first
from service.retrieval.vectors import Vectors
from service.steering.arrays import BoolArray, FloatArray, IntArray

CROWD: Final = 50
"""Kinds of items that any words come near to."""


@dataclass(frozen=True, slots=True)
class Search:
    """Implements ports.Retriever: what the words of a request mean."""

    vectors: Vectors
    encoder: Encoder
    name: str = "search"

    def __post_init__(self) -> None:
        dimension = self.vectors.index.d
        if dimension != self.encoder.dimension:
            raise DamagedArtifact(
                f"The index has vectors of {dimension} numbers,"
                f" the encoder {self.encoder.name} makes {self.encoder.dimension}."
            )

    def knows(self, query: RetrievalQuery) -> bool:
        """Whether there are words."""
        return bool(query.words.strip())

    def opinion(self, query: RetrievalQuery) -> Meaning:
        """How near each row is to what the words mean."""
        return Meaning(self.vectors, self.encoder.encode([query.words])[0])


@dataclass(frozen=True, eq=False)
class Meaning:
    """Implements ports.Pronounced: a row's cosine with the words.

    A title that is meant is far nearer to its words than anything else; vague words come about as
    near to a crowd, wherever they point.
    """

    vectors: Vectors
    words: FloatArray

    def best(self, allowed: BoolArray, limit: int) -> IntArray:
        """The nearest rows."""
        if self._every is None:
            return self.vectors.nearest(self.words, allowed, limit)
        rows = np.flatnonzero(allowed)
        return best_first(rows, self._every[rows], limit)[0]

    def of(self, rows: IntArray) -> FloatArray:
        """How near each row is, in units of cosine."""
        if self._every is None:
            return cosines(self.vectors.all, rows, self.words)
        return self._every[rows]

    def crowd(self) -> float:
        """What the words come near to in any case, whatever a list may hold.

        Rows with the same title and categories are one: variants do not make it common.
        """
        return float(self._nearest_kinds()[-CROWD:][0])

    def _nearest_kinds(self) -> FloatArray:
        """The nearest cosines that differ, or all of them; the best last."""
        if self._every is not None:
            return np.unique(self._every)
        size = self.vectors.catalogue.size
        everywhere, limit = np.ones(size, dtype=np.bool_), 2 * CROWD
        while True:
            nearest = np.unique(self.of(self.best(everywhere, limit)))
            if len(nearest) >= CROWD or limit >= size:
                return nearest
            limit *= 4

    @cached_property
    def _every(self) -> FloatArray | None:
        few = self.vectors.few
        return None if few is None else np.vecdot(few, self.words)
