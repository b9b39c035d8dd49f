"""How the cost of reading grows with what is read: if it is squared, it holds a thread for long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SMALL: Final = 1 << 13
LARGE: Final = 1 << 16
"""Eight times as many: they cost 8 times as much if each is looked at once, 64 times if not."""

BETWEEN: Final = 28

_FROM_S: Final = 0.02
"""Under this nobody waits, and clocks are coarse."""


def grows_evenly(work: Callable[[int], object]) -> bool:
    """Whether this work, told how many characters to read, costs about as much for each of them."""
    large = _least_seconds(work, LARGE)
    return large < _FROM_S or large < BETWEEN * _least_seconds(work, SMALL)


def _least_seconds(work: Callable[[int], object], size: int) -> float:
    took = []
    for _ in range(3):
        began = time.thread_time()
        work(size)
        took.append(time.thread_time() - began)
    return min(took)
