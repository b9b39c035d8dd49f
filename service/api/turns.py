"""Large bodies are parsed one at a time, with a pause after each as long as it took.

A parser holds the thread of all requests, and its lock too, so that another thread would be no
help. Twenty large bodies in a row would have everybody else wait for all of them; so they have half
of the thread at most, and whoever asks for little is in between.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from service.api.errors import Overloaded

LARGE: Final = 32_768
"""Bytes of a body from which on it waits for its turn. Smaller ones go first."""

WAITING: Final = 32
"""So many may wait, each with its body in memory. The last of them waits for a tenth of a second
with usual bodies, and for seconds where all are the worst that there are."""


class Turns:
    """One at a time, and nobody for as long again."""

    def __init__(self, most: int = WAITING, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._held = asyncio.Lock()
        self._asked = 0
        self._next = clock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it; Overloaded where too many wait."""
        if self._asked > self._most:
            raise Overloaded("too many large bodies are waiting to be read")
        self._asked += 1
        try:
            async with self._held:
                await asyncio.sleep(max(0.0, self._next - self._clock()))
                began = self._clock()
                try:
                    yield
                finally:
                    ended = self._clock()
                    self._next = ended + (ended - began)
        finally:
            self._asked -= 1
