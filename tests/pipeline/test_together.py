"""What many ask for at once is done once, and only as long as somebody waits for it."""

from __future__ import annotations

import asyncio

import pytest

from service.pipeline.clock import Deadline
from service.pipeline.together import Together

LATER = Deadline(60.0)


class Work:
    def __init__(self, fails: bool = False) -> None:
        self.begun = self.ended = self.cancelled = 0
        self.go = asyncio.Event()
        self.fails = fails

    async def __call__(self) -> int:
        self.begun += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.ended += 1
        if self.fails:
            raise ValueError("no")
        return self.begun


async def test_a_thousand_at_once_are_one() -> None:
    together, work = Together(), Work()
    waiting = [asyncio.create_task(together.once("a", work, LATER)) for _ in range(1_000)]
    await asyncio.sleep(0)
    work.go.set()
    assert set(await asyncio.gather(*waiting)) == {1}
    assert (work.begun, work.ended) == (1, 1)
    assert await together.once("a", work, LATER) == 2, "what is done is not remembered here"


async def test_other_work_is_other_work() -> None:
    together, one, other = Together(), Work(), Work()
    one.go.set()
    waiting = asyncio.create_task(together.once("b", other, LATER))
    assert await together.once("a", one, LATER) == 1
    other.go.set()
    assert await waiting == 1


async def test_what_it_fails_with_is_told_to_all() -> None:
    together, work = Together(), Work(fails=True)
    waiting = [asyncio.create_task(together.once("a", work, LATER)) for _ in range(3)]
    await asyncio.sleep(0)
    work.go.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(error) for error in told] == ["no"] * 3
    assert work.begun == 1


async def test_who_goes_takes_nobody_along_and_the_last_ends_it() -> None:
    together, work = Together(), Work()
    first, second = (asyncio.create_task(together.once("a", work, LATER)) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    assert not work.cancelled
    second.cancel()
    for gone in (first, second):
        with pytest.raises(asyncio.CancelledError):
            await gone
    await asyncio.sleep(0.01)
    assert work.cancelled == 1
    work.go.set()
    assert await together.once("a", work, LATER) == 2, "whoever comes later begins anew"


async def test_whoever_begins_it_says_by_when_it_is_to_be_done() -> None:
    together, work, sooner = Together(), Work(), Deadline(1.0)
    assert together.under_way("a") is None
    first = asyncio.create_task(together.once("a", work, sooner))
    await asyncio.sleep(0)
    second = asyncio.create_task(together.once("a", work, LATER))
    await asyncio.sleep(0)
    assert together.under_way("a") is sooner
    work.go.set()
    assert await asyncio.gather(first, second) == [1, 1]
    assert together.under_way("a") is None
