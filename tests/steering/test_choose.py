from __future__ import annotations

import numpy as np
import pytest

from service.domain import Sampling
from service.errors import SpellingError
from service.steering.choose import choose
from service.steering.speller import Choices

TOKENS = np.array([2, 5, 7])
FLAT = Choices(TOKENS, np.zeros(3))
DICE = np.random.default_rng(0)


def logits(**at: float) -> np.ndarray:
    values = np.full(10, -5.0, dtype=np.float32)
    for token, value in at.items():
        values[int(token[1:])] = value
    return values


def test_greedy_takes_the_best_that_is_allowed() -> None:
    assert choose(logits(t9=9, t5=1), FLAT, Sampling(), DICE) == 5


def test_ties_go_to_the_smaller_token() -> None:
    assert choose(logits(), FLAT, Sampling(), DICE) == 2


def test_the_bonus_adds_to_the_logits() -> None:
    choices = Choices(TOKENS, np.array([0.0, 0.0, 3.0]))
    assert choose(logits(t2=8), choices, Sampling(), DICE) == 2
    assert choose(logits(t2=-4), choices, Sampling(), DICE) == 7


def test_where_the_model_rules_everything_out_the_bonus_decides() -> None:
    choices = Choices(TOKENS, np.array([-1.0, 0.0, -1.0]))
    assert choose(np.full(10, -np.inf, dtype=np.float32), choices, Sampling(), DICE) == 5


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(SpellingError):
        choose(logits(t5=bad), FLAT, Sampling(), DICE)


def test_draws_follow_the_probabilities() -> None:
    dice = np.random.default_rng(1)
    values = logits(t2=0, t5=np.log(3.0))
    drawn = [choose(values, FLAT, Sampling(temperature=1.0), dice) for _ in range(4_000)]
    counts = np.bincount(drawn, minlength=10)
    assert counts[5] / counts[2] == pytest.approx(3, rel=0.15)
    assert counts.sum() == counts[TOKENS].sum()


def test_a_low_temperature_is_nearly_greedy() -> None:
    dice = np.random.default_rng(1)
    values = logits(t2=0, t5=1)
    assert {choose(values, FLAT, Sampling(temperature=0.01), dice) for _ in range(50)} == {5}
