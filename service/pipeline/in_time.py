"""Stores are waited for no longer than the request has time: late, they are as good as away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, TypeVar

from service.errors import StoreUnavailable
from service.ports import Cache, Deadline

LEAST_S: Final = 0.02
"""Whatever time is left: a store that is well answers in a tenth of this."""

LOOKED_UP: Final = 0.25
"""Part of the time left in which a cache may answer: what is not found can then still be made."""

T = TypeVar("T")


async def in_time(work: Awaitable[T], seconds: float) -> T:
    """What a store says; StoreUnavailable once a request has waited for so long."""
    try:
        async with asyncio.timeout(max(seconds, LEAST_S)):
            return await work
    except TimeoutError as error:
        raise StoreUnavailable(
            "the store did not answer within the request's deadline", hint="Send it again."
        ) from error


@dataclass(frozen=True, slots=True)
class CacheInTime:
    """Implements ports.Cache for one request."""

    cache: Cache
    deadline: Deadline

    async def get(self, key: str) -> str | None:
        """What is kept under a key; StoreUnavailable."""
        return await in_time(self.cache.get(key), LOOKED_UP * self.deadline.remaining())

    async def put(self, key: str, value: str, seconds: float | None = None) -> None:
        """Keep a value; StoreUnavailable where it is not known to be kept."""
        await in_time(self.cache.put(key, value, seconds), self.deadline.remaining())
