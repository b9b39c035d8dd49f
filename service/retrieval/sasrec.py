"""What is likely to come next after a history, as SASRec learnt it from other users' histories.

Nothing is said about items the net was not trained on: they are passed over in a history, and
have no score. A score is in nats above what chance would say, whatever the catalogue's size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from service.ports import RetrievalQuery
from service.retrieval.ranker_bound import BoundRanker
from service.retrieval.sasrec_scores import Scores
from service.steering.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class SasRec:
    """Implements ports.Retriever."""

    ranker: Callable[[], BoundRanker | None]
    """The one in use now; None as long as there is none."""
    name: str = "sasrec"

    def knows(self, query: RetrievalQuery) -> bool:
        """Whether there is a ranker, and it knows something of the history."""
        ranker = self.ranker()
        return ranker is not None and bool(len(ranker.known(query.history)))

    def opinion(self, query: RetrievalQuery) -> SasRecOpinion:
        """What the ranker now in use says, and goes on saying should it be replaced."""
        ranker = self.ranker()
        if ranker is None:
            return SasRecOpinion(None, None)
        known = ranker.known(query.history)
        # A ranker that came after `knows` was asked may know nothing of this history.
        return SasRecOpinion(ranker, ranker.scores(known) if len(known) else None)


@dataclass(frozen=True, slots=True)
class SasRecOpinion:
    """Implements ports.Opinion and ports.Learnt."""

    ranker: BoundRanker | None
    scores: Scores | None
    """None where it has nothing to say."""

    @property
    def version(self) -> str | None:
        """The version of the ranker that speaks."""
        return self.ranker.ranker.version if self.ranker and self.scores else None

    def best(self, allowed: BoolArray, limit: int) -> IntArray:
        """At most `limit` of the allowed rows, the likeliest first, equal ones by row."""
        if self.ranker is None or self.scores is None:
            return np.zeros(0, dtype=np.int64)
        row_of = self.ranker.row_of
        return self.scores.best(allowed[row_of] & (row_of >= 0), limit, row_of)

    def of(self, rows: IntArray) -> FloatArray:
        """The score of each row; NaN for one that the net was not trained on."""
        scores = np.full(len(rows), np.nan, dtype=np.float32)
        if self.ranker is not None and self.scores is not None:
            items = self.ranker.item_at[rows]
            known = items >= 0
            scores[known] = self.scores.of(items[known])
        return scores
