"""When a plan cannot be met: which controls are in conflict, and which to let go.

Each include list, each excluded category and each share is one *unit*. What a set of units leaves
is read off a census: how many rows there are of each combination of units obeyed. So thousands of
sets can be tried without touching the catalogue again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.domain import Controls, OnConflict, Share
from service.errors import BadInput, ConflictingControls
from service.steering.arrays import BoolArray, IntArray
from service.steering.plan import Plan, Stock, compile_plan, quota, quotas
from service.steering.quotas import feasible

MAX_UNITS: Final = 62
"""A unit is a bit of a 64-bit integer in the census."""


MOST_TRIES: Final = 500
"""Sets of units that are tried for the fewest to relax."""


def plan_or_relax(
    stock: Stock, controls: Controls, k: int, on_conflict: OnConflict
) -> tuple[Plan, Controls, Controls]:
    """A feasible plan, the controls it keeps and those it had to relax."""
    plan = compile_plan(stock, controls, k)
    if plan.feasible:
        return plan, controls, Controls()
    census = Census.take(stock, controls, k)
    if not census.feasible(()):
        message = f"a list of {k} needs {k} items, and only {census.left(())} are left"
        raise ConflictingControls(message, hint="Lower k: no control has to be relaxed for that.")
    if on_conflict is OnConflict.REJECT:
        raise ConflictingControls(_explained(census))
    kept = Relaxation(census).kept()
    obeyed = joined([census.units[index] for index in kept])
    relaxed = joined([unit for i, unit in enumerate(census.units) if i not in kept])
    return compile_plan(stock, obeyed, k), obeyed, relaxed


def units(controls: Controls) -> list[Controls]:
    """One `Controls` for each control, in the order listed."""
    include = [Controls(include=controls.include)] if controls.include else []
    exclude = [Controls(exclude=(category,)) for category in controls.exclude]
    return [*include, *exclude, *(Controls(shares=(share,)) for share in controls.shares)]


def joined(parts: Sequence[Controls]) -> Controls:
    """The inverse of `units`."""
    return Controls(
        include=tuple(category for part in parts for category in part.include),
        exclude=tuple(category for part in parts for category in part.exclude),
        shares=tuple(share for part in parts for share in part.shares),
    )


@dataclass(frozen=True, slots=True)
class Census:
    """How many rows outside the history there are of each combination of units."""

    units: tuple[Controls, ...]
    k: int
    combination: IntArray
    """Bit i: the row obeys unit i (or, for a share, has its category)."""
    count: IntArray

    @classmethod
    def take(cls, stock: Stock, controls: Controls, k: int) -> Census:
        """Count the rows once."""
        parts = units(controls)
        if len(parts) > MAX_UNITS:
            message = f"{len(parts)} controls in one request; at most {MAX_UNITS} can be weighed"
            raise BadInput(message)
        signature = np.zeros(stock.size, dtype=np.int64)
        for bit, part in enumerate(parts):
            named = stock.any_of(_named(part))
            signature |= np.where(~named if part.exclude else named, 1 << bit, 0)
        combination, count = np.unique(np.delete(signature, stock.banned), return_counts=True)
        return cls(tuple(parts), k, combination, count)

    def feasible(self, kept: Sequence[int]) -> bool:
        """Whether a list can obey these units."""
        shares = [index for index in kept if self.units[index].shares]
        mask = self.passing(kept)
        class_of = np.zeros(np.count_nonzero(mask), dtype=np.int64)
        for bit, index in enumerate(shares):
            class_of |= (self.combination[mask] >> index & 1) << bit
        available = np.bincount(class_of, self.count[mask], 1 << len(shares))
        need = quotas(tuple(self._share(index) for index in shares), self.k)
        return feasible(need, tuple(int(n) for n in available))

    def left(self, kept: Sequence[int]) -> int:
        """How many rows pass the includes and excludes among these units."""
        return int(self.count[self.passing(kept)].sum())

    def clash(self, kept: tuple[int, ...] | None = None) -> tuple[int, ...]:
        """Units that cannot all hold though any of them dropped lets the rest hold."""
        clash = tuple(range(len(self.units))) if kept is None else kept
        for index in reversed(clash):
            rest = tuple(i for i in clash if i != index)
            if not self.feasible(rest):
                clash = rest
        return clash

    def _share(self, index: int) -> Share:
        return self.units[index].shares[0]

    def passing(self, kept: Sequence[int]) -> BoolArray:
        """Mask over the combinations that pass the includes and excludes among these units."""
        required = sum(1 << index for index in kept if not self.units[index].shares)
        return np.asarray((self.combination & required) == required)


class Relaxation:
    """The search for the fewest units to let go of; of equally few, those listed last.

    Every way to mend a set of units drops one of each clash in it, so only the members of one
    clash are tried. Should that take too long, what stands is kept greedily in the order listed.
    """

    def __init__(self, census: Census) -> None:
        self._census = census
        self._tries = 0

    def kept(self) -> tuple[int, ...]:
        """The units to keep."""
        # What no list can obey alone goes in any case; the search is for the rest.
        hopeful = tuple(i for i in range(len(self._census.units)) if self._census.feasible((i,)))
        try:
            return self._fewest_dropped(hopeful)
        except _TooLongError:
            return self._greedy(hopeful)

    def _fewest_dropped(self, hopeful: tuple[int, ...]) -> tuple[int, ...]:
        fewest = next(n for n in range(len(hopeful) + 1) if self._mendable(hopeful, n))
        kept = hopeful
        for index in reversed(hopeful):
            rest = tuple(i for i in kept if i != index)
            if fewest and self._mendable(rest, fewest - 1):
                kept, fewest = rest, fewest - 1
        return kept

    def _mendable(self, kept: tuple[int, ...], drops: int) -> bool:
        """Whether dropping at most so many of these units lets the rest hold."""
        self._tries += 1
        if self._tries > MOST_TRIES:
            raise _TooLongError
        if self._census.feasible(kept):
            return True
        if not drops:
            return False
        return any(
            self._mendable(tuple(i for i in kept if i != index), drops - 1)
            for index in self._census.clash(kept)
        )

    def _greedy(self, hopeful: tuple[int, ...]) -> tuple[int, ...]:
        kept: tuple[int, ...] = ()
        for index in hopeful:
            if self._census.feasible((*kept, index)):
                kept = (*kept, index)
        return kept


class _TooLongError(Exception):
    """The search for the fewest was given up."""


def _named(part: Controls) -> tuple[str, ...]:
    return part.include or part.exclude or tuple(share.category for share in part.shares)


def _explained(census: Census) -> str:
    clash = census.clash()
    together = [index for index in clash if not census.units[index].shares]
    lines = [_described(census, index, together) for index in clash]
    return f"no list of {census.k} can obey all of: " + "; ".join(lines)


def _described(census: Census, index: int, together: Sequence[int]) -> str:
    """One unit and how many items it leaves."""
    part = census.units[index]
    if part.include:
        names = " or ".join(f"'{category}'" for category in part.include)
        return f"include {names} (leaves {census.left((index,))} items)"
    if part.exclude:
        return f"exclude '{part.exclude[0]}' (leaves {census.left((index,))} items)"
    share = part.shares[0]
    low, high = quota(share, census.k)
    mask = census.passing(together)
    inside = int(census.count[mask & (census.combination >> index & 1 == 1)].sum())
    outside = census.left(together) - inside
    wants = f"{low} to {high}" if low != high else f"exactly {low}"
    return (
        f"'{share.category}' {share.op} {share.percent} (wants {wants}; {inside} items are in it"
        f" and {outside} outside it)"
    )
