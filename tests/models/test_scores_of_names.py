"""Accuracy, hit rate, NDCG and entity counts, held against cases worked out by hand."""

from __future__ import annotations

import math
from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluate.named import Counts, accuracy, entity_counts, hit_rate, ndcg
from models.evaluate.reading import numbers

WEIGHTS = st.lists(st.sampled_from([0.0, 0.01, 0.1, 1.0, 3.0]), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("output", "truth", "score"),
    [
        ("2", "2", 1.0),
        ("  2. The kettle", "2", 1.0),
        ("2", "3", 0.0),
        ("", "0", 0.0),
        ("The answer is 2", "2", 0.0),
        ("b) kettle", "B", 1.0),
        ("10", "10", 0.0),  # the rule knows one character
        ("10", "1", 1.0),
    ],
)
def test_accuracy_reads_the_first_character(output: str, truth: str, score: float) -> None:
    assert accuracy(output, truth) == score


@pytest.mark.parametrize(
    ("output", "read"),
    [
        ("3,1,2", (3, 1, 2)),
        (" 3 , 1 ,2\n", (3, 1, 2)),
        ("[4, 11]", (4, 11)),
        ("I choose 4, then 7, and 9.", (4, 7, 9)),
        ("1. 3, 2", (2,)),
        ("4\n5\n6", ()),
        ("none", ()),
        ("1,,2", (1, 2)),
        ("9" * 5000 + ",1", (1,)),
        ("²,٣", (3,)),
    ],
)
def test_numbers_stand_between_commas(output: str, read: tuple[int, ...]) -> None:
    assert numbers(output) == read


@pytest.mark.parametrize(
    ("output", "truth", "score"),
    [
        ("4,3,7", (3, 4, 7), 1.0),
        ("4,3,1", (3, 4, 7), 2 / 3),
        ("1,2,5,4", (4,), 0.0),  # the fourth does not count
        ("4,4,4", (3, 4), 0.5),
        ("9,4,1", (4,), 1.0),
        ("nothing fits", (4,), 0.0),
    ],
)
def test_hit_rate(output: str, truth: tuple[int, ...], score: float) -> None:
    assert hit_rate(output, truth) == pytest.approx(score)


def test_ndcg_by_hand() -> None:
    gained = (2**0.1 - 1) + 0 + (2**1 - 1) / math.log2(4)
    best = (2**1 - 1) + (2**0.1 - 1) / math.log2(3)
    assert ndcg("3,1,2", [0.0, 1.0, 0.1]) == pytest.approx(gained / best)


def test_a_number_said_twice_gains_once_and_keeps_its_place() -> None:
    assert ndcg("1,1,2", [1.0, 1.0, 0.0]) == pytest.approx((1 + 0.5) / (1 + 1 / math.log2(3)))


def test_numbers_that_no_candidate_has_gain_nothing() -> None:
    weights = [1.0, 0.0]
    assert ndcg("0,1", weights) == ndcg("3,1", weights) == pytest.approx(1 / math.log2(3))
    assert ndcg("0,1", weights, first=0) == 1.0


def test_no_more_numbers_are_read_than_there_are_candidates() -> None:
    assert ndcg("7,8,1", [1.0, 0.0]) == 0.0


def test_where_nothing_is_relevant_nothing_is_gained() -> None:
    assert ndcg("1,2", [0.0, 0.0]) == 0.0


@given(WEIGHTS.filter(any))
def test_the_best_order_scores_1_and_no_answer_0(weights: list[float]) -> None:
    best = sorted(range(len(weights)), key=weights.__getitem__, reverse=True)
    assert ndcg(",".join(str(place + 1) for place in best), weights) == pytest.approx(1.0)
    assert ndcg("", weights) == 0.0


@given(st.text(), WEIGHTS, st.lists(st.text(min_size=1), min_size=1))
def test_any_text_has_a_score_between_0_and_1(
    output: str, weights: list[float], entities: list[str]
) -> None:
    truth = range(1, len(weights) + 1)
    scores = [ndcg(output, weights), hit_rate(output, truth), entity_counts(output, entities).f1]
    assert all(0 <= score <= 1 + 1e-9 for score in scores)


@given(st.lists(st.integers(-3, 20)), WEIGHTS)
def test_a_wrong_order_gains_no_more_than_the_best(order: list[int], weights: list[float]) -> None:
    assert ndcg(",".join(map(str, order)), weights) <= 1 + 1e-9


class TestEntities:
    @pytest.mark.parametrize(
        "output", ["Red, wool", " wool,RED ", '["red", "wool"]', "red,red,wool"]
    )
    def test_as_sets_without_case_and_quotes(self, output: str) -> None:
        assert entity_counts(output, ["wool", "Red"]) == Counts(2, 0, 0)

    def test_what_is_wrong_and_what_is_missing(self) -> None:
        assert entity_counts("red, silk", ["red", "wool", "xl"]) == Counts(1, 1, 2)
        assert entity_counts("", ["red"]) == Counts(0, 0, 1)

    def test_blanks_within_do_not_matter(self) -> None:
        assert entity_counts("air\n fryer", ["Air  Fryer"]) == Counts(1, 0, 0)

    def test_f1_pools_the_counts(self) -> None:
        counts = [Counts(1, 0, 0), Counts(0, 3, 1), Counts(2, 1, 0)]
        assert reduce(add, counts).f1 == pytest.approx(2 * 3 / (2 * 3 + 4 + 1))
        assert Counts().f1 == 0.0
