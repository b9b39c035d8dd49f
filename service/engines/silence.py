"""Silence: a server that says nothing is looked at beside the list, and given up if it hangs.

Silence alone proves nothing. A long prompt or a full server takes its time too, but says meanwhile
which models it serves.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from service.engines.watch import Watch
from service.errors import EngineFailed

SILENCE_S: Final = 2.0
"""How long a server may say nothing before it is looked at."""

T = TypeVar("T")


class Pulse:
    """When something was heard last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.last = clock()

    def beat(self) -> None:
        """Something is heard."""
        self.last = self._clock()

    @property
    def silence(self) -> float:
        """Seconds since."""
        return self._clock() - self.last


async def unless_hung(watch: Watch, pulse: Pulse, listening: Coroutine[Any, Any, T]) -> T:
    """What listening comes to; EngineFailed as soon as the silent server is found to hang."""
    work = asyncio.ensure_future(listening)
    try:
        while True:
            # Not for each event anew: that would cost more than reading it.
            left = max(SILENCE_S - pulse.silence, SILENCE_S / 4)
            await asyncio.wait({work}, timeout=left)
            if work.done():
                return work.result()
            if (trouble := await _found(watch, pulse, work)) is not None:
                raise EngineFailed(trouble)
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _found(watch: Watch, pulse: Pulse, work: asyncio.Future[T]) -> str | None:
    """What a look finds that is taken while the server is silent, and after it fell so."""
    if pulse.silence < SILENCE_S:
        return None
    if (trouble := watch.trouble_since(pulse.last)) is not None:
        return trouble
    either: set[asyncio.Future[Any]] = {work, watch.look()}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if work.done() or pulse.silence < SILENCE_S:
        return None
    return watch.trouble_since(pulse.last)
