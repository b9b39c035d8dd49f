"""How long lists have waited for any token: the time between lists left out, none counted twice."""

from __future__ import annotations

from contextlib import ExitStack

from service.engines.remote.silence import Drought


class Clock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_time_in_which_no_list_waits_is_left_out() -> None:
    clock = Clock()
    drought = Drought(clock)
    for spent in (0.0, 3.0, 6.0):
        clock.now += 50
        assert drought.seconds == spent
        with drought.suffered():
            clock.now += 3
            assert drought.seconds == spent + 3
    assert drought.seconds == 9


def test_lists_side_by_side_wait_once() -> None:
    clock = Clock()
    drought = Drought(clock)
    with drought.suffered():
        clock.now += 2
        with ExitStack() as others:
            for _ in range(3):
                others.enter_context(drought.suffered())
            clock.now += 2
        clock.now += 2
        assert drought.seconds == 6
    assert drought.seconds == 6


def test_a_token_ends_it_for_all() -> None:
    clock = Clock()
    drought = Drought(clock)
    with drought.suffered(), drought.suffered():
        clock.now += 9
        drought.end()
        clock.now += 1
        assert drought.seconds == 1
    drought.end()
    clock.now += 1
    assert drought.seconds == 0
    with drought.suffered():
        assert drought.seconds == 0
