"""What an answer was a moment ago, for whoever asks again: one question at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

SECONDS: Final = 3.0
"""How long an answer holds."""


class Lately(Generic[T]):
    """The last answer to one question, asked again once it is old."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asking = asyncio.Lock()
        self._last: tuple[float, T] | None = None

    async def of(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What was answered last, or is now; who asks meanwhile waits for that answer."""
        async with self._asking:
            if self._last is None or self._clock() - self._last[0] >= SECONDS:
                answer = await ask()
                self._last = self._clock(), answer
            return self._last[1]
