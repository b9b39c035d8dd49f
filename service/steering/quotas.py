"""Whether quotas can still be met: exact integer feasibility over classes of items.

With m share categories an item belongs to one of 2**m *classes*: bit j of the class says whether
it has category j. A list takes n[x] items of class x, and we ask whether integers
0 <= n[x] <= available[x] exist whose total is the number of open slots and whose count in each
category lies between a lower and an upper bound. By how much a count exceeds its lower bound is one
more unknown of this kind, so every quota is an equation in *counts*, each from zero to its *room*.

The relaxation to real numbers is decided exactly by Farkas' lemma: it has no solution if and only
if some direction w separates what the counts can reach from what is asked, and for a fixed m it
suffices to try the finitely many extreme directions of one hyperplane arrangement, which do not
depend on the request. So the test is one small matrix product, and how far it is from failing says
between which whole numbers each count must lie. What a count must be at least is taken, and this
is done again until nothing moves.

Where whole numbers alone are the obstacle (items that each have an even number of the categories
never fill an odd number of places), arithmetic modulo 2 and 3 says so: the minors of these matrices
have no other prime factors. Where the classes that still have room have no minor but 0, 1 and -1,
real numbers are as good as whole ones. Otherwise the class with the least room is tried with each
number of items, the middle one first. How many are tried in vain has been measured, not bounded.
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
_PLENTY: Final = 1 << 40


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
    mask = np.array(available) > 0
    if need.slots <= 0:
        mask[:] = False
    elif need.lower:
        certain, mask = _within_reach(need, available)
        if not certain:
            for index in np.flatnonzero(mask).tolist():
                mask[index] = feasible(need.after(index), _less(available, index))
    else:
        mask &= _feasible(need, available)
    mask.flags.writeable = False
    return mask


def _less(available: tuple[int, ...], index: int) -> tuple[int, ...]:
    return (*available[:index], available[index] - 1, *available[index + 1 :])


def _within_reach(need: Need, available: tuple[int, ...]) -> tuple[bool, BoolArray]:
    """The classes of which real numbers can take one; and whether that says all there is to say."""
    none = np.zeros(len(available), dtype=bool)
    if not _sane(need, available):
        return True, none
    geometry, room, asked = _equations(need, available)
    narrowed = _narrowed(geometry, room, asked)
    if narrowed is None or not _congruent(geometry, narrowed.room, narrowed.asked):
        return True, none
    most = (narrowed.least + narrowed.room)[: len(available)]
    return _narrowest(geometry, narrowed.room) is None, most > 0


def _sane(need: Need, available: tuple[int, ...]) -> bool:
    crossed = any(low > high for low, high in zip(need.lower, need.upper, strict=True))
    return not crossed and need.slots <= sum(available)


def _equations(need: Need, available: tuple[int, ...]) -> tuple[_Geometry, IntArray, IntArray]:
    spread = [high - low for low, high in zip(need.lower, need.upper, strict=True)]
    room = np.array((*available, *spread), dtype=np.int64)
    return _geometry(len(need.lower)), room, np.array((need.slots, *need.lower))


@lru_cache(maxsize=65_536)
def _feasible(need: Need, available: tuple[int, ...]) -> bool:
    if not _sane(need, available):
        return False
    if not need.lower:
        return need.slots >= 0
    return _search(*_equations(need, available))


@dataclass(frozen=True, slots=True)
class _Steps:
    """Steps of columns along directions, as what divides by them without a division."""

    scale: int
    scaled: IntArray
    """The scale divided by the step; 0 where there is none."""
    absent: IntArray

    @classmethod
    def of(cls, steps: IntArray) -> _Steps:
        """Of what is above zero."""
        goes = steps > 0
        scale = int(np.lcm.reduce(steps[goes]))
        scaled = np.where(goes, scale // np.where(goes, steps, 1), 0)
        return cls(scale, scaled, np.where(goes, 0, _PLENTY))


@dataclass(frozen=True, slots=True)
class _Geometry:
    """What depends on the number of share categories alone."""

    columns: IntArray
    """What one of each count adds: 1 to the total and the bits of a class's categories; last come
    the excesses, each of which takes 1 from its category."""
    reach: IntArray
    """For each extreme direction, how far each column goes along it, if it does not go back."""
    upward: _Steps
    downward: _Steps
    directions: IntArray
    uneven: IntArray
    """Sets of classes, as masks, of which some minor is not 0, 1 or -1; only the smallest."""
    weights: IntArray
    """Every way to weigh total and categories modulo a small prime."""
    moduli: IntArray
    weighed: IntArray
    """What each column weighs."""


@lru_cache(maxsize=MAX_SHARES)
def _geometry(shares: int) -> _Geometry:
    count = 1 << shares
    bits = np.array([[x >> j & 1 for x in range(count)] for j in range(shares)])
    classes = np.vstack([np.ones(count, dtype=np.int64), bits])
    excesses = -np.eye(shares + 1, dtype=np.int64)[:, 1:]
    columns = np.hstack([classes, excesses])
    directions = _extreme_directions(columns.T)
    steps = directions @ columns
    weights, moduli = _residues(shares + 1)
    return _Geometry(
        columns=columns,
        reach=np.maximum(steps, 0),
        upward=_Steps.of(steps),
        downward=_Steps.of(-steps),
        directions=directions,
        uneven=_uneven(classes),
        weights=weights,
        moduli=moduli,
        weighed=(weights @ columns) % moduli[:, None],
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


def _uneven(classes: IntArray) -> IntArray:
    found: list[int] = []
    for size in range(2, len(classes) + 1):
        chosen = np.array(list(combinations(range(classes.shape[1]), size)))
        odd = np.zeros(len(chosen), dtype=bool)
        for rows in combinations(range(len(classes)), size):
            minors = np.linalg.det(classes[list(rows)].T[chosen].astype(float))
            odd |= np.abs(minors) > 1.5  # noqa: PLR2004 - they are whole numbers
        masks = np.sum(1 << chosen[odd], axis=1)
        found += [int(mask) for mask in masks if all(mask & small != small for small in found)]
    return np.array(found, dtype=np.int64)


def _residues(dimension: int) -> tuple[IntArray, IntArray]:
    vectors = [(list(v), p) for p in PRIMES for v in product(range(p), repeat=dimension) if any(v)]
    return np.array([v for v, _ in vectors]), np.array([p for _, p in vectors])


def _search(geometry: _Geometry, room: IntArray, asked: IntArray) -> bool:
    """Whether whole numbers, each from zero to its room, add up to what is asked."""
    narrowed = _narrowed(geometry, room, asked)
    if narrowed is None:
        return False
    room, asked = narrowed.room, narrowed.asked
    if not _congruent(geometry, room, asked):
        return False
    index = _narrowest(geometry, room)
    if index is None:
        return True
    rest = room.copy()
    rest[index] = 0
    column = geometry.columns[:, index]
    return any(
        _search(geometry, rest, asked - number * column) for number in _middle_first(room[index])
    )


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """What is left of the room, and to be asked, once the least of each count is taken."""

    least: IntArray
    room: IntArray
    asked: IntArray


def _narrowed(geometry: _Geometry, room: IntArray, asked: IntArray) -> _Narrowed | None:
    """The same with no more room than real numbers have; None if not even those add up."""
    taken = np.zeros_like(room)
    while True:
        leeway = _leeway(geometry, room, asked)
        if np.any(leeway < 0):
            return None
        most = np.minimum(room, _fits(leeway, geometry.downward))
        least = np.maximum(0, room - _fits(leeway, geometry.upward))
        if np.any(least > most):
            return None
        if np.array_equal(most - least, room):
            return _Narrowed(taken, room, asked)
        taken = taken + least
        room, asked = most - least, asked - geometry.columns @ least


def _leeway(geometry: _Geometry, room: IntArray, asked: IntArray) -> IntArray:
    """How far along each direction the counts reach beyond what is asked."""
    return np.asarray(geometry.reach @ room - geometry.directions @ asked)


def _fits(leeway: IntArray, steps: _Steps) -> IntArray:
    """For each column, how many of its steps fit into the leeway of every direction."""
    parts = leeway[:, None] * steps.scaled + steps.absent
    return np.asarray(parts.min(axis=0) // steps.scale)


def _congruent(geometry: _Geometry, room: IntArray, asked: IntArray) -> bool:
    """Whether nothing modulo a small prime forbids what is asked.

    Where every count that has room weighs nothing, what is asked must weigh nothing too.
    """
    binding = ~np.any(geometry.weighed[:, room > 0], axis=1)
    return not np.any((geometry.weights[binding] @ asked) % geometry.moduli[binding])


def _narrowest(geometry: _Geometry, room: IntArray) -> int | None:
    """The class to try first; None if real numbers are as good as whole ones."""
    classes = room[: 1 << (len(geometry.columns) - 1)]
    places = 1 << np.arange(len(classes))
    mask = int(places[classes > 0].sum())
    uneven = geometry.uneven[(geometry.uneven & ~mask) == 0]
    if not len(uneven):
        return None
    involved = (np.bitwise_or.reduce(uneven) & places) > 0
    return int(np.argmin(np.where(involved, classes, _PLENTY)))


def _middle_first(most: int) -> list[int]:
    return sorted(range(most + 1), key=lambda number: abs(2 * number - most))
