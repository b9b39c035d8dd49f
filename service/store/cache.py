"""What was computed once, kept in the process: the least used goes first."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str
    until: float


class MemoryCache:
    """Implements ports.Cache with a bound on its memory."""

    def __init__(
        self, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most_bytes
        self._clock = clock
        self._size = 0
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def get(self, key: str) -> str | None:
        """What is kept under a key."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until <= self._clock():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.value

    async def put(self, key: str, value: str, seconds: float | None = None) -> None:
        """Keep a value in the place of what was used least, for so long at most."""
        self._drop(key)
        self._kept[key] = _Kept(value, math.inf if seconds is None else self._clock() + seconds)
        self._size += _bytes(key, value)
        while self._size > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._size -= _bytes(key, kept.value)


def _bytes(key: str, value: str) -> int:
    # As Python holds a text at worst: four bytes a character.
    return 4 * (len(key) + len(value))
