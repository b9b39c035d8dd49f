"""Whether Redis is there, and keeps what it acknowledges: looked at every few seconds.

What it forgets first is a setting of its own, which can be another at any time. No request waits
for it to be read: events are refused by what was known last.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias

from service.errors import StoreUnavailable
from service.store.lately import Lately

LOG: Final = logging.getLogger("listwright.store")

EVERY_S: Final = 5.0

REMEDY: Final = "In redis.conf: maxmemory-policy volatile-lru"


Facts: TypeAlias = Mapping[str, Any]
"""What a server tells of itself (INFO)."""


class RedisWatch:
    """What Redis said last of itself."""

    def __init__(self, asked: Callable[[], Awaitable[Sequence[Facts]]]) -> None:
        """`asked`: what each server tells of itself; StoreUnavailable."""
        self._asked = asked
        self._lately: Lately[str | None] = Lately()
        self.evicts: str | None = None
        """Why histories would not last, as far as is known: also while it is away."""
        self.last: str | None = None
        """What was amiss when it was looked at last."""

    async def look(self) -> str | None:
        """What is amiss now; None where all is well."""
        before = self.evicts
        try:
            told = await self._asked()
            self.evicts = _first(evicts, told)
            self.last = self.evicts or _first(takes_nothing, told)
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


def evicts(told: Facts) -> str | None:
    """Why it would drop what was acknowledged once it is full; None where it would not."""
    policy = str(told.get("maxmemory_policy"))
    if not policy.startswith("allkeys-"):
        return None
    return (
        f"Redis may evict histories: its maxmemory-policy is {policy}, and must be"
        " noeviction, or volatile-lru, which drops only what is cached"
    )


def takes_nothing(told: Facts) -> str | None:
    """Why it refuses all that is to be written; None where it does not."""
    if told.get("role") == "slave" and told.get("slave_read_only", 1):
        return "Redis is a replica, which takes no events"
    most, kept = int(told.get("maxmemory", 0)), told.get("maxmemory_policy") == "noeviction"
    if kept and most and int(told.get("used_memory", 0)) >= most:
        return "Redis is full, and takes no events: raise its maxmemory"
    return None


def _first(why: Callable[[Facts], str | None], told: Sequence[Facts]) -> str | None:
    return next(filter(None, map(why, told)), None)
