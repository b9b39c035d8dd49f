"""The embeddings of a catalogue, for every retriever that compares by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import faiss
import numpy as np

from service.errors import DamagedArtifact
from service.ports import FEW, Catalogue
from service.retrieval.index import search
from service.steering.arrays import BoolArray, FloatArray, IntArray

COSINES_BYTES: Final = 32 << 20


@dataclass(frozen=True, eq=False)
class Vectors:
    """The embeddings of a catalogue, and the index over them."""

    catalogue: Catalogue
    index: faiss.Index

    def __post_init__(self) -> None:
        built = (self.index.ntotal, self.index.d)
        if built != self.all.shape or len(self.all) != self.catalogue.size:
            raise DamagedArtifact(
                f"Index {built} and embeddings {self.all.shape} "
                f"do not fit this catalogue of {self.catalogue.size} items."
            )

    @property
    def all(self) -> FloatArray:
        """One unit vector a row."""
        embeddings = self.catalogue.embeddings
        if embeddings is None:
            raise DamagedArtifact("The catalogue was built without similarity.")
        return embeddings

    @cached_property
    def few(self) -> FloatArray | None:
        """All of them in memory, where there are few: to score every one is as quick as a search.

        And the index may miss some.
        """
        return np.array(self.all, dtype=np.float32) if len(self.all) <= FEW else None

    @cached_property
    def cosines(self) -> Callable[[int], FloatArray]:
        """The cosines of all with the vector at a row, where there are few.

        They are kept: many histories hold the same rows.
        """

        def cosines(row: int) -> FloatArray:
            # vecdot, not a matrix product: that one rounds by position, and equal titles differ.
            found: FloatArray = np.vecdot(few, few[row])
            return found

        few = self.all if self.few is None else self.few
        return lru_cache(max(1, COSINES_BYTES // (few.itemsize * len(few))))(cosines)

    def of(self, rows: IntArray) -> FloatArray:
        """The vectors of some rows."""
        return np.asarray(self.all[rows], dtype=np.float32)

    def nearest(self, target: FloatArray, allowed: BoolArray, limit: int) -> IntArray:
        """The allowed rows nearest to a vector, best first."""
        return search(self.index, self.all, target, allowed, limit)[0]

    def known(self, rows: IntArray) -> IntArray:
        """Those of the rows that there are."""
        return rows[(rows >= 0) & (rows < self.catalogue.size)]
