"""Silence: a server that says nothing is looked at beside the list, and given up if it hangs.

Silence alone proves nothing. A long prompt or a full server takes its time too, but says meanwhile
which models it serves.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from service.engines.remote.watch import Watch
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


class Drought:
    """How long lists have waited and no token of any of them has come.

    The time in which none waited is left out: nothing could come then.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lists = 0
        self._since = 0.0
        self._before = 0.0

    @contextmanager
    def suffered(self) -> Iterator[None]:
        """While a list waits in here."""
        if not self._lists:
            self._since = self._clock()
        self._lists += 1
        try:
            yield
        finally:
            if self._lists == 1:
                self._before = self.seconds
            self._lists -= 1

    def end(self) -> None:
        """A token has come."""
        self._since, self._before = self._clock(), 0.0

    @property
    def seconds(self) -> float:
        """Since the last token."""
        return self._before + (self._clock() - self._since if self._lists else 0.0)


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
            if (hung := await _found(watch, pulse, work)) is not None:
                raise EngineFailed(hung)
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _found(watch: Watch, pulse: Pulse, work: asyncio.Future[T]) -> str | None:
    """What a look finds that is taken while the server is silent, and after it fell so."""
    if pulse.silence < SILENCE_S:
        return None
    if (hung := watch.hung_since(pulse.last)) is not None:
        return hung
    either: set[asyncio.Future[Any]] = {work, watch.look()}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if work.done() or pulse.silence < SILENCE_S:
        return None
    return watch.hung_since(pulse.last)
