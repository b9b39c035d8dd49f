from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import ringroad
from hypothesis import given
from hypothesis import strategies as st
from retriever_conformance import BOTH, HISTORY, WORDS, RetrieverConformance
from ringroad import any_net, bind, ranker

from models.sasrec.config import Config
from service.ports import Learnt, Opinion, RetrievalQuery, Retriever
from service.retrieval.index import build_index
from service.retrieval.ranker_bound import BoundRanker, bound
from service.retrieval.sasrec import SasRec
from service.retrieval.sasrec_scores import Every, Nearest
from service.steering.arrays import FloatArray, IntArray

SMALL = Config(dimension=8, heads=2, length=6)
KNOWN = [f"k{n}" for n in range(400)]
NEW = [f"new{n}" for n in range(100)]
GONE = 20
SHELF = sorted(KNOWN[GONE:] + NEW)
"""A catalogue that has lost some of the items, and has others the net never saw."""


def asked(*rows: int) -> RetrievalQuery:
    return RetrievalQuery(np.array(rows, dtype=np.int64), "")


def row(name: str) -> int:
    return SHELF.index(name)


@pytest.fixture(scope="module")
def bound_ranker() -> BoundRanker:
    return bind(any_net(len(KNOWN), SMALL), KNOWN, SHELF)


@pytest.fixture(scope="module")
def sasrec(bound_ranker: BoundRanker) -> SasRec:
    return SasRec(lambda: bound_ranker)


class TestConformance(RetrieverConformance):
    size = len(SHELF)

    @pytest.fixture
    def retriever(self, sasrec: SasRec) -> Retriever:
        return sasrec

    @pytest.fixture(params=[HISTORY, BOTH])
    def query(self, request: pytest.FixtureRequest) -> RetrievalQuery:
        query: RetrievalQuery = request.param
        return query


class TestConformanceThroughAnIndex(RetrieverConformance):
    size = len(SHELF)

    @pytest.fixture
    def retriever(self) -> Retriever:
        net = any_net(len(KNOWN), SMALL)
        made = bound(ranker(net, KNOWN, build_index(net.items)), ringroad.Rack(SHELF))
        assert isinstance(made.scorer, Nearest)
        return SasRec(lambda: made)

    @pytest.fixture
    def query(self) -> RetrievalQuery:
        return HISTORY


def log_softmax(values: FloatArray) -> FloatArray:
    wide = values.astype(np.float64)
    return wide - np.log(np.exp(wide).sum())


class TestScores:
    def test_are_nats_above_chance_among_all_that_the_net_knows(
        self, sasrec: SasRec, bound_ranker: BoundRanker
    ) -> None:
        net = bound_ranker.ranker.net
        history = [row("k50"), row("k60"), row("k70")]
        logits = net.items @ net.read([np.array([50, 60, 70])])[0]
        expected = log_softmax(logits) + np.log(len(KNOWN))
        rows = np.array([row(name) for name in KNOWN[GONE:]])
        found = sasrec.opinion(asked(*history)).of(rows)
        np.testing.assert_allclose(found, expected[GONE:], atol=1e-4)

    def test_of_what_the_net_never_saw_are_none(self, sasrec: SasRec) -> None:
        scores = sasrec.opinion(HISTORY).of(np.arange(len(SHELF)))
        assert [SHELF[n] for n in np.flatnonzero(np.isnan(scores))] == sorted(NEW)

    def test_do_not_depend_on_how_many_items_there_are(self) -> None:
        net = any_net(40, SMALL)
        ids = [f"i{n}" for n in range(80)]
        twice = replace(
            net,
            shape=replace(net.shape, items=80),
            tensors={**net.tensors, "items": np.concatenate([net.items, net.items])},
        )
        one, other = (
            SasRec(lambda made=made: made)
            for made in (bind(net, ids[:40], ids[:40]), bind(twice, ids, ids))
        )
        rows = np.arange(40)
        np.testing.assert_allclose(
            one.opinion(asked(3, 4)).of(rows), other.opinion(asked(3, 4)).of(rows), atol=1e-5
        )


class TestBest:
    @given(data=st.data())
    def test_are_the_best_of_those_allowed_that_the_net_knows(
        self, sasrec: SasRec, data: st.DataObject
    ) -> None:
        size = len(SHELF)
        history = data.draw(st.lists(st.sampled_from(range(size)), max_size=8))
        dice = np.random.default_rng(data.draw(st.integers(0, 99)))
        allowed = dice.random(size) < data.draw(st.sampled_from([0.0, 0.05, 0.5, 1.0]))
        limit = data.draw(st.integers(-1, size + 5))
        opinion = sasrec.opinion(asked(*history))
        scores = opinion.of(np.arange(size))
        able = [n for n in range(size) if allowed[n] and not np.isnan(scores[n])]
        expected = sorted(able, key=lambda n: (-scores[n], n))[: max(0, limit)]
        assert opinion.best(allowed, limit).tolist() == expected

    def test_what_is_equal_comes_by_row(self) -> None:
        net = any_net(6, SMALL)
        same = replace(net, tensors={**net.tensors, "items": np.ones((6, 8), dtype=np.float32)})
        ids = list("fedcba")
        made = bind(same, ids, sorted(ids))
        opinion = SasRec(lambda: made).opinion(asked(2))
        for limit in (2, 6):
            best = opinion.best(np.ones(6, dtype=np.bool_), limit)
            assert best.tolist() == list(range(limit))

    def test_follow_the_ring_that_was_learnt(self) -> None:
        made = bind(ringroad.trained().net, ringroad.IDS, ringroad.IDS)
        sasrec = SasRec(lambda: made)
        for first in range(ringroad.ITEMS):
            walk = [(first + n) % ringroad.ITEMS for n in range(4)]
            allowed = np.ones(ringroad.ITEMS, dtype=np.bool_)
            allowed[walk] = False
            best = sasrec.opinion(asked(*walk)).best(allowed, 1)
            assert best.tolist() == [(first + 4) % ringroad.ITEMS]


