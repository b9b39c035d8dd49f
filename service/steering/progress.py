"""How far a list under a plan has come, and what the next slot may take."""

from __future__ import annotations

from bisect import insort
from typing import Final

import numpy as np

from service.errors import SpellingError
from service.steering.arrays import BoolArray
from service.steering.plan import NEVER, Plan
from service.steering.quotas import open_classes

PIECE: Final = 16_384
"""Rows looked at in one operation."""


class Progress:
    """A plan partly carried out. The speller, `select` and repair all keep to it by this one."""

    def __init__(self, plan: Plan) -> None:
        if not plan.feasible:
            message = "no list can obey this plan"
            raise SpellingError(message)
        self.plan = plan
        self.rows: list[int] = []
        self._early = _early(plan)
        self.barred: list[int] = sorted(self._early)
        """The rows that may not stand next whatever their class: those listed, and those that
        would end the list too early."""
        self._closed = False
        self._need = plan.need
        self._available = plan.available
        self.open = open_classes(self._need, self._available)

    @property
    def complete(self) -> bool:
        """Whether the list has all its items, or has been ended by its last one."""
        return self._closed or self._need.slots == 0

    @property
    def early(self) -> list[int]:
        """The rows that would end the list too early, of those that it may ever hold."""
        if len(self.rows) >= self.plan.closing.after:
            return []
        return [row for row in self._early if self.plan.class_of_row[row] != NEVER]

    def may_take(self, row: int) -> bool:
        """Whether the list can take this row next and still be finished."""
        index = int(self.plan.class_of_row[row])
        fits = index != NEVER and bool(self.open[index])
        return fits and not self._closed and row not in self.barred

    def first(self, lo: int, hi: int) -> int:
        """The first row of a range that the list can take next; ValueError if there is none.

        Looked for in whole pieces of the range: a hundred thousand items may share one title.
        """
        for start in range(lo, hi, PIECE):
            classes = self.plan.class_of_row[start : min(start + PIECE, hi)]
            takeable = self.open[classes] & (classes != NEVER)
            barred = np.array(self.barred, dtype=np.int64) - start
            takeable[barred[(barred >= 0) & (barred < len(takeable))]] = False
            if takeable.any():
                return start + int(np.argmax(takeable))
        message = f"none of the rows {lo} to {hi} may stand in slot {len(self.rows) + 1}"
        raise ValueError(message)

    def take(self, row: int) -> None:
        """Put a row into the next slot."""
        if not self.may_take(row):
            message = f"row {row} may not stand in slot {len(self.rows) + 1}"
            raise SpellingError(message)
        index = int(self.plan.class_of_row[row])
        self.rows.append(row)
        insort(self.barred, row)
        self._closed = row in self.plan.closing.rows
        if len(self.rows) == self.plan.closing.after:
            self.barred = [barred for barred in self.barred if barred not in self._early]
        left = list(self._available)
        left[index] -= 1
        self._available = tuple(left)
        self._need = self._need.after(index)
        self.open = open_classes(self._need, self._available)

    def allowed(self) -> BoolArray:
        """Mask of rows the next slot may take, barred ones included."""
        classes = self.plan.class_of_row
        if self.open.all():
            return self.plan.allowed
        # Through bytes, since it takes one pass however many classes are open.
        table = bytes(value < len(self.open) and bool(self.open[value]) for value in range(256))
        return np.frombuffer(classes.tobytes().translate(table), dtype=bool)


def _early(plan: Plan) -> frozenset[int]:
    """The rows that would end the list too early, as long as it is empty."""
    closing = plan.closing
    if not closing.rows:
        return frozenset()
    if any(plan.need.lower):
        message = "a list that may end at any line cannot promise how many of a category it has"
        raise SpellingError(message)
    others = plan.allowed.copy()
    others[[*closing.rows]] = False
    if closing.after > np.count_nonzero(others):
        message = f"fewer than {closing.after} rows may stand before one that ends the list"
        raise SpellingError(message)
    return frozenset(closing.rows) if closing.after else frozenset()
