from __future__ import annotations

import numpy as np
import pytest

from models.tune.strategies import Trial, _best
from service.domain import Strategy

LIGHT, MIDDLE, HEAVY = (Trial(Strategy.GENERATE, weight) for weight in (1.0, 3.0, 10.0))
ALONE = Trial(Strategy.RETRIEVE, 1.0)
USERS = 200


def chosen(gains: dict[Trial, np.ndarray]) -> list[Trial]:
    return list(_best(gains))


def noise(seed: int, mean: float) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 0.3, USERS)


def test_equal_weights_leave_the_heaviest() -> None:
    same = noise(1, 0.3)
    assert chosen({LIGHT: same, MIDDLE: same, HEAVY: same, ALONE: same}) == [HEAVY, ALONE]


def test_luck_does_not_take_weight_from_the_prior() -> None:
    lucky = noise(1, 0.3)
    assert chosen({LIGHT: lucky, HEAVY: lucky - noise(2, 0.0) - 0.01}) == [HEAVY]


@pytest.mark.parametrize(("better", "expected"), [(LIGHT, LIGHT), (MIDDLE, MIDDLE), (HEAVY, HEAVY)])
def test_what_is_clearly_better_is_taken(better: Trial, expected: Trial) -> None:
    gains = {trial: noise(3, 0.3) for trial in (LIGHT, MIDDLE, HEAVY)}
    gains[better] = gains[better] + 0.1
    assert chosen(gains) == [expected]


def test_each_strategy_has_its_own() -> None:
    rank = Trial(Strategy.RANK, 3.0)
    gains = {ALONE: noise(1, 0.1), rank: noise(2, 0.9), LIGHT: noise(3, 0.5), HEAVY: noise(4, 0.1)}
    assert chosen(gains) == [ALONE, rank, LIGHT]
