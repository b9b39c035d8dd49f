from __future__ import annotations

import numpy as np
import pytest

from models.data.split import Case
from models.tune.asked import Asked
from models.tune.strategies import FEWEST, Trial, _best, _drawn, refuse_few
from service.domain import Controls, Intent, Strategy
from service.errors import BadInput
from service.tuning import Situation

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


@pytest.mark.parametrize("users", [20, 100, 1_000])
def test_one_lucky_user_is_luck(users: int) -> None:
    usual = np.zeros(users)
    usual[::7] = 0.5
    lucky = usual.copy()
    lucky[1] = 1.0
    assert chosen({LIGHT: lucky, MIDDLE: usual, HEAVY: usual}) == [HEAVY]


def test_figures_are_of_requests_without_controls_one_for_each_user() -> None:
    plain, wish = Intent(), Intent(text="warm")
    only = Intent(controls=Controls(include=("Hats",)))
    met = np.arange(3)
    asked = [
        Asked(Case(user, met[:kept], 9), intent, Situation.of(kept, intent), met)
        for user in range(8)
        for kept in (0, 2, 3)
        for intent in (plain, only, wish)
    ]
    known = _drawn(asked, (True, False), 5, seed=1)
    assert len({one.case.user for one in known}) == len(known) == 5
    assert {(len(one.case.history), one.intent) for one in known} == {(3, plain)}
    new = _drawn(asked, (False, True), 99, seed=1)
    assert {(len(one.case.history), one.intent) for one in new} == {(0, wish)}
    assert len(new) == 8


def test_each_strategy_has_its_own() -> None:
    rank = Trial(Strategy.RANK, 3.0)
    gains = {ALONE: noise(1, 0.1), rank: noise(2, 0.9), LIGHT: noise(3, 0.5), HEAVY: noise(4, 0.1)}
    assert chosen(gains) == [ALONE, rank, LIGHT]


@pytest.mark.parametrize("users", [1, 9, FEWEST - 1])
def test_too_few_users_are_refused(users: int) -> None:
    with pytest.raises(BadInput, match=f"Lists for {users} users tell nothing: it takes 30"):
        refuse_few(users, "--users")


@pytest.mark.parametrize("users", [0, FEWEST, 1_000])
def test_enough_users_are_not_and_nobody_is_refused_none(users: int) -> None:
    refuse_few(users, "--users")
