"""Several retrievers' answers as one distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from service.ports import Scored


def mix(parts: Sequence[tuple[Scored, float]]) -> Scored:
    """The weighted mean of the parts' probabilities over the union of their rows, as logs.

    Parts that found nothing, or weigh nothing, leave their share to the others.
    """
    spoken = [(part, weight) for part, weight in parts if weight > 0 and len(part.rows)]
    if not spoken:
        return Scored(np.zeros(0, dtype=np.int64), np.zeros(0))
    rows, places = np.unique(np.concatenate([part.rows for part, _ in spoken]), return_inverse=True)
    logs = np.full(len(rows), -np.inf)
    weighted = [np.asarray(part.scores, dtype=np.float64) + math.log(w) for part, w in spoken]
    np.logaddexp.at(logs, places, np.concatenate(weighted))
    # Rounding may leave a hair above zero where one row holds all the probability.
    return Scored(rows, np.minimum(logs - np.logaddexp.reduce(logs), 0.0))
