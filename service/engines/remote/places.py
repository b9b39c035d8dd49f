"""Places at a server: so many requests side by side, so many waiting, the rest is told at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.errors import EngineBusy


class Places:
    """Counts who is being served and who waits."""

    def __init__(self, concurrent: int, queue: int) -> None:
        self._concurrent = concurrent
        self._queue = queue
        self._free = asyncio.Semaphore(concurrent)
        self._taken = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A place, waited for if need be; EngineBusy if too many wait already."""
        if self._taken >= self._concurrent + self._queue:
            message = f"{self._queue} requests are waiting already"
            raise EngineBusy(message)
        self._taken += 1
        try:
            async with self._free:
                yield
        finally:
            self._taken -= 1

    def ahead(self) -> float:
        """How many requests a new one would have to wait for; none while there are free places."""
        return max(0, self._taken + 1 - self._concurrent) / self._concurrent
