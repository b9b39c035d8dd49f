"""Work that several may wait for, and that comes to its end though they no longer do.

What runs in a thread cannot be stopped. So nobody begins it a second time while it runs, there
is a bound on how much of it goes on, and what it comes to is not lost on those who ask next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from service.errors import EngineBusy

SIDE_BY_SIDE: Final = 2
MOST: Final = 16
"""Beyond so many that run or wait, more are refused at once."""

T = TypeVar("T")


class Flights:
    """Work under way, by what it is for."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[Any]] = {}
        self._places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def once(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """What the work comes to; it is begun unless it is under way. EngineBusy beyond a bound.

        Whoever cancels this call cancels only their own waiting.
        """
        task = self._under_way.get(key)
        if task is None:
            if len(self._under_way) >= MOST:
                raise EngineBusy(f"{MOST} comparisons are under way already")
            task = asyncio.create_task(self._placed(work))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        result: T = await asyncio.shield(task)
        return result

    async def _placed(self, work: Callable[[], Awaitable[T]]) -> T:
        async with self._places:
            return await work()

    def _landed(self, key: str, task: asyncio.Task[Any]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            # Looked at, for those who wait for it have perhaps all gone.
            task.exception()
