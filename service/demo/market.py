"""The shop as its customers meet it: what stands on each shelf, and what is wanted when."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import fsum
from typing import Final

from service.demo.dice import Dice
from service.demo.habits import COMPLEMENTS
from service.demo.seasons import curve, month_of, trend
from service.demo.shop import Product
from service.demo.taste import Household
from service.demo.vocabulary import Kind

DEAR: Final = 250
WEEK: Final = 7


class Market:
    """Products by kind; every look-up that many customers share is made once."""

    def __init__(self, products: Sequence[Product], seed: int) -> None:
        self._shelf: dict[str, list[Product]] = {}
        for product in products:
            self._shelf.setdefault(product.kind.noun, []).append(product)
        self.kinds: Final = tuple(shelf[0].kind for shelf in self._shelf.values())
        self._pull = self._pulls(Dice(seed, "pull"))
        self._curves = {kind.noun: curve(kind) for kind in self.kinds}
        self._wanted: dict[int, list[float]] = {}
        self._suits: dict[Household, list[float]] = {}

    def shelf(self, noun: str) -> list[Product]:
        """Everything of one kind."""
        return self._shelf[noun]

    @cached_property
    def makers(self) -> tuple[str, ...]:
        """Every brand's name, sorted."""
        return tuple(sorted({brand.name for kind in self.kinds for brand in kind.brands}))

    def wanted(self, day: int) -> list[float]:
        """How much each kind is wanted about that day, by everybody together."""
        week = day // WEEK
        if week not in self._wanted:
            month = month_of(day)
            self._wanted[week] = [
                pull * self._curves[kind.noun][month] * trend(kind, day)
                for kind, pull in zip(self.kinds, self._pull, strict=True)
            ]
        return self._wanted[week]

    def season(self, noun: str, day: int) -> float:
        """How much a kind is in season on a day, 1 being usual."""
        return self._curves[noun][month_of(day)]

    def suits(self, household: Household) -> list[float]:
        """How much of each kind is fit for a household."""
        if household not in self._suits:
            self._suits[household] = [self._suit(kind, household) for kind in self.kinds]
        return self._suits[household]

    def next_kinds(self, noun: str) -> tuple[str, ...]:
        """What goes with a kind, the likeliest first; else its neighbours on the shelf."""
        nearby = tuple(other for other in self.neighbours(noun) if other != noun)
        return COMPLEMENTS.get(noun) or nearby

    def neighbours(self, noun: str) -> tuple[str, ...]:
        """The kinds of the same category, itself among them."""
        return self._groups[self._shelf[noun][0].kind.category]

    @cached_property
    def _groups(self) -> dict[str, tuple[str, ...]]:
        groups: dict[str, tuple[str, ...]] = {}
        for kind in self.kinds:
            groups[kind.category] = (*groups.get(kind.category, ()), kind.noun)
        return groups

    def _pulls(self, dice: Dice) -> list[float]:
        """A long tail over the kinds; dear things are looked for less often."""
        return [_tail(dice.unit()) * (0.6 if kind.high > DEAR else 1.0) for kind in self.kinds]

    def _suit(self, kind: Kind, household: Household) -> float:
        shelf = self._shelf[kind.noun]
        return fsum(household.suits(product.categories) for product in shelf) / len(shelf)


def _tail(unit: float) -> float:
    return 0.3 + 6 * unit * unit * unit * unit * unit * unit
