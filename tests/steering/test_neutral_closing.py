"""The prior says which row comes next, never whether one does: that is left to the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from steering_world import lexicon_of

from service.domain import Controls, Sampling
from service.steering.assignment import Assignment
from service.steering.choose import choose
from service.steering.lexicon import Frame
from service.steering.plan import Stock, compile_plan
from service.steering.prior import Prior
from service.steering.speller import Choices, Speller

LINE_END, END, VOCABULARY = 1, 0, 200
NONE = np.zeros(0, dtype=np.int64)
DRAWN = Sampling(1.0)


def asked(
    spelled: list[tuple[int, ...]], closing: list[int], scores: list[float], weight: float
) -> Assignment:
    count = len(spelled)
    lexicon, _ = lexicon_of([(*label, LINE_END) for label in sorted(spelled)])
    return Assignment(
        lexicon,
        Frame(((),) * count, END),
        compile_plan(Stock(count, {}.__getitem__, NONE), Controls(), count),
        prior=Prior.over(np.arange(count), np.array(scores)),
        weight=weight,
        closing=np.array(closing, dtype=np.int64),
        least=1 if closing else 0,
    )


def choices_of(speller: Speller, dice: np.random.Generator) -> Iterator[tuple[Choices, list[int]]]:
    """What is offered on one way through, and what was spelled of the line before each offer."""
    line: list[int] = []
    while not speller.done:
        offered = speller.choices
        if offered is not None:
            yield offered, list(line)
        token = int(speller.only or 0) if offered is None else int(dice.choice(offered.tokens))
        speller.push(token)
        line = [] if token == LINE_END else [*line, token]


labels = st.lists(
    st.lists(st.integers(2, 5), min_size=1, max_size=3).map(tuple),
    min_size=3,
    max_size=9,
    unique=True,
)


@st.composite
def assignments(draw: st.DrawFn) -> Assignment:
    spelled = draw(labels)
    closing = draw(st.lists(st.integers(0, len(spelled) - 1), min_size=1, max_size=2, unique=True))
    dice = np.random.default_rng(draw(st.integers(0, 10**6)))
    scores = dice.normal(0, draw(st.sampled_from([1, 30])), len(spelled)).tolist()
    return asked(spelled, closing, scores, draw(st.sampled_from([0.0, 0.3, 1.0, 8.0, 1e6])))


def chance_of(ends: np.ndarray, scores: np.ndarray, temperature: float) -> float:
    """How likely one of some tokens is drawn; without a temperature, whether one is the best."""
    if not temperature:
        return float(ends[np.argmax(scores)])
    shares = np.exp((scores - scores.max()) / temperature)
    return float(shares[ends].sum() / shares.sum())


@given(assignments(), st.sampled_from([0.0, 0.2, 1.0, 3.0]), st.integers(0, 10**6))
def test_whether_a_list_ends_is_the_models_to_say(
    made: Assignment, temperature: float, seed: int
) -> None:
    dice = np.random.default_rng(seed)
    speller = made.speller()
    closing = set(made.closing.tolist())
    titles = [tuple(made.lexicon.sequence(row).tolist()) for row in range(made.lexicon.size)]
    score = dict(enumerate(made.prior.scores.tolist()))
    for offered, line in choices_of(speller, dice):
        rows = [row for row in range(len(titles)) if row not in speller.rows]
        if not speller.rows:
            rows = [row for row in rows if row not in closing]
        below = {
            token: [row for row in rows if titles[row][: len(line) + 1] == (*line, token)]
            for token in offered.tokens.tolist()
        }
        ends = np.array([bool(closing.intersection(rows)) for rows in below.values()])
        said = dice.normal(0, 5, len(ends))
        scores = offered.scores(said, temperature)
        if not made.weight or ends.all():
            np.testing.assert_array_equal(scores, said)
            continue
        best = np.array([max(score[row] for row in rows) for rows in below.values()])
        wanted = said + made.weight * (best - best[~ends].max())
        np.testing.assert_allclose(scores[~ends], wanted[~ends], rtol=1e-12, atol=1e-9)
        assert np.any(ends) == (offered.closing is not None)
        if ends.any():
            assert chance_of(ends, scores, temperature) == pytest.approx(
                chance_of(ends, said, temperature), abs=1e-7
            )


@given(assignments(), st.floats(-1e3, 1e3), st.integers(0, 10**6))
def test_whatever_the_prior_says_of_it_is_passed_over(
    made: Assignment, value: float, seed: int
) -> None:
    scores = made.prior.scores.copy()
    scores[made.closing] = value
    other = replace(made, prior=Prior.over(made.prior.rows, scores))
    unscored = replace(made, prior=made.prior.without(made.closing.tolist()))
    ways = [
        list(choices_of(each.speller(), np.random.default_rng(seed)))
        for each in (made, other, unscored)
    ]
    assert len(ways[0]) == len(ways[1]) == len(ways[2])
    for offers in zip(*ways, strict=True):
        assert len({offered.bonus.tobytes() for offered, _ in offers}) == 1
        assert len({str(offered.closing) for offered, _ in offers}) == 1


@given(labels, st.integers(0, 10**6))
def test_where_nothing_ends_a_list_scores_are_what_they_were(
    spelled: list[tuple[int, ...]], seed: int
) -> None:
    dice = np.random.default_rng(seed)
    made = asked(spelled, [], dice.normal(size=len(spelled)).tolist(), 2.0)
    for offered, _ in choices_of(made.speller(), dice):
        said = dice.normal(size=len(offered.tokens))
        assert offered.closing is None
        assert offered.bonus.max() == 0.0
        assert offered.scores(said).tobytes() == (said + offered.bonus).tobytes()


def mean_length(weight: float, sampling: Sampling) -> float:
    """Of lists by a model that would name some four of thirty labels."""
    lengths = []
    for seed in range(300):
        dice = np.random.default_rng(seed)
        spelled = [(10 + n,) for n in range(30)]
        liking = dice.normal(0, 2, VOCABULARY)
        made = asked(spelled, [0], dice.normal(0, 1, 30).tolist(), weight)
        speller = made.speller()
        while not speller.done:
            token = speller.only
            if token is None:
                offered = speller.choices
                assert offered is not None
                logits = liking + dice.normal(0, 0.5, VOCABULARY)
                logits[10] = logits[offered.tokens].max() + dice.normal(-1, 1.5)
                token = choose(logits, offered, sampling, dice)
            speller.push(token)
        lengths.append(len(speller.rows) - (speller.rows[-1] == 0))
    return float(np.mean(lengths))


@pytest.mark.parametrize(("sampling", "within"), [(Sampling(), 0.1), (DRAWN, 0.2)])
def test_a_weight_makes_lists_neither_longer_nor_shorter(sampling: Sampling, within: float) -> None:
    alone = mean_length(0.0, sampling)
    assert 2.0 < alone < 10.0
    for weight in (1.0, 8.0):
        assert mean_length(weight, sampling) == pytest.approx(alone, rel=within)


@pytest.mark.parametrize("strange", [-np.inf, np.inf, np.nan])
def test_a_model_that_says_nothing_of_the_others(strange: float) -> None:
    offered = Choices(np.arange(3), np.array([0.0, -2.0, 0.0]), np.array([False, False, True]))
    scores = offered.scores(np.array([strange, strange, 1.0]))
    assert scores[2] == 1.0


def test_a_token_towards_an_end_and_more_counts_as_one_towards_an_end() -> None:
    """Of labels 2, 3 and 3 4 the prior likes the last, whose first token may end the list."""
    made = asked([(2,), (3,), (3, 4), (5,)], [1], [0.0, 0.0, 9.0, 1.0], 1.0)
    speller = made.speller()
    speller.push(2)
    speller.push(LINE_END)
    offered = speller.choices
    assert offered is not None
    assert offered.closing is not None
    assert (offered.tokens.tolist(), offered.closing.tolist()) == ([3, 5], [True, False])
    assert offered.scores(np.zeros(2)).tolist() == [0.0, 0.0]
