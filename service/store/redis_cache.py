"""What was computed once, in Redis: each for a time, so that only this is evicted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from service.store.keys import Keys
from service.store.redis_calls import Plain
from service.store.redis_server import RedisServer

MOST_S: Final = 86_400.0
"""A day. What has no time to live would never make room."""


@dataclass(frozen=True, slots=True)
class RedisCache:
    """Implements ports.Cache; a call is a round trip, shared with others of the same moment."""

    server: RedisServer
    keys: Keys

    async def get(self, key: str) -> str | None:
        """What is kept under a key; StoreUnavailable."""
        found: str | None = await self.server.run(Plain(("GET", self.keys.cached(key))))
        return found

    async def put(self, key: str, value: str, seconds: float | None = None) -> None:
        """Keep a value for so long at most, a day if nothing is said; StoreUnavailable."""
        lasting = math.ceil(1e3 * min(MOST_S if seconds is None else seconds, MOST_S))
        await self.server.run(Plain(("SET", self.keys.cached(key), value, "PX", lasting)))
