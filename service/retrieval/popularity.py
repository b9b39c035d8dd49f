"""How popular items are: the pipeline's answer when it knows no more."""

from __future__ import annotations

import numpy as np

from service.steering.arrays import FloatArray, IntArray


def popularity_scores(counts: IntArray, smoothing: float = 1.0) -> FloatArray:
    """Log-probability of each row; `smoothing` interactions are added to every row."""
    smoothed = np.asarray(counts, dtype=np.float64) + smoothing
    scores: FloatArray = np.log(smoothed / smoothed.sum()).astype(np.float32)
    return scores
