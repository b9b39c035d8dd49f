"""The plan: controls and exclusions compiled against one catalogue.

Every row gets a *class*: which of the share categories it has, as bits, or NEVER if include,
exclude or the history rule it out. After that, obeying is counting: how many items of each class
are left, and what the quotas still need.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

import numpy as np

from service.domain import Controls, Op, Share
from service.errors import BadInput
from service.steering.arrays import BoolArray, IntArray
from service.steering.quotas import MAX_SHARES, Need, feasible

NEVER: Final = -1

Postings: TypeAlias = Callable[[str], IntArray]
"""Sorted rows of a category; raises UnknownCategory."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Rows that end a list when they are taken, however many it might still have."""

    rows: tuple[int, ...] = ()
    after: int = 0
    """How many others must stand in the list before."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list of k may hold: a class for each row, and quotas over the classes."""

    class_of_row: IntArray
    available: tuple[int, ...]
    need: Need
    closing: Closing = Closing()

    @property
    def k(self) -> int:
        """How many items the list must have."""
        return self.need.slots

    @property
    def fewest(self) -> int:
        """How many rows the list has at least, one that ends it counted."""
        if all(self.class_of_row[row] == NEVER for row in self.closing.rows):
            return self.k
        return min(self.k, self.closing.after + 1)

    @property
    def allowed(self) -> BoolArray:
        """Which rows may stand in the list at all."""
        return np.not_equal(self.class_of_row, NEVER)

    @property
    def feasible(self) -> bool:
        """Whether any list obeys."""
        return feasible(self.need, self.available)


@dataclass(frozen=True, slots=True)
class Stock:
    """What lists can be made of: a catalogue's rows and categories, less the banned rows."""

    size: int
    postings: Postings
    banned: IntArray

    def any_of(self, categories: tuple[str, ...]) -> BoolArray:
        """Mask of the rows that have at least one of some categories."""
        mask = np.zeros(self.size, dtype=bool)
        for category in categories:
            mask[self.postings(category)] = True
        return mask


def compile_plan(stock: Stock, controls: Controls, k: int) -> Plan:
    """Compile controls for a list of k."""
    if len(controls.shares) > MAX_SHARES:
        message = f"at most {MAX_SHARES} share controls fit in one request"
        raise BadInput(message, hint="Drop the least important ones.")
    class_of_row = np.zeros(stock.size, dtype=np.int8)
    for bit, share in enumerate(controls.shares):
        class_of_row[stock.postings(share.category)] |= np.int8(1 << bit)
    if controls.include:
        class_of_row[~stock.any_of(controls.include)] = NEVER
    for category in controls.exclude:
        class_of_row[stock.postings(category)] = NEVER
    class_of_row[stock.banned] = NEVER
    available = tuple(
        int(np.count_nonzero(class_of_row == index)) for index in range(1 << len(controls.shares))
    )
    return Plan(class_of_row, available, quotas(controls.shares, k))


def quotas(shares: tuple[Share, ...], k: int) -> Need:
    """What share controls ask of a list of k."""
    bounds = [quota(share, k) for share in shares]
    return Need(k, tuple(low for low, _ in bounds), tuple(high for _, high in bounds))


def quota(share: Share, k: int) -> tuple[int, int]:
    """The least and most items a share allows its category in a list of k.

    The share is read as the decimal it was written as: as a binary fraction, 29% of 100 items
    would come to 28.
    """
    exact = Fraction(str(share.share)) * k
    match share.op:
        case Op.AT_MOST:
            return 0, math.floor(exact)
        case Op.AT_LEAST:
            return math.ceil(exact), k
        case Op.ABOUT:
            about = math.floor(exact + Fraction(1, 2))
            return about, about
