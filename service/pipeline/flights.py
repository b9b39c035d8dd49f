"""Work that several may wait for, and that comes to its end though they no longer do.

What runs in a thread cannot be stopped. So nobody begins it a second time while it runs, there
is a bound on how much of it goes on, and what it comes to is not lost on those who ask next.
The rest waits for a place; what nobody waits for any more is not begun at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, TypeVar

SIDE_BY_SIDE: Final = 2
LARGE_SIDE_BY_SIDE: Final = 1
"""Of the places, so many are for large work at most: small work does not wait for it."""

T = TypeVar("T")


class _Flight:
    """Work, which waits for a place before it begins, and how many wait for it."""

    def __init__(
        self, places: Sequence[asyncio.Semaphore], work: Callable[[], Awaitable[Any]]
    ) -> None:
        self._places = places
        self._work = work
        self.waiting = 0
        self.begun = False
        self.task = asyncio.create_task(self._fly())

    async def _fly(self) -> Any:
        async with AsyncExitStack() as stack:
            for places in self._places:
                await stack.enter_async_context(places)
            self.begun = True
            return await self._work()


class Flights:
    """Work under way, by what it is for."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight] = {}
        self._places = asyncio.Semaphore(SIDE_BY_SIDE)
        self._large = asyncio.Semaphore(LARGE_SIDE_BY_SIDE)

    async def once(self, key: str, work: Callable[[], Awaitable[T]], *, large: bool = False) -> T:
        """What the work comes to; it is begun unless it is under way.

        Whoever cancels this call cancels only their own waiting; what has not begun when the last
        of them goes is dropped.
        """
        flight = self._flights.get(key) or self._taken_on(key, work, large=large)
        flight.waiting += 1
        try:
            result: T = await asyncio.shield(flight.task)
            return result
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.begun:
                self._end(key, flight)
                flight.task.cancel()

    def _taken_on(self, key: str, work: Callable[[], Awaitable[Any]], *, large: bool) -> _Flight:
        places = (self._large, self._places) if large else (self._places,)
        flight = self._flights[key] = _Flight(places, work)
        flight.task.add_done_callback(lambda done: self._landed(key, flight, done))
        return flight

    def _landed(self, key: str, flight: _Flight, task: asyncio.Task[Any]) -> None:
        self._end(key, flight)
        if not task.cancelled():
            # Looked at, for those who wait for it have perhaps all gone.
            task.exception()

    def _end(self, key: str, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
