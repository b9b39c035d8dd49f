"""How often a key may ask, counted exactly: at no moment do more requests lie within the window.

In the process the library `limits` counts. In Redis a script of ours does: it goes along with the
other calls of the moment, goes by the one clock that all gateways share, and says in the same round
trip when to come back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from service.errors import StoreUnavailable
from service.ports import Limits
from service.store.keys import Keys
from service.store.redis_calls import Call, Script
from service.store.redis_server import RedisServer

LOG: Final = logging.getLogger("listwright.store")

QUIET_S: Final = 10.0
"""What goes on is told of once, and again after so long without it."""

TAKE: Final = Script(
    "limit",
    """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local amount, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local first = redis.call('LINDEX', KEYS[1], amount - 1)
if first and now - first < window then
  return window - (now - first)
end
redis.call('LPUSH', KEYS[1], now)
redis.call('LTRIM', KEYS[1], 0, amount - 1)
redis.call('PEXPIRE', KEYS[1], window)
return 0
""",
    again=False,
)
"""KEYS: when it was asked. ARGV: how many in how many milliseconds. Milliseconds to wait, or 0.
Where an answer is lost nobody asks again: it would count twice."""


@dataclass(frozen=True, slots=True)
class MemoryLimits:
    """Implements ports.Limits."""

    _limiter: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )

    async def refused(self, rate: RateLimitItem, whom: str) -> float:
        """0 for a request that is let in, and counts; else the seconds until another would be."""
        if await self._limiter.hit(rate, whom):
            return 0.0
        window = await self._limiter.get_window_stats(rate, whom)
        return max(window.reset_time - time.time(), 0.001)


@dataclass(frozen=True, slots=True)
class RedisLimits:
    """Implements ports.Limits for all gateways together."""

    server: RedisServer
    keys: Keys

    async def refused(self, rate: RateLimitItem, whom: str) -> float:
        """0 for a request that is let in, and counts; else the seconds until another would be."""
        window = rate.get_expiry() * 1_000
        call = Call(TAKE, [self.keys.asked(whom)], [rate.amount, window])
        return int(await self.server.run(call)) / 1e3


@dataclass(slots=True)
class SharedLimits:
    """Implements ports.Limits: all gateways together, and each by itself where that cannot be."""

    together: Limits
    alone: Limits = field(default_factory=MemoryLimits)
    clock: Callable[[], float] = time.monotonic
    _last: float = -QUIET_S

    async def refused(self, rate: RateLimitItem, whom: str) -> float:
        """0 for a request that is let in, and counts; else the seconds until another would be."""
        try:
            return await self.together.refused(rate, whom)
        except StoreUnavailable as error:
            # A Redis that is away, full or a replica would else take the rates of all keys away.
            self._tell(error)
            return await self.alone.refused(rate, whom)

    def _tell(self, error: StoreUnavailable) -> None:
        """One line for all requests of a while."""
        now = self.clock()
        if now - self._last >= QUIET_S:
            LOG.warning("limited by this gateway alone", extra={"fields": {"error": error.message}})
        self._last = now
