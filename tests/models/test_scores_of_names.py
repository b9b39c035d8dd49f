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


@pytest.mark.parametrize(
    ("output", "weights"),
    [
        ("2,2,2,2,2", [0.0, 1.0, 0.0, 0.0, 0.0]),
        ("1,2,3,4,4", [1.0, 1.0, 1.0, 0.1, 0.0]),
        ("1,1,2", [1.0, 1.0, 0.0]),
        ("1,2,3,1", [1.0, 0.5, 0.0]),
        ("9,1,1", [1.0, 0.5]),
        ("1,2,3,4,5,6,6", [1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_a_ranking_that_repeats_a_number_is_none(output: str, weights: list[float]) -> None:
    assert ndcg(output, weights) == 0.0


@pytest.mark.parametrize("output", ["9,1,2", "1,9,2", "1,2,9,9", "0,1,2", "1,77,2,3", "0,0,1,2"])
def test_numbers_that_no_candidate_has_are_dropped(output: str) -> None:
    assert ndcg(output, [1.0, 0.5, 0.0]) == 1.0


def test_numbers_begin_where_the_candidates_do() -> None:
    assert ndcg("1,0", [1.0, 0.0], first=0) == pytest.approx(1 / math.log2(3))
    assert ndcg("4,5,6", [1.0, 0.0], first=5) == 1.0


def test_what_follows_a_whole_ranking_is_not_read() -> None:
    assert ndcg("1,2,3,4,5,1", [1.0, 0.5, 0.0, 0.0, 0.0]) == 1.0
    assert ndcg("9,8,7,1,2,3,4,5,1", [1.0, 0.5, 0.0, 0.0, 0.0]) == 1.0


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


@given(st.permutations(range(1, 10)), WEIGHTS, st.data())
def test_strangers_among_the_numbers_change_nothing(
    order: list[int], weights: list[float], data: st.DataObject
) -> None:
    own = [number for number in order if number <= len(weights)]
    mixed = [*own]
    for stranger in data.draw(st.lists(st.integers(10, 99), max_size=4)):
        mixed.insert(data.draw(st.integers(0, len(mixed))), stranger)
    said = ndcg(",".join(map(str, own)), weights)
    assert ndcg(",".join(map(str, mixed)), weights) == said
    again = data.draw(st.sampled_from(own))
    assert ndcg(",".join(map(str, [again, *own])), weights) == 0.0


@given(st.lists(st.integers(-3, 20)), WEIGHTS)
def test_a_wrong_order_gains_no_more_than_the_best(order: list[int], weights: list[float]) -> None:
    assert ndcg(",".join(map(str, order)), weights) <= 1 + 1e-9


class TestEntities:
    @pytest.mark.parametrize("output", ["Red, wool", " wool,RED ", '["red", "wool"]'])
    def test_in_any_order_without_case_and_quotes(self, output: str) -> None:
        assert entity_counts(output, ["wool", "Red"]) == Counts(2, 0, 0)

    def test_what_is_said_again_is_too_much(self) -> None:
        assert entity_counts("red, red, blue", ["red"]) == Counts(1, 2, 0)
        assert entity_counts("Red, 'red', wool", ["wool", "red"]) == Counts(2, 1, 0)

    def test_what_is_wrong_and_what_is_missing(self) -> None:
        assert entity_counts("red, silk", ["red", "wool", "xl"]) == Counts(1, 1, 2)
        assert entity_counts("", ["red"]) == Counts(0, 0, 1)

    def test_blanks_within_do_not_matter(self) -> None:
        assert entity_counts("air\n fryer", ["Air  Fryer"]) == Counts(1, 0, 0)

    def test_f1_pools_the_counts(self) -> None:
        counts = [Counts(1, 0, 0), Counts(0, 3, 1), Counts(2, 1, 0)]
        assert reduce(add, counts).f1 == pytest.approx(2 * 3 / (2 * 3 + 4 + 1))
        assert Counts().f1 == 0.0
