"""Work that several wait for: begun once, ended though nobody waits, and bounded."""

from __future__ import annotations

import asyncio

import pytest

from service.errors import EngineBusy
from service.pipeline.flights import MOST, SIDE_BY_SIDE, Flights


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


async def test_who_goes_away_stops_nothing() -> None:
    flights, work = Flights(), Work()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await flights.once("a", work)
    work.go.set()
    assert await flights.once("a", work) == 1


async def test_only_so_much_goes_on_and_only_so_much_waits() -> None:
    flights, work = Flights(), Work()
    waiting = [asyncio.create_task(flights.once(str(n), work)) for n in range(MOST)]
    await asyncio.sleep(0.01)
    with pytest.raises(EngineBusy):
        await flights.once("one too many", work)
    work.go.set()
    await asyncio.gather(*waiting)
    assert (work.ended, work.most) == (MOST, SIDE_BY_SIDE)


async def test_a_failure_is_told_to_those_who_wait_and_forgotten() -> None:
    flights = Flights()

    async def fail() -> None:
        raise ValueError("no")

    async def succeed() -> str:
        return "yes"

    with pytest.raises(ValueError, match="no"):
        await flights.once("a", fail)
    assert await flights.once("a", succeed) == "yes"
