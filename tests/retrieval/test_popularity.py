from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.retrieval.popularity import popularity_scores


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_scores_are_a_distribution_in_the_order_of_the_counts(counts: list[int]) -> None:
    scores = popularity_scores(np.array(counts))
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert np.exp(scores.astype(np.float64)).sum() == pytest.approx(1.0, rel=1e-4)
    assert (np.diff(scores[np.argsort(counts)]) >= 0).all()


def test_no_rows_have_no_scores() -> None:
    assert popularity_scores(np.array([], dtype=np.int64)).shape == (0,)
