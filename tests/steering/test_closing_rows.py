"""Rows that end a list: it may be shorter then, but never end too early, nor go on after."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from steering_world import lexicon_of

from service.domain import Controls, Op, Share
from service.errors import SpellingError
from service.steering.assignment import Assignment
from service.steering.lexicon import Frame
from service.steering.plan import Closing, Stock, compile_plan
from service.steering.prior import Prior
from service.steering.progress import Progress
from service.steering.select import select
from service.steering.speller import Speller

LINE_END, END = 1, 0
NONE = np.zeros(0, dtype=np.int64)


def assignment(
    count: int,
    k: int,
    closing: list[int],
    least: int = 0,
    banned: list[int] | None = None,
    scores: list[float] | None = None,
) -> Assignment:
    """Labels in the order of their rows; without scores some are spelled alike."""
    spelled = sorted(((10 + n // 3, 20 + n % 3)[: 1 + n % 2], LINE_END) for n in range(count))
    if scores:
        spelled = [((10 + n,), LINE_END) for n in range(count)]
    lexicon, _ = lexicon_of([(*label, end) for label, end in spelled])
    barred = np.array(banned or [], dtype=np.int64)
    return Assignment(
        lexicon,
        Frame(((),) * k, END),
        compile_plan(Stock(count, {}.__getitem__, barred), Controls(), k),
        prior=Prior.over(np.arange(count), np.array(scores)) if scores else Prior.flat(),
        weight=1e6 if scores else 0.0,
        banned=barred,
        closing=np.array(closing, dtype=np.int64),
        least=least,
    )


def spelled(speller: Speller, random: np.random.Generator | None = None) -> list[int]:
    """A list at random, or as the prior has it where it is for the model to end it."""
    while not speller.done:
        choices = speller.choices
        if choices is None:
            speller.push(speller.only or 0)
        elif random is None:
            # A model that likes all alike but an end, as long as there is anything else.
            said = np.zeros(len(choices.tokens))
            if choices.closing is not None:
                said[choices.closing] = -1.0
            speller.push(int(choices.tokens[np.argmax(choices.scores(said))]))
        else:
            speller.push(int(random.choice(choices.tokens)))
    return speller.rows


@st.composite
def ranked(draw: st.DrawFn, count: int) -> tuple[list[int], list[float]]:
    """Rows from the best to the worst, and the score of each."""
    order = draw(st.permutations(range(count)))
    return order, [-float(order.index(row)) for row in range(count)]


@given(st.integers(2, 12), st.data())
def test_a_list_ends_with_a_closing_row_or_is_full(count: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, count))
    closing = data.draw(st.lists(st.integers(0, count - 1), unique=True, max_size=3))
    least = data.draw(st.integers(0, min(k, count - len(closing))))
    made = assignment(count, k, closing, least)
    rows = spelled(made.speller(), np.random.default_rng(data.draw(st.integers(0, 99))))
    assert len(set(rows)) == len(rows) <= k
    assert not set(rows[:-1]) & set(closing)
    assert len(rows) == k or rows[-1] in closing
    assert not set(rows[:least]) & set(closing)


@given(st.integers(2, 9), st.integers(0, 3), st.data())
def test_the_best_that_may_stand_comes_next(count: int, least: int, data: st.DataObject) -> None:
    order, scores = data.draw(ranked(count))
    closing = data.draw(st.integers(0, count - 1))
    others = [row for row in order if row != closing]
    made = assignment(count, count, [closing], min(least, count - 1), scores=scores)
    assert spelled(made.speller())[:-1] == others[: count - 1]


@given(st.integers(2, 9), st.integers(0, 3), st.integers(0, 3), st.data())
def test_select_ends_a_list_as_soon_as_it_may(
    count: int, least: int, before: int, data: st.DataObject
) -> None:
    order, scores = data.draw(ranked(count))
    closing = data.draw(st.lists(st.integers(0, count - 1), unique=True, min_size=1, max_size=2))
    others = [row for row in order if row not in closing]
    least, before = min(least, len(others)), min(before, len(others))
    made = assignment(count, count, closing, least, scores=scores)
    progress = made.progress()
    for row in others[:before]:
        progress.take(row)
    assert select(progress, made.prior) == [*others[before:least], min(closing)]
    assert progress.rows == [*others[: max(before, least)], min(closing)]


@given(st.integers(1, 9), st.data())
def test_without_closing_rows_select_takes_them_as_the_speller_does(
    count: int, data: st.DataObject
) -> None:
    _, scores = data.draw(ranked(count))
    made = assignment(count, count, [], scores=scores)
    progress = made.progress()
    assert select(progress, made.prior) == progress.rows == spelled(made.speller())


@pytest.mark.parametrize(
    ("closing", "least", "banned", "fewest"),
    [
        ([], 0, [], 3),
        ([3], 0, [], 1),
        ([3], 1, [], 2),
        ([2, 3], 2, [], 3),
        ([3], 3, [], 3),
        ([3], 1, [3], 3),
        ([2, 3], 1, [3], 2),
    ],
)
def test_the_fewest_rows_of_a_list(
    closing: list[int], least: int, banned: list[int], fewest: int
) -> None:
    assert assignment(5, 3, closing, least, banned).fewest == fewest


def test_a_closing_row_may_be_all_there_is() -> None:
    made = assignment(3, 2, [1], scores=[-2.0, -1.0, -3.0])
    speller = made.speller()
    push(speller, made.lexicon.sequence(1).tolist())
    assert (speller.complete, speller.rows) == (True, [1])


def test_only_what_ends_the_text_comes_after_it() -> None:
    made = assignment(4, 4, [3], scores=[-2.0, -3.0, -4.0, -1.0])
    speller = made.speller()
    push(speller, made.lexicon.sequence(3).tolist())
    assert speller.complete
    assert speller.forced.tolist() == [END]
    speller.push(END)
    with pytest.raises(SpellingError, match="after the end"):
        speller.push(LINE_END)


def push(speller: Speller, tokens: Iterable[int]) -> None:
    for token in tokens:
        speller.push(token)


def test_nothing_is_taken_after_it() -> None:
    progress = assignment(4, 4, [1, 3], 1).progress()
    assert [progress.may_take(row) for row in range(4)] == [True, False, True, False]
    progress.take(0)
    assert [progress.may_take(row) for row in range(4)] == [False, True, True, True]
    progress.take(3)
    assert progress.complete
    assert not any(progress.may_take(row) for row in range(4))
    with pytest.raises(SpellingError):
        progress.take(2)


@pytest.mark.parametrize(("least", "banned"), [(3, []), (2, [0]), (1, [0, 1])])
def test_there_must_be_as_many_rows_as_are_to_stand_before_it(
    least: int, banned: list[int]
) -> None:
    with pytest.raises(SpellingError, match="may stand before"):
        assignment(3, 1, [2], least, banned).speller()


def test_a_closing_row_that_may_not_stand_ends_no_list() -> None:
    assert sorted(spelled(assignment(3, 2, [2], 1, [2]).speller())) == [0, 1]


def test_shares_cannot_be_kept_by_a_list_that_may_end_at_any_line() -> None:
    half = Controls(shares=(Share("low", Op.AT_LEAST, 0.5),))
    plan = compile_plan(Stock(4, lambda _: np.arange(2), NONE), half, 2)
    with pytest.raises(SpellingError, match="cannot promise"):
        Progress(type(plan)(plan.class_of_row, plan.available, plan.need, Closing((3,), 0)))
