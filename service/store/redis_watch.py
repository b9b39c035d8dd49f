"""Whether Redis is there, and keeps what it acknowledges: looked at every few seconds.

What it forgets first is a setting of its own, which can be another at any time. No request waits
for it to be read: events are refused by what was known last.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from service.errors import StoreUnavailable
from service.store.lately import Lately

LOG: Final = logging.getLogger("listwright.store")

EVERY_S: Final = 5.0

REMEDY: Final = "In redis.conf: maxmemory-policy volatile-lru"


class RedisWatch:
    """What Redis said last of itself."""

    def __init__(self, evicting: Callable[[], Awaitable[str | None]]) -> None:
        """`evicting` asks it why it would drop what was acknowledged; StoreUnavailable."""
        self._evicting = evicting
        self._lately: Lately[str | None] = Lately()
        self.evicts: str | None = None
        """Why histories would not last, as far as is known: also while it is away."""
        self.last: str | None = None
        """What was amiss when it was looked at last."""

    async def look(self) -> str | None:
        """What is amiss now; None where all is well."""
        before = self.evicts
        try:
            self.last = self.evicts = await self._evicting()
        except StoreUnavailable as error:
            self.last = self.evicts or error.message
        if self.evicts not in (None, before):
            LOG.error("events are refused: %s", self.evicts)
        return self.last

    async def trouble(self) -> str | None:
        """Why histories cannot be read or would not last; None where all is well.

        Anybody may ask, as often as they like: Redis itself is asked every few seconds.
        """
        return await self._lately.of(self.look)

    def refuse_to_forget(self) -> None:
        """StoreUnavailable where what is acknowledged might be evicted."""
        if self.evicts is not None:
            raise StoreUnavailable(self.evicts, hint=REMEDY)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """It is looked at all the while."""
        looking = asyncio.create_task(self._go_on())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.trouble()
            except Exception:
                # Whoever would end here would never look again, and nobody would know.
                LOG.exception("Redis cannot be looked at")
