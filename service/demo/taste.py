"""What one customer likes: interests, makers, price level, and whom they shop for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import fsum
from typing import Final

from service.demo.dice import Dice
from service.demo.habits import PERSONAS
from service.demo.shop import Product
from service.demo.vocabulary import Kind

ELSEWHERE: Final = 0.02
"""How much a kind outside all interests is wanted, against 1 for the strongest interest."""

FADING: Final = 0.35
NOT_WORN: Final = 0.03
NOT_FOR_KIDS: Final = 0.1
FAVOURITE: Final = 4.0
KEEN: Final = 2.5
BUDGETS: Final = ((4.0, 1.6, 0.5), (1.2, 3.0, 1.2), (0.4, 1.6, 4.0))
"""How a customer of each purse likes cheap, ordinary and dear brands."""


@dataclass(frozen=True, slots=True)
class Household:
    """Whom a customer shops for."""

    wears: tuple[str, ...]
    children: bool

    def suits(self, categories: Collection[str]) -> float:
        """How fitting a product of these categories is for the household."""
        if "Kids" in categories:
            return 1.0 if self.children else NOT_FOR_KIDS
        worn = [name for name in ("Women", "Men") if name in categories]
        return 1.0 if not worn or set(worn) & set(self.wears) else NOT_WORN


@dataclass(frozen=True, slots=True)
class Taste:
    """One customer's likes; the same product is worth differing amounts to differing people."""

    household: Household
    interests: dict[str, float]
    budget: tuple[float, ...]
    favourites: frozenset[str]
    keen_on: frozenset[str]

    def interest(self, kind: Kind) -> float:
        """How much a kind is wanted, season apart."""
        names = (kind.noun, kind.category, kind.department, *kind.tags)
        return ELSEWHERE + fsum(self.interests.get(name, 0.0) for name in names)

    def likes(self, product: Product) -> float:
        """How a product stands among others of its kind."""
        fit = self.household.suits(product.categories) * self.budget[product.brand.tier]
        if product.brand.name in self.favourites:
            fit *= FAVOURITE
        return fit * KEEN if self.keen_on & set(product.categories) else fit


def draw_taste(dice: Dice, makers: tuple[str, ...]) -> Taste:
    """A believable customer: one to three interests, a purse and some loyalties."""
    personas = dice.shuffled(list(PERSONAS))[: dice.between(1, 3)]
    interests: dict[str, float] = {}
    for persona in personas:
        for rank, name in enumerate(PERSONAS[persona]):
            strength = (0.3 + 1.4 * dice.unit()) / (1 + FADING * rank)
            interests[name] = interests.get(name, 0.0) + strength
    children = interests.pop("Kids", 0.0) > 0
    wears = (("Women",), ("Men",), ("Women", "Men"))[dice.weighted((48, 42, 10))]
    tried = (name for name in ("Eco-Friendly", "Vegan") if dice.chance(0.15))
    return Taste(
        household=Household(wears, children),
        interests=interests,
        budget=dice.pick(BUDGETS),
        favourites=frozenset(dice.shuffled(makers)[: len(makers) // 4]),
        keen_on=frozenset(tried),
    )
