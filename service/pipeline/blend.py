"""The blend: what the retrievers say of rows, added up into one log-probability a row.

Each part speaks in its own unit; the weights, which are fitted on validation data, turn all of them
into nats (see `models.tune`). So the sum is a log-probability that fits what users did, and one
`prior_weight` against the model's own log-probabilities means the same on every catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from service.steering.arrays import FloatArray
from service.tuning import Blend, Situation, Tuning

POPULARITY: Final = "popularity"

UNTUNED: Final = Blend(
    {"sasrec": 1.0, "similarity": 4.0, "search": 15.0, "mentions": 2.0, POPULARITY: 0.1}
)
"""Where nothing was fitted. Round numbers: what follows users leads, what follows words more so."""

UNTUNED_WITHOUT_SASREC: Final = Blend(
    {"similarity": 10.0, "search": 15.0, "mentions": 2.0, POPULARITY: 0.3}
)


def blend_for(tuning: Tuning, situation: Situation, speaking: frozenset[str]) -> Blend:
    """How the parts that can speak are weighed against each other in a situation."""
    fitted = tuning.blends.get(situation)
    if fitted is not None:
        return fitted
    return UNTUNED if "sasrec" in speaking else UNTUNED_WITHOUT_SASREC


def blended(said: Mapping[str, FloatArray], blend: Blend, rows: int) -> FloatArray:
    """Log-probabilities of some rows by what each part says of them (NaN: nothing)."""
    total = np.zeros(rows)
    for name, scores in said.items():
        weight = blend.weights.get(name, 0.0)
        known = np.isfinite(scores)
        total += np.where(known, weight * np.where(known, scores, 0.0), blend.unknown.get(name, 0))
    if not rows:
        return total
    # Rounding may leave a hair above zero where one row holds all the probability.
    logs: FloatArray = np.minimum(total - np.logaddexp.reduce(total), 0.0)
    return logs
