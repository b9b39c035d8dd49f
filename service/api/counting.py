"""How often a key asks: nobody waits long to be counted, and what a count comes to is not lost.

Who cannot be counted in time is let in. Their count goes on without them, and holds for those who
come next: else a key that leaves its requests no time would have no limit.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from service.access.holder import Holder
from service.access.rates import rate_of
from service.pipeline.in_time import in_time
from service.ports import Limits

COUNTED_WITHIN_S: Final = 0.1
"""How long a request waits for its count that brings no deadline: Redis takes a hundredth of it."""

_Whom: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class Counting:
    """Who has asked as often as they may, and until when."""

    limits: Limits
    clock: Callable[[], float] = time.monotonic
    _until: dict[_Whom, float] = field(default_factory=dict)
    """As many entries as there are keys with a rate; none that has passed is kept."""
    _counts: set[asyncio.Task[float]] = field(default_factory=set)
    """Those under way: the event loop itself does not keep them."""

    async def wait(self, holder: Holder, seconds: float) -> float:
        """Seconds until the key may ask again; 0 for a request that is let in, and counts.

        StoreUnavailable where nobody counts, or not within `seconds`. Whom a count has refused is
        not counted again before that time: the window it was refused for cannot get emptier sooner.
        """
        if holder.rate is None:
            return 0.0
        whom = (f"{holder.tenant}/{holder.name}", holder.rate)
        left = self._until.get(whom, -math.inf) - self.clock()
        if left > 0.0:
            return left
        self._until.pop(whom, None)
        count = asyncio.ensure_future(self._count(whom))
        self._counts.add(count)
        count.add_done_callback(self._counted)
        return await in_time(asyncio.shield(count), seconds)

    async def _count(self, whom: _Whom) -> float:
        name, rate = whom
        wait = await self.limits.refused(rate_of(rate), name)
        if wait:
            self._until[whom] = self.clock() + wait
        return wait

    def _counted(self, count: asyncio.Task[float]) -> None:
        self._counts.discard(count)
        if not count.cancelled():
            # It was told to whoever waited; nobody may have.
            count.exception()
