"""What the words of a request name: the categories whose names stand in them.

Embeddings tell what a sentence is about, in which one name among many words counts for little. A
name that stands there as the catalogue writes it is worth more. One that is ruled out ("no
horror") is not what is wanted; it is passed over, since only controls forbid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from service.ports import Catalogue, RetrievalQuery
from service.retrieval.scores import best_first
from service.steering.arrays import BoolArray, FloatArray, IntArray

WORD: Final = re.compile(r"\w+(?:['\u2019]\w+)*")
READ: Final = 400
"""Words of a request that are looked at."""

RULED_OUT: Final = frozenset(
    {"no", "not", "non", "without", "except", "never", "avoid", "hate", "nothing", "less"}
)
NEAR: Final = 2
"""How far before a name a word stands that rules it out."""


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
        for category in self._named(query.words):
            counts[self.catalogue.postings(category)] += 1
        return Mentioned(counts, self.catalogue.popular_rows)

    def _named(self, words: str) -> Sequence[str]:
        """The categories that are named, of names within names the longest."""
        said = _read(words)[:READ]
        found: list[str] = []
        at = 0
        while at < len(said):
            width, category = self._longest(said, at)
            if category is not None and not RULED_OUT.intersection(said[max(0, at - NEAR) : at]):
                found.append(category)
            at += width
        return list(dict.fromkeys(found))

    def _longest(self, said: Sequence[str], at: int) -> tuple[int, str | None]:
        for width in range(min(self._widest, len(said) - at), 0, -1):
            category = self._names.get(tuple(said[at : at + width]))
            if category is not None:
                return width, category
        return 1, None

    @cached_property
    def _names(self) -> Mapping[tuple[str, ...], str]:
        names = {_read(category): category for category in self.catalogue.categories}
        names.pop((), None)  # a name of signs alone is in no text
        return names

    @cached_property
    def _widest(self) -> int:
        return max(map(len, self._names), default=0)


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


def _read(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in WORD.findall(text))
