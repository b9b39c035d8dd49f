"""Random choices that are the same on every machine, Python and hash seed."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices named by its key.

    Only `Random.random` is used: Python promises its sequence for a seed, and of no other method.
    Floats are added by `fsum` or `accumulate`, since `sum` rounds differently from Python 3.12 on.
    """

    def __init__(self, *key: int | str) -> None:
        name = "/".join(str(part) for part in key)
        self._unit = random.Random(name).random  # noqa: S311  (a demo shop, not a secret)

    def unit(self) -> float:
        """A number in [0, 1)."""
        return self._unit()

    def chance(self, probability: float) -> bool:
        """Whether something this probable happens."""
        return self._unit() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._unit() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[int(self._unit() * len(options))]

    def weighted(self, weights: Sequence[float]) -> int:
        """A position, as likely as its weight; the weights must not all be zero."""
        return self.cumulative(list(accumulate(weights)))

    def cumulative(self, sums: Sequence[float]) -> int:
        """A position, given the running sums of the weights."""
        return min(bisect(sums, self._unit() * sums[-1]), len(sums) - 1)

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """The options in another order."""
        keys = [self._unit() for _ in options]
        return [options[at] for at in sorted(range(len(options)), key=keys.__getitem__)]
