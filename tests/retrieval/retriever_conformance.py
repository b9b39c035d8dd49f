"""What every retriever must do, real or fake: inherit and give `retriever` and `query`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from service.ports import RetrievalQuery, Retriever

HISTORY = RetrievalQuery(np.array([3, 1, 4, 1, 5]), "")
WORDS = RetrievalQuery(np.array([], dtype=np.int64), "something warm for the winter")
BOTH = RetrievalQuery(np.array([2]), "a gift")


class RetrieverConformance:
    size: int
    """How many rows the retriever's catalogue has."""

    @pytest.fixture
    def retriever(self) -> Retriever:
        raise NotImplementedError

    @pytest.fixture
    def query(self) -> RetrievalQuery:
        raise NotImplementedError

    def allowed(self, share: float) -> np.ndarray:
        return np.random.default_rng(7).random(self.size) < share

    def test_knows_the_query_and_has_a_name(
        self, retriever: Retriever, query: RetrievalQuery
    ) -> None:
        assert retriever.knows(query)
        assert retriever.name

    def test_knows_nothing_of_nobody_who_wants_nothing(self, retriever: Retriever) -> None:
        assert not retriever.knows(RetrievalQuery(np.array([], dtype=np.int64), " "))

    @pytest.mark.parametrize("share", [1.0, 0.5, 0.05])
    @pytest.mark.parametrize("limit", [1, 7, 10_000])
    def test_the_best_are_allowed_and_distinct(
        self, retriever: Retriever, query: RetrievalQuery, share: float, limit: int
    ) -> None:
        allowed = self.allowed(share)
        best = retriever.opinion(query).best(allowed, limit)
        assert allowed[best].all()
        assert len(set(best.tolist())) == len(best)
        assert 0 < len(best) <= min(limit, allowed.sum())

    def test_the_best_come_in_the_order_of_their_scores(
        self, retriever: Retriever, query: RetrievalQuery
    ) -> None:
        opinion = retriever.opinion(query)
        best = opinion.best(self.allowed(0.5), 1000)
        scores = opinion.of(best)
        assert np.isfinite(scores).all()
        assert (np.diff(scores) <= 0).all()

    def test_a_row_has_one_score_whatever_stands_beside_it(
        self, retriever: Retriever, query: RetrievalQuery
    ) -> None:
        opinion = retriever.opinion(query)
        rows = np.arange(self.size)
        every = opinion.of(rows)
        assert every.shape == rows.shape
        dice = np.random.default_rng(3)
        for few in (rows[:1], rows[::-7], dice.choice(rows, 5, replace=False)):
            np.testing.assert_array_equal(opinion.of(few), every[few])

    def test_the_same_question_has_the_same_answer(
        self, retriever: Retriever, query: RetrievalQuery
    ) -> None:
        first, second = (retriever.opinion(query) for _ in range(2))
        best = first.best(self.allowed(0.5), 9)
        np.testing.assert_array_equal(best, second.best(self.allowed(0.5), 9))
        np.testing.assert_array_equal(first.of(best), second.of(best))

    def test_a_smaller_limit_keeps_the_best(
        self, retriever: Retriever, query: RetrievalQuery
    ) -> None:
        opinion = retriever.opinion(query)
        many = opinion.best(self.allowed(0.5), 1000)
        few = opinion.best(self.allowed(0.5), 3)
        others = opinion.of(many[~np.isin(many, few)])
        assert (others <= opinion.of(few).min()).all()

    @pytest.mark.parametrize("limit", [0, 5])
    def test_nothing_allowed_is_nothing_found(
        self, retriever: Retriever, query: RetrievalQuery, limit: int
    ) -> None:
        nothing = np.zeros(self.size, dtype=np.bool_)
        assert len(retriever.opinion(query).best(nothing, limit)) == 0
        assert len(retriever.opinion(query).of(np.zeros(0, dtype=np.int64))) == 0

    def test_limit_of_nothing_is_nothing(self, retriever: Retriever, query: RetrievalQuery) -> None:
        assert len(retriever.opinion(query).best(self.allowed(1.0), 0)) == 0

    def test_threads_do_not_disturb_each_other(
        self, retriever: Retriever, query: RetrievalQuery
    ) -> None:
        def ask(_turn: int) -> list[float]:
            opinion = retriever.opinion(query)
            scores: list[float] = opinion.of(opinion.best(self.allowed(1.0), 5)).tolist()
            return scores

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, range(32)))
        np.testing.assert_allclose(answers, [answers[0]] * 32, rtol=1e-5)