class TestHistory:
    def of(self, sasrec: SasRec, *rows: int) -> list[float]:
        scores: list[float] = sasrec.opinion(asked(*rows)).of(np.arange(len(SHELF))).tolist()
        return scores

    def test_what_the_net_never_saw_is_passed_over(self, sasrec: SasRec) -> None:
        known = [row("k30"), row("k200")]
        mixed = [row("new1"), known[0], row("new2"), known[1], row("new3")]
        np.testing.assert_array_equal(self.of(sasrec, *mixed), self.of(sasrec, *known))

    def test_rows_that_are_none_are_passed_over(self, sasrec: SasRec) -> None:
        known = [row("k30"), row("k200")]
        strange = [-1, known[0], 10**9, known[1], len(SHELF)]
        np.testing.assert_array_equal(self.of(sasrec, *strange), self.of(sasrec, *known))

    def test_a_repeated_item_counts_where_it_first_stood(self, sasrec: SasRec) -> None:
        a, b = row("k30"), row("k200")
        np.testing.assert_array_equal(self.of(sasrec, a, b, a), self.of(sasrec, a, b))
        assert self.of(sasrec, a, b) != self.of(sasrec, b, a)

    def test_the_last_known_items_are_what_is_looked_at(self, sasrec: SasRec) -> None:
        known = [row(f"k{n}") for n in range(30, 40)]
        new = [row(f"new{n}") for n in range(9)]
        np.testing.assert_array_equal(
            self.of(sasrec, *known, *new), self.of(sasrec, *known[-SMALL.length :])
        )

    def test_of_nothing_that_the_net_knows_is_not_known(self, sasrec: SasRec) -> None:
        for rows in ((), (row("new1"), row("new2")), (-1,)):
            assert not sasrec.knows(asked(*rows))
        assert not sasrec.knows(WORDS)
        assert sasrec.knows(asked(row("new1"), row("k30")))


def silent(opinion: Opinion) -> bool:
    best = opinion.best(np.ones(len(SHELF), dtype=np.bool_), 5)
    rows: IntArray = np.arange(len(SHELF))
    return len(best) == 0 and bool(np.isnan(opinion.of(rows)).all())


def test_without_a_ranker_nothing_is_known() -> None:
    sasrec = SasRec(lambda: None)
    assert not sasrec.knows(HISTORY)
    assert silent(sasrec.opinion(HISTORY))


def test_a_ranker_that_came_meanwhile_may_have_nothing_to_say(sasrec: SasRec) -> None:
    assert silent(sasrec.opinion(asked(row("new1"))))


def test_an_opinion_names_the_ranker_that_was_asked(sasrec: SasRec) -> None:
    spoken = sasrec.opinion(asked(row("k30")))
    assert isinstance(spoken, Learnt)
    assert spoken.version == "r000000000000"
    for nothing in (sasrec.opinion(asked(row("new1"))), SasRec(lambda: None).opinion(HISTORY)):
        assert isinstance(nothing, Learnt)
        assert nothing.version is None


SIZE = 120_000


class TestManyItems:
    """Where an index finds the best, and the sum over all items is an estimate."""

    @pytest.fixture(scope="class")
    @staticmethod
    def worlds() -> tuple[Every, Nearest, FloatArray]:
        dice = np.random.default_rng(0)
        tastes = dice.normal(size=(300, 64))
        mixed = tastes[dice.integers(300, size=SIZE)]
        items = (mixed + 0.6 * dice.normal(size=(SIZE, 64))).astype(np.float32)
        near = items[dice.integers(SIZE, size=60)] + 0.5 * dice.normal(size=(60, 64))
        # About as sharp as trained nets are: logits whose deviation is near one.
        vectors = (1.5 * near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
        return Every(items), Nearest(items, build_index(items)), vectors

    def test_the_ten_best_are_nearly_always_those(
        self, worlds: tuple[Every, Nearest, FloatArray]
    ) -> None:
        every, nearest, vectors = worlds
        rows = np.arange(SIZE)
        allowed = np.ones(SIZE, dtype=np.bool_)
        found = [
            np.isin(
                nearest.scores(vector).best(allowed, 10, rows),
                every.scores(vector).best(allowed, 10, rows),
            ).mean()
            for vector in vectors
        ]
        assert np.mean(found) >= 0.95

    def test_the_scores_are_right_within_a_tenth(
        self, worlds: tuple[Every, Nearest, FloatArray]
    ) -> None:
        every, nearest, vectors = worlds
        items = np.arange(0, SIZE, 1000)
        for vector in vectors:
            exact = every.scores(vector).of(items)
            np.testing.assert_allclose(nearest.scores(vector).of(items), exact, atol=0.1)

    def test_the_narrowest_choice_is_exact(self, worlds: tuple[Every, Nearest, FloatArray]) -> None:
        every, nearest, vectors = worlds
        rows = np.arange(SIZE)
        allowed = rows % 1000 == 7
        for vector in vectors:
            expected = every.scores(vector).best(allowed, 20, rows)
            assert nearest.scores(vector).best(allowed, 20, rows).tolist() == expected.tolist()
