"""Work that several wait for: begun once, ended though nobody waits, and bounded."""

from __future__ import annotations

import asyncio

import pytest

from service.pipeline.flights import SIDE_BY_SIDE, Flights


class Work:
    """Counts how often it was begun and ended, and how much of it went on at once."""

    def __init__(self) -> None:
        self.begun = self.ended = self.most = 0
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        self.most = max(self.most, self.begun - self.ended)
        await self.go.wait()
        self.ended += 1
        return self.ended


async def test_it_is_begun_once_for_all_who_wait() -> None:
    flights, work = Flights(), Work()
    waiting = [asyncio.create_task(flights.once("a", work)) for _ in range(5)]
    await asyncio.sleep(0)
    work.go.set()
    assert await asyncio.gather(*waiting) == [1] * 5
    assert await flights.once("a", work) == 2


async def test_who_goes_away_stops_nothing_that_has_begun() -> None:
    flights, work = Flights(), Work()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await flights.once("a", work)
    work.go.set()
    assert await flights.once("a", work) == 1


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    flights, busy, gone, later = Flights(), Work(), Work(), Work()
    running = [asyncio.create_task(flights.once(str(n), busy)) for n in range(SIDE_BY_SIDE)]
    waiting = [asyncio.create_task(flights.once("gone", gone)) for _ in range(2)]
    await asyncio.sleep(0.01)
    waiting[0].cancel()
    await asyncio.sleep(0.01)
    assert not waiting[1].done()  # it is still waited for
    waiting[1].cancel()
    # Who asks for the same before the first has quite gone gets it all the same.
    again = asyncio.create_task(flights.once("gone", later))
    await asyncio.sleep(0.01)
    busy.go.set()
    later.go.set()
    await asyncio.gather(*running)
    assert await again == 1
    assert (gone.begun, later.begun) == (0, 1)


async def test_only_so_much_goes_on_at_once_and_the_rest_waits() -> None:
    flights, work = Flights(), Work()
    gone = [asyncio.create_task(flights.once(f"gone {n}", work)) for n in range(30)]
    waiting = [asyncio.create_task(flights.once(str(n), work)) for n in range(40)]
    await asyncio.sleep(0.01)
    for task in gone:
        task.cancel()
    await asyncio.sleep(0.01)
    work.go.set()
    await asyncio.gather(*waiting)
    # Of those who left only what had begun already was done.
    assert (work.ended, work.most) == (40 + SIDE_BY_SIDE, SIDE_BY_SIDE)


async def test_small_work_does_not_wait_for_large_work() -> None:
    flights, large, small = Flights(), Work(), Work()
    many = [asyncio.create_task(flights.once(f"l{n}", large, large=True)) for n in range(8)]
    await asyncio.sleep(0.01)
    few = [asyncio.create_task(flights.once(f"s{n}", small)) for n in range(3)]
    small.go.set()
    await asyncio.gather(*few)
    assert (small.ended, large.begun, large.ended) == (3, 1, 0)
    large.go.set()
    await asyncio.gather(*many)
    assert (large.ended, large.most) == (8, 1)


async def test_a_failure_is_told_to_those_who_wait_and_forgotten() -> None:
    flights = Flights()

    async def fail() -> None:
        raise ValueError("no")

    async def succeed() -> str:
        return "yes"

    with pytest.raises(ValueError, match="no"):
        await flights.once("a", fail)
    assert await flights.once("a", succeed) == "yes"
