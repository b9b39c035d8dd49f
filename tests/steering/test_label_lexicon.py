"""The same automaton answers questions: one of n, a permutation of n, k of n."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from steering_world import lexicon_of

from service.domain import Controls, Op, Share
from service.errors import SpellingError
from service.steering.lexicon import Frame, Lexicon
from service.steering.plan import Plan, Stock, compile_plan
from service.steering.speller import Speller

DIGIT, COMMA, LINE_END, END = 10, 2, 1, 0


def numbers(n: int) -> tuple[Lexicon, dict[int, int]]:
    """The numbers 1 to n as digits and a line's end, and the number that each row spells."""
    lexicon, order = lexicon_of(
        [(*(DIGIT + int(digit) for digit in str(i)), LINE_END) for i in range(1, n + 1)]
    )
    return lexicon, dict(enumerate((order + 1).tolist()))


def plan_of(n: int, k: int, banned: tuple[int, ...] = (), controls: Controls | None = None) -> Plan:
    stock = Stock(n, lambda _: np.arange(n // 2), np.array(banned, dtype=np.int64))
    return compile_plan(stock, controls or Controls(), k)


def answer(n: int, k: int, seed: int) -> list[int]:
    lexicon, number = numbers(n)
    speller = Speller(lexicon, Frame(((), *[(COMMA,)] * (k - 1)), END), plan_of(n, k))
    random = np.random.default_rng(seed)
    text: list[int] = []
    while not speller.done:
        choices = speller.choices
        offered = speller.forced[:1] if choices is None else choices.tokens
        text.append(int(random.choice(offered)))
        speller.push(text[-1])
    answered = [number[row] for row in speller.rows]
    spelled = "".join({COMMA: ",", LINE_END: "", END: ""}.get(t, str(t - DIGIT)) for t in text)
    assert spelled == ",".join(map(str, answered))
    return answered


@given(st.integers(1, 120), st.integers(0, 999))
def test_multiple_choice_is_one_of_n(n: int, seed: int) -> None:
    assert answer(n, 1, seed)[0] in range(1, n + 1)


@given(st.integers(1, 25), st.integers(0, 999))
def test_ranking_is_a_permutation_of_n(n: int, seed: int) -> None:
    assert sorted(answer(n, n, seed)) == list(range(1, n + 1))


@given(st.integers(1, 120), st.data())
def test_retrieval_is_k_of_n(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, n))
    chosen = answer(n, k, data.draw(st.integers(0, 999)))
    assert len(chosen) == len(set(chosen)) == k
    assert set(chosen) <= set(range(1, n + 1))


def test_every_permutation_can_be_answered() -> None:
    assert {tuple(answer(3, 3, seed)) for seed in range(60)} == set(permutations((1, 2, 3)))


def test_one_and_twelve_part_after_the_first_digit() -> None:
    speller = Speller(numbers(12)[0], Frame(((),), END), plan_of(12, 1))
    speller.push(DIGIT + 1)
    assert speller.choices is not None
    assert speller.choices.tokens.tolist() == [LINE_END, DIGIT, DIGIT + 1, DIGIT + 2]


def test_the_last_of_a_permutation_is_forced() -> None:
    speller = Speller(numbers(2)[0], Frame(((), (COMMA,)), END), plan_of(2, 2))
    speller.push(DIGIT + 2)
    assert speller.rows == [1, 0]
    assert speller.forced.tolist() == [LINE_END, COMMA, DIGIT + 1, LINE_END, END]


def test_one_of_one_is_no_question() -> None:
    speller = Speller(numbers(1)[0], Frame(((),), END), plan_of(1, 1))
    assert speller.rows == [0]
    assert speller.forced.tolist() == [DIGIT + 1, LINE_END, END]


def test_controls_hold_for_labels_too() -> None:
    half = Controls(shares=(Share("low", Op.AT_LEAST, 1.0),))
    speller = Speller(numbers(8)[0], Frame(((), ()), END), plan_of(8, 2, (0,), half))
    assert speller.choices is not None
    assert speller.choices.tokens.tolist() == [DIGIT + 2, DIGIT + 3, DIGIT + 4]


def test_more_labels_than_there_are_options_is_an_error() -> None:
    with pytest.raises(SpellingError):
        Speller(numbers(2)[0], Frame(((),) * 3, END), plan_of(2, 3))
