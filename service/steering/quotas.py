"""Whether quotas can still be met: exact integer feasibility over classes of items.

With m share categories an item belongs to one of 2**m *classes*: bit j of the class says whether
it has category j. A list takes n[x] items of class x, and we ask whether integers
0 <= n[x] <= available[x] exist whose total is the number of open slots and whose count in each
category lies between a lower and an upper bound.

The relaxation to real numbers is decided exactly by Farkas' lemma: it has no solution if and only
if some direction w separates what the classes can reach from what the quotas allow, and for a
fixed m it suffices to try the finitely many extreme directions of one hyperplane arrangement,
which do not depend on the request. So the test is one small matrix product. Integers are then
found by fixing the classes of two or more categories one by one, the scarcest first; what is left
after those is an interval problem, in which the relaxation is already integral. Where whole
numbers alone are the obstacle (items that each have an even number of the categories never fill an
odd number of places), arithmetic modulo 2 and 3 says so at once: the minors of these matrices have
no other prime factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from typing import Final

import numpy as np

from service.steering.arrays import BoolArray, IntArray

MAX_SHARES: Final = 4
PRIMES: Final = (2, 3)


@dataclass(frozen=True, slots=True)
class Need:
    """What is still to be met: open slots, and bounds per share category."""

    slots: int
    lower: tuple[int, ...]
    upper: tuple[int, ...]

    def after(self, class_index: int) -> Need:
        """The need once one item of a class has been taken."""
        bits = [class_index >> j & 1 for j in range(len(self.lower))]
        return Need(
            self.slots - 1,
            tuple(max(0, low - bit) for low, bit in zip(self.lower, bits, strict=True)),
            tuple(high - bit for high, bit in zip(self.upper, bits, strict=True)),
        )


def feasible(need: Need, available: tuple[int, ...]) -> bool:
    """Whether some choice of available items meets the need exactly."""
    return _feasible(need, _clamped(need, available))


def open_classes(need: Need, available: tuple[int, ...]) -> BoolArray:
    """For each class: may the next slot take one of its items?"""
    return _open_classes(need, _clamped(need, available))


def _clamped(need: Need, available: tuple[int, ...]) -> tuple[int, ...]:
    """More items than slots change nothing; clamping makes the caches hit across requests."""
    return tuple(min(count, need.slots) for count in available)


@lru_cache(maxsize=65_536)
def _open_classes(need: Need, available: tuple[int, ...]) -> BoolArray:
    mask = np.zeros(len(available), dtype=bool)
    if need.slots > 0:
        for index, count in enumerate(available):
            if count > 0:
                rest = (*available[:index], count - 1, *available[index + 1 :])
                after = need.after(index)
                mask[index] = _feasible(after, _clamped(after, rest))
    mask.flags.writeable = False
    return mask


@lru_cache(maxsize=65_536)
def _feasible(need: Need, available: tuple[int, ...]) -> bool:
    if need.slots > sum(available):
        return False
    if any(low > high for low, high in zip(need.lower, need.upper, strict=True)):
        return False
    if not need.lower:
        return need.slots >= 0
    geometry = _geometry(len(need.lower))
    low = np.array((need.slots, *need.lower), dtype=np.int64)
    high = np.array((need.slots, *need.upper), dtype=np.int64)
    return _search(geometry, np.array(available, dtype=np.int64), low, high)


@dataclass(frozen=True, slots=True)
class _Geometry:
    """What depends on the number of share categories alone."""

    classes: IntArray
    """One column a class: 1 for the total, then the bits of its categories."""
    reach: IntArray
    """For each extreme direction, how far one item of each class reaches along it."""
    toward_low: IntArray
    toward_high: IntArray
    overlapping: IntArray
    """Classes of two or more categories."""
    weights: IntArray
    """Every way to weigh total and categories modulo a small prime."""
    moduli: IntArray
    weighed: IntArray
    """What an item of each class weighs."""


@lru_cache(maxsize=MAX_SHARES)
def _geometry(shares: int) -> _Geometry:
    count = 1 << shares
    bits = np.array([[x >> j & 1 for x in range(count)] for j in range(shares)])
    classes = np.vstack([np.ones(count, dtype=np.int64), bits])
    directions = _extreme_directions(np.vstack([classes.T, np.eye(shares + 1, dtype=np.int64)[1:]]))
    weights, moduli = _residues(shares + 1)
    return _Geometry(
        classes=classes,
        reach=np.maximum(directions @ classes, 0),
        toward_low=np.maximum(directions, 0),
        toward_high=np.minimum(directions, 0),
        overlapping=np.array([x for x in range(count) if x.bit_count() > 1], dtype=np.int64),
        weights=weights,
        moduli=moduli,
        weighed=(weights @ classes) % moduli[:, None],
    )


def _extreme_directions(normals: IntArray) -> IntArray:
    """All vectors, up to length, orthogonal to a full set of independent normals; both signs."""
    dimension = normals.shape[1]
    chosen = normals[list(combinations(range(len(normals)), dimension - 1))]
    minors = [
        (-1) ** axis * np.linalg.det(np.delete(chosen, axis, axis=2).astype(float))
        for axis in range(dimension)
    ]
    directions = np.rint(np.stack(minors, axis=1)).astype(np.int64)
    directions = directions[np.any(directions, axis=1)]
    directions //= np.gcd.reduce(directions, axis=1)[:, None]
    return np.unique(np.vstack([directions, -directions]), axis=0)


def _residues(dimension: int) -> tuple[IntArray, IntArray]:
    vectors = [(list(v), p) for p in PRIMES for v in product(range(p), repeat=dimension) if any(v)]
    return np.array([v for v, _ in vectors]), np.array([p for _, p in vectors])


def _search(geometry: _Geometry, available: IntArray, low: IntArray, high: IntArray) -> bool:
    """Depth first over the overlapping classes, cutting wherever there can be no solution."""
    if not _relaxed(geometry, available[None], low[None], high[None])[0]:
        return False
    if not _congruent(geometry, available, low, high):
        return False
    left = geometry.overlapping[available[geometry.overlapping] > 0]
    if not len(left):
        return True
    index = int(left[np.argmin(available[left])])
    taken = np.arange(available[index] + 1)[:, None] * geometry.classes[:, index]
    rest = available.copy()
    rest[index] = 0
    lows, highs = low - taken, high - taken
    possible = np.flatnonzero(
        _relaxed(geometry, np.broadcast_to(rest, (len(taken), len(rest))), lows, highs)
    )
    return any(_search(geometry, rest, lows[i], highs[i]) for i in possible)


def _congruent(geometry: _Geometry, available: IntArray, low: IntArray, high: IntArray) -> bool:
    """Whether nothing modulo a small prime forbids the counts that are asked for exactly.

    Where every available class weighs nothing, the counts must weigh nothing too.
    """
    weightless = ~np.any(geometry.weighed[:, available > 0], axis=1)
    exact = ~np.any(geometry.weights[:, low < high], axis=1)
    binding = weightless & exact
    return not np.any((geometry.weights[binding] @ low) % geometry.moduli[binding])


def _relaxed(geometry: _Geometry, available: IntArray, low: IntArray, high: IntArray) -> BoolArray:
    """For each row of the arguments: do real numbers meet the need? Exact, in integers."""
    reach = available @ geometry.reach.T
    asked = low @ geometry.toward_low.T + high @ geometry.toward_high.T
    return np.asarray(np.all(reach >= asked, axis=1))
