"""Nobody waits long to be counted, and what a count comes to holds for those who come next."""

from __future__ import annotations

import asyncio
import gc
import logging
from dataclasses import dataclass, field

import pytest
from limits import RateLimitItem
from patience import until

from service.access.holder import Holder
from service.api.counting import Counting
from service.errors import StoreUnavailable

SLOW = Holder("slow", rate="3/minute")


@dataclass
class Late:
    """Answers when it is let, with what it is told to."""

    wait: float = 0.0
    wrong: Exception | None = None
    asked: int = 0
    answered: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def refused(self, rate: RateLimitItem, whom: str) -> float:
        self.asked += 1
        await self.go.wait()
        self.answered += 1
        if self.wrong is not None:
            raise self.wrong
        return self.wait


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_count_that_comes_late_holds_for_those_who_come_next() -> None:
    late, clock = Late(wait=30.0), Clock()
    counting = Counting(late, clock)
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            await counting.wait(SLOW, 0.001)
    late.go.set()
    await until(lambda: late.answered == late.asked)
    assert await counting.wait(SLOW, 0.001) == 30.0
    clock.now += 12.0
    assert await counting.wait(SLOW, 0.001) == 18.0
    assert late.asked == 3, "whom a count has refused need not be counted again"


async def test_once_the_time_is_over_it_is_counted_again() -> None:
    late, clock = Late(wait=30.0), Clock()
    late.go.set()
    counting = Counting(late, clock)
    assert await counting.wait(SLOW, 1.0) == 30.0
    clock.now += 30.0
    late.wait = 0.0
    assert await counting.wait(SLOW, 1.0) == 0.0
    assert late.asked == 2


async def test_what_one_key_has_to_wait_for_another_has_not() -> None:
    late = Late(wait=30.0)
    late.go.set()
    counting = Counting(late, Clock())
    assert await counting.wait(SLOW, 1.0) == 30.0
    late.wait = 0.0
    for other in (
        Holder("other", rate="3/minute"),
        Holder("slow", tenant="other", rate="3/minute"),
        # The operator has let it ask more often since.
        Holder("slow", rate="5/minute"),
    ):
        assert await counting.wait(other, 1.0) == 0.0


async def test_a_key_without_a_rate_is_not_counted() -> None:
    late = Late()
    assert await Counting(late).wait(Holder("free"), 1.0) == 0.0
    assert late.asked == 0


async def test_a_count_that_fails_when_nobody_waits_any_more_says_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    late = Late(wrong=StoreUnavailable("Redis did not answer"))
    counting = Counting(late)
    with pytest.raises(StoreUnavailable, match="deadline"):
        await counting.wait(SLOW, 0.001)
    late.go.set()
    await until(lambda: late.answered == late.asked)
    gc.collect()
    assert "never retrieved" not in caplog.text
    with pytest.raises(StoreUnavailable, match="did not answer"):
        await counting.wait(SLOW, 1.0)
