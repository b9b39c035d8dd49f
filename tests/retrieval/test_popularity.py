from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from retriever_conformance import RetrieverConformance
from shelf import Shelf

from service.ports import RetrievalQuery
from service.retrieval.popularity import FIRST_CHUNK, Popularity, popularity_scores

NOBODY = RetrievalQuery(np.array([], dtype=np.int64), "")


class TestConformance(RetrieverConformance):
    size = 300

    @pytest.fixture
    def retriever(self) -> Popularity:
        counts = np.random.default_rng(1).poisson(3, self.size)
        return Popularity(Shelf(counts))


def test_knows_even_nobody() -> None:
    assert Popularity(Shelf(np.array([1]))).knows(NOBODY)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=60),
    st.integers(0, 70),
)
def test_equals_brute_force(rows: list[tuple[int, bool]], limit: int) -> None:
    counts = np.array([count for count, _ in rows], dtype=np.int64)
    allowed = np.array([allow for _, allow in rows], dtype=np.bool_)
    shelf = Shelf(counts)
    scored = Popularity(shelf).score(NOBODY, allowed, limit)
    best = [row for row in shelf.popular_rows if allowed[row]][:limit]
    assert scored.rows.tolist() == sorted(best)
    if best:
        expected = np.exp(shelf.popularity[sorted(best)].astype(np.float64))
        np.testing.assert_allclose(np.exp(scored.scores), expected / expected.sum(), rtol=1e-5)


def test_finds_the_last_row_of_the_order_behind_many_chunks() -> None:
    size = FIRST_CHUNK * 9 + 5
    counts = np.arange(size)[::-1].copy()
    allowed = np.zeros(size, dtype=np.bool_)
    allowed[[0, FIRST_CHUNK * 3, size - 1]] = True
    scored = Popularity(Shelf(counts)).score(NOBODY, allowed, 3)
    assert scored.rows.tolist() == [0, FIRST_CHUNK * 3, size - 1]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_scores_are_a_distribution_in_the_order_of_the_counts(counts: list[int]) -> None:
    scores = popularity_scores(np.array(counts))
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert np.exp(scores.astype(np.float64)).sum() == pytest.approx(1.0, rel=1e-4)
    assert (np.diff(scores[np.argsort(counts)]) >= 0).all()


def test_no_rows_have_no_scores() -> None:
    assert popularity_scores(np.array([], dtype=np.int64)).shape == (0,)
