"""Several retrievers' answers as one distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from service.errors import BadSettings
from service.ports import Scored
from service.retrieval.scores import as_scored


def mix(parts: Sequence[tuple[Scored, float]]) -> Scored:
    """The weighted mean of the parts' probabilities over the union of their rows, as logs.

    Parts that found nothing, or weigh nothing, leave their share to the others.
    """
    if any(not math.isfinite(weight) or weight < 0 for _, weight in parts):
        raise BadSettings("The weights of retrievers must be finite and not below zero.")
    spoken = [(part, weight) for part, weight in parts if weight > 0 and len(part.rows)]
    if not spoken:
        return as_scored(np.empty(0, dtype=np.int64), np.empty(0))
    rows, places = np.unique(np.concatenate([part.rows for part, _ in spoken]), return_inverse=True)
    # No need to make the weights sum to one: as_scored divides by the total.
    weighted = np.concatenate(
        [part.scores.astype(np.float64) + math.log(weight) for part, weight in spoken]
    )
    logits = np.full(len(rows), -np.inf)
    np.logaddexp.at(logits, places, weighted)
    return as_scored(rows, logits)
