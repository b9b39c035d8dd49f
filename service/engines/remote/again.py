"""Asking once more: only where nothing of a reply has come, and as far as the budget goes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from service.engines.remote.heard import Heard
from service.engines.remote.server_errors import BrokenOff, Refused, Unreachable, Unready
from service.engines.remote.upstream import Upstream
from service.errors import EngineError
from service.ports import Deadline

SOONEST_S: Final = 0.01
LATEST_S: Final = 0.1
"""How long before it is asked again: a balancer may notice meanwhile, and not all come at once."""

BAD_GATEWAY: Final = 502
"""How a balancer says that the replica it chose is not there."""

T = TypeVar("T")


async def once_more(
    upstream: Upstream, heard: Heard, deadline: Deadline, ask: Callable[[], Awaitable[T]]
) -> T:
    """What comes of asking, or of asking again. A model's answer may be asked for twice."""
    try:
        return await ask()
    except EngineError as error:
        pause = random.uniform(SOONEST_S, LATEST_S)  # noqa: S311 - spreads load, hides nothing
        needed = pause + (upstream.firsts.usual or 0.0)
        if heard.begun or not _passing(error) or needed > deadline.remaining():
            raise
        if not upstream.spend():
            raise
    await asyncio.sleep(pause)
    return await ask()


def _passing(error: EngineError) -> bool:
    """Whether another try may meet another replica, or the same one started anew."""
    if isinstance(error, Refused):
        return error.answered == BAD_GATEWAY
    return isinstance(error, Unreachable | BrokenOff | Unready)
