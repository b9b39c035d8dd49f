from __future__ import annotations

import numpy as np
import pytest
from toyshop import SpellingEngine

from service.errors import EngineTimeout
from service.pipeline.clock import Deadline
from service.pipeline.pace import HALF_LIFE_S, Pace, needed, refuse_if_late, usual
from service.ports import Decoding, Spelled, Weighed


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def decoding(items: int, to_first: float | None, seconds: float) -> Decoding:
    lines = tuple(Spelled(row, None) for row in range(items))
    return Decoding(lines, 1, 1, seconds_to_first=to_first, seconds=seconds)


def test_nothing_known_is_no_obstacle() -> None:
    assert Pace().expected(100) == 0


def test_a_long_prompt_is_not_charged_to_every_item() -> None:
    pace = Pace(Clock())
    pace.note(decoding(1, to_first=1.5, seconds=1.54))
    assert pace.expected(20) == pytest.approx(1.5 + 20 * 0.04)


def test_one_slow_list_moves_the_average_a_little() -> None:
    pace = Pace(Clock())
    pace.note(decoding(10, 0.2, 1.2))
    pace.note(decoding(10, 0.2, 11.2))
    assert pace.expected(10) == pytest.approx(0.2 + 0.8 * 1 + 0.2 * 11)


def test_an_estimate_without_news_is_believed_less_and_less() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.note(decoding(1, 0.0, 100.0))
    clock.now = 10 * HALF_LIFE_S
    assert pace.expected(1) == pytest.approx(100 / 1024)


@pytest.mark.parametrize("items", [0, 3])
def test_what_never_came_to_a_choice_says_nothing(items: int) -> None:
    """Cut while the prompt was read, expired in the queue, or forced from end to end."""
    pace = Pace(Clock())
    pace.note(decoding(10, 0.2, 1.2))
    pace.note(decoding(items, None, 9.0))
    assert pace.expected(10) == pytest.approx(1.2)


def test_a_list_without_an_item_sets_no_price_per_item() -> None:
    pace = Pace(Clock())
    pace.note(decoding(0, 0.5, 3.0))
    assert pace.expected(10) == pytest.approx(0.5)


def test_what_was_waited_for_in_vain_takes_longer_than_that() -> None:
    pace = Pace(Clock())
    pace.late(20.0)
    assert pace.expected(1) > 20.0


def test_one_late_list_does_not_condemn_an_engine_known_to_be_quick() -> None:
    pace = Pace(Clock())
    pace.note(decoding(10, 0.1, 1.1))
    pace.late(20.0)
    assert pace.expected(10) < 20.0
    for _ in range(3):
        pace.late(20.0)
    assert pace.expected(10) > 20.0


def test_who_would_not_wait_does_not_make_an_engine_quick() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.note(decoding(10, 5.0, 6.0))
    clock.now = HALF_LIFE_S
    before = pace.expected(10)
    for _ in range(9):
        pace.late(0.001)
    assert pace.expected(10) == before
    assert pace.usual == pytest.approx(6.0 / 2)


def test_what_comes_after_long_silence_replaces_what_was_known() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.late(20.0)
    clock.now = 10 * HALF_LIFE_S
    pace.note(decoding(1, 0.1, 0.1))
    assert pace.expected(1) == pytest.approx(0.1, rel=0.4)


def test_a_long_prompt_that_was_late_says_little_of_a_short_one() -> None:
    pace = Pace(Clock())
    pace.note(decoding(1, 0.1, 0.1), size=500)
    pace.late(20.0, size=16_000)
    assert pace.expected(1, size=500) < 0.5
    assert pace.expected(1, size=16_000) > 4


def test_short_prompts_that_were_late_say_little_of_long_ones() -> None:
    pace = Pace(Clock())
    pace.late(0.4, size=600)
    assert pace.expected(1, size=20_000) < 2
    for _ in range(5):
        pace.note(decoding(1, 0.6, 0.6), size=700)
    assert pace.expected(1, size=22_000) < 2


def test_an_engine_usually_takes_what_it_took_of_late() -> None:
    lists, slates = Pace(Clock()), Pace(Clock())
    assert usual(slates, lists) == 0
    lists.note(decoding(10, 1.0, 6.0))
    assert usual(slates, lists) == pytest.approx(6.0)
    for _ in range(3):
        slates.weighed(Weighed(np.zeros(2), seconds=0.5))
    assert usual(slates, lists) == pytest.approx((3 * 0.5 + 6.0) / 4)
    slates.late(4.0)
    assert usual(slates, lists) > (4 * 0.5 + 6.0) / 5


def test_what_it_took_long_ago_counts_less() -> None:
    clock = Clock()
    lists, slates = Pace(clock), Pace(clock)
    lists.note(decoding(10, 1.0, 6.0))
    clock.now = 10 * HALF_LIFE_S
    slates.weighed(Weighed(np.zeros(2), seconds=0.5))
    assert usual(slates, lists) == pytest.approx(0.5, rel=0.01)


def test_those_who_wait_take_their_own_time() -> None:
    """The quick is late behind what is slow, and the slow no later behind what is quick."""
    quick, slow, engine = Pace(Clock()), Pace(Clock()), SpellingEngine()
    quick.weighed(Weighed(np.zeros(2), seconds=0.5))
    slow.note(decoding(10, 1.0, 6.0))
    engine.waiting = 3.0
    assert needed(quick, engine, 0, each=6.0) == pytest.approx(0.5 + 3 * 6.0)
    assert needed(slow, engine, 10, each=0.5) == pytest.approx(6.0 + 3 * 0.5)


def test_a_long_question_is_not_refused_for_the_short_ones_that_wait() -> None:
    pace, engine = Pace(Clock()), SpellingEngine()
    for _ in range(4):
        pace.note(decoding(1, 0.1, 0.1), size=1_000)
    engine.waiting = 10.0
    refuse_if_late(pace, engine, 1, Deadline(1.5), size=2_000)
    with pytest.raises(EngineTimeout):
        refuse_if_late(pace, engine, 1, Deadline(0.9), size=2_000)


def test_a_short_question_waits_for_the_long_ones_before_it() -> None:
    pace, engine = Pace(Clock()), SpellingEngine()
    for _ in range(4):
        pace.note(decoding(1, 2.0, 2.0), size=20_000)
    engine.waiting = 3.0
    refuse_if_late(pace, engine, 1, Deadline(7.0), size=500)
    with pytest.raises(EngineTimeout):
        refuse_if_late(pace, engine, 1, Deadline(5.0), size=500)
