"""What every retriever must do, real or fake: inherit and give `retriever` and `query`."""

from __future__ import annotations

import numpy as np
import pytest

from service.ports import RetrievalQuery, Retriever


class RetrieverConformance:
    size: int
    """How many rows the retriever's catalogue has."""

    @pytest.fixture
    def retriever(self) -> Retriever:
        raise NotImplementedError

    @pytest.fixture(
        params=[
            RetrievalQuery(np.array([3, 1, 4, 1, 5]), ""),
            RetrievalQuery(np.array([], dtype=np.int64), "something warm for the winter"),
            RetrievalQuery(np.array([2]), "a gift"),
        ],
        ids=["history", "words", "both"],
    )
    def query(self, request: pytest.FixtureRequest) -> RetrievalQuery:
        return request.param

    def allowed(self, share: float) -> np.ndarray:
        return np.random.default_rng(7).random(self.size) < share

    def test_knows_the_query_and_has_a_name(
        self, retriever: Retriever, query: RetrievalQuery
    ) -> None:
        assert retriever.knows(query)
        assert retriever.name

    @pytest.mark.parametrize("share", [1.0, 0.5, 0.05])
    @pytest.mark.parametrize("limit", [1, 7, 10_000])
    def test_rows_are_allowed_sorted_distinct_and_as_many_as_can_be(
        self, retriever: Retriever, query: RetrievalQuery, share: float, limit: int
    ) -> None:
        allowed = self.allowed(share)
        rows = retriever.score(query, allowed, limit).rows
        assert allowed[rows].all()
        assert (np.diff(rows) > 0).all()
        assert 0 < len(rows) <= min(limit, allowed.sum())

    @pytest.mark.parametrize("limit", [1, 7, 10_000])
    def test_scores_are_normalised_log_probabilities(
        self, retriever: Retriever, query: RetrievalQuery, limit: int
    ) -> None:
        scored = retriever.score(query, self.allowed(0.5), limit)
        assert scored.scores.shape == scored.rows.shape
        assert np.isfinite(scored.scores).all()
        assert (scored.scores <= 0).all()
        assert np.exp(scored.scores).sum() == pytest.approx(1.0)

    def test_the_same_question_has_the_same_answer(
        self, retriever: Retriever, query: RetrievalQuery
    ) -> None:
        first, second = (retriever.score(query, self.allowed(0.5), 9) for _ in range(2))
        np.testing.assert_array_equal(first.rows, second.rows)
        np.testing.assert_array_equal(first.scores, second.scores)

    def test_a_smaller_limit_keeps_the_best(
        self, retriever: Retriever, query: RetrievalQuery
    ) -> None:
        allowed = self.allowed(0.5)
        many = retriever.score(query, allowed, 1000)
        few = retriever.score(query, allowed, 3)
        worst_kept = many.scores[np.isin(many.rows, few.rows)].min()
        assert (many.scores[~np.isin(many.rows, few.rows)] <= worst_kept).all()

    @pytest.mark.parametrize("limit", [0, 5])
    def test_nothing_allowed_is_nothing_found(
        self, retriever: Retriever, query: RetrievalQuery, limit: int
    ) -> None:
        scored = retriever.score(query, np.zeros(self.size, dtype=np.bool_), limit)
        assert len(scored.rows) == len(scored.scores) == 0

    def test_one_allowed_row_is_certain(self, retriever: Retriever, query: RetrievalQuery) -> None:
        allowed = np.zeros(self.size, dtype=np.bool_)
        allowed[self.size - 1] = True
        scored = retriever.score(query, allowed, 5)
        assert scored.rows.tolist() == [self.size - 1]
        assert scored.scores.tolist() == [0.0]

    def test_limit_of_nothing_is_nothing(self, retriever: Retriever, query: RetrievalQuery) -> None:
        assert len(retriever.score(query, self.allowed(1.0), 0).rows) == 0
