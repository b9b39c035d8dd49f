"""What was computed once, kept in the process: the least used goes first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

MOST_BYTES: Final = 16 << 20


class MemoryCache:
    """Implements ports.Cache with a bound on its memory."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[str, str] = OrderedDict()

    async def get(self, key: str) -> str | None:
        """What is kept under a key."""
        value = self._kept.get(key)
        if value is not None:
            self._kept.move_to_end(key)
        return value

    async def put(self, key: str, value: str) -> None:
        """Keep a value, in the place of what was used least."""
        self._drop(key)
        self._kept[key] = value
        self._size += _bytes(key, value)
        while self._size > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        value = self._kept.pop(key, None)
        if value is not None:
            self._size -= _bytes(key, value)


def _bytes(key: str, value: str) -> int:
    # As Python holds a text at worst: four bytes a character.
    return 4 * (len(key) + len(value))
