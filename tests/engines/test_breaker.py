"""When a server is left alone, for how long, and how it is tried out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.engines.remote.breaker import (
    FAILING,
    JITTER,
    LEAST,
    LONGEST_PAUSE_S,
    PAUSE_S,
    PROBES,
    WINDOW_S,
    Breaker,
    Resting,
    State,
)
from service.engines.remote.outcome import FAILURES, SUCCESSES, Outcome

NEITHER = sorted(set(Outcome) - FAILURES - SUCCESSES)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock, lambda low, high: (low + high) / 2)


def call(breaker: Breaker, outcome: Outcome, times: int = 1) -> None:
    for _ in range(times):
        breaker.leave(breaker.enter(), outcome)


def opened(breaker: Breaker) -> Breaker:
    call(breaker, Outcome.FAILED, LEAST)
    assert breaker.state is State.OPEN
    return breaker


@pytest.mark.parametrize("failure", sorted(FAILURES))
def test_it_opens_when_enough_calls_failed(breaker: Breaker, failure: Outcome) -> None:
    call(breaker, failure, LEAST - 1)
    assert breaker.state is State.CLOSED
    assert breaker.trouble is None
    call(breaker, failure)
    assert breaker.trouble == FAILING
    assert (breaker.state, breaker.opened) == (State.OPEN, 1)
    with pytest.raises(Resting, match="failed"):
        breaker.check()
    with pytest.raises(Resting):
        breaker.enter()


def test_half_of_them_are_too_many_and_less_is_not(breaker: Breaker) -> None:
    call(breaker, Outcome.OK, LEAST)
    call(breaker, Outcome.FAILED, LEAST - 1)
    assert breaker.state is State.CLOSED
    call(breaker, Outcome.FAILED)
    assert breaker.state is State.OPEN


def test_what_is_long_ago_does_not_count(breaker: Breaker, clock: Clock) -> None:
    call(breaker, Outcome.FAILED, LEAST - 1)
    clock.now += WINDOW_S + 0.1
    call(breaker, Outcome.FAILED, LEAST - 1)
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("outcome", NEITHER)
def test_some_outcomes_speak_neither_for_nor_against_it(breaker: Breaker, outcome: Outcome) -> None:
    call(breaker, outcome, 10 * LEAST)
    call(breaker, Outcome.FAILED, LEAST - 1)
    assert breaker.state is State.CLOSED
    call(breaker, Outcome.FAILED)
    assert breaker.state is State.OPEN


def test_after_a_pause_a_few_try_it_out_and_close_it(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += PAUSE_S
    assert breaker.state is State.HALF_OPEN
    trials = [breaker.enter() for _ in range(PROBES)]
    with pytest.raises(Resting):
        breaker.enter()
    for trial in trials[1:]:
        breaker.leave(trial, Outcome.OK)
    assert breaker.state is State.HALF_OPEN
    assert breaker.trouble == FAILING
    breaker.leave(trials[0], Outcome.LATE)
    assert (breaker.state, breaker.trouble) == (State.CLOSED, None)
    call(breaker, Outcome.FAILED, LEAST - 1)
    assert breaker.state is State.CLOSED, "what was before is forgotten"


def test_a_trial_that_nobody_waited_for_makes_room_for_another(
    breaker: Breaker, clock: Clock
) -> None:
    opened(breaker)
    clock.now += PAUSE_S
    call(breaker, Outcome.ABANDONED, 5 * PROBES)
    call(breaker, Outcome.OK, PROBES)
    assert breaker.state is State.CLOSED


def test_pauses_double_up_to_a_bound_and_begin_anew_after_a_good_time(
    breaker: Breaker, clock: Clock
) -> None:
    opened(breaker)
    for turn in range(1, 9):
        pause = min(PAUSE_S * 2 ** (turn - 1), LONGEST_PAUSE_S)
        clock.now += pause - 0.01
        assert breaker.state is State.OPEN
        clock.now += 0.02
        call(breaker, Outcome.FAILED)
    clock.now += LONGEST_PAUSE_S
    call(breaker, Outcome.OK, PROBES)
    opened(breaker)
    clock.now += LONGEST_PAUSE_S - 0.01
    assert breaker.state is State.OPEN, "it had closed a moment ago"
    clock.now += 0.02
    call(breaker, Outcome.OK, PROBES)
    clock.now += WINDOW_S
    opened(breaker)
    clock.now += PAUSE_S
    assert breaker.state is State.HALF_OPEN


def test_calls_from_before_say_nothing_of_a_trial(breaker: Breaker, clock: Clock) -> None:
    before = [breaker.enter() for _ in range(5)]
    opened(breaker)
    clock.now += PAUSE_S
    early = breaker.enter()
    call(breaker, Outcome.FAILED)
    for each in before:
        breaker.leave(each, Outcome.OK)
    clock.now += 2 * PAUSE_S
    breaker.leave(early, Outcome.FAILED)
    assert breaker.state is State.HALF_OPEN, "it was a trial of another time"
    call(breaker, Outcome.OK, PROBES)
    assert breaker.state is State.CLOSED


@given(draw=st.floats(0, 1))
def test_pauses_vary(draw: float) -> None:
    clock = Clock()
    breaker = opened(Breaker(clock, lambda low, high: low + draw * (high - low)))
    clock.now += PAUSE_S * (1 - JITTER) - 0.01
    assert breaker.state is State.OPEN
    clock.now += PAUSE_S * 2 * JITTER + 0.02
    assert breaker.state is State.HALF_OPEN


STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(Outcome)), st.floats(0, 20), st.integers(0, 3)), max_size=200
)


@given(steps=STEPS)
def test_whatever_comes_it_is_never_stuck(steps: list[tuple[Outcome, float, int]]) -> None:
    """Trials are bounded, none is leaked, and a server that is well is asked again in the end."""
    clock = Clock()
    breaker = Breaker(clock, lambda low, _high: low)
    under_way: list[int | None] = []
    for outcome, seconds, kept in steps:
        clock.now += seconds
        try:
            under_way.append(breaker.enter())
        except Resting:
            assert breaker.state is not State.CLOSED
        while len(under_way) > kept:
            breaker.leave(under_way.pop(0), outcome)
        assert sum(trial is not None for trial in under_way) <= PROBES
    for trial in under_way:
        breaker.leave(trial, Outcome.ABANDONED)
    clock.now += LONGEST_PAUSE_S
    call(breaker, Outcome.OK, PROBES)
    assert breaker.state is State.CLOSED
