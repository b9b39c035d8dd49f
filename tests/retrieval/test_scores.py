from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.retrieval.scores import best_first


@given(st.lists(st.integers(-3, 3), max_size=30), st.integers(-1, 35))
def test_best_first_breaks_ties_by_row(values: list[int], limit: int) -> None:
    rows = np.random.default_rng(len(values)).permutation(len(values))
    scores = np.array(values, dtype=np.float32)
    best, best_scores = best_first(rows, scores, limit)
    expected = sorted(zip(-scores, rows, strict=True))[: max(limit, 0)]
    assert best.tolist() == [row for _, row in expected]
    assert best_scores.tolist() == [-score for score, _ in expected]
