"""What the words of a request name: the categories whose names stand in them.

Embeddings tell what a sentence is about, in which one name among many words counts for little. A
name that stands there as the catalogue writes it is worth more. One that is ruled out ("no
horror") is not what is wanted; it is passed over, since only controls forbid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, TypeAlias

import numpy as np

from service.ports import Catalogue, RetrievalQuery
from service.retrieval.category_names import Names
from service.retrieval.scores import best_first
from service.retrieval.words_said import words_said
from service.steering.arrays import BoolArray, FloatArray, IntArray

REMEMBERED: Final = 16
"""Wishes that are read once, though two questions are asked of each."""

Alike: TypeAlias = tuple[str, ...]
"""Categories whose names read alike: whoever names one names all of them."""


@dataclass(frozen=True, eq=False)
class Mentions:
    """Implements ports.Retriever."""

    catalogue: Catalogue
    name: str = "mentions"

    def knows(self, query: RetrievalQuery) -> bool:
        """Whether a category is named."""
        return bool(self._named(query.words))

    def opinion(self, query: RetrievalQuery) -> Mentioned:
        """How many of the named categories each row has."""
        counts = np.zeros(self.catalogue.size, dtype=np.float32)
        for alike in self._named(query.words):
            rows = np.concatenate([self.catalogue.postings(category) for category in alike])
            counts[np.unique(rows)] += 1
        return Mentioned(counts, self.catalogue.popular_rows)

    @cached_property
    def _named(self) -> Callable[[str], tuple[Alike, ...]]:
        return lru_cache(REMEMBERED)(lambda words: tuple(dict.fromkeys(self._found(words))))

    def _found(self, text: str) -> Iterator[Alike]:
        """The categories that are named, of names within names the longest."""
        words, at = words_said(text), 0
        read = tuple(word.read for word in words)
        while at < len(words):
            for width in range(min(self._names.widest, len(words) - at), 0, -1):
                alike = self._names.named_by(read[at : at + width], words[at])
                if alike:
                    break
            else:
                width, alike = 1, ()
            if alike and not words[at].unwanted:
                yield alike
            at += width

    @cached_property
    def _names(self) -> Names:
        return Names.of(self.catalogue.categories)


@dataclass(frozen=True, eq=False)
class Mentioned:
    """How many of the named categories each row has."""

    counts: FloatArray
    popular: IntArray

    def best(self, allowed: BoolArray, limit: int) -> IntArray:
        """Those with most of them, the popular ones before the others."""
        some = self.popular[allowed[self.popular] & (self.counts[self.popular] > 0)]
        order, _ = best_first(np.arange(len(some)), self.counts[some], limit)
        return some[order]

    def of(self, rows: IntArray) -> FloatArray:
        """How many of them each row has."""
        found: FloatArray = self.counts[rows]
        return found
