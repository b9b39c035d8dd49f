"""The places of all rows in SASRec's ranking for one history, as the rewards ask for them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from service.errors import BadInput
from service.ports import Catalogue
from service.retrieval.ranker import load_ranker, ranker_root
from service.retrieval.ranker_bound import BoundRanker, bound
from service.steering.arrays import IntArray
from service.versions import CURRENT_FILE

KEPT: Final = 256
"""Rankings kept: the answers of a group come one after another."""


class Ranks:
    """Rankings of a catalogue's rows, by a history."""

    def __init__(self, catalogue: Catalogue, ranker: BoundRanker) -> None:
        self._catalogue = catalogue
        self._ranker = ranker
        self._kept = lru_cache(maxsize=KEPT)(self._places)

    def knows(self, history: tuple[str, ...]) -> bool:
        """Whether anything can be said after a history."""
        return bool(len(self._ranker.known(self._catalogue.rows(history))))

    def after(self, history: tuple[str, ...]) -> IntArray:
        """The place of each row among those outside the history, from 0.

        Rows that the ranker does not know share the place behind all that it knows.
        """
        return self._kept(history)

    def _places(self, history: tuple[str, ...]) -> IntArray:
        rows = self._catalogue.rows(history)
        ranked = self._ranker.item_at >= 0
        ranked[rows[rows >= 0]] = False
        candidates = np.flatnonzero(ranked)
        scores = self._ranker.scores(self._ranker.known(rows))
        order = np.argsort(-scores.of(self._ranker.item_at[candidates]), kind="stable")
        found = np.full(self._catalogue.size, len(candidates), dtype=np.int64)
        found[candidates[order]] = np.arange(len(candidates))
        return found


def ranks_beside(path: Path, catalogue: Catalogue) -> Ranks:
    """The rankings of the ranker beside a catalogue; BadInput if there is none."""
    root = ranker_root(path)
    if not (root / CURRENT_FILE).exists():
        raise BadInput(
            f"There is no ranker in {root}, and the rewards need its ranks.",
            hint=f"Train it: listwright train --catalogue {path}",
        )
    return Ranks(catalogue, bound(load_ranker(root), catalogue))
